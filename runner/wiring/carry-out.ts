import { setMaxListeners } from 'node:events'
import { resolve } from 'node:path'
import type { Listener } from '../model/event.ts'
import { isKept, type PlanOrigin } from '../model/record.ts'
import { redactedEvent, redactedNote } from '../model/redacted.ts'
import type { Inventory } from '../model/host.ts'
import type { Connections } from '../model/session.ts'
import { createHostLocks, type RunLocks } from '../connect/apply/host-locks.ts'
import { createConnections } from '../connect/connections.ts'
import type { RunOptions } from '../engine/model.ts'
import { runPlaybook } from '../engine/schedule/run-playbook.ts'
import { readInventoryFiles } from '../inventory/inventory-files.ts'
import { describeInventory } from '../journal/describe-run.ts'
import { openJournal, type Journal } from '../journal/open-log.ts'
import { createFold, type Fold } from '../journal/outcome-of-log.ts'
import { locksFolder, openGuesses, runsFolder } from '../journal/state-folder.ts'
import { answersIn, confirmedIn, lastingName, taskAt } from '../playbook/targets.ts'
import { resumeRun, type NextCommand } from '../report/next-command.ts'
import { renderDiagnostics } from '../report/diagnostics.ts'
import type { Recorded } from '../report/evidence/sorted.ts'
import { createLogRecords } from '../report/log-records.ts'
import { metricsText, writeMetrics } from '../report/metrics.ts'
import { stepDiff } from '../report/question-text.ts'
import { createPaint } from '../report/screen-text.ts'
import { createProfile, type Profile } from '../report/profile.ts'
import type { ScreenReport } from '../report/terminal.ts'
import { askPassphrase, hasPerson } from './ask.ts'
import { confirmer, stepper } from './questions.ts'
import { nextOfRun } from './next-of-run.ts'
import { clock } from './clock.ts'
import { afterRun, summaryOf } from './end-of-run.ts'
import { keeperOf } from './kept-connections.ts'
import { checkLogTargets, openLogTargets, type LogTarget } from './log-targets.ts'
import { seconds } from './seconds.ts'
import type { RunFlags } from './flags.ts'
import { hasColor, layoutOf, type Io } from './io.ts'
import { groupsOf, recordedRun } from './recorded-run.ts'
import { askedReports, writeReports } from './report-files.ts'
import { sshConfigOf } from './ssh-config-of.ts'
import { inventoryPaths, type Loaded } from './load-all.ts'
import { chooseReport, viewOf } from './choose-report.ts'
import { withSudoPassword } from './sudo-password.ts'
import { stateHome } from './trust-of-user.ts'
import { version } from './build-version.ts'

/** A run that is ready to begin. */
export interface Order extends Pick<
  RunOptions,
  'mode' | 'record' | 'promise' | 'owed' | 'paysOnly' | 'known' | 'started'
> {
  readonly loaded: Loaded
  readonly flags: RunFlags
  readonly again: NextCommand
  /** The file of the saved plan that the run applies. */
  readonly plan?: string
  /** What is known of that plan. */
  readonly approved?: PlanOrigin
  /** The run that this run resumes. */
  readonly resumes?: string
  /** Other runs whose debts it takes over. */
  readonly alsoPays?: readonly string[]
  /** Done before the first task. */
  readonly before?: (connections: Connections, inventory: Inventory) => Promise<void>
}

/** Everything that hears a run, and that it closes at its end. */
interface Parts {
  readonly journal: Journal
  readonly locks: RunLocks
  readonly fold: Fold
  readonly report: ScreenReport
  readonly profile: Profile | null
  /** What a report of the run is made of; null where none is asked for. */
  readonly recorded: Recorded[] | null
  readonly again: NextCommand
  readonly connections: Connections
  /** Logs outside of this program. */
  readonly logs: readonly LogTarget[]
  readonly emit: Listener
}

/** The same while the engine runs: a person may end the run at a question. */
interface Running extends Parts {
  readonly quit: AbortController
}

/** Carries out a run, and lets the report and the run log hear it. */
export async function carryOut(given: Io, order: Order): Promise<number> {
  const { targets, io: shown } = askedReports(given, order.flags)
  const quit = drainOf(shown)
  const io: Io = { ...shown, drain: quit.signal }
  const { inventory: found } = order.loaded
  const inventory = await withSudoPassword(io, found, order.flags)
  checkLogTargets(order.flags.logTo ?? [])
  const release = io.listen?.()
  const parts = { ...(await open(io, order, inventory, targets.length > 0)), quit }
  let ended = 0
  try {
    await order.before?.(parts.connections, inventory)
    const { exit } = await runPlaybook(engineOptions(io, order, inventory, parts))
    await tellEnd(order, parts, exit)
    await tellLogs(parts)
    if (order.flags.metrics !== undefined) tellMetrics(io, order, parts)
    ended = exit
  } finally {
    await close(io, order.flags, parts)
    release?.()
  }
  const faults = tellReports(given, order, parts, targets)
  if (faults.length > 0) io.stderr.write(`${renderDiagnostics(faults, layoutOf(io, io.stderr))}\n`)
  return faults.length > 0 && ended === 0 ? 1 : ended
}

