import { randomBytes } from 'node:crypto'
import { hostname, userInfo } from 'node:os'
import type { Playbook } from '../model/playbook.ts'
import type { Diagnostic } from '../model/diagnostic.ts'
import type { Listener } from '../model/event.ts'
import type { Notary } from '../model/note.ts'
import { Secret } from '../contract/secret.ts'
import { describePlaybook } from './describe-run.ts'
import { beganOf } from './process-identity.ts'
import { logVersion, type Header } from '../model/record.ts'
import type { Retention } from './retention.ts'
import { writeRunLog } from './write-log.ts'

/** The log of a run that goes on. */
export interface Journal {
  readonly run: string
  /** What the log begins with, also where no log is kept. */
  readonly header: Header
  /** The run as other runs name it: `run ID of user@controller, pid N`. */
  readonly who: string
  readonly hear: Listener
  readonly note: Notary
  close(): void
}

/** What the journal needs to know of a run. */
export interface JournalOptions extends Pick<
  Header,
  | 'mode'
  | 'inventory'
  | 'limit'
  | 'tags'
  | 'skipTags'
  | 'startAt'
  | 'trueup'
  | 'groups'
  | 'approved'
> {
  /** The folder of the run logs; null: no log is kept. */
  readonly folder: string | null
  readonly playbook: Playbook
  readonly env: Readonly<Record<string, string | undefined>>
  /** The saved plan that this run applies. */
  readonly plan?: string
  /** The run that this run resumes. */
  readonly resumes?: string
  /** Other runs whose debts it takes over. */
  readonly alsoPays?: readonly string[]
  readonly now: number
  readonly retention: Retention
  warn(diagnostic: Diagnostic): void
}

/** Opens the log of a run. Nothing is written before the run starts. */
export function openJournal(options: JournalOptions): Journal {
  const header = headerOf(options)
  const log =
    options.folder === null
      ? null
      : writeRunLog(
          { folder: options.folder, name: `${header.run}.jsonl`, retention: options.retention },
          header,
          options.warn,
        )
  return {
    run: header.run,
    header,
    who: `run ${header.run} of ${header.user}@${header.controller}, pid ${header.pid}`,
    hear: (event) => log?.hear(event),
    note: (note) => log?.note(note),
    close: () => log?.close(),
  }
}

function headerOf(options: JournalOptions): Header {
  const { playbook, now } = options
  const isSecret = (name: string): boolean => playbook.inputs[name] instanceof Secret
  const inputs = Object.keys(playbook.inputs)
  return {
    type: 'header',
    format: 'trueup-run',
    version: logVersion,
    run: nameAt(now),
    at: now,
    trueup: options.trueup,
    user: userName(options.env),
    controller: hostname(),
    pid: process.pid,
    began: beganOf(process.pid),
    mode: options.mode,
    plan: options.plan ?? null,
    resumes: options.resumes ?? null,
    ...(options.alsoPays && options.alsoPays.length > 0 ? { alsoPays: options.alsoPays } : {}),
    playbook: describePlaybook(playbook),
    inventory: options.inventory,
    inputs: Object.fromEntries(
      inputs.filter((name) => !isSecret(name)).map((name) => [name, playbook.inputs[name]!]),
    ),
    secretInputs: inputs.filter(isSecret),
    limit: options.limit,
    tags: options.tags,
    skipTags: options.skipTags,
    ...(options.startAt === undefined ? {} : { startAt: options.startAt }),
    ...(options.groups === undefined ? {} : { groups: options.groups }),
    ...(options.approved === undefined ? {} : { approved: options.approved }),
  }
}

/** The name of a run: names in the order of the alphabet are in the order of time. */
function nameAt(now: number): string {
  const time = new Date(now).toISOString().slice(0, 23).replace(/[-:]/g, '').replace(/[T.]/g, '-')
  return `${time}${randomBytes(2).toString('hex')}`
}

/** The person who typed the command. */
export function userName(env: JournalOptions['env']): string {
  try {
    // Behind sudo, an operator wants to know who typed the command.
    return env['SUDO_USER'] ?? userInfo().username
  } catch {
    return env['USER'] ?? 'unknown'
  }
}
