import type { Place } from '../model/diagnostic.ts'
import { didYouMean, meantText } from './suggest.ts'

/** What is known, before anything runs, of the value behind a name. */
export type Shape =
  | { readonly kind: 'any' }
  | { readonly kind: 'value'; readonly type: 'string' | 'integer' | 'number' | 'boolean' }
  | { readonly kind: 'list'; readonly items: Shape }
  | { readonly kind: 'map'; readonly fields: ReadonlyMap<string, Shape>; readonly open: boolean }

/** The names that a template or an expression may use at one place of a playbook. */
export interface Names {
  readonly known: ReadonlyMap<string, Shape>
  /** Names that only a later task registers, and where. */
  readonly later: ReadonlyMap<string, Place>
  /** Other names may exist too: the vars of the inventory are not known here. */
  readonly open: boolean
  /** Names whose values are known before any host is asked: inputs, and vars of the inventory. */
  readonly given?: ReadonlySet<string>
}

/** A shape of which nothing is known. */
export const anyShape: Shape = { kind: 'any' }

/** A map of which exactly these fields are known. */
export function mapShape(fields: Iterable<readonly [string, Shape]>, open = false): Shape {
  return { kind: 'map', fields: new Map(fields), open }
}

/** Why a path leads nowhere: the index of its first wrong part, what is wrong, and what to type. */
export interface PathFault {
  readonly index: number
  readonly code: 'unknown-name' | 'unknown-field' | 'not-set-yet'
  readonly message: string
  readonly hint: string
}

/** Follows a path from the names of a playbook. */
export function followName(names: Names, path: readonly string[]): Shape | PathFault {
  const [root, ...rest] = path
  const shape = names.known.get(root!)
  if (shape) return follow(shape, rest, root!)
  const later = names.later.get(root!)
  if (later)
    return {
      index: 0,
      code: 'not-set-yet',
      message: `'${root}' is registered later, in line ${later.line}`,
      hint: 'move this task after the task that registers it',
    }
  if (names.open) return anyShape
  return {
    index: 0,
    code: 'unknown-name',
    message: `unknown name '${root}'`,
    hint: nameHint(root!, names),
  }
}

/** Follows a path from a shape. `from` is how it was reached, for the message. */
export function follow(shape: Shape, path: readonly string[], from: string): Shape | PathFault {
  let found = shape
  for (const [i, part] of path.entries()) {
    const where = [from, ...path.slice(0, i)].join('.')
    const index = i + 1
    if (found.kind === 'any') return anyShape
    if (found.kind === 'map') {
      const field = found.fields.get(part)
      if (field) found = field
      else if (found.open && !forbidden.has(part)) return anyShape
      else
        return {
          index,
          code: 'unknown-field',
          message: `'${where}' has no '${part}'`,
          hint: fieldHint(where, part, found.fields),
        }
    } else if (found.kind === 'list') {
      if (part === 'length') found = { kind: 'value', type: 'integer' }
      else if (/^\d+$/.test(part)) found = found.items
      else
        return {
          index,
          code: 'unknown-field',
          message: `'${where}' is a list; it has no '${part}'`,
          hint: `name one item: ${where}.0.${part} in text, ${where}[0].${part} in a condition`,
        }
    } else {
      return {
        index,
        code: 'unknown-field',
        message: `'${where}' is ${words[found.type]}; it has no '${part}'`,
        hint: `write ${where}`,
      }
    }
  }
  return found
}

function nameHint(name: string, { known }: Names): string {
  const taught = ansibleNames[name]
  if (taught !== undefined) return taught
  if (/^(?:yes|on|no|off)$/i.test(name))
    return `write ${/^(?:yes|on)$/i.test(name) ? 'true' : 'false'}`
  if (name === 'item') return '`item` is there in a task with `loop:`'
  const facts = known.get('facts')
  if (name.startsWith('ansible_') && facts?.kind === 'map')
    return `the facts are: ${[...facts.fields.keys()].map((fact) => `facts.${fact}`).join(', ')}`
  return didYouMean(name, known.keys())
}

function fieldHint(where: string, part: string, fields: ReadonlyMap<string, Shape>): string {
  const lines = /^(stdout|stderr)_lines$/.exec(part)?.[1]
  if (lines !== undefined && fields.has(lines))
    return `write ${where}.${lines}.split("\\n") in a condition, or behind !expr`
  if (part === 'results')
    return `the register of a task with \`loop:\` is the list itself: ${where}[0]`
  if (part === 'stat' && fields.has('kind')) return `write ${where}.kind: "absent" where nothing is`
  if (where !== 'facts') return didYouMean(part, fields.keys())
  const fact = ansibleFacts[part]
  if (fact !== undefined && fields.has(fact)) return meantText(fact)
  const near = didYouMean(part, fields.keys())
  return near.startsWith('did you')
    ? near
    : `${near}; anything else is read by a task: \`read:\` with \`command:\` and \`register:\``
}

/** Whether a path was followed to its end. */
export function isFault(found: Shape | PathFault): found is PathFault {
  return 'code' in found
}

/** Names that Ansible has of its own, and ours. */
const ansibleNames: Readonly<Record<string, string>> = Object.assign(
  Object.create(null) as Record<string, string>,
  {
    inventory_hostname: 'write host.name',
    ansible_host: 'write host.address',
    ansible_facts: 'write facts',
    ansible_architecture: 'write facts.arch',
    ansible_hostname: 'write facts.hostname',
    ansible_distribution: 'write facts.os',
    ansible_distribution_version: 'write facts.os_version',
    ansible_kernel: 'write facts.kernel',
    ansible_pkg_mgr: 'write facts.package_manager',
    group_names: 'write host.groups',
    ansible_os_family: 'write facts.os',
    ansible_fqdn: 'write facts.hostname',
    ansible_nodename: 'write facts.hostname',
    ansible_service_mgr: 'write facts.init',
    groups: 'a play names its hosts; of a host, host.groups are its groups',
    hostvars:
      'a task sees its own host only; delegate the read with delegate_to and run_once, and use its register',
    omit: 'leave the param out with two tasks and `when`, or give its default',
  },
)

/** Facts that Ansible calls otherwise. */
const ansibleFacts: Readonly<Record<string, string>> = Object.assign(
  Object.create(null) as Record<string, string>,
  {
    architecture: 'arch',
    machine: 'arch',
    distribution: 'os',
    os_family: 'os',
    distribution_version: 'os_version',
    distribution_release: 'sp',
    nodename: 'hostname',
    fqdn: 'hostname',
    pkg_mgr: 'package_manager',
    service_mgr: 'init',
  },
)

const words = {
  string: 'a text',
  integer: 'an integer',
  number: 'a number',
  boolean: 'true or false',
} as const
const forbidden: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype'])
