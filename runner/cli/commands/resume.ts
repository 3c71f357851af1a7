import type { Playbook } from '../../model/playbook.ts'
import { DiagnosticError } from '../../model/diagnostic.ts'
import { foldNames } from '../../text/host-ranges.ts'
import type { Host, Inventory } from '../../model/host.ts'
import { Unreachable, type Connections } from '../../model/session.ts'
import { cleanLine } from '../../report/screen-text.ts'
import { sameAgain, type RunFlags } from '../flags.ts'
import type { Io } from '../io.ts'
import { loadForRun } from '../load.ts'
import { describePlaybook, describeInventory, whatChanged } from '../../journal/describe-run.ts'
import { foldLog, type Begun, type Folded } from '../../journal/outcome-of-log.ts'
import { findRun, readLog } from '../../journal/read-log.ts'
import type { Header } from '../../journal/record.ts'
import { countOf } from '../../text/count.ts'
import { runsFolder } from '../../journal/state-folder.ts'
import { distrust } from '../../files/trust.ts'
import { trustOf } from '../trust.ts'
import { checkTargets } from '../targeting.ts'
import { carryOut } from './run.ts'

/** The options of `resume`: what the log does not hold. */
export interface ResumeFlags extends Omit<
  RunFlags,
  'inventory' | 'limit' | 'tags' | 'skipTags' | 'out'
> {
  /** Refuses when the playbook or the inventory changed. */
  readonly strict?: boolean
}

/** `trueup resume RUN`: pays what each host owes, then runs the playbook over the hosts that were not done. */
export async function resumeCommand(io: Io, word: string, flags: ResumeFlags): Promise<number> {
  const brief = findRun(runsFolder(io, flags), word, ({ header }) => header.mode === 'run')
  const others = distrust(trustOf(io), 'the run log', brief.file)
  if (others) throw new DiagnosticError(others)
  const { header, records, cut } = readLog(brief.file)
  mayResume(header, brief.state === 'running')
  const say = (line: string): void => void io.stderr.write(`${cleanLine(line)}\n`)
  if (cut)
    say('the last line of the log was not written whole: the run was killed while it wrote it')
  const folded = foldLog(records)
  const kept: RunFlags = {
    ...flags,
    inventory: header.inventory.paths,
    extraVars: [
      ...(Object.keys(header.inputs).length > 0 ? [JSON.stringify(header.inputs)] : []),
      ...(flags.extraVars ?? []),
    ],
    ...(header.limit === null ? {} : { limit: header.limit }),
    ...(header.tags === null ? {} : { tags: header.tags }),
    ...(header.skipTags === null ? {} : { skipTags: header.skipTags }),
    ...(header.startAt === undefined ? {} : { startAt: header.startAt }),
  }
  const loaded = await loadForRun(io, header.playbook.file, kept)
  const { playbook, inventory } = loaded
  checkTargets(io, playbook, kept)
  const changes = whatChanged(header, {
    playbook: describePlaybook(playbook),
    inventory: describeInventory(header.inventory.paths),
  })
  for (const change of changes) say(`since run ${header.run}: ${change}`)
  if (flags.strict && changes.length > 0)
    throw new DiagnosticError({
      code: 'run/changed-since',
      message: `what run ${header.run} was made from has changed`,
      hint: 'resume without --strict to go on with what is there now, or begin anew with `trueup run`',
    })

  const playOf = playsOf(playbook, folded)
  const rest = remaining(playbook, inventory, kept.limit, folded, playOf)
  const owed = debts(playbook, folded, playOf, say)
  if (rest.length === 0) {
    say(`run ${header.run} was done on every host, and nothing is owed`)
    return 0
  }
  say(`resuming run ${header.run} on ${countOf(rest.length, 'host')}: ${foldNames(rest, 200)}`)
  const limited: RunFlags = { ...kept, limit: foldNames(rest, Number.POSITIVE_INFINITY) }
  return carryOut(
    io,
    'run',
    loaded,
    limited,
    sameAgain(
      { ...limited, extraVars: flags.extraVars ?? [] },
      header.playbook.file,
      io.cwd,
      playbook.inputs,
    ),
    {
      resumes: header.run,
      owed,
      before: (connections, hosts) => waitForBegun(folded.begun, connections, hosts),
    },
  )
}

