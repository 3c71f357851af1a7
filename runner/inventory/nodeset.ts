import type { Code } from '../model/codes.ts'
import { foldNames } from '../text/host-ranges.ts'
import { lineageOf } from '../text/xname.ts'
import { didYouMean, meantText, nearest } from '../source/suggest.ts'
import { hostKey, nameFault, reservedGroups } from './host-names.ts'
import { expandRanges, mostNames, tooMany, type Fault } from './expand-ranges.ts'

/** How a term joins what stands before it, from left to right: union, difference, intersection, symmetric difference. */
export type Operator = ',' | '!' | '&' | '^'
/** One operand of a pattern. */
export interface Term {
  readonly operator: Operator
  readonly kind: 'all' | 'group' | 'names'
  /** As written. */
  readonly text: string
  /** Expanded and as the inventory knows them; for a group without its `@`. Those of kind `all` have none. */
  readonly names: readonly string[]
  /** `@masters[0]`: one host of a group by its place in the order of names, from the end where it is negative. */
  readonly nth?: { readonly group: string; readonly place: number }
  readonly offset: number
}
/** A pattern that is well formed; what it matches depends on the inventory. */
export interface Pattern {
  readonly text: string
  readonly terms: readonly Term[]
}
/** The hosts and groups that a pattern is asked of. */
export interface Known {
  readonly hosts: { has(name: string): boolean; keys(): Iterable<string> }
  readonly groups: {
    get(name: string): Iterable<string> | undefined
    has(name: string): boolean
    keys(): Iterable<string>
  }
  /** Other names of hosts, none of which is the name of one. */
  readonly aliases?: ReadonlyMap<string, string>
}

/** Reads `x3000c0s[19-21]b[1-4]n0,@spares!ncn-*`. The operators have one rank, as in ClusterShell. */
export function parsePattern(text: string): Pattern | Fault {
  const terms: Term[] = []
  const pieces = splitTerms(text)
  let count = 0
  for (const { operator, offset, text: written } of pieces) {
    const start = offset + (written.length - written.trimStart().length)
    const term = parseTerm(written.trim(), operator, start, pieces.length === 1)
    if ('code' in term) return term
    count += term.names.length
    if (count > mostNames) return tooMany(term.offset, term.text.length)
    terms.push(term)
  }
  return { text, terms }
}

/** The names in a pattern that name single hosts and are joined to it: where a pattern defines a group, they define hosts. */
export function namesDefinedBy(pattern: Pattern): readonly string[] {
  return pattern.terms.flatMap((term) =>
    term.kind === 'names' && term.operator === ','
      ? term.names.filter((name) => !isWild(name))
      : [],
  )
}

/** The groups that a pattern names, and where in it. */
export function groupsNamedBy(
  pattern: Pattern,
): readonly { readonly name: string; readonly offset: number; readonly width: number }[] {
  return pattern.terms.flatMap((term) =>
    term.kind === 'group'
      ? term.names.map((name) => ({ name, offset: term.offset, width: term.text.length }))
      : [],
  )
}

/** The hosts that a pattern matches, or what in it matches nothing. It is never all hosts for want of a match. */
export function matchPattern(pattern: Pattern, known: Known): ReadonlySet<string> | Fault {
  let matched = new Set<string>()
  for (const term of pattern.terms) {
    const found = matchTerm(term, known)
    if ('code' in found) return found
    if (term.operator === ',') for (const name of found) matched.add(name)
    else if (term.operator === '!') for (const name of found) matched.delete(name)
    else if (term.operator === '&')
      matched = new Set([...matched].filter((name) => found.has(name)))
    else for (const name of found) if (!matched.delete(name)) matched.add(name)
  }
  return matched
}

function splitTerms(text: string): { operator: Operator; offset: number; text: string }[] {
  const pieces: { operator: Operator; offset: number; text: string }[] = []
  let operator: Operator = ','
  let from = 0
  let open = false
  for (let i = 0; i <= text.length; i += 1) {
    const letter = text[i]
    if (letter === '[') open = true
    else if (letter === ']') open = false
    if (letter !== undefined && (open || !',!&^'.includes(letter))) continue
    pieces.push({ operator, offset: from, text: text.slice(from, i) })
    operator = (letter ?? ',') as Operator
    from = i + 1
  }
  return pieces
}