/** Writes the reports that were asked for, when the screen has been given back. */
function tellReports(
  io: Io,
  { flags }: Order,
  { recorded, journal, again }: Parts,
  targets: Parameters<typeof writeReports>[2],
): ReturnType<typeof writeReports> {
  if (!recorded) return []
  const run = recordedRun(journal.header, recorded, 'ended', {
    command: again,
    hasLog: flags.log !== false,
  })
  return writeReports(io, run, targets, flags.sign)
}

async function open(io: Io, order: Order, inventory: Inventory, records: boolean): Promise<Parts> {
  const { flags, mode } = order
  const listeners: Listener[] = []
  const emit: Listener = (event) => {
    const heard = redactedEvent(withSources(event, order.loaded))
    for (const hear of listeners) hear(heard)
  }
  const warn = warnTo(emit)
  const patience = seconds('--lock-timeout', flags.lockTimeout ?? '30s')
  const journal = journalOf(io, order, warn)
  const fold = createFold()
  const again = nextOf(order, journal, fold)
  const report = await chooseReport(io, mode, again, flags)
  const recorded: Recorded[] | null = records ? [] : null
  const profile = flags.profile
    ? createProfile(performance.timeOrigin, () => performance.timeOrigin + performance.now())
    : null
  // The log is first: whatever is shown has been written down.
  listeners.push(journal.hear, fold.add)
  listeners.push(profile ? (event) => profile.hear(event, report.hear) : report.hear)
  if (io.hear) listeners.push(io.hear)
  if (recorded) listeners.push((event) => void (isKept(event) && recorded.push(event)))
  const logs = await openLogTargets(flags.logTo ?? [], io.env)
  if (logs.length > 0)
    listeners.push(createLogRecords((record) => logs.forEach((log) => log.take(record))))
  const folder = locksFolder(stateHome(io), flags.stateDir)
  const locks = createHostLocks({ who: journal.who, patience, folder, warn })
  const keeper = keeperOf(io, flags.keep, (reason) => {
    if (flags.verbose > 0) warn(keptNothing(reason))
  })
  const connections = createConnections({
    inventory,
    ...(keeper ? { keeper } : {}),
    env: io.env,
    locks,
    forks: flags.forks,
    warn,
    ...sshConfigOf(io, flags.sshConfig),
    ...(hasPerson(io)
      ? { askPassphrase: (file: string) => report.lend(() => askPassphrase(io, file)) }
      : {}),
  })
  io.drain.addEventListener('abort', () => tellLostOutput(io, warn), { once: true })
  return { journal, locks, fold, report, profile, recorded, again, connections, logs, emit }
}

function keptNothing(reason: string): Parameters<ReturnType<typeof warnTo>>[0] {
  return {
    code: 'connect/keeper',
    severity: 'warning',
    message: `no connection is kept for the next run: ${reason}`,
    hint: 'until then each run logs in by itself; --keep 0 stops this message',
  }
}

/** A run that drains because its output is lost says so in the log, which is all that is left of it. */
function tellLostOutput({ lostOutput }: Io, warn: ReturnType<typeof warnTo>): void {
  const why = lostOutput?.() ?? null
  if (why !== null)
    warn({
      code: 'run/output-lost',
      severity: 'warning',
      message: `${why}; what was begun is finished, nothing new begins`,
      hint: 'free some space, then type: trueup resume last',
    })
}

function warnTo(emit: Listener): Parameters<typeof createHostLocks>[0]['warn'] {
  return (diagnostic) => emit({ type: 'warning', at: clock.now(), diagnostic })
}

function journalOf(
  io: Io,
  { loaded, flags, mode, plan, approved, resumes, alsoPays }: Order,
  warn: ReturnType<typeof warnTo>,
): Journal {
  const { playbook } = loaded
  const paths = inventoryPaths(io, flags.inventory)
  const groups = groupsOf(loaded, flags.limit)
  return openJournal({
    folder: flags.log === false ? null : runsFolder(stateHome(io), flags.stateDir),
    mode,
    playbook,
    env: io.env,
    trueup: version(),
    inventory: describeInventory(paths, paths.length > 0 ? readInventoryFiles(paths).files : []),
    limit: flags.limit ?? null,
    tags: flags.tags ?? null,
    skipTags: flags.skipTags ?? null,
    now: clock.now(),
    retention: flags.configured?.retention ?? {},
    warn,
    ...(flags.startAt === undefined ? {} : { startAt: lastingName(playbook, flags.startAt) }),
    ...(plan === undefined ? {} : { plan }),
    ...(approved === undefined ? {} : { approved }),
    ...(groups === undefined ? {} : { groups }),
    ...(resumes === undefined ? {} : { resumes }),
    ...(alsoPays === undefined ? {} : { alsoPays }),
  })
}

function nextOf({ mode, plan, flags, loaded, again }: Order, journal: Journal, fold: Fold) {
  return nextOfRun({
    mode,
    playbookFile: loaded.playbook.file,
    isOfPlan: plan !== undefined,
    hasLog: flags.log !== false,
    folded: fold.end,
    resume: (why) => resumeRun(why === 'stopped early' ? 'last' : journal.run, flags),
    again,
  })
}

