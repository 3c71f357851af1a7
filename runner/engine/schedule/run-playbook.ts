import { tasksOf, type Play, type Task } from '../../model/playbook.ts'
import { DiagnosticError } from '../../model/diagnostic.ts'
import type { Event, PassLabel } from '../../model/event.ts'
import type { Value } from '../../contract/value.ts'
import type { Host, Inventory } from '../../model/host.ts'
import type { Leaving } from '../../model/note.ts'
import { outcomes, outcomeTable } from '../../model/outcome.ts'
import { createTally } from '../../model/tally.ts'
import { createHub } from '../ask/exchange.ts'
import { createReadings } from '../ask/reading-store.ts'
import { isEnding } from '../decide/drain.ts'
import type { Hub, ReadingStore, Register, RunOptions, RunResult } from '../model.ts'
import { flowsOf, runFlow } from './flow.ts'
import type { PassOptions, Pending } from './pass.ts'
import { runPass } from './run-pass.ts'
import { notToGoOn, overBudget, passesOf, passLabels } from './rolling.ts'
import { stagesOf, type Stage } from './stages.ts'

/** A run on its way: what its plays share. */
interface Run {
  readonly options: RunOptions
  readonly plays: readonly (readonly Host[])[]
  readonly hub: Hub
  readonly store: ReadingStore
  readonly tally: ReturnType<typeof createTally>
  /** Hosts that failed, or that could not be reached: they take part in no further play. */
  readonly out: Set<string>
  readonly pending: Map<string, Pending>
  /** Registers of `run_once` tasks. */
  readonly shared: Map<string, Register>
  /** Hosts for which a task has ended. */
  readonly begun: Set<string>
  /** The plays that each host has come to the end of. */
  readonly finished: Map<string, number>
}

/** Runs or plans a playbook. Rejects with DiagnosticError, before it connects to a host, when a limit or a pattern names no host. */
export async function runPlaybook(given: RunOptions): Promise<RunResult> {
  const { clock, emit } = given
  const options: RunOptions = { ...given, started: given.started ?? clock.now() }
  const plays = hostsOfPlays(options)
  const began = clock.now()
  const store = createReadings(clock, options.guesses, options.batch)
  const run: Run = {
    options,
    plays,
    store,
    hub: createHub({ ...options, store }),
    tally: createTally(),
    out: new Set(),
    pending: new Map(
      [...(options.known ?? [])].map(([host, values]) => [
        host,
        { changes: [], boot: null, registers: registersOf(values) },
      ]),
    ),
    shared: new Map(),
    begun: new Set(),
    finished: new Map(),
  }
  emit({
    type: 'run-started',
    at: began,
    run: options.run ?? nameOf(began),
    playbook: options.playbook.title,
    file: options.playbook.file,
    mode: options.mode,
    hosts: allHosts(run).size,
  })
  noteKnown(options, began)
  for (const flow of flowsOf(stagesOf(options, plays), options))
    if (!(await takeFlow(run, flow))) break
  store.save()
  const exit = exitOf(run)
  emit({ ...endOf(run), exit, at: clock.now(), seconds: (clock.now() - began) / 1000 })
  return { exit }
}

/** What an earlier run registered is in the log of this one too, so that a third may begin where this one ends. */
function noteKnown({ known, note }: RunOptions, at: number): void {
  for (const [host, values] of known ?? [])
    for (const [name, value] of values)
      note?.({ type: 'registered', at, play: 0, task: '', host, name, value })
}

function registersOf(values: ReadonlyMap<string, Value>): Map<string, Register> {
  return new Map([...values].map(([name, value]) => [name, () => value] as const))
}

function nameOf(began: number): string {
  return `${new Date(began).toISOString().replace(/[:.]/g, '-')}-${Math.random().toString(36).slice(2, 8)}`
}

function allHosts({ plays }: Run): ReadonlySet<string> {
  return new Set(plays.flat().map((host) => host.name))
}

/** Takes hosts through the plays of a flow. False: the run ends here. */
async function takeFlow(run: Run, flow: readonly Stage[]): Promise<boolean> {
  const [stage] = flow
  if (flow.length === 1) return runStage(run, stage!)
  const { options, hub, out } = run
  hub.play(stage!.index)
  const passes = flow.map((each) =>
    passOptions(
      run,
      each,
      each.hosts.filter((host) => !out.has(host.name)),
    ),
  )
  await runFlow(passes, (host, how, leg) => mindEnd(run, host, how, flow[leg]!))
  return !isEnding(options)
}

function passOptions(
  run: Run,
  stage: Stage,
  hosts: readonly Host[],
  pass?: PassLabel,
): PassOptions {
  const { options, hub, store, pending, shared } = run
  return {
    ...stage,
    hosts,
    options,
    hub,
    store,
    pending,
    shared,
    selected: selector(options),
    ...(pass ? { pass } : {}),
    count(outcome) {
      run.tally.add(outcome)
      run.begun.add(outcome.host)
    },
  }
}