function parseTerm(text: string, operator: Operator, offset: number, alone: boolean): Term | Fault {
  const width = Math.max(text.length, 1)
  if (text === '') {
    const hint =
      offset === 0 && !alone
        ? 'write what to begin with: all!x3000c0s19b1n0'
        : 'write a name, a range, @group or all'
    return {
      code: 'inventory/pattern',
      message: alone ? 'the pattern is empty' : 'a name is missing beside an operator',
      hint,
      offset,
      width,
    }
  }
  if (text === '*' || text === 'all' || text === '@all' || text === '@*')
    return { operator, kind: 'all', text, names: [], offset }
  if (text.startsWith('~'))
    return {
      code: 'inventory/pattern',
      message: 'patterns are not regular expressions',
      hint: 'use * and ?, ranges, or a group',
      offset,
      width,
    }
  const isGroup = text.startsWith('@')
  const body = isGroup ? text.slice(1) : text
  const nth = nthOf(text)
  // The last hosts of a group have no other meaning; a number may be one of a range of groups.
  if (nth && nth.place < 0) return { operator, kind: 'group', text, names: [], nth, offset }
  const names = expandRanges(body)
  if ('code' in names)
    return { ...names, offset: offset + (text.length - body.length) + names.offset }
  if (isGroup) {
    const reserved = names.find((name) => reservedGroups.has(name))
    if (reserved)
      return {
        code: 'inventory/reserved',
        message: `@${reserved} is reserved: this version does not know the hosts of the last run`,
        hint: 'write the names',
        offset,
        width,
      }
    const wrong = names.find((name) => !/^[A-Za-z0-9_*?][A-Za-z0-9_.*?-]*$/.test(name))
    if (wrong !== undefined)
      return {
        code: 'inventory/pattern',
        message: `${JSON.stringify(text)} is not a group`,
        hint: 'write @NAME',
        offset,
        width,
      }
    return { operator, kind: 'group', text, names, ...(nth ? { nth } : {}), offset }
  }
  // The names of a range differ in their numbers only, and the last is the longest.
  for (const name of [names[0]!, names.at(-1)!]) {
    const wrong = nameFault(isWild(name) ? name.replace(/[*?]/g, 'x') : name)
    if (wrong) return { ...ansibleFault(text, wrong.message, wrong.hint), offset, width }
  }
  return { operator, kind: 'names', text, names: names.map(hostKey), offset }
}

function nthOf(text: string): Term['nth'] {
  const found = /^@([A-Za-z0-9_][A-Za-z0-9_.-]*)\[(-?\d{1,6})\]$/.exec(text)
  return found ? { group: found[1]!, place: Number(found[2]) } : undefined
}

/** `web:&east:!old` is how Ansible joins patterns. */
function ansibleFault(
  text: string,
  message: string,
  hint: string,
): { code: Code; message: string; hint: string } {
  if (!/^[\w.*-]+:[\w.*:-]*$/.test(text) || /:[0-9]+$/.test(text))
    return { code: 'inventory/host-name', message, hint }
  return {
    code: 'inventory/pattern',
    message: 'names are joined by commas, not by colons',
    hint: 'write a,b for both, a&b for what is in both, a!b for a without b',
  }
}

function isWild(name: string): boolean {
  return name.includes('*') || name.includes('?')
}

