import { hostOrders, type HostOrder, type Play } from '../model/playbook.ts'
import { DiagnosticError } from '../model/diagnostic.ts'
import type { Value } from '../contract/value.ts'
import { mapShape, type Names } from '../source/known-names.ts'
import { didYouMean } from '../source/suggest.ts'
import type { LocatedEntry, LocatedMap } from '../source/located.ts'
import { report, scopeOf, type Loading } from './load-context.ts'
import { waitsForInput, type ResolvedInputs } from './inputs.ts'
import { readFlag, readText } from './typed-entries.ts'
import { treeOf } from './compiled-values.ts'

/** The hosts of a play, and their order. */
export function hostsOf(
  loading: Loading,
  map: LocatedMap,
  inputs: ResolvedInputs,
): Pick<Play, 'hosts' | 'hostsAt' | 'order'> {
  const { entries } = map
  const order = readOrder(loading, entries.get('order'), inputs)
  return {
    hosts: readHosts(loading, map, inputs),
    ...(entries.has('hosts') ? { hostsAt: entries.get('hosts')!.value.at } : {}),
    ...(order === undefined ? {} : { order }),
  }
}

/** How the hosts of a play go through it, and how many may fail. */
export function passesOf(
  loading: Loading,
  { entries }: LocatedMap,
  inputs: ResolvedInputs,
): Pick<Play, 'strategy' | 'serial' | 'maxFailPercentage' | 'maxUnreachable' | 'goesOn'> {
  const percentage = readPercentage(loading, entries.get('max_fail_percentage'))
  const unreachable = readMaxUnreachable(loading, entries.get('max_unreachable'))
  const goesOn = readFlag(loading, entries.get('meet_at_end')) === false
  return {
    strategy: readStrategy(loading, entries.get('strategy')),
    serial: readSerial(loading, entries.get('serial'), inputs),
    ...(percentage === undefined ? {} : { maxFailPercentage: percentage }),
    ...(unreachable === undefined ? {} : { maxUnreachable: unreachable }),
    ...(goesOn ? { goesOn: entries.get('meet_at_end')!.keyAt } : {}),
  }
}

/** A value that must be known before anything runs; it may use the inputs. */
function loadTime(
  loading: Loading,
  entry: LocatedEntry,
  inputs: ResolvedInputs,
): Value | undefined {
  const names: Names = {
    known: new Map([...inputs.shapes, ['host', mapShape([])], ['facts', mapShape([])]]),
    later: new Map(),
    open: false,
  }
  const before = loading.diagnostics.length
  const tree = treeOf(loading, entry.value, names)
  if (loading.diagnostics.length > before) return undefined
  if (tree.kind === 'constant') return tree.value
  if (tree.kind === 'list')
    return tree.items.flatMap((item) => (item.kind === 'constant' ? [item.value] : []))
  if (tree.kind !== 'computed') return undefined
  try {
    return tree.computed.evaluate(scopeOf(inputs.values))
  } catch (error) {
    if (!(error instanceof DiagnosticError)) throw error
    if (!waitsForInput(tree.computed, inputs))
      for (const diagnostic of error.diagnostics) report(loading, diagnostic)
    return undefined
  }
}

function readHosts(loading: Loading, map: LocatedMap, inputs: ResolvedInputs): string {
  const entry = map.entries.get('hosts')
  if (!entry) {
    report(loading, {
      code: 'play/no-hosts',
      message: 'this play has no hosts',
      at: map.entries.get('play')?.keyAt ?? map.at,
      hint: 'add `hosts:` with a group, a host or a range; `all` for every host',
    })
    return ''
  }
  if (entry.value.kind === 'list') {
    const items = entry.value.items.map((item) => (item.kind === 'scalar' ? item.text : '…'))
    report(loading, {
      code: 'playbook/value',
      message: 'hosts takes one pattern, not a list',
      at: entry.value.at,
      hint:
        items.length === 0
          ? 'write a group, a host or a range; `all` for every host'
          : `write hosts: "${items.join(',')}"`,
    })
    return ''
  }
  const value = loadTime(loading, entry, inputs)
  if (typeof value === 'string' && value.trim() !== '') return value
  if (value !== undefined)
    report(loading, {
      code: 'playbook/value',
      message: 'hosts wants a pattern',
      at: entry.keyAt,
      hint: 'write a group, a host or a range; `all` for every host',
    })
  // Where only the value of an input lacks, a manual shows what is written.
  return value === undefined && entry.value.kind === 'scalar' ? entry.value.text : ''
}

