import type { Located, LocatedEntry } from '../../runner/source/located.ts'
import { didYouMean } from '../../runner/source/suggest.ts'
import { isNode } from '../../runner/text/xname.ts'
import { labNodes, labUsers, placementsOf } from '../inhabitants.ts'
import type { ImageFile, NodeSpec } from '../node/node-model.ts'
import { entriesOf, keyOf, textAt, wordsAt, type Reading } from './lab-yaml.ts'

const subRoles = {
  master: 'Master',
  worker: 'Worker',
  storage: 'Storage',
  application: 'UAN',
  compute: null,
} as const

/** The nodes of a lab with those that were added, and the groups that these belong to. */
export function addedNodes(
  reading: Reading,
  located: Located | undefined,
): { readonly nodes: readonly NodeSpec[]; readonly groups: Map<string, string[]> } {
  const groups = new Map<string, string[]>()
  const taken = new Set([
    ...labNodes.map(({ name }) => name),
    ...placementsOf(labNodes).flatMap(({ xname, aliases }) => [xname, ...aliases]),
  ])
  const added = entriesOf(located).flatMap((entry) => {
    const { key: name, keyAt, value } = entry
    const role = textAt(value, 'role') as keyof typeof subRoles
    const subRole = subRoles[role]
    const isNcn = subRole !== null && subRole !== 'UAN'
    if (taken.has(name) || !(isNode(name) || (isNcn && /^ncn-[a-z]\d{3}$/.test(name)))) {
      reading.report(
        'lab/with-name',
        taken.has(name) ? `the lab has a node ${name}` : `'${name}' is not the name of a node`,
        keyAt,
        isNcn
          ? 'name it as a system does: ncn-w003 for a third worker, or by its xname'
          : 'name it by its xname: x3000c0s21b1n0',
      )
      return []
    }
    for (const { word } of [
      ...(isNcn ? [{ word: 'management' }] : []),
      ...wordsAt(keyOf(value, 'groups')),
    ])
      groups.set(word, [...new Set([...(groups.get(word) ?? []), name])])
    return [nodeOf(entry, isNcn, subRole)]
  })
  return { nodes: [...labNodes, ...added], groups }
}

function nodeOf(
  { key, value }: LocatedEntry,
  isNcn: boolean,
  subRole: NodeSpec['subRole'] | null,
): NodeSpec {
  const servicePack = keyOf(value, 'service_pack')
  return {
    name: key,
    arch: (textAt(value, 'arch') ?? 'x86_64') as NodeSpec['arch'],
    servicePack: servicePack?.kind === 'scalar' ? Number(servicePack.value) : 5,
    role: isNcn ? 'management' : 'compute',
    ...(subRole ? { subRole } : {}),
    os: 'sles',
    users: labUsers,
    imagePackages: [
      ...(isNcn ? [] : ['bos-reporter', 'cfs-state-reporter']),
      ...wordsAt(keyOf(value, 'packages')).map(({ word }) => word),
    ],
  }
}

/** Which nodes `on` means: their names, `management`, `compute`, or a group that added nodes are in. All where nothing is written. */
export function nodesMeant(
  reading: Reading,
  on: Located | undefined,
  nodes: readonly NodeSpec[],
  groups: ReadonlyMap<string, readonly string[]>,
): ReadonlySet<string> {
  if (!on) return new Set(nodes.map(({ name }) => name))
  const known = new Map<string, readonly string[]>([
    ...groups,
    ...(['management', 'compute'] as const).map(
      (role) => [role, nodes.filter((node) => node.role === role).map(({ name }) => name)] as const,
    ),
    ...nodes.map(({ name }) => [name, [name]] as const),
  ])
  return new Set(
    wordsAt(on).flatMap(({ word, at }) => {
      const meant = known.get(word)
      if (!meant)
        reading.report(
          'lab/with-name',
          `the lab has no node and no group '${word}'`,
          at,
          didYouMean(word, known.keys()),
        )
      return meant ?? []
    }),
  )
}

/** A node with files and packages more in its image. */
export function withAdded(
  node: NodeSpec,
  files: readonly ImageFile[],
  packages: readonly string[],
): NodeSpec {
  if (files.length === 0 && packages.length === 0) return node
  return {
    ...node,
    files: [...(node.files ?? []), ...files],
    imagePackages: [...new Set([...node.imagePackages, ...packages])],
  }
}
