import { countOf } from '../text/count.ts'
import { durationText } from '../text/duration.ts'
import type { Event } from '../model/event.ts'
import { countsAsFailed } from '../model/tally.ts'
import { foldNames } from '../text/host-ranges.ts'
import { createLedger, type RunCost } from './cost.ts'
import { countsText, marks } from './task-lines.ts'
import { cleanLine, cut, wrap, type Paint } from './screen-text.ts'
import { verdictWords } from './verdict-words.ts'

/** The commands that an operator may type next: with this playbook and this inventory. */
export interface Again {
  command(verb: 'run' | 'plan', limit?: string): string
  /** Whether the run keeps a log, so that `--limit @failed` finds its hosts. */
  readonly hasLog?: boolean
}

/** How the recap is shown. */
export interface RecapView {
  readonly paint: Paint
  readonly width: number
  /** From 1 on, the recap says what the run cost. */
  readonly verbosity: number
}

/** Hears a run, and sums it up at its end. */
export interface Recap {
  hear(event: Event): void
  /** A dozen lines at most from which the run can be judged. */
  lines(view: RecapView, again: Again): readonly string[]
  cost(): RunCost
}

type Started = Event & { readonly type: 'run-started' }
type Ended = Event & { readonly type: 'run-ended' }

interface Failure {
  readonly host: string
  readonly sentence: string
  readonly place: readonly [task: number, host: number]
}

/** What a recap needs, which is little, however many hosts and tasks there are. */
interface Heard {
  started: Started | null
  ended: Ended | null
  /** The one that came first; in a plan the first in the order of tasks and hosts. */
  firstFailure: Failure | null
  readonly effects: Record<'destroys' | 'replaces' | 'none', number>
  /** What a plan does not know: how many tasks, and how many of these may destroy something. */
  readonly unknown: { all: number; destructive: number; first: string }
  readonly sentences: Map<string, string>
  /** Where tasks and hosts stand in the order in which the plays name them. */
  readonly taskPlaces: Map<string, number>
  readonly hostPlaces: Map<string, number>
}

/** Hears events and keeps what a recap needs of them. */
export function createRecap(): Recap {
  const ledger = createLedger()
  const heard: Heard = {
    started: null,
    ended: null,
    firstFailure: null,
    effects: { destroys: 0, replaces: 0, none: 0 },
    unknown: { all: 0, destructive: 0, first: '' },
    sentences: new Map(),
    taskPlaces: new Map(),
    hostPlaces: new Map(),
  }
  return {
    cost: ledger.cost,
    hear(event) {
      ledger.hear(event)
      hearEvent(heard, event)
    },
    lines: (view, again) =>
      heard.started && heard.ended
        ? recapLines(heard, heard.started, heard.ended, ledger.cost(), view, again)
        : [],
  }
}

function hearEvent(heard: Heard, event: Event): void {
  if (event.type === 'run-started') heard.started = event
  if (event.type === 'run-ended') heard.ended = event
  if (event.type === 'play-started') {
    for (const task of event.tasks) {
      heard.sentences.set(task.id, task.sentence)
      addPlace(heard.taskPlaces, task.id)
    }
    for (const host of event.hosts) addPlace(heard.hostPlaces, host)
  }
  if (event.type !== 'outcome') return
  if (countsAsFailed(event)) hearFailure(heard, event)
  for (const { outcome, changes, mayDestroy } of event.items ?? [event]) {
    if (outcome === 'would change')
      for (const change of changes ?? []) heard.effects[change.effect]++
    if (outcome === 'unknown') heard.unknown.all++
    if (!mayDestroy) continue
    heard.unknown.destructive++
    heard.unknown.first ||= heard.sentences.get(event.task) ?? event.task
  }
}

function addPlace(places: Map<string, number>, name: string): void {
  if (!places.has(name)) places.set(name, places.size)
}

function hearFailure(heard: Heard, { task, host }: Event & { readonly type: 'outcome' }): void {
  const { started, firstFailure, sentences, taskPlaces, hostPlaces } = heard
  if (firstFailure && started?.mode !== 'plan') return
  const place = [taskPlaces.get(task) ?? -1, hostPlaces.get(host) ?? -1] as const
  const isFirst =
    !firstFailure ||
    place[0] < firstFailure.place[0] ||
    (place[0] === firstFailure.place[0] && place[1] < firstFailure.place[1])
  if (isFirst) heard.firstFailure = { host, sentence: sentences.get(task) ?? task, place }
}

function recapLines(
  heard: Heard,
  started: Started,
  ended: Ended,
  cost: RunCost,
  view: RecapView,
  again: Again,
): readonly string[] {
  const { firstFailure, effects, hostPlaces } = heard
  const isPlan = started.mode === 'plan'
  return [
    ...headLines(started, ended, view),
    `  ${'tasks'.padEnd(14)}${countsText(countsIn(ended), view.paint) || 'none'}`,
    ...hostRow(isPlan ? 'would change' : 'changed', ended.changedHosts, view),
    ...hostRow('failed', ended.failedHosts, view),
    ...(firstFailure
      ? [
          row(
            'first failure',
            `${cleanLine(firstFailure.host)}: ${cleanLine(firstFailure.sentence)}`,
            view,
          ),
        ]
      : []),
    ...hostRow('unreachable', ended.unreachableHosts, view),
    ...progressRow(started, ended, view),
    ...effectRow('destroys', countOf(effects.destroys, 'destructive change'), effects, view),
    ...unknownRow(heard.unknown, view),
    ...effectRow(
      'replaces',
      `${countOf(effects.replaces, 'change')} of what is there`,
      effects,
      view,
    ),
    ...(view.verbosity > 0 ? [row('round trips', costText(cost), view)] : []),
    ...nextRow(started, ended, started.hosts > hostPlaces.size, view, again),
  ]
}