function readStrategy(loading: Loading, entry: LocatedEntry | undefined): 'free' | 'linear' {
  const strategy = readText(loading, entry)
  if (strategy === undefined || strategy === 'free' || strategy === 'linear')
    return strategy ?? 'free'
  report(loading, {
    code: 'playbook/value',
    message: `'${strategy}' is not a strategy`,
    at: entry!.value.at,
    hint: didYouMean(strategy, ['free', 'linear']),
  })
  return 'free'
}

function readOrder(
  loading: Loading,
  entry: LocatedEntry | undefined,
  inputs: ResolvedInputs,
): HostOrder | undefined {
  if (!entry) return undefined
  const value = loadTime(loading, entry, inputs)
  if (value === undefined) return undefined
  const word = hostOrders.find((each) => each === value)
  if (word !== undefined) return word
  const isPattern = (each: Value): each is string => typeof each === 'string' && each.trim() !== ''
  if (Array.isArray(value) && value.length > 0 && (value as Value[]).every(isPattern))
    return { patterns: value as readonly string[], at: entry.value.at }
  report(loading, {
    code: 'playbook/value',
    message: `order wants ${hostOrders.join(', ')}, or a list of hosts`,
    at: entry.value.at,
    hint: 'write order: reverse, or order: [ncn-m003, ncn-m002, ncn-m001]; hosts that the list leaves out come last',
  })
  return undefined
}

function readSerial(
  loading: Loading,
  entry: LocatedEntry | undefined,
  inputs: ResolvedInputs,
): readonly (number | string)[] {
  if (!entry) return []
  const value = loadTime(loading, entry, inputs)
  if (value === undefined) return []
  const sizes = Array.isArray(value) ? (value as readonly Value[]) : [value]
  const isSize = (size: Value): size is number | string =>
    typeof size === 'number'
      ? Number.isSafeInteger(size) && size >= 1
      : typeof size === 'string' && /^(?:100|[1-9]\d?)%$|^(?:cabinet|chassis|slot)$/.test(size)
  if (sizes.length > 0 && sizes.every(isSize)) return sizes
  report(loading, {
    code: 'playbook/value',
    message:
      'serial wants a number of hosts, a percentage, cabinet, chassis or slot, or a list of them',
    at: entry.value.at,
    hint: 'write serial: 2, serial: 10%, serial: chassis, or serial: [1, 10, 25%]',
  })
  return []
}

function readPercentage(loading: Loading, entry: LocatedEntry | undefined): number | undefined {
  if (!entry) return undefined
  const { value } = entry
  if (
    value.kind === 'scalar' &&
    typeof value.value === 'number' &&
    value.value >= 0 &&
    value.value <= 100
  )
    return value.value
  report(loading, {
    code: 'playbook/value',
    message: 'max_fail_percentage wants a number from 0 to 100',
    at: value.at,
    hint: 'write max_fail_percentage: 25',
  })
  return undefined
}

function readMaxUnreachable(
  loading: Loading,
  entry: LocatedEntry | undefined,
): number | string | undefined {
  if (!entry) return undefined
  const value = entry.value.kind === 'scalar' ? entry.value.value : null
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value
  if (typeof value === 'string' && /^(?:100|[1-9]?\d)%$/.test(value)) return value
  report(loading, {
    code: 'playbook/value',
    message: 'max_unreachable wants a number of hosts, or a percentage',
    at: entry.value.at,
    hint: 'write max_unreachable: 3, or max_unreachable: 10%',
  })
  return undefined
}
