import { parseXname } from '../../../runner/text/xname.ts'
import { goString, goStrings, goStruct } from '../go/go-json.ts'
import { normalized } from '../go/normalized-xname.ts'
import type { System } from '../system.ts'
import type { Group } from './hsm-records.ts'

/** What groups and partitions differ in. */
export interface Kind {
  readonly held: 'groups' | 'partitions'
  readonly key: 'label' | 'name'
  readonly word: 'group' | 'partition'
  /** Group label, partition name. */
  readonly full: string
}

/** Groups, of which a component may be in many. */
export const groups: Kind = { held: 'groups', key: 'label', word: 'group', full: 'group label' }

/** Partitions, of which a component is in one. */
export const partitions: Kind = {
  held: 'partitions',
  key: 'name',
  word: 'partition',
  full: 'partition name',
}

/** A label as HSM keeps it. */
export function normalGroup(text: string): string {
  return text.toLowerCase()
}

/** Whether a text is a label as HSM keeps it. */
export function isGroupField(text: string): boolean {
  return /^[-a-z0-9:._]+$/.test(text)
}

const members = goStruct('sm.Members', { ids: goStrings })

/** The body that makes a group. */
export const groupBody = goStruct('sm.Group', {
  label: goString,
  description: goString,
  exclusiveGroup: goString,
  tags: goStrings,
  members,
})

/** The body that makes a partition. */
export const partitionBody = goStruct('sm.Partition', {
  name: goString,
  description: goString,
  tags: goStrings,
  members,
})

/** A group as it is asked for, or what is wrong with it. */
export function groupIn(
  kind: Kind,
  given: Readonly<Record<string, any>>,
): Group | { readonly error: string } {
  const label = normalGroup(given[kind.key] ?? '')
  const exclusiveGroup = normalGroup(given['exclusiveGroup'] ?? '')
  const tags = ((given['tags'] ?? []) as readonly string[]).map(normalGroup)
  const ids = ((given['members']?.ids ?? []) as readonly string[]).map(normalized)
  if (kind === partitions && !/^p\d+(?:\.\d+)?$/.test(label))
    return { error: 'Bad partition name. Must be p# or p#.#' }
  const fields = [label, ...(exclusiveGroup === '' ? [] : [exclusiveGroup]), ...tags]
  if (!fields.every(isGroupField))
    return { error: 'group or partition field has invalid characters' }
  if (ids.some((id) => !parseXname(id)))
    return { error: 'got HMSTypeInvalid instead of valid type' }
  return { label, description: given['description'] ?? '', exclusiveGroup, tags, ids }
}

/** A group as HSM shows it; `within`: of its members only those of this partition, or of none. */
export function groupRecord(kind: Kind, group: Group, system: System, within = ''): object {
  const ids = group.ids.filter(
    (id) => within === '' || (partitionOf(system, id) ?? 'NULL') === within,
  )
  return {
    [kind.key]: group.label,
    ...(kind === partitions && group.description === '' ? {} : { description: group.description }),
    ...(group.exclusiveGroup === '' ? {} : { exclusiveGroup: group.exclusiveGroup }),
    ...(group.tags.length === 0 ? {} : { tags: group.tags }),
    members: { ids },
  }
}

/** The members of a group; none where the group does not exist. */
export function membersOf(system: System, label: string): readonly string[] {
  return system.groups.get(label)?.ids ?? []
}

/** The labels of the groups that a component is in. */
export function groupsOf(system: System, xname: string): readonly string[] {
  return [...system.groups.values()]
    .filter((group) => group.ids.includes(xname))
    .map((group) => group.label)
}

/** The partition that a component is in; null: in none. */
export function partitionOf(system: System, xname: string): string | null {
  return [...system.partitions.values()].find((each) => each.ids.includes(xname))?.label ?? null
}
