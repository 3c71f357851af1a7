import { randomBytes } from 'node:crypto'
import { hostname, userInfo } from 'node:os'
import { tasksOf, type Playbook } from '../model/playbook.ts'
import { parseDuration } from '../text/duration.ts'
import { DiagnosticError, type Diagnostic } from '../model/diagnostic.ts'
import type { Listener } from '../model/event.ts'
import type { Notary } from '../model/note.ts'
import { Secret } from '../contract/secret.ts'
import type { HostLocks } from '../connect/apply/lock.ts'
import { lockHere } from '../connect/apply/lock-here.ts'
import { countOf } from '../text/count.ts'
import type { RunFlags } from '../cli/flags.ts'
import type { Io } from '../cli/io.ts'
import { locksFolder, runsFolder } from './state-folder.ts'
import { taskAt } from '../cli/targeting.ts'
import { version } from '../cli/version.ts'
import { describePlaybook, describeInventory, inventoryPaths } from './describe-run.ts'
import { beganOf } from './process-identity.ts'
import { logVersion, type Header } from './record.ts'
import { writeRunLog } from './write-log.ts'

/** What keeps a run from being forgotten, and from meeting another one. */
export interface Journal {
  readonly run: string
  readonly hear: Listener
  readonly note: Notary
  readonly locks: HostLocks
  /** Where the locks of this run were, in words; null when it needed none. */
  locksText(): string | null
  close(): void
}

/** What a journal is told of the run that it is of. */
export interface JournalOptions {
  readonly io: Io
  readonly mode: 'run' | 'plan'
  readonly playbook: Playbook
  readonly flags: RunFlags
  /** Where the playbook and the inventory lie that the log names. */
  readonly plan?: string
  readonly resumes?: string
  readonly now: number
  warn(diagnostic: Diagnostic): void
}

/** Begins the log of a run; nothing is written before the run starts. */
export function openJournal(options: JournalOptions): Journal {
  const { io, mode, playbook, flags, now, warn } = options
  // Sorted by name they are sorted by time.
  const run = `${new Date(now).toISOString().slice(0, 23).replace(/[-:]/g, '').replace(/[T.]/g, '-')}${randomBytes(2).toString('hex')}`
  const header: Header = {
    type: 'header',
    format: 'trueup-run',
    version: logVersion,
    run,
    at: now,
    trueup: version(),
    user: userName(io),
    controller: hostname(),
    pid: process.pid,
    began: beganOf(process.pid),
    mode,
    plan: options.plan ?? null,
    resumes: options.resumes ?? null,
    playbook: describePlaybook(playbook),
    inventory: describeInventory(inventoryPaths(io.cwd, flags.inventory)),
    inputs: Object.fromEntries(
      Object.entries(playbook.inputs).filter(([, value]) => !(value instanceof Secret)),
    ),
    secretInputs: Object.keys(playbook.inputs).filter(
      (name) => playbook.inputs[name] instanceof Secret,
    ),
    limit: flags.limit ?? null,
    tags: flags.tags ?? null,
    skipTags: flags.skipTags ?? null,
    ...(flags.startAt === undefined ? {} : { startAt: lastingName(playbook, flags.startAt) }),
  }
  const log =
    flags.log === false
      ? null
      : writeRunLog({ folder: runsFolder(io, flags), name: `${run}.jsonl` }, header, warn)
  const found = new Map<string, 'host' | 'controller'>()
  const who = `run ${run} of ${header.user}@${header.controller}, pid ${process.pid}`
  const patience = patienceOf(flags)
  const waiting = (host: string, holder: string): void =>
    warn({
      code: 'connect/lock-waiting',
      severity: 'warning',
      host,
      message: `waiting for another run that is at work there: ${holder}`,
      hint: `it is waited for ${patience}s; --lock-timeout changes that`,
    })
  let unusable = false
  return {
    run,
    hear: (event) => log?.hear(event),
    note: (note) => log?.note(note),
    locks: {
      who,
      patience,
      waiting,
      takeHere: (host) =>
        lockHere(host, {
          folder: locksFolder(io, flags),
          who,
          patience,
          waiting,
          unusable(why) {
            if (unusable) return
            unusable = true
            warn({
              code: 'connect/lock-none',
              severity: 'warning',
              message: `no lock can be kept on this controller: ${why}`,
              hint: 'hosts that have flock are locked all the same; name another folder with --state-dir',
            })
          },
        }),
      locked: (host, where) => void found.set(host, where),
    },
    locksText() {
      const there = [...found.values()].filter((where) => where === 'host').length
      const here = found.size - there
      const parts = [
        ...(there > 0 ? [`on ${countOf(there, 'host')}, by flock`] : []),
        ...(here > 0 ? [`on this controller for ${countOf(here, 'host')} without flock`] : []),
      ]
      return parts.length > 0 ? `locks were held ${parts.join('; ')}` : null
    },
    close: () => log?.close(),
  }
}

/** The sentence of the task that a run begins with: a number may be another task's when the playbook has changed. */
function lastingName(playbook: Playbook, startAt: string): string {
  const { sentence } = taskAt(playbook, startAt)
  return playbook.plays
    .flatMap((play) => [...tasksOf(play.tasks)])
    .filter((task) => task.sentence === sentence).length === 1
    ? sentence
    : startAt
}

function patienceOf({ lockTimeout = '30s' }: RunFlags): number {
  const seconds = parseDuration(lockTimeout)
  if (seconds === null)
    throw new DiagnosticError({
      code: 'cli/duration',
      message: `--lock-timeout ${lockTimeout} is no duration`,
      hint: 'write it as 30s or 10m; 0s refuses at once',
    })
  return seconds
}

function userName(io: Io): string {
  try {
    // Behind sudo, who typed it is what an operator wants to know.
    return io.env['SUDO_USER'] ?? userInfo().username
  } catch {
    return io.env['USER'] ?? 'unknown'
  }
}
