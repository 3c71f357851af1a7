import { tasksOf, type Task } from '../../model/playbook.ts'
import { DiagnosticError } from '../../model/diagnostic.ts'
import { createTally } from '../../model/tally.ts'
import type { Host } from '../../model/host.ts'
import { createHub } from '../ask/exchange.ts'
import type { RunOptions, RunResult } from '../model.ts'
import { stagesOf } from './stages.ts'
import type { Leaving } from '../../model/note.ts'
import { runPass, type Pending } from './play.ts'
import { createReadings } from '../ask/readings.ts'
import { notToGoOn, overBudget, passesOf } from './rolling.ts'

/** Runs or plans a playbook. Rejects with DiagnosticError, before anything was connected to, when hosts cannot be told. */
export async function runPlaybook(options: RunOptions): Promise<RunResult> {
  const { playbook, clock, emit, mode } = options
  const plays = hostsOfPlays(options)
  const began = clock.now()
  const store = createReadings(clock, options.guesses, options.batch)
  const hub = createHub({
    connections: options.connections,
    store,
    clock,
    emit,
    batch: options.batch,
    ...(options.stop ? { stop: options.stop } : {}),
  })
  const tally = createTally()
  const out = new Set<string>()
  const pending = new Map<string, Pending>()
  let stopped = false

  emit({
    type: 'run-started',
    at: began,
    run:
      options.run ??
      `${new Date(began).toISOString().replace(/[:.]/g, '-')}-${Math.random().toString(36).slice(2, 8)}`,
    playbook: playbook.title,
    file: playbook.file,
    mode,
    hosts: new Set(plays.flat().map((host) => host.name)).size,
  })
  for (const { index, play, hosts: ofStage, owed, paying } of stagesOf(options, plays)) {
    hub.play(index)
    const inPlay = ofStage.filter((host) => !out.has(host.name))
    const tried = new Map<Host, Leaving>()
    for (const hosts of passesOf(play.serial, inPlay)) {
      if (stopped) break
      const ends = await runPass({
        options,
        play,
        index,
        hosts,
        owed,
        paying,
        hub,
        store,
        pending,
        selected: selector(options),
        count: tally.add,
      })
      for (const [host, left] of ends)
        if (left === 'failed' || left === 'unreachable') out.add(host)
      for (const host of hosts) tried.set(host, ends.get(host.name)!)
      const why =
        overBudget(play, ends.values(), hosts.length) ??
        (play.serial.length > 0 ? notToGoOn(play, ends, tried, inPlay.length) : null)
      if (why) emit({ type: 'warning', at: clock.now(), diagnostic: why })
      stopped = options.drain?.aborted === true || why !== null
    }
  }
  store.save()
  const interrupted = options.drain?.aborted === true
  const failed = tally.failed.size + tally.unreachable.size > 0
  const exit = interrupted
    ? 130
    : failed
      ? 1
      : tally.counts['would change'] + tally.counts.unknown > 0
        ? 2
        : 0
  emit({
    type: 'run-ended',
    at: clock.now(),
    seconds: (clock.now() - began) / 1000,
    totals: tally.counts,
    exit,
    interrupted,
    failedHosts: [...tally.failed],
    unreachableHosts: [...tally.unreachable],
    changedHosts: [...tally.changed],
  })
  return { exit }
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
    inventory.select(play.hosts).filter((host) => !within || within.has(host.name)),
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

/** Which tasks run: by their tags, from the task on that the run begins with. */
export function selector({
  playbook,
  tags,
  skipTags,
  startAt,
}: Pick<RunOptions, 'playbook' | 'tags' | 'skipTags' | 'startAt'>): (task: Task) => boolean {
  const ids =
    startAt === undefined
      ? []
      : playbook.plays.flatMap((play) => [...tasksOf(play.tasks)].map((task) => task.id))
  const before = new Set(ids.slice(0, Math.max(0, ids.indexOf(startAt ?? ''))))
  return (task) => {
    if (before.has(task.id)) return false
    if (skipTags?.some((tag) => task.tags.includes(tag))) return false
    if (!tags || tags.length === 0) return !task.tags.includes('never')
    return task.tags.includes('always') || tags.some((tag) => task.tags.includes(tag))
  }
}