function mayResume({ run, mode, plan, pid }: Header, isRunning: boolean): void {
  if (mode === 'plan')
    throw new DiagnosticError({
      code: 'run/not-resumable',
      message: `${run} was a plan: it changed nothing`,
      hint: 'run the playbook',
    })
  if (plan !== null)
    throw new DiagnosticError({
      code: 'run/not-resumable',
      message: `${run} applied the saved plan ${plan}`,
      hint: 'apply it again: what has become true is left alone; for the rest make a new plan',
    })
  if (isRunning)
    throw new DiagnosticError({
      code: 'run/not-resumable',
      message: `run ${run} is still at work, as process ${pid}`,
      hint: 'wait for it, or interrupt it first',
    })
}

/** The play of the log that a play of the playbook was: by its name, else by its place. */
function playsOf(playbook: Playbook, { plays }: Folded): (index: number) => number | null {
  return (index) => {
    const name = playbook.plays[index]!.name
    const plain = (given: string | undefined): string | undefined =>
      given?.replace(/^what is owed: /, '')
    if (plain(plays.get(index)) === name) return index
    for (const [at, held] of plays) if (plain(held) === name) return at
    return null
  }
}

/** The hosts that have not been through all their plays, or owe something; in the inventory's order. */
function remaining(
  playbook: Playbook,
  inventory: Inventory,
  limit: string | undefined,
  folded: Folded,
  playOf: (index: number) => number | null,
): readonly string[] {
  const within =
    limit === undefined ? null : new Set(inventory.select(limit).map((host) => host.name))
  const open = new Set<string>()
  for (const [index, play] of playbook.plays.entries()) {
    const was = playOf(index)
    for (const { name } of inventory.select(play.hosts)) {
      if (within && !within.has(name)) continue
      if (was === null || folded.left(was, name) !== 'done' || folded.owed(was, name).length > 0)
        open.add(name)
    }
  }
  return [...inventory.hosts.keys()].filter((name) => open.has(name))
}

/** What is owed, by play and host of the playbook as it is now. A handler that the playbook lost is said: nobody will pay it. */
function debts(
  playbook: Playbook,
  folded: Folded,
  playOf: (index: number) => number | null,
  say: (line: string) => void,
): (play: number, host: string) => readonly string[] {
  const known = playbook.plays.map(
    (play) => new Set(play.handlers.map((handler) => handler.sentence)),
  )
  const found = playbook.plays.map((_play, index) => playOf(index))
  for (const [was, name] of folded.plays) {
    const now = found.indexOf(was)
    const lost = new Map<string, string[]>()
    for (const [host, sentences] of folded.owing(was))
      for (const sentence of sentences)
        if (now < 0 || !known[now]!.has(sentence))
          lost.set(sentence, [...(lost.get(sentence) ?? []), host])
    for (const [sentence, hosts] of lost)
      say(
        `owed by ${foldNames(hosts, 200)}, but no longer a handler of the play '${name}', so do it by hand: ${sentence}`,
      )
  }
  return (play, host) => {
    const was = found[play]
    return was === null || was === undefined
      ? []
      : folded.owed(was, host).filter((sentence) => known[play]!.has(sentence))
  }
}

/** Waits, host by host and all at once, for an apply that outlived its controller: until its lock is free. */
async function waitForBegun(
  begun: readonly Begun[],
  connections: Connections,
  inventory: Inventory,
): Promise<void> {
  const places = new Map(
    begun.flatMap(({ on }) => (on ? [[`${on.host} ${on.user ?? ''}`, on] as const] : [])),
  )
  await Promise.all(
    [...places.values()].map(async ({ host: name, user }) => {
      const host: Host | undefined = inventory.hosts.get(name)
      if (!host) return
      try {
        const session = await connections.session({ host }, user === null ? null : { user })
        await session.exchange({ apply: { guards: [], actions: [] }, probes: [] })
      } catch (error) {
        // What does not answer now, or stays locked, fails at its first task and in its own words.
        if (!(error instanceof Unreachable) && !(error instanceof DiagnosticError)) throw error
      }
    }),
  )
}
