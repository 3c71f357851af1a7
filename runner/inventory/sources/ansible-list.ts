import type { Located, LocatedMap } from '../../source/located.ts'
import {
  fail,
  groupOf,
  hostNamed,
  hostOf,
  kindOfLocated,
  warn,
  type Draft,
} from '../parse-state.ts'
import { groupFault, hostFault, hostKey } from '../host-names.ts'
import { mostNames } from '../expand-ranges.ts'
import { readVars } from '../vars.ts'

/** Whether a map is what `ansible-inventory --list` prints, and not an inventory file that happens to be JSON. */
export function isAnsibleList(root: Located): root is LocatedMap {
  return (
    root.kind === 'map' &&
    (root.entries.has('_meta') ||
      (![...root.entries.keys()].some((key) =>
        ['hosts', 'groups', 'services', 'source'].includes(key),
      ) &&
        [...root.entries.values()].some((entry) => entry.value.kind === 'list')))
  )
}

/** Reads Ansible's JSON form: groups with `hosts`, `vars` and `children`, or bare lists of hosts, and `_meta.hostvars`. Names are names, not patterns. */
export function readAnsibleList(draft: Draft, root: Located): void {
  if (root.kind !== 'map')
    return fail(
      draft,
      'inventory/shape',
      `an inventory is a map of groups, not ${kindOfLocated(root)}`,
      root.at,
      'print what `ansible-inventory --list` prints',
    )
  groupOf(draft, 'all', root.at)
  for (const entry of root.entries.values()) {
    if (entry.key === '_meta') continue
    const wrong = groupFault(entry.key)
    if (wrong) fail(draft, wrong.code, wrong.message, entry.keyAt, wrong.hint)
    else readGroup(draft, entry.key, entry.value)
  }
  const meta = root.entries.get('_meta')?.value
  const vars = meta?.kind === 'map' ? meta.entries.get('hostvars')?.value : undefined
  if (vars) readHostVars(draft, vars)
}

function readGroup(draft: Draft, name: string, located: Located): void {
  const group = groupOf(draft, name, located.at)
  if (located.kind === 'list') return readHosts(draft, name, located)
  if (located.kind !== 'map')
    return fail(
      draft,
      'inventory/value',
      `the group '${name}' is a map or a list of hosts, not ${kindOfLocated(located)}`,
      located.at,
      'print { "hosts": [], "vars": {}, "children": [] }',
    )
  for (const { key, keyAt, value } of located.entries.values()) {
    if (key === 'hosts') readHosts(draft, name, value)
    else if (key === 'vars') group.inline.push(readVars(draft, value, 'foreign'))
    else if (key === 'children') {
      for (const { text, at } of names(draft, 'children', value)) {
        const wrong = groupFault(text)
        if (wrong) fail(draft, wrong.code, wrong.message, at, wrong.hint)
        else if (text !== 'all') {
          // A group of which there is nothing to say is left out by those that print this.
          groupOf(draft, text, at)
          group.children.set(text, at)
        }
      }
    } else
      fail(
        draft,
        'inventory/unknown-key',
        `a group has hosts, vars and children, not '${key}'`,
        keyAt,
        'put it into vars',
      )
  }
}

function readHosts(draft: Draft, name: string, located: Located): void {
  const group = groupOf(draft, name, located.at)
  for (const { text, at } of names(draft, 'hosts', located)) {
    const key = hostKey(text)
    const wrong = hostNamed(draft, key) ? null : hostFault(key)
    if (wrong) fail(draft, wrong.code, wrong.message, at, wrong.hint)
    else if (draft.hosts.size >= mostNames)
      return fail(
        draft,
        'inventory/range-too-large',
        `the inventory has more than ${mostNames} hosts`,
        at,
        'print fewer',
      )
    else hostOf(draft, key, at).groups.add(group)
  }
}

function readHostVars(draft: Draft, located: Located): void {
  if (located.kind !== 'map')
    return fail(
      draft,
      'inventory/value',
      `'hostvars' is a map of hosts, not ${kindOfLocated(located)}`,
      located.at,
      'print { "HOST": { "VAR": 1 } }',
    )
  for (const { key, keyAt, value } of located.entries.values()) {
    const host = hostNamed(draft, hostKey(key))
    if (host) host.inline.push(readVars(draft, value, 'foreign'))
    else
      warn(draft, 'hostvars', {
        code: 'inventory/not-read',
        message: `${JSON.stringify(key.slice(0, 80))} (and perhaps others) has vars but is in no group: it is not a host`,
        at: keyAt,
        hint: 'print it in a group, for example `ungrouped`',
      })
  }
}

function names(
  draft: Draft,
  key: string,
  located: Located,
): { readonly text: string; readonly at: Located['at'] }[] {
  if (located.kind !== 'list') {
    fail(
      draft,
      'inventory/value',
      `'${key}' is a list of names, not ${kindOfLocated(located)}`,
      located.at,
      'print ["a", "b"]',
    )
    return []
  }
  return located.items.flatMap((item) => {
    if (item.kind === 'scalar' && typeof item.value === 'string')
      return [{ text: item.value, at: item.at }]
    fail(
      draft,
      'inventory/value',
      `'${key}' are names, not ${kindOfLocated(item)}`,
      item.at,
      'print it as a text',
    )
    return []
  })
}