function withSources(event: Parameters<Listener>[0], { reads }: Loaded): Parameters<Listener>[0] {
  if (event.type !== 'run-started' || reads.length === 0) return event
  return { ...event, sources: reads.map(({ path, at, cached }) => ({ file: path, at, cached })) }
}

/** What drains a run: the signals of the process, and a person at a question. */
function drainOf({ drain }: Io): AbortController {
  const quit = new AbortController()
  setMaxListeners(0, quit.signal)
  if (drain.aborted) quit.abort()
  drain.addEventListener('abort', () => quit.abort(), { once: true })
  return quit
}

function steps(
  io: Io,
  { mode, flags }: Order,
  { report, quit }: Running,
): NonNullable<RunOptions['step']> {
  const view = { ...viewOf(io, mode, flags), paint: createPaint(hasColor(io.stderr, io.env)) }
  return stepper(io, {
    lend: (ask) => report.lend(ask),
    diffOf: ({ outcomes, ...rest }) =>
      stepDiff(
        { ...rest, outcomes: outcomes.map((each) => redactedEvent(each) as typeof each) },
        view,
      ),
    quit: () => quit.abort(),
  })
}

function engineOptions(io: Io, order: Order, inventory: Inventory, parts: Running): RunOptions {
  const { flags, mode, loaded, record, promise, owed, paysOnly } = order
  const { journal, fold, report, connections, emit } = parts
  const { playbook } = loaded
  const inventories = (flags.inventory ?? []).length > 0 ? inventoryPaths(io, flags.inventory) : []
  return {
    playbook,
    inventory,
    mode,
    connections,
    clock,
    emit,
    run: journal.run,
    note(said) {
      const note = redactedNote(said)
      journal.note(note)
      fold.add(note)
      parts.recorded?.push(note)
    },
    guesses: openGuesses(stateHome(io), flags.stateDir, inventories),
    forks: flags.forks,
    ...(flags.limit === undefined ? {} : { limit: flags.limit }),
    ...(flags.tags ? { tags: flags.tags } : {}),
    ...(flags.skipTags ? { skipTags: flags.skipTags } : {}),
    ...(flags.startAt === undefined ? {} : { startAt: taskAt(playbook, flags.startAt).id }),
    ...(flags.step ? { step: steps(io, order, parts) } : {}),
    ...(record ? { record } : {}),
    ...(promise ? { promise } : {}),
    ...(owed ? { owed } : {}),
    ...(paysOnly ? { paysOnly } : {}),
    batch: flags.batch,
    confirm: io.stdin.isTTY ? confirmer(io, (ask) => report.lend(ask)) : null,
    yes: flags.yes === true,
    confirmed: confirmedIn(playbook, flags.confirm ?? []),
    answers: answersIn(playbook, flags.confirm ?? []),
    ...(order.known ? { known: order.known } : {}),
    ...(order.started === undefined ? {} : { started: order.started }),
    drain: io.drain,
    stop: io.stop,
  }
}

/** Starts what the configuration wants at the end of a run. */
async function tellEnd(order: Order, parts: Parts, exit: number): Promise<void> {
  const onEnd = order.flags.configured?.onEnd
  if (order.mode === 'plan' || !onEnd || (!onEnd.command && !onEnd.webhook)) return
  const { file, title } = order.loaded.playbook
  const run = { run: parts.journal.run, playbook: file, title, mode: order.mode, exit }
  const warn = warnTo(parts.emit)
  for (const message of await afterRun(onEnd, summaryOf(parts.fold, run)))
    warn({
      code: 'config/on-end',
      severity: 'warning',
      message,
      hint: 'the run itself is not affected; trueup config shows where this is configured',
    })
}

function tellMetrics(io: Io, { flags, loaded, mode }: Order, { fold, emit }: Parts): void {
  const { end } = fold.end()
  if (!end) return
  const file = resolve(io.cwd, flags.metrics!)
  try {
    writeMetrics(file, metricsText(loaded.playbook.title, mode, end))
  } catch (error) {
    warnTo(emit)({
      code: 'cli/not-written',
      severity: 'warning',
      message: `the metrics cannot be written to ${file}: ${(error as Error).message}`,
      hint: 'name a file in a folder that you may write to',
    })
  }
}

/** Delivers what the logs outside have not got yet; that they cannot take it never changes how the run ended. */
async function tellLogs({ logs, emit }: Parts): Promise<void> {
  for (const fault of await Promise.all(logs.map((log) => log.close())))
    if (fault !== null)
      warnTo(emit)({
        code: 'run/log-to',
        severity: 'warning',
        message: fault,
        hint: 'the run itself is not affected; `trueup show last` has what it did',
      })
}

async function close(io: Io, flags: RunFlags, parts: Parts): Promise<void> {
  parts.journal.close()
  await parts.report.end()
  await parts.connections.closeAll()
  if (parts.profile) io.stderr.write(parts.profile.text())
  const locks = flags.verbose > 0 ? parts.locks.text() : null
  if (locks !== null) io.stderr.write(`${locks}\n`)
}
