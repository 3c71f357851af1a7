import { refuse, type RefuseAction } from '../../contract/change.ts'
import type { HttpReading } from '../../contract/probe.ts'
import { isMap, type Value, type ValueMap } from '../../contract/value.ts'
import { bootImageIn } from '../boot-image.ts'
import { textAt, valueAt } from '../service-answers.ts'

/** A node of a session's limit: what BOS, HSM and PCS say of it. What was not asked is null. */
export interface Node {
  readonly xname: string
  readonly known: boolean
  /** Whether it runs an image of the template, by its own word, and BOS is done with it. */
  readonly runs: boolean
  /** The image that it runs, by its own word; null where it has said nothing. */
  readonly image: string | null
  /** Whether BOS wants it to run an image of the template. */
  readonly isMeant: boolean
  readonly status: string | null
  readonly session: string | null
  /** The staged session that it holds; null: none. */
  readonly staged: string | null
  readonly power: string | null
  readonly hsm: ValueMap | null
  /** Architectures, as HSM calls them, of the boot sets that it may belong to. */
  readonly arches: readonly string[]
  /** Roles, one of which it must have; null where it may be meant by its name or by a group. */
  readonly roles: readonly string[] | null
}

interface Said {
  readonly component: HttpReading | undefined
  /** What BOS says of it after the session was read; it counts. */
  readonly after: ValueMap | undefined
  readonly hsm: HttpReading | undefined
  readonly power: Value | undefined
  readonly template: Value | undefined
}

/** Joins what the services say of a node. */
export function nodeOf(xname: string, { component, after, hsm, power, template }: Said): Node {
  const record = after ?? (component?.status === 200 ? component.json : undefined)
  const sets = bootSetsOf(template, xname)
  const images = sets.map((set) => bootImageIn(textAt(set, 'path')))
  const image = bootImageIn(textAt(record, 'actual_state', 'boot_artifacts', 'kernel'))
  const status = textAt(record, 'status', 'status_override') || textAt(record, 'status', 'status')
  const found = Array.isArray(power)
    ? power.find((each) => textAt(each, 'xname') === xname)
    : undefined
  return {
    xname,
    known: record !== undefined,
    runs: image !== null && images.includes(image) && status === 'stable',
    image,
    isMeant: images.includes(
      bootImageIn(textAt(record, 'desired_state', 'boot_artifacts', 'kernel')) ?? '-',
    ),
    status,
    session: textAt(record, 'session') || null,
    staged: textAt(record, 'staged_state', 'session') || null,
    power:
      found === undefined
        ? null
        : textAt(found, 'error') || textAt(found, 'managementState') === 'unavailable'
          ? 'undefined'
          : textAt(found, 'powerState'),
    hsm: hsm?.status === 200 && isMap(hsm.json) ? hsm.json : null,
    arches: sets.map((set) => textAt(set, 'arch') ?? 'X86'),
    roles: sets.some(
      (set) => namesIn(set, 'node_list').length + namesIn(set, 'node_groups').length > 0,
    )
      ? null
      : sets.flatMap((set) => namesIn(set, 'node_roles_groups')),
  }
}

/** The boot sets that a node may belong to: those that list it, else those that go by role or group. */
function bootSetsOf(template: Value | undefined, xname: string): readonly ValueMap[] {
  const sets =
    isMap(template) && isMap(template['boot_sets'])
      ? Object.values(template['boot_sets']).filter(isMap)
      : []
  const listed = sets.filter((set) => namesIn(set, 'node_list').includes(xname))
  return listed.length > 0 ? listed : sets.filter((set) => namesIn(set, 'node_list').length === 0)
}

function namesIn(set: ValueMap, field: string): readonly string[] {
  const names = set[field]
  return Array.isArray(names) ? names.filter((each) => typeof each === 'string') : []
}

/** Why BOS would leave a node out, or could not switch it; null where nothing speaks against it. */
export function exclusionOf(
  { xname, known, hsm, arches, roles }: Node,
  includeDisabled: boolean,
  template: string,
): RefuseAction | null {
  if (!known)
    return refuse(
      `BOS does not know ${xname}`,
      'BOS finds new nodes of HSM within five minutes; look with `cray hsm state components describe`',
    )
  if (hsm === null)
    return refuse(
      `HSM does not know ${xname}`,
      `look with \`cray hsm state components describe ${xname}\``,
    )
  if (hsm['Locked'] === true)
    return refuse(
      `${xname} is locked in HSM: BOS leaves it out, or PCS does not switch it`,
      'find out who locked it and why; `hsm_lock` with `state: unlocked` unlocks',
    )
  if (hsm['Enabled'] === false && !includeDisabled)
    return refuse(
      `${xname} is disabled in HSM, and BOS leaves it out`,
      `\`cray hsm state components enabled update --enabled true ${xname}\` enables it; or say \`include_disabled: true\``,
    )
  const role = textAt(hsm, 'Role') ?? 'none'
  if (
    roles !== null &&
    arches.length > 0 &&
    !roles.includes(role) &&
    !roles.includes(`${role}_${textAt(hsm, 'SubRole') ?? ''}`)
  ) {
    return refuse(
      `${xname} has the role ${role} in HSM, and the template ${template} is for ${roles.join(', ')}`,
      'give the template the role of its nodes, or a `node_list`',
    )
  }
  const arch = textAt(hsm, 'Arch') ?? 'UNKNOWN'
  if (arches.length === 0)
    return refuse(`no boot set of ${template} is for ${xname}`, 'look at its `node_list`')
  if (
    !arches.some(
      (each) =>
        each === arch ||
        (each === 'X86' && arch === 'UNKNOWN') ||
        (each === 'Unknown' && arch === 'UNKNOWN'),
    )
  ) {
    return refuse(
      `${xname} is ${arch} in HSM, and the template ${template} is for ${arches.join(', ')}`,
      'boot it with a template of its own architecture',
    )
  }
  return null
}

/** The power of all nodes together: `mixed` where they differ, `undefined` where that of one is not known. */
export function powerOfAll(nodes: readonly Node[]): string {
  const powers = new Set(nodes.map((node) => node.power ?? 'undefined'))
  if (powers.has('undefined')) return 'undefined'
  return powers.size > 1 ? 'mixed' : [...powers][0]!
}

/** What BOS does just now, with the session and with each node that is not done; null where it does nothing. */
export function phaseOf(waiting: readonly Node[], phase: string | null): string | null {
  const ofNodes = waiting.flatMap((node) =>
    node.status === null ? [] : [`${node.xname} ${node.status}`],
  )
  return [phase, ...ofNodes].filter(Boolean).join(', ') || null
}

/** The image of the first boot set of a template that has one. */
export function firstImage(template: Value | undefined): string | null {
  const sets = valueAt(template, 'boot_sets')
  if (!isMap(sets)) return null
  const images = Object.values(sets).map((set) => bootImageIn(textAt(set, 'path')))
  return images.find((id) => id !== null) ?? null
}
