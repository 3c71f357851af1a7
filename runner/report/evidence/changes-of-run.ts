import type { AnyDiff } from '../../contract/state.ts'
import { canonical } from '../../contract/value.ts'
import type { ChangeLabel, OutcomeEvent, Units } from '../../model/event.ts'
import { compareNames } from '../../text/xname.ts'
import { diffLines, valueText } from '../diff-lines.ts'
import type { Places } from '../geometry.ts'
import { anyHost } from '../kinds.ts'
import { cleanText, createPaint } from '../screen-text.ts'
import { createPlacesOf, type Sorted, type TaskRecord } from './sorted.ts'

/** One way in which a task changed hosts, or would: every distinct difference once. */
export interface Difference {
  readonly verb: string
  readonly sentence: string
  readonly outcome: 'changed' | 'would change' | 'unknown'
  readonly effect: ChangeLabel['effect']
  /** The item of a loop, in words. */
  readonly item: string | null
  readonly reason: string | null
  readonly titles: readonly string[]
  readonly actions: readonly string[]
  /** What differed, a line each. */
  readonly diff: readonly string[]
  readonly hosts: readonly string[]
  /** The hosts by where they are, where that is shorter. */
  readonly place: string | null
}

/** What an outcome or an item of it says of a change. */
type Changed = Pick<OutcomeEvent, 'outcome' | 'reason' | 'diff' | 'units' | 'changes'>

interface Kind {
  readonly host: string
  readonly of: Changed
  readonly item: string | null
  readonly task: TaskRecord
  readonly hosts: string[]
}

const effects = ['destroys', 'replaces', 'none'] as const

/** What a run changed, or a plan would: what destroys comes first. */
export function changesOf({ tasks }: Sorted): readonly Difference[] {
  const kinds = new Map<string, Kind>()
  const placesOf = createPlacesOf()
  for (const [at, task] of tasks.entries())
    for (const event of task.outcomes)
      for (const { of, item } of partsOf(event)) {
        const key = `${at} ${anyHost(canonical([item, of.outcome, of.reason ?? null, of.diff ?? null, titlesOf(of)]), event.host)}`
        const held = kinds.get(key)
        if (held) held.hosts.push(event.host)
        else kinds.set(key, { host: event.host, of, item, task, hosts: [event.host] })
      }
  return [...kinds.values()]
    .map((kind) => differenceOf(kind, placesOf(kind.task)))
    .sort((a, b) => effects.indexOf(a.effect) - effects.indexOf(b.effect))
}

/** The changed parts of an outcome: its items, or itself. */
function partsOf(
  event: OutcomeEvent,
): readonly { readonly of: Changed; readonly item: string | null }[] {
  const parts = event.items
    ? event.items.map((each) => ({ of: each as Changed, item: each.label ?? valueText(each.item) }))
    : [{ of: event as Changed, item: null }]
  return parts.filter(({ of }) => isChange(of.outcome))
}

function isChange(outcome: Changed['outcome']): outcome is Difference['outcome'] {
  return outcome === 'changed' || outcome === 'would change' || outcome === 'unknown'
}

function titlesOf({ changes }: Changed): readonly string[] {
  return (changes ?? []).map(({ title }) => title)
}

function differenceOf({ host, of, item, task, hosts }: Kind, placed: Places): Difference {
  const names = [...new Set(hosts)].sort(compareNames)
  const shared = (text: string): string => cleanText(names.length > 1 ? anyHost(text, host) : text)
  const changes = of.changes ?? []
  return {
    verb: task.label.verb,
    sentence: task.label.sentence,
    outcome: of.outcome as Difference['outcome'],
    effect: effects.find((each) => changes.some(({ effect }) => effect === each)) ?? 'none',
    item: item === null ? null : shared(item),
    reason: of.reason === undefined ? null : shared(of.reason),
    titles: titlesOf(of).map(shared),
    actions: changes.flatMap(({ actions }) => actions).map(shared),
    diff: of.diff ? plainDiff(of.diff, of.units).map(shared) : [],
    hosts: names,
    place: placed(names),
  }
}

/** A diff without colours, whole, however wide and long it is. */
export function plainDiff(diff: AnyDiff, units: Units | undefined): readonly string[] {
  return diffLines(diff, createPaint(false), Infinity, units, Infinity)
}