function countsIn(ended: Ended): Parameters<typeof countsText>[0] {
  return new Map(Object.entries(ended.totals).filter(([, count]) => count > 0)) as Parameters<
    typeof countsText
  >[0]
}

function headLines(
  started: Started,
  ended: Ended,
  { paint, width, verbosity }: RecapView,
): readonly string[] {
  const verdict = verdictWords(started.mode === 'plan', ended)
  const isBad = ended.interrupted || ended.exit === 1
  const look = isBad ? 'red' : ended.exit === 2 ? 'yellow' : 'green'
  // Two plans of one state are the same text, which `diff` compares.
  const isTimed = started.mode === 'run' || verbosity > 0
  const [first = '', ...below] = wrap(
    `${verdict}: ${cut(cleanLine(started.playbook), 200)}, ${countOf(started.hosts, 'host')}${isTimed ? `, ${durationText(ended.seconds)}` : ''}`,
    width,
  )
  return [
    `${paint(['bold', look], first.slice(0, verdict.length))}${first.slice(verdict.length)}`,
    ...below,
  ]
}

function row(name: string, text: string, { width }: RecapView): string {
  return cut(`  ${name.padEnd(14)}${text}`, width)
}

function hostRow(name: string, hosts: readonly string[], view: RecapView): readonly string[] {
  if (hosts.length === 0) return []
  const count = hosts.length === 1 ? '' : `${hosts.length}: `
  const room = view.width - 16 - count.length
  const whole = foldNames(hosts, Math.max(8, room))
  // The words for the hosts that are left out need room of their own.
  const text = whole.length <= room ? whole : foldNames(hosts, Math.max(8, room - 18))
  return [row(name, /^\d+ hosts?$/.test(text) ? text : `${count}${cleanLine(text)}`, view)]
}

/** How far a run came that ended early: the rows above say nothing of the hosts that it left. */
function progressRow(started: Started, ended: Ended, view: RecapView): readonly string[] {
  const { cutShortHosts, notBegun } = ended
  if (cutShortHosts.length + notBegun === 0) return []
  const failed = new Set([...ended.failedHosts, ...ended.unreachableHosts]).size
  const parts = [
    `finished ${started.hosts - failed - cutShortHosts.length - notBegun}`,
    ...(cutShortHosts.length > 0 ? [`cut short ${cutShortHosts.length}`] : []),
    ...(notBegun > 0 ? [`not begun ${notBegun}`] : []),
  ]
  return [row('hosts', parts.join(' · '), view)]
}

function unknownRow(
  { all, destructive, first }: Heard['unknown'],
  view: RecapView,
): readonly string[] {
  if (destructive === 0) return []
  const { mark, look } = marks.destroys
  const text = `${all} unknown, of which ${destructive} may be destructive (${cleanLine(first)})`
  return [view.paint(look!, row(mark.trim(), text, view))]
}

function effectRow(
  effect: 'destroys' | 'replaces',
  text: string,
  effects: Heard['effects'],
  { paint }: RecapView,
): readonly string[] {
  const { mark, look } = marks[effect]
  const sign = mark.trim()
  if (effects[effect] === 0 || look === null) return []
  return [paint(look, `  ${sign.padEnd(14)}${text}, marked with ${sign} above`)]
}

function costText({ most, scripts, requests }: RunCost): string {
  return `${countOf(most, 'script')} at most per host and play; ${scripts} in all, ${countOf(requests, 'request')}`
}

function nextRow(
  started: Started,
  ended: Ended,
  hasOthers: boolean,
  { paint }: RecapView,
  again: Again,
): readonly string[] {
  const next = nextCommand(started, ended, hasOthers, again)
  return next === null ? [] : [`  ${'next'.padEnd(14)}${paint('bold', cleanLine(next))}`]
}

/** What to type after a run; null where there is nothing to do. `hasOthers`: it has hosts that no play has begun with. */
export function nextCommand(
  started: Started,
  ended: Ended,
  hasOthers: boolean,
  again: Again,
): string | null {
  const verb = started.mode === 'plan' ? 'plan' : 'run'
  if (ended.interrupted) return again.command(verb)
  const bad = [...new Set([...ended.failedHosts, ...ended.unreachableHosts])]
  if (bad.length > 0)
    return again.command(verb, hasOthers ? undefined : limitTo(bad, started, again))
  return verb === 'plan' && ended.exit === 2 ? again.command('run') : null
}

/** The limit to the hosts that failed: their names where these are short, else the word for them. A limit that is cut would mean other hosts. */
function limitTo(hosts: readonly string[], started: Started, again: Again): string | undefined {
  if (hosts.length === started.hosts) return undefined
  const folded = foldNames(hosts, 100)
  if (!folded.includes(' ')) return folded
  return started.mode === 'run' && again.hasLog === true ? '@failed' : undefined
}
