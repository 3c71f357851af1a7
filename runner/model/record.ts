import type { Event } from './event.ts'
import type { Note } from './note.ts'
import type { Value } from '../contract/value.ts'

/** Changed when old logs can no longer be resumed; older versions are read as far as they go. */
export const logVersion = 2

/** A file that a run was made from. */
export interface Source {
  readonly file: string
  readonly sha256: string
}
/** A task of the playbook as it was; `digest` differs when it asks for something else. */
export interface Outline {
  readonly play: string
  readonly verb: string
  readonly sentence: string
  readonly digest: string
}

/** The first record: who ran what, where and with what. */
export interface Header {
  readonly type: 'header'
  readonly format: 'trueup-run'
  readonly version: number
  readonly run: string
  readonly at: number
  readonly trueup: string
  readonly user: string
  readonly controller: string
  readonly pid: number
  /** When that process began, as its kernel counts; null where it does not tell. */
  readonly began: string | null
  readonly mode: 'run' | 'plan'
  /** `apply`: the saved plan that was kept. */
  readonly plan: string | null
  /** The run that this one went on with. */
  readonly resumes: string | null
  /** Other runs that left handlers unpaid, and whose debts this one has taken over. */
  readonly alsoPays?: readonly string[]
  readonly playbook: {
    readonly file: string
    readonly title: string
    readonly sources: readonly Source[]
    readonly tasks: readonly Outline[]
    /** The names of its plays; logs of older versions do not tell. */
    readonly plays?: readonly string[]
  }
  readonly inventory: { readonly paths: readonly string[]; readonly files: readonly Source[] }
  /** Without the secret ones. */
  readonly inputs: Readonly<Record<string, Value>>
  readonly secretInputs: readonly string[]
  readonly limit: string | null
  readonly tags: readonly string[] | null
  readonly skipTags: readonly string[] | null
  /** The task that the run began with, as it was given; logs of older runs do not tell. */
  readonly startAt?: string
  /** Groups of the hosts whose names do not say where they are. */
  readonly groups?: Readonly<Record<string, readonly string[]>>
  /** `apply`: what is known of the saved plan. */
  readonly approved?: PlanOrigin
}

/** Where a saved plan is from. */
export interface PlanOrigin {
  readonly sha256: string
  /** ISO time at which it was made. */
  readonly made: string
  /** Who approved it by a signature; null where no approval was demanded. */
  readonly by: string | null
}

type KeptEvent = Extract<
  Event,
  {
    type:
      | 'run-started'
      | 'play-started'
      | 'outcome'
      | 'exchange'
      | 'warning'
      | 'play-ended'
      | 'run-ended'
  }
>
/** One line of a run log; `n` counts them from 0. */
export type LogRecord = { readonly n: number } & (Header | KeptEvent | Note)

/** Whether an event is kept: what only shows progress is not. */
export function isKept(event: Event): event is KeptEvent {
  return event.type !== 'task-started' && event.type !== 'task-progress'
}

/** The command that a run was. */
export function commandOfRun({ plan, resumes, mode }: Header): 'run' | 'plan' | 'apply' | 'resume' {
  if (plan !== null) return 'apply'
  return resumes === null ? mode : 'resume'
}
