import { isMap, type Value } from '../../contract/value.ts'
import { parseXname } from '../../text/xname.ts'
import { groupSuffix } from '../conditions.ts'
import { fail, groupOf, hostOf, warn, type Draft, type GroupDraft } from '../parse-state.ts'
import { nameFault, reservedGroups } from '../host-names.ts'
import type { CsmAnswer, CsmNode } from './csm-answer.ts'
import type { CsmQuestion, Source } from './source.ts'

/** The vars of a node; one that has no value is left out, but for `subrole`, which most nodes lack: a playbook may name it all the same. */
const vars = [
  'xname',
  'nid',
  'role',
  'subrole',
  'arch',
  'class',
  'state',
  'enabled',
  'aliases',
] as const

/** Names that never mean a node, even when HSM or SLS says so. */
const takenNames: ReadonlySet<string> = new Set([...reservedGroups, 'all', 'localhost'])

/** An answer of the services as the cache kept it; null, and an error, where the text is not one. */
export function parseCsm(draft: Draft, source: Source, text: string): CsmAnswer | null {
  let answer: Value = null
  try {
    answer = JSON.parse(text) as Value
  } catch {
    // Reported below: what was kept is not an answer.
  }
  const isNode = (node: Value): boolean =>
    isMap(node) && typeof node['xname'] === 'string' && Array.isArray(node['aliases'])
  if (
    isMap(answer) &&
    Array.isArray(answer['nodes']) &&
    (answer['nodes'] as readonly Value[]).every(isNode) &&
    isMap(answer['groups']) &&
    isMap(answer['partitions'])
  )
    return answer as unknown as CsmAnswer
  fail(
    draft,
    'inventory/source-answer',
    'what was kept of the answer is not whole',
    source.at,
    'ask again: --refresh-inventory',
  )
  return null
}

/** Enters the other names of nodes: before any file is read, so that a file may call a node as it likes. */
export function enterAliases(draft: Draft, source: Source, { nodes }: CsmAnswer): void {
  const names = new Set(nodes.map((node) => node.xname))
  for (const { xname, aliases } of nodes) {
    for (const alias of aliases) {
      const other = draft.aliases.get(alias)
      if (alias === xname || other === xname) continue
      if (nameFault(alias) || takenNames.has(alias)) continue
      if (other === undefined && !names.has(alias)) draft.aliases.set(alias, xname)
      else
        warn(draft, alias, {
          code: 'inventory/alias',
          message: `'${alias}' is an alias of ${xname}, but already names ${other ?? alias}`,
          at: source.at,
          hint: 'correct it in SLS; here the first keeps the name',
        })
    }
  }
}

/** Enters nodes as hosts, with their vars and groups. */
export function readCsm(
  draft: Draft,
  source: Source,
  question: CsmQuestion,
  answer: CsmAnswer,
): void {
  groupOf(draft, 'all', source.at)
  for (const name of vars) draft.promised.add(name)
  const groups = new Map<string, GroupDraft>()
  const group = (name: string): GroupDraft => {
    let found = groups.get(name)
    if (!found) groups.set(name, (found = groupOf(draft, `${question.prefix}${name}`, source.at)))
    return found
  }
  const entered = new Set<string>()
  for (const node of answer.nodes) {
    if (parseXname(node.xname)?.type !== 'Node') {
      warn(draft, 'node', {
        code: 'inventory/not-a-node',
        message: `HSM calls ${JSON.stringify(node.xname.slice(0, 80))} (and perhaps others) a node, which is not the name of a node: it is left out`,
        at: source.at,
        hint: 'correct it in HSM',
      })
      continue
    }
    entered.add(node.xname)
    const host = hostOf(draft, node.xname, source.at)
    host.inline.push({ connection: {}, vars: varsOf(node) })
    for (const name of groupsOf(node)) host.groups.add(group(name))
  }
  for (const [kind, members] of [
    ['group', answer.groups],
    ['partition', answer.partitions],
  ] as const) {
    for (const [label, names] of Object.entries(members)) {
      const found = group(`${kind}_${groupSuffix(label)}`)
      for (const name of names) if (entered.has(name)) draft.hosts.get(name)!.groups.add(found)
    }
  }
}

function varsOf(node: CsmNode): Readonly<Record<string, Value>> {
  const held: Record<string, Value> = Object.create(null)
  for (const name of vars) if (node[name] !== undefined) held[name] = node[name]
  held['subrole'] ??= null
  return held
}

function groupsOf(node: CsmNode): readonly string[] {
  const [, cabinet, chassis] = /^(x[0-9]+)(c[0-9]+)/.exec(node.xname)!
  const named = (['role', 'subrole', 'arch', 'class'] as const).flatMap((key) =>
    node[key] === undefined ? [] : [`${key}_${groupSuffix(node[key])}`],
  )
  return [...named, `cabinet_${cabinet}`, `chassis_${cabinet}${chassis}`]
}
