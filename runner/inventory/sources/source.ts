import type { Place } from '../../model/diagnostic.ts'
import { didYouMean } from '../../source/suggest.ts'
import {
  isNothing,
  type Located,
  type LocatedEntry,
  type LocatedMap,
} from '../../source/located.ts'
import { fail, kindOfLocated, type Draft } from '../parse-state.ts'
import type { InventoryFile } from '../../model/inventory-text.ts'
import { readPath, readSeconds, readText, readTexts, readWord } from '../typed-values.ts'

/** What an inventory asks for its hosts: a program, or the services of CSM. */
export interface Source {
  /** The file that names it; of a program that was named itself, the program. */
  readonly path: string
  readonly at: Place
  /** Seconds for which an answer is used again without asking; 0: it is asked each time. */
  readonly maxAge: number
  /** Seconds that it may take. */
  readonly timeout: number
  readonly asks:
    { readonly kind: 'program'; readonly path: string; readonly pathAt: Place } | CsmQuestion
}
/** Which services of the inventory are asked for nodes, for which of them, and how their groups are named. */
export interface CsmQuestion {
  readonly kind: 'csm'
  readonly hsm: string
  /** Null: aliases are made of NIDs alone. */
  readonly sls: string | null
  readonly prefix: string
  /** By key, the values that are taken; `!value` is left out. */
  readonly only: Readonly<Partial<Record<CsmFilter, readonly string[]>>>
}
/** What nodes can be chosen by. */
export const csmFilters = [
  'role',
  'subrole',
  'arch',
  'class',
  'state',
  'enabled',
  'group',
  'partition',
] as const
export type CsmFilter = (typeof csmFilters)[number]

/** The kinds of sources, and the keys that each has. */
export const sourceKeys = {
  csm: ['kind', 'hsm', 'sls', 'only', 'prefix', 'max_age', 'timeout'],
  program: ['kind', 'path', 'max_age', 'timeout'],
} as const
const usualPatience = 60

/** The source that a program file is. */
export function programSource(path: string): Source {
  const at = { file: path, line: 1, column: 1 }
  return {
    path,
    at,
    maxAge: 0,
    timeout: usualPatience,
    asks: { kind: 'program', path, pathAt: at },
  }
}

/** The name under which what a program printed is shown: places in it are not places in the program. */
export function printedName(program: string): string {
  return `${program} --list`
}

/** Reads `source:` of an inventory file: `csm`, or a map. Null after an error. */
export function readSource(
  draft: Draft,
  { value, keyAt }: LocatedEntry,
  file: InventoryFile,
): Source | null {
  const before = draft.diagnostics.length
  const kinds = Object.keys(sourceKeys) as (keyof typeof sourceKeys)[]
  const written = value.kind === 'map' ? value.entries.get('kind')?.value : value
  if (!written || written.kind !== 'scalar') {
    fail(
      draft,
      'inventory/source',
      written
        ? `'source' says what is asked, not ${kindOfLocated(written)}`
        : "'kind' is missing: what is asked?",
      value.at,
      'write source: csm, or source: { kind: program, path: PATH }',
    )
    return null
  }
  const kind = readWord(draft, 'source', written, kinds)
  if (!kind) return null
  const map = value.kind === 'map' ? value : null
  for (const entry of map?.entries.values() ?? []) {
    if (!(sourceKeys[kind] as readonly string[]).includes(entry.key))
      fail(
        draft,
        'inventory/unknown-key',
        `unknown key '${entry.key}'`,
        entry.keyAt,
        didYouMean(entry.key, sourceKeys[kind]),
      )
  }
  const asks = kind === 'csm' ? readCsm(draft, map) : readProgram(draft, map, keyAt)
  const maxAge = seconds(draft, map, 'max_age', 0)
  const timeout = seconds(draft, map, 'timeout', usualPatience)
  if (!asks || draft.diagnostics.slice(before).some((each) => each.severity !== 'warning'))
    return null
  return { path: file.path, at: keyAt, maxAge, timeout, asks }
}

function seconds(
  draft: Draft,
  map: LocatedMap | null,
  key: 'max_age' | 'timeout',
  otherwise: number,
): number {
  const value = map?.entries.get(key)?.value
  if (!value) return otherwise
  // No age at all is a fair wish; no time at all is not.
  if (key === 'max_age' && value.kind === 'scalar' && value.value === 0) return 0
  return readSeconds(draft, key, value, key === 'max_age' ? Infinity : undefined) ?? otherwise
}

function readProgram(draft: Draft, map: LocatedMap | null, at: Place): Source['asks'] | null {
  const written = map?.entries.get('path')?.value
  if (!written) {
    fail(
      draft,
      'inventory/source',
      "'path' is missing: which program?",
      map?.at ?? at,
      'write source: { kind: program, path: ./hosts.py }',
    )
    return null
  }
  const path = readPath(draft, 'path', written)
  return path === undefined ? null : { kind: 'program', path, pathAt: written.at }
}

function readCsm(draft: Draft, map: LocatedMap | null): CsmQuestion {
  const text = (key: string, otherwise: string): string => {
    const value = map?.entries.get(key)?.value
    return value ? (readText(draft, key, value) ?? otherwise) : otherwise
  }
  const sls = map?.entries.get('sls')?.value
  const isLeftOut = sls?.kind === 'scalar' && (sls.value === false || sls.value === null)
  const prefix = text('prefix', '')
  if (!/^(?:[A-Za-z0-9_][A-Za-z0-9_.-]*)?$/.test(prefix))
    fail(
      draft,
      'inventory/group-name',
      `no group's name begins with ${JSON.stringify(prefix)}`,
      map!.entries.get('prefix')!.value.at,
      'letters, digits, dots, dashes and underscores make one',
    )
  return {
    kind: 'csm',
    hsm: text('hsm', 'hsm'),
    sls: isLeftOut ? null : text('sls', 'sls'),
    prefix,
    only: readOnly(draft, map?.entries.get('only')?.value),
  }
}

function readOnly(draft: Draft, located: Located | undefined): CsmQuestion['only'] {
  const only: Partial<Record<CsmFilter, readonly string[]>> = {}
  if (!located || isNothing(located)) return only
  if (located.kind !== 'map') {
    fail(
      draft,
      'inventory/value',
      `'only' wants a map, not ${kindOfLocated(located)}`,
      located.at,
      'write only: { role: Compute }',
    )
    return only
  }
  for (const { key, keyAt, value } of located.entries.values()) {
    const filter = csmFilters.find((each) => each === key)
    if (!filter)
      fail(
        draft,
        'inventory/unknown-key',
        `nodes are not chosen by '${key}'`,
        keyAt,
        didYouMean(key, csmFilters),
      )
    else if (filter !== 'enabled') {
      const values = readTexts(draft, key, value)
      if (values) only[filter] = values
    } else if (value.kind === 'scalar' && typeof value.value === 'boolean')
      only.enabled = [String(value.value)]
    else
      fail(
        draft,
        'inventory/value',
        `'enabled' wants true or false, not ${kindOfLocated(value)}`,
        value.at,
        'write enabled: true',
      )
  }
  return only
}
