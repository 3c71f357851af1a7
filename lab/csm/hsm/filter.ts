import { parseXname } from '../../../runner/text/xname.ts'
import { goStrings, goStruct } from '../go/go-json.ts'
import { normalized } from '../go/normalized-xname.ts'
import { isGroupField } from './group-records.ts'
import { vocabulary } from './vocabulary.ts'

/** What HSM's filters compare: a component's fields as texts, and the groups that it is in. */
export interface Filtered {
  readonly id: string
  readonly nid: number
  readonly type: string
  readonly state: string
  readonly flag: string
  readonly enabled: boolean
  readonly role: string
  readonly subrole: string
  readonly arch: string
  readonly class: string
  readonly groups: readonly string[]
  readonly partition: string | null
  readonly locked: boolean
  readonly reservationDisabled: boolean
}

/** The values that are wanted, by the names of the filter in lower case. */
export type Wanted = Readonly<Record<string, readonly string[] | undefined>>

/** A filter that can be used, or what HSM says is wrong with it; `broken`: it is the database that refuses it. */
export type Filter =
  | { readonly kind: 'test'; passes(component: Filtered): boolean }
  | { readonly kind: 'wrong'; readonly detail: string }
  | { readonly kind: 'broken' }

const names =
  'id nid nid_start nid_end type state flag enabled softwarestatus role subrole subtype arch class group partition locked reservation_disabled'

/** The body of a query for components. */
export const componentFilter = goStruct(
  'hmsds.ComponentFilter',
  Object.fromEntries(names.split(' ').map((name) => [name, goStrings])),
)

/** The parameters of a request, by their names in lower case. */
export function wantedIn(query: URLSearchParams): Wanted {
  return Object.fromEntries(
    [...new Set(query.keys())].map((name) => [name.toLowerCase(), query.getAll(name)]),
  )
}

/** Reads a filter, one field after the other, as HSM checks it. */
export function filterOf(wanted: Wanted): Filter {
  const tests: ((component: Filtered) => boolean)[] = []
  for (const read of readers) {
    const found = read(wanted)
    if (found === refusedByDatabase) return { kind: 'broken' }
    if (typeof found === 'string') return { kind: 'wrong', detail: found }
    if (found) tests.push(found)
  }
  return { kind: 'test', passes: (component) => tests.every((test) => test(component)) }
}

type Test = (component: Filtered) => boolean
/** A test, what is wrong, or null: nothing is wanted. */
type Reader = (wanted: Wanted) => Test | string | null

/** A field that holds one of some words; `mayBeEmpty`: it may be asked for where it is not set. */
function word(
  name: 'type' | 'state' | 'flag' | 'role' | 'subrole' | 'arch' | 'class',
  field: keyof typeof vocabulary,
  mayBeEmpty: boolean,
): Reader {
  const words = new Map(
    vocabulary[field]
      .filter((each) => !typesOfMany.has(each))
      .map((each) => [each.toLowerCase(), each]),
  )
  if (field === 'Flag') words.set('warn', 'Warning')
  return choices(
    name,
    (text) => (text === '' && mayBeEmpty ? '' : (words.get(text.toLowerCase()) ?? null)),
    `Argument was not a valid HMS ${field}`,
    (component, value) => component[name] === value,
  )
}

// HSM knows these names, and no component is of such a type.
const typesOfMany: ReadonlySet<string> = new Set(['INVALID', 'All', 'AllSvc', 'AllComp'])

/** A field whose values are read one by one; those that begin with `!` are not wanted. */
function choices<T>(
  name: string,
  read: (text: string) => T | null,
  wrong: string,
  is: (component: Filtered, value: T) => boolean,
): Reader {
  return (wanted) => {
    const accepted: T[] = []
    const refused: T[] = []
    for (const text of wanted[name] ?? []) {
      const value = read(text.replace(/^!/, ''))
      if (value === null) return wrong
      ;(text.startsWith('!') ? refused : accepted).push(value)
    }
    if (accepted.length + refused.length === 0) return null
    return (component) =>
      !refused.some((value) => is(component, value)) &&
      (accepted.length === 0 || accepted.some((value) => is(component, value)))
  }
}

const refusedByDatabase = 'refused by the database'
const noInteger = 'a required argument was not an integer'

