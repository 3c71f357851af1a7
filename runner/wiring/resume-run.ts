import { DiagnosticError } from '../model/diagnostic.ts'
import type { Header } from '../model/record.ts'
import { countOf } from '../text/count.ts'
import { foldNames } from '../text/host-ranges.ts'
import { distrust } from '../files/trust.ts'
import { readInventoryFiles } from '../inventory/inventory-files.ts'
import { describeInventory, describePlaybook, whatChanged } from '../journal/describe-run.ts'
import { foldLog, type StoppedAt } from '../journal/outcome-of-log.ts'
import { findRun, readLog } from '../journal/read-log.ts'
import { owingHosts, stillOwed, unpaidRuns, type UnpaidRun } from '../journal/owed-handlers.ts'
import {
  checkAlone,
  checkResumable,
  resumptionOf,
  waitForBegun,
  type Resumable,
  type Resumption,
} from '../journal/resume.ts'
import { runsFolder } from '../journal/state-folder.ts'
import { inputWords } from '../playbook/given-inputs.ts'
import { tasksOf, type Playbook } from '../model/playbook.ts'
import { registersIn } from '../journal/registers.ts'
import { lastingName, taskAt } from '../playbook/targets.ts'
import { runAgain } from '../report/next-command.ts'
import { cleanLine } from '../report/screen-text.ts'
import { checkStep } from './ask.ts'
import { wasAtOnce } from './at-once-name.ts'
import { carryOut } from './carry-out.ts'
import type { ResumeFlags, RunFlags } from './flags.ts'
import type { Io } from './io.ts'
import { loadForRun, type Loaded } from './load-all.ts'
import { stateHome } from './trust-of-user.ts'

/** How many other runs whose debts are paid are named. */
const mostNamed = 5

/** `trueup resume RUN`: pays the handlers that each host owes, then runs the playbook over the hosts that were not done. */
export async function resumeRun(io: Io, word: string, flags: ResumeFlags): Promise<number> {
  const found = findResumable(io, word, flags)
  const { header, records, cut, folder } = found
  const say = (line: string): void => void io.stderr.write(`${cleanLine(line)}\n`)
  if (cut)
    say('the last line of the log was not written whole: the run was killed while it wrote it')
  const kept = keptFlags(header, flags)
  const loaded = await loadForRun(io, header.playbook.file, kept)
  const { playbook, inventory } = loaded
  if (kept.startAt !== undefined) taskAt(playbook, kept.startAt)
  checkStep(io, kept.step)
  const changes = changesSince(header, loaded)
  for (const change of changes) say(`since run ${header.run}: ${change}`)
  if (flags.strict && changes.length > 0) throw changedSince(header.run)

  const folded = foldLog(records)
  const unpaid = unpaidRuns(folder, header.playbook.file).filter(({ run }) => run !== header.run)
  const { limit } = kept
  const { hosts, lost, owed } = dueOf(found, { folded, playbook, inventory, limit, unpaid })
  for (const line of [...debtsTakenOver(unpaid), ...lost]) say(line)
  if (hosts.length === 0) {
    say(`run ${header.run} was done on every host, and no host owes a handler`)
    return 0
  }
  if (header.plan !== null)
    say(`run ${header.run} applied a saved plan: its handlers run, and nothing else`)
  say(`resuming run ${header.run} on ${countOf(hosts.length, 'host')}: ${foldNames(hosts, 200)}`)
  const startAt = questionAt(playbook, folded.stoppedAt) ?? kept.startAt
  if (startAt !== undefined && startAt !== kept.startAt)
    say(`it begins where a person was asked: ${folded.stoppedAt!.sentence}`)
  const limited: RunFlags = {
    ...kept,
    limit: foldNames(hosts, Number.POSITIVE_INFINITY),
    ...(startAt === undefined ? {} : { startAt }),
  }
  return carryOut(io, {
    mode: 'run',
    loaded,
    flags: limited,
    again: runAgain({
      playbook: header.playbook.file,
      shape: limited,
      inputs: inputWords(flags.extraVars ?? [], playbook.inputs),
      folder: io.cwd,
    }),
    resumes: header.run,
    ...(header.plan === null ? {} : { plan: header.plan, paysOnly: true as const }),
    ...(startAt === undefined ? {} : { known: registersIn(records) }),
    alsoPays: unpaid.map(({ run }) => run),
    owed,
    before: (connections, all) =>
      waitForBegun(
        [folded, ...unpaid.map((each) => each.folded)].flatMap(({ begun }) => begun),
        connections,
        all,
      ),
  })
}

