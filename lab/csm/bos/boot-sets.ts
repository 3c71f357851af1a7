import { bootSetName } from './bos-schemas.ts'
import { explained, type Place } from '../connexion/explained.ts'
import { firstFault } from '../connexion/json-schema.ts'
import { repr } from '../python.ts'
import type { BootSet, Template } from './bos-records.ts'
import type { System } from '../system.ts'
import type { Release } from '../system-model.ts'

/** What is wrong with a boot set: an error ends what was asked for, a warning is only said. */
interface Trouble {
  readonly isError: boolean
  readonly message: string
  /** The class of the error in BOS, which it names where it does not expect it. */
  readonly type: 'BootSetError' | 'BootSetArchMismatch'
}

const hardware = ['node_list', 'node_roles_groups', 'node_groups'] as const

/** Id of the image in IMS that a boot set's manifest belongs to; null where the path does not belong to IMS. */
export function imageOf(set: Pick<BootSet, 'path'>): string | null {
  return /^\w+:\/\/[^/]*\/([^/]+)\/.+/.exec(set.path)?.[1] ?? null
}

/** Why a template may not be booted, and what is only odd about it: the check before a session, and of `sessiontemplatesvalid`. */
export function templateTrouble(
  template: Template,
  operation: 'boot' | 'reboot' | 'shutdown',
  system: System,
): { readonly isError: boolean; readonly message: string } | null {
  const warnings: string[] = []
  for (const [name, set] of Object.entries(template.boot_sets)) {
    const said = (message: string): string =>
      `Session template: '${template.name}' boot set: '${name}': ${message}`
    for (const each of troubles(set, operation !== 'shutdown', system)) {
      if (each.isError) return { isError: true, message: said(each.message) }
      warnings.push(said(each.message))
    }
  }
  return warnings.length > 0 ? { isError: false, message: warnings.join('; ') } : null
}

function* troubles(set: BootSet, boots: boolean, system: System): Iterable<Trouble> {
  const none = noHardware(set, system.release)
  if (none !== null) yield error(none)
  const provider = set.rootfs_provider
  if (system.release === '1.7' && provider !== undefined && provider !== 'sbps')
    yield warning(
      `Unsupported rootfs_provider ('${provider}') will cause boot/reboot sessions to fail`,
    )
  const nids = nidTrouble(set, system)
  if (nids) yield nids
  if (!boots) return
  if (!system.artifacts.has(set.path)) {
    const where =
      system.release === '1.7'
        ? 'bos.common.clients.s3.exceptions'
        : 'bos.operators.utils.clients.s3'
    yield error(
      `Can't find boot artifacts. Error: ${where}.ManifestNotFound: Unable to read manifest file '${set.path}'.\n`,
    )
  }
  const image = imageTrouble(set, system)
  if (image) yield image
}

function error(message: string): Trouble {
  return { isError: true, message, type: 'BootSetError' }
}
function warning(message: string): Trouble {
  return { isError: false, message, type: 'BootSetError' }
}

function noHardware(set: BootSet, release: Release): string | null {
  // The newest version keeps them in a set, whose order is that of nothing.
  const listed =
    release === '1.7'
      ? "frozenset({'node_groups', 'node_list', 'node_roles_groups'})"
      : "('node_list', 'node_roles_groups', 'node_groups')"
  if (hardware.every((field) => set[field] === undefined))
    return `No hardware specifier fields (${listed})`
  return hardware.every((field) => (set[field] ?? []).length === 0)
    ? `No non-empty hardware specifier fields (${listed})`
    : null
}

function nidTrouble(set: BootSet, system: System): Trouble | null {
  if (!set.node_list?.some((node) => node.startsWith('nid'))) return null
  const message = "Has NID in 'node_list'"
  return system.bos.options['reject_nids'] === true ? error(message) : warning(message)
}

const architectures = { ARM: 'aarch64', Unknown: 'x86_64', X86: 'x86_64' } as const

function imageTrouble(set: BootSet, system: System): Trouble | null {
  const id = imageOf(set)
  if (id === null)
    return warning(`Boot artifact S3 URL '${set.path}' doesn't follow convention for IMS images`)
  const image = system.images.find((each) => each.id === id)
  if (!image) {
    const message = `IMS image id '${id}' does not exist in IMS`
    return system.bos.options['ims_images_must_exist'] === true ? error(message) : warning(message)
  }
  if (set.arch === 'Other')
    return warning("Can't validate boot image arch: Boot set arch set to 'Other'")
  const wanted = architectures[set.arch]
  return image.arch === wanted
    ? null
    : {
        isError: true,
        message: `Boot set arch '${set.arch}' means IMS image arch should be '${wanted}', but actual IMS image arch is '${image.arch}'`,
        type: 'BootSetArchMismatch',
      }
}

/** The boot sets of a template as BOS keeps them, or why it does not. */
export function keptBootSets(
  sets: Readonly<Record<string, Readonly<Record<string, unknown>>>> | undefined,
  system: System,
): { readonly sets: Template['boot_sets'] } | { readonly refusal: string } {
  if (!sets) return { refusal: "Missing required 'boot_sets' field" }
  if (Object.keys(sets).length === 0)
    return { refusal: 'Session templates must contain at least one boot set' }
  const kept: Record<string, BootSet> = {}
  for (const [key, given] of Object.entries(sets)) {
    const { name, ...rest } = given
    if (name !== undefined && name !== key)
      return {
        refusal: `boot_sets key (${key}) does not match 'name' field of corresponding boot set (${String(name)})`,
      }
    const set = { arch: 'X86', ...withoutEmptyCfs(rest, system.release) } as unknown as BootSet
    const image = imageTrouble(set, system)
    if (image?.isError)
      return {
        refusal: `bos.server.controllers.v2.boot_set.exceptions.${image.type}: ${image.message}`,
      }
    const wrong = noHardware(set, system.release)
    const nids = nidTrouble(set, system)
    if (wrong !== null || nids?.isError)
      return { refusal: `Boot set ${key}: ${wrong ?? nids!.message}` }
    const fault = system.release === '1.5' ? null : firstFault(key, bootSetName)
    if (fault) return { refusal: explained(fault, key, bootSetName, placeOf(key)) }
    kept[key] = set.node_list ? { ...set, node_list: set.node_list.map(canonicalXname) } : set
  }
  return { sets: kept }
}

function placeOf(key: string): Place {
  return {
    schema: "['properties']['boot_sets']['additionalProperties']['properties']['name']",
    instance: `['boot_sets'][${repr(key)}]['name']`,
  }
}

/** The newest version does not keep an empty configuration. */
export function withoutEmptyCfs(
  given: Readonly<Record<string, unknown>>,
  release: Release,
): Readonly<Record<string, unknown>> {
  const { cfs, ...rest } = given
  const isEmpty = !(cfs as { configuration?: string } | undefined)?.configuration
  return release === '1.7' && isEmpty ? rest : given
}

function canonicalXname(name: string): string {
  return name
    .toLowerCase()
    .replace(
      /x0*(\d+)c0*(\d+)s0*(\d+)b0*(\d+)n0*(\d+)/g,
      (_whole, ...numbers: string[]) =>
        `x${numbers[0]}c${numbers[1]}s${numbers[2]}b${numbers[3]}n${numbers[4]}`,
    )
}
