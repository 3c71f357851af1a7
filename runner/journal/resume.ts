import type { Playbook } from '../model/playbook.ts'
import { DiagnosticError } from '../model/diagnostic.ts'
import type { Host, Inventory } from '../model/host.ts'
import type { Header } from '../model/record.ts'
import { Unreachable, type Connections } from '../model/session.ts'
import { foldNames } from '../text/host-ranges.ts'
import { plainName } from './debts.ts'
import type { Begun, Folded } from './outcome-of-log.ts'
import { listRuns } from './read-log.ts'
import { owingHosts, type UnpaidRun } from './owed-handlers.ts'

/** A run that ended early, and the playbook and inventory as they are now. */
export interface Resumable {
  readonly folded: Folded
  /** What it still owes in a play of its log, where other runs have paid some of it. */
  readonly owed?: (play: number, host: string) => readonly string[]
  readonly playbook: Playbook
  readonly inventory: Inventory
  readonly limit: string | undefined
  /** Other runs of the playbook that left handlers unpaid: they are paid too. */
  readonly unpaid?: readonly UnpaidRun[]
}

/** What a resumed run has to do. */
export interface Resumption {
  /** The hosts that have not finished all their plays or owe a handler, in the inventory's order. */
  readonly hosts: readonly string[]
  /** What a person must know of handlers that this run cannot pay, a line each. */
  readonly lost: readonly string[]
  /** The handlers that a host owes in a play of the playbook as it is now. */
  owed(play: number, host: string): readonly string[]
}

/** Throws DiagnosticError when a run cannot be resumed: a plan, an applied plan that owes nothing, or a run that goes on. */
export function checkResumable(
  { run, mode, plan, pid }: Header,
  isRunning: boolean,
  owes = false,
): void {
  if (mode === 'plan')
    throw new DiagnosticError({
      code: 'run/not-resumable',
      message: `${run} was a plan: it changed nothing`,
      hint: 'run the playbook',
    })
  if (plan !== null && !owes)
    throw new DiagnosticError({
      code: 'run/not-resumable',
      message: `${run} applied the saved plan ${plan}`,
      hint: 'apply it again: what has become true is left alone; for the rest make a new plan',
    })
  if (isRunning)
    throw new DiagnosticError({
      code: 'run/not-resumable',
      message: `run ${run} still goes on, as process ${pid}`,
      hint: 'wait for it, or interrupt it first',
    })
}

/** Throws DiagnosticError when another run resumes a run at this moment: both would pay the same handlers. */
export function checkAlone(folder: string, run: string): void {
  const other = listRuns(folder).find(
    ({ header: { resumes, alsoPays }, state }) =>
      state === 'running' && (resumes === run || alsoPays?.includes(run) === true),
  )
  if (!other) return
  throw new DiagnosticError({
    code: 'run/not-resumable',
    message: `run ${other.header.run} resumes run ${run} already, as process ${other.header.pid}`,
    hint: 'wait for it, then look with `trueup history` whether anything is left',
  })
}

/** Decides which hosts a resumed run takes up, and which handlers it owes there, those of other unpaid runs among them. */
export function resumptionOf(run: Resumable): Resumption {
  const { playbook, folded, unpaid = [] } = run
  const debts: readonly Debt[] = [
    { folded, owed: run.owed ?? folded.owed, was: loggedPlays(playbook, folded) },
    ...unpaid.map((each) => ({ ...each, was: loggedPlays(playbook, each.folded) })),
  ]
  const handlers = playbook.plays.map(
    (play) => new Set(play.handlers.map((handler) => handler.sentence)),
  )
  const owed = (play: number, host: string): readonly string[] => [
    ...new Set(debts.flatMap((debt) => owedIn(debt, play, host))),
  ]
  return {
    hosts: openHosts(run, debts[0]!.was, owed),
    lost: [
      ...debts.flatMap((debt) => lostHandlers(debt, handlers)),
      ...unpaid.flatMap((each) => outOfReach(run, each)),
    ],
    owed: (play, host) => owed(play, host).filter((sentence) => handlers[play]!.has(sentence)),
  }
}

/** Handlers that a run owes, and the plays of its log that the plays of the playbook were. */
interface Debt {
  readonly folded: Folded
  owed(play: number, host: string): readonly string[]
  readonly was: readonly (number | null)[]
}

function owedIn({ owed, was }: Debt, play: number, host: string): readonly string[] {
  const logged = was[play]
  return logged === null || logged === undefined ? [] : owed(logged, host)
}

function loggedPlays(playbook: Playbook, folded: Folded): readonly (number | null)[] {
  return playbook.plays.map((_play, index) => loggedPlay(playbook, folded, index))
}

/** The hosts within the limit of a run; null: all. */
function withinLimit({ inventory, limit }: Resumable): ReadonlySet<string> | null {
  return limit === undefined ? null : new Set(inventory.select(limit).map((host) => host.name))
}

/** Debts of another run on hosts that the limit of the resumed run leaves out. */
function outOfReach(run: Resumable, unpaid: UnpaidRun): readonly string[] {
  const within = withinLimit(run)
  const hosts = owingHosts(unpaid).filter((host) => within !== null && !within.has(host))
  return hosts.length === 0
    ? []
    : [
        `run ${unpaid.run} left handlers unpaid on ${foldNames(hosts, 200)}, which this run leaves out: pay them with trueup resume ${unpaid.run}`,
      ]
}

/** The play of the log that a play of the playbook was: found by its name, else by its place. */
function loggedPlay(playbook: Playbook, { plays }: Folded, index: number): number | null {
  const name = playbook.plays[index]!.name
  const plain = (given: string | undefined): string | undefined =>
    given === undefined ? undefined : plainName(given)
  if (plain(plays.get(index)) === name) return index
  for (const [at, held] of plays) if (plain(held) === name) return at
  return null
}

function openHosts(
  run: Resumable,
  was: readonly (number | null)[],
  owed: Resumption['owed'],
): readonly string[] {
  const { playbook, inventory, folded } = run
  const within = withinLimit(run)
  const open = new Set<string>()
  for (const [index, play] of playbook.plays.entries()) {
    const logged = was[index]!
    for (const { name } of inventory.select(play.hosts)) {
      if (within && !within.has(name)) continue
      const isDone = logged !== null && folded.left(logged, name) === 'done'
      if (!isDone || owed(index, name).length > 0) open.add(name)
    }
  }
  return [...inventory.hosts.keys()].filter((name) => open.has(name))
}

/** Handlers that hosts owe and that the playbook no longer has: no run can pay them. */
function lostHandlers(
  { folded, owed, was }: Debt,
  handlers: readonly ReadonlySet<string>[],
): readonly string[] {
  return folded.indebted().flatMap((logged) => {
    const name = folded.plays.get(logged) ?? `number ${logged + 1}`
    const now = was.indexOf(logged)
    const lost = new Map<string, string[]>()
    for (const host of folded.owing(logged).keys())
      for (const sentence of owed(logged, host))
        if (now < 0 || !handlers[now]!.has(sentence))
          lost.set(sentence, [...(lost.get(sentence) ?? []), host])
    return [...lost].map(
      ([sentence, hosts]) =>
        `owed by ${foldNames(hosts, 200)}, but no longer a handler of the play '${name}', so do it by hand: ${sentence}`,
    )
  })
}

/** Waits, for all hosts at once, until an apply that outlived its controller has released its lock. */
export async function waitForBegun(
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
        // A host that does not answer now, or that stays locked, fails at its first task with its own message.
        if (!(error instanceof Unreachable) && !(error instanceof DiagnosticError)) throw error
      }
    }),
  )
}