/** A run that is to be resumed. */
interface Found extends Pick<ReturnType<typeof readLog>, 'header' | 'records' | 'cut'> {
  readonly folder: string
  /** What it owes; null where it says nothing of handlers. */
  readonly own: UnpaidRun | null
}

/** Finds the run that the words name. Throws DiagnosticError when it cannot be resumed. */
function findResumable(io: Io, word: string, flags: ResumeFlags): Found {
  const home = stateHome(io)
  const folder = runsFolder(home, flags.stateDir)
  const brief = findRun(folder, word, ({ header }) => header.mode === 'run')
  const others = distrust(home.trust, 'the run log', brief.file)
  if (others) throw new DiagnosticError(others)
  const { header, records, cut } = readLog(brief.file)
  const own = stillOwed(folder, brief)
  checkResumable(header, brief.state === 'running', own !== null && owingHosts(own).length > 0)
  if (wasAtOnce(header.playbook.file)) throw notAPlaybook(header)
  checkAlone(folder, header.run)
  return { header, records, cut, folder, own }
}

/** What is due, and on which hosts. What a saved plan does not show is not done: of an applied one only the debts are paid. */
function dueOf({ header, own }: Found, run: Resumable): Resumption {
  const due = resumptionOf({ ...run, ...(own ? { owed: own.owed } : {}) })
  if (header.plan === null) return due
  const owes = (host: string): boolean =>
    run.playbook.plays.some((_play, index) => due.owed(index, host).length > 0)
  return { ...due, hosts: due.hosts.filter(owes) }
}

/** The words that find the question at which a run ended, in the playbook as it is now; undefined where it is not one of its tasks. */
function questionAt(playbook: Playbook, at: StoppedAt | null): string | undefined {
  if (at === null) return undefined
  const tasks = playbook.plays.flatMap((play) => [...tasksOf(play.tasks)])
  const same = tasks.filter((task) => task.verb === 'confirm' && task.sentence === at.sentence)
  const found = same.length === 1 ? same[0] : same.find((task) => task.id === at.task)
  return found && lastingName(playbook, String(tasks.indexOf(found) + 1))
}

function debtsTakenOver(unpaid: readonly UnpaidRun[]): readonly string[] {
  const others = unpaid.length - mostNamed
  return [
    ...unpaid
      .slice(0, mostNamed)
      .map(({ run }) => `run ${run} left handlers unpaid too: this run pays them`),
    ...(others > 0 ? [`so did ${countOf(others, 'earlier run')}: this run pays them too`] : []),
  ]
}

/** The options of the run that is resumed, with those of this command. */
function keptFlags(header: Header, flags: ResumeFlags): RunFlags {
  return {
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
}

function changesSince(header: Header, { playbook }: Loaded): readonly string[] {
  const { paths } = header.inventory
  const { files } = paths.length > 0 ? readInventoryFiles(paths) : { files: [] }
  return whatChanged(header, {
    playbook: describePlaybook(playbook),
    inventory: describeInventory(paths, files),
  })
}

function notAPlaybook({ run, playbook }: Header): DiagnosticError {
  return new DiagnosticError({
    code: 'run/not-resumable',
    message: `run ${run} was one command, and not a playbook: ${playbook.title}`,
    hint: 'type the command again; `trueup show` shows what it did',
  })
}

function changedSince(run: string): DiagnosticError {
  return new DiagnosticError({
    code: 'run/changed-since',
    message: `the playbook or the inventory changed after run ${run}`,
    hint: 'resume without --strict to go on with what is there now, or start again with `trueup run`',
  })
}