function matchTerm(term: Term, known: Known): ReadonlySet<string> | Fault {
  if (term.kind === 'all') return new Set(known.hosts.keys())
  if (term.nth && (known.groups.has(term.nth.group) || term.names.length === 0))
    return matchNth(term, term.nth, known)
  const matched = new Set<string>()
  const none: readonly string[] = []
  let hit = false
  for (const written of term.names) {
    const name = known.aliases?.get(written) ?? written
    const groups =
      term.kind === 'group'
        ? groupsLike(written, known)
        : !known.hosts.has(name) && known.groups.has(name)
          ? [name]
          : none
    for (const group of groups) for (const host of known.groups.get(group) ?? []) matched.add(host)
    if (groups.length > 0) hit = true
    else if (term.kind === 'names') {
      if (isWild(name)) {
        for (const host of known.hosts.keys()) if (isLike(host, name)) matched.add(host)
        for (const [alias, host] of known.aliases ?? []) if (isLike(alias, name)) matched.add(host)
      } else if (known.hosts.has(name)) matched.add(name)
    }
  }
  return hit || matched.size > 0 ? matched : noMatch(term, known)
}

/** One host of a group by its place. */
function matchNth(
  term: Term,
  { group, place }: NonNullable<Term['nth']>,
  known: Known,
): ReadonlySet<string> | Fault {
  const at = { offset: term.offset, width: term.text.length }
  const members = known.groups.get(group)
  if (!members) return noMatch({ ...term, names: [group] }, known)
  const twin = term.names.find((name) => known.groups.has(name))
  if (twin !== undefined)
    return {
      code: 'inventory/pattern',
      message: `'${term.text}' is a host of the group '${group}', or the group '${twin}'`,
      hint: `write @${twin} for the group; rename one of the two groups to name the host by its place`,
      ...at,
    }
  const hosts = [...members]
  const host = hosts.at(place)
  if (host !== undefined) return new Set([host])
  return {
    code: 'inventory/no-host',
    message: `'${term.text}': the group has ${hosts.length === 1 ? '1 host' : `${hosts.length} hosts`}`,
    hint: 'the first is [0], the last is [-1]',
    ...at,
  }
}

function groupsLike(name: string, known: Known): readonly string[] {
  if (!isWild(name)) return known.groups.has(name) ? [name] : []
  return [...known.groups.keys()].filter((group) => isLike(group, name))
}

/** `*` is any text, `?` any one character; case makes no difference, as in DNS. Linear, whatever the pattern. */
function isLike(name: string, pattern: string): boolean {
  const text = name.toLowerCase()
  const wanted = pattern.toLowerCase()
  let i = 0
  let j = 0
  let star = -1
  let resume = 0
  while (i < text.length) {
    if (wanted[j] === '*') {
      star = j
      resume = i
      j += 1
    } else if (j < wanted.length && (wanted[j] === '?' || wanted[j] === text[i])) {
      i += 1
      j += 1
    } else if (star >= 0) {
      j = star + 1
      resume += 1
      i = resume
    } else return false
  }
  while (wanted[j] === '*') j += 1
  return j === wanted.length
}

function noMatch(term: Term, known: Known): Fault {
  const at = { offset: term.offset, width: term.text.length }
  const first = term.names[0]!
  if (term.kind === 'group') {
    const host = known.hosts.has(hostKey(first)) ? `${first} is a host: write it without @` : null
    return {
      code: 'inventory/no-group',
      message: `the group '${first}' does not exist`,
      hint: host ?? didYouMean(first, known.groups.keys()),
      ...at,
    }
  }
  const message =
    term.names.length === 1
      ? `'${term.text}' matches no host`
      : `none of the ${term.names.length} names of '${term.text}' is a host`
  return { code: 'inventory/no-host', message, hint: hostHint(first, known), ...at }
}

function hostHint(name: string, known: Known): string {
  if (isWild(name)) return 'see `trueup inventory --list` for the names'
  const below: string[] = []
  for (const host of known.hosts.keys())
    if (host.startsWith(name) && lineageOf(host).some((each) => each.xname === name))
      below.push(host)
  if (below.length > 0) return `its nodes are ${foldNames(below, 120)}`
  const hosts = [...known.hosts.keys()]
  if (hosts.length > mostNames) return 'see `trueup inventory --list` for the names'
  const near = nearest(name, [...hosts, ...(known.aliases?.keys() ?? [])])
  const group = nearest(name, known.groups.keys())
  if (group !== null && near === null) return meantText(`@${group}`)
  return near !== null
    ? meantText(near)
    : `hosts are, among others: ${hosts.slice(0, 4).join(', ')}`
}