// An empty text is not the number of a node.
function integer(text: string): number | null {
  return text === '' ? -1 : /^\d+$/.test(text) ? Number(text) : null
}

// Each beginning goes with the end at its place, and a NID alone is a range of one.
function numbers(wanted: Wanted): Test | string | null {
  const written = ['nid', 'nid_start', 'nid_end'].flatMap((name) => wanted[name] ?? [])
  const isTooLarge = written.some((each) => Number(each.replace(/^!/, '')) >= 2 ** 63)
  const [starts, ends] = [wanted['nid_start'] ?? [], wanted['nid_end'] ?? []]
  const nids = (wanted['nid'] ?? []).map((each) => ({
    isRefused: each.startsWith('!'),
    number: integer(each.replace(/^!/, '')),
  }))
  if (nids.some((each) => each.number === null)) return noInteger
  const ranges = Array.from({ length: Math.max(starts.length, ends.length) }, (_, i) => [
    starts[i] === undefined ? -Infinity : integer(starts[i]),
    ends[i] === undefined ? Infinity : integer(ends[i]),
  ])
  if (ranges.flat().some((each) => each === null)) return noInteger
  if (isTooLarge) return refusedByDatabase
  if (nids.length + ranges.length === 0) return null
  const accepted = nids.filter((each) => !each.isRefused)
  return ({ nid }) =>
    !nids.some((each) => each.isRefused && each.number === nid) &&
    (accepted.length + ranges.length === 0 ||
      accepted.some((each) => each.number === nid) ||
      ranges.some(([least, most]) => nid >= least! && nid <= most!))
}

function truth(text: string): boolean | null {
  if (['true', 't', '1'].includes(text.toLowerCase())) return true
  return ['false', 'f', '0'].includes(text.toLowerCase()) ? false : null
}

/** A truth in one of the spellings of PostgreSQL. */
function databaseTruth(text: string): boolean | null {
  const given = text.trim().toLowerCase()
  const begins = (...words: readonly string[]): boolean =>
    given !== '' && words.some((each) => each.startsWith(given))
  if (begins('true', 'yes', 'on', '1') && given !== 'o') return true
  return begins('false', 'no', 'off', '0') && given !== 'o' ? false : null
}

// Groups are not negated.
function group(
  name: 'group' | 'partition',
  held: (component: Filtered) => readonly string[],
): Reader {
  return (wanted) => {
    const labels = wanted[name] ?? []
    if (labels.some((label) => label !== 'NULL' && !isGroupField(label))) return `no such ${name}`
    return labels.length === 0
      ? null
      : (component) =>
          labels.some((label) =>
            label === 'NULL' ? held(component).length === 0 : held(component).includes(label),
          )
  }
}

// The lab's components have none of it.
function unset(name: string, isRight: (text: string) => boolean = () => true): Reader {
  return choices(
    name,
    (text) => (isRight(text) ? text : null),
    'Argument was not a valid HMS Subtype',
    (_component, value) => value === '',
  )
}

const readers: readonly Reader[] = [
  choices(
    'id',
    (text) => (parseXname(normalized(text)) ? normalized(text) : null),
    'Argument was not a valid xname ID',
    (component, value) => component.id === value,
  ),
  word('type', 'Type', true),
  word('state', 'State', false),
  word('flag', 'Flag', false),
  choices(
    'enabled',
    truth,
    'a required argument did not match any valid input',
    (component, value) => component.enabled === value,
  ),
  unset('softwarestatus'),
  word('role', 'Role', true),
  word('subrole', 'SubRole', true),
  unset('subtype', (text) => /^[a-z0-9]*$/i.test(text)),
  word('arch', 'Arch', true),
  word('class', 'Class', true),
  numbers,
  group('group', (component) => component.groups),
  group('partition', ({ partition }) => (partition === null ? [] : [partition])),
  (wanted) =>
    (wanted['group'] ?? []).length > 1 && (wanted['partition'] ?? []).length > 1
      ? 'group and partition cannot both have more than one value'
      : null,
  choices(
    'locked',
    databaseTruth,
    refusedByDatabase,
    (component, value) => component.locked === value,
  ),
  choices(
    'reservation_disabled',
    databaseTruth,
    refusedByDatabase,
    (component, value) => component.reservationDisabled === value,
  ),
]