/** Takes a play's hosts through it, pass by pass. False: the run ends here. */
async function runStage(run: Run, stage: Stage): Promise<boolean> {
  const { options, hub, out } = run
  const { play, index } = stage
  hub.play(index)
  const inPlay = stage.hosts.filter((host) => !out.has(host.name))
  const tried = new Map<Host, Leaving>()
  const passes = passesOf(play.serial, inPlay)
  const labels = passLabels(play.serial, passes)
  for (const [at, hosts] of passes.entries()) {
    const ends = await runPass(passOptions(run, stage, hosts, labels[at]))
    for (const [host, left] of ends) mindEnd(run, host, left, stage)
    for (const host of hosts) tried.set(host, ends.get(host.name)!)
    const why =
      overBudget(play, ends.values(), hosts.length) ??
      (play.serial.length > 0 ? notToGoOn(play, ends, tried, inPlay.length) : null)
    if (why) options.emit({ type: 'warning', at: options.clock.now(), diagnostic: why })
    if (isEnding(options) || why !== null) return false
  }
  return true
}

function mindEnd({ out, finished }: Run, host: string, left: Leaving, { paying }: Stage): void {
  if (left === 'failed' || left === 'unreachable') out.add(host)
  if (left === 'done' && !paying) finished.set(host, (finished.get(host) ?? 0) + 1)
}

function exitOf({ options, tally }: Run): number {
  if (isEnding(options)) return 130
  if (tally.failed.size + tally.unreachable.size > 0) return 1
  return outcomes.some((each) => outcomeTable[each].pending && tally.counts[each] > 0) ? 2 : 0
}

function endOf(run: Run): Omit<Extract<Event, { type: 'run-ended' }>, 'at' | 'seconds' | 'exit'> {
  const { options, tally, begun } = run
  const left = unfinished(run)
  return {
    type: 'run-ended',
    totals: tally.counts,
    interrupted: isEnding(options),
    failedHosts: [...tally.failed],
    unreachableHosts: [...tally.unreachable],
    changedHosts: [...tally.changed],
    cutShortHosts: left.filter((host) => begun.has(host)),
    notBegun: left.filter((host) => !begun.has(host)).length,
  }
}

/** The hosts that have not failed and still have plays before them. */
function unfinished({ options, plays, finished, out }: Run): readonly string[] {
  if (options.paysOnly) return []
  const wanted = new Map<string, number>()
  for (const { name } of plays.flat()) wanted.set(name, (wanted.get(name) ?? 0) + 1)
  return [...wanted]
    .filter(([host, count]) => !out.has(host) && (finished.get(host) ?? 0) < count)
    .map(([host]) => host)
}

/** The hosts of each play within the limit. A limit that reaches no play is an error, never "all". */
export function hostsOfPlays({
  playbook,
  inventory,
  limit,
}: Pick<RunOptions, 'playbook' | 'inventory' | 'limit'>): readonly (readonly Host[])[] {
  const within =
    limit === undefined ? null : new Set(inventory.select(limit).map((host) => host.name))
  const plays = playbook.plays.map((play) =>
    inOrder(play, inventory).filter((host) => !within || within.has(host.name)),
  )
  if (within && plays.every((hosts) => hosts.length === 0)) {
    throw new DiagnosticError({
      code: 'run/limit',
      message: `the limit '${limit}' names no host of any play`,
      hint: `the plays' hosts are: ${playbook.plays.map((play) => play.hosts).join(', ')}`,
    })
  }
  return plays
}

/** The hosts of a play in the order in which they begin. */
function inOrder({ hosts: pattern, order }: Play, inventory: Inventory): readonly Host[] {
  const hosts = inventory.select(pattern)
  if (order === undefined || order === 'sorted') return hosts
  if (order === 'reverse') return [...hosts].reverse()
  const names =
    order === 'inventory'
      ? (inventory.written ?? [])
      : order.patterns.flatMap((each) => inventory.select(each).map(({ name }) => name))
  const places = new Map<string, number>()
  for (const name of names) if (!places.has(name)) places.set(name, places.size)
  const placeOf = ({ name }: Host): number => places.get(name) ?? places.size
  return [...hosts].sort((a, b) => placeOf(a) - placeOf(b))
}

/** Which tasks run: by their tags, from the task on that the run begins with. */
export function selector({
  playbook,
  tags,
  skipTags,
  startAt,
  known,
}: Pick<RunOptions, 'playbook' | 'tags' | 'skipTags' | 'startAt' | 'known'>): (
  task: Task,
) => boolean {
  const ids =
    startAt === undefined
      ? []
      : playbook.plays.flatMap((play) => [...tasksOf(play.tasks)].map((task) => task.id))
  const before = new Set(ids.slice(0, Math.max(0, ids.indexOf(startAt ?? ''))))
  return (task) => {
    // What was read before a step is read again: it changes nothing, and may be other by now.
    if (before.has(task.id) && !(known && task.verb === 'read' && task.register !== undefined))
      return false
    if (skipTags?.some((tag) => task.tags.includes(tag))) return false
    if (!tags || tags.length === 0) return !task.tags.includes('never')
    return task.tags.includes('always') || tags.some((tag) => task.tags.includes(tag))
  }
}
