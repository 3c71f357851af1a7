import type { FormatName } from '../text/formats.ts'
import type { Outcome } from './outcome.ts'
import type { Verb } from './playbook.ts'
import type { Diagnostic } from './diagnostic.ts'
import type { Effect } from '../contract/change.ts'
import type { AnyDiff } from '../contract/state.ts'
import type { Value } from '../contract/value.ts'

/** A task as events name it. */
export interface TaskLabel {
  readonly id: string
  readonly verb: Verb
  readonly sentence: string
  readonly type: string | null
  /** `file:line:column`. */
  readonly at: string
  readonly handler: boolean
}

/** A pass of a rolling play. */
export interface PassLabel {
  /** From 1. */
  readonly number: number
  readonly of: number
  /** Where its hosts lie, where `serial` goes by that: `chassis x1000c1`. */
  readonly place?: string
  /** Hosts of the play whose passes are over, and all of them. */
  readonly done: number
  readonly hosts: number
}

/** One change of a plan or an apply, in words. */
export interface ChangeLabel {
  readonly title: string
  /** `destroys` and `replaces` are marked on the screen. */
  readonly effect: Effect | 'none'
  /** What each action is, without secrets: `zypper --non-interactive install podman`. */
  readonly actions: readonly string[]
}

/** A source of the inventory: when it was asked, and whether that was by an earlier command. */
export interface SourceLabel {
  readonly file: string
  readonly at: number
  readonly cached: boolean
}

/** What the engine says as it goes; every output is made of these. Times are milliseconds since the epoch, durations seconds. */
export type Event =
  | {
      readonly type: 'run-started'
      readonly at: number
      readonly run: string
      readonly playbook: string
      readonly file: string
      readonly mode: 'run' | 'plan'
      readonly hosts: number
      readonly sources?: readonly SourceLabel[]
    }
  | {
      readonly type: 'play-started'
      readonly at: number
      readonly play: number
      readonly name: string
      readonly hosts: readonly string[]
      readonly tasks: readonly TaskLabel[]
      readonly pass?: PassLabel
    }
  | {
      readonly type: 'task-started'
      readonly at: number
      readonly play: number
      readonly task: string
      readonly host: string
      readonly doing: string
    }
  | {
      readonly type: 'task-progress'
      readonly at: number
      readonly play: number
      readonly task: string
      readonly host: string
      readonly text: string
      /** The host waits for its turn, and does nothing yet. */
      readonly queued?: true
    }
  | OutcomeEvent
  | {
      readonly type: 'exchange'
      readonly at: number
      readonly play: number
      readonly connection: string
      readonly user: string
      readonly probes: number
      readonly actions: number
      readonly scripts: number
      readonly requests: number
      readonly bytesSent: number
      readonly bytesReceived: number
      readonly seconds: number
      readonly connecting?: number
    }
  | { readonly type: 'warning'; readonly at: number; readonly diagnostic: Diagnostic }
  | { readonly type: 'play-ended'; readonly at: number; readonly play: number }
  | {
      readonly type: 'run-ended'
      readonly at: number
      readonly seconds: number
      readonly totals: Readonly<Record<Outcome, number>>
      readonly failedHosts: readonly string[]
      readonly unreachableHosts: readonly string[]
      readonly changedHosts: readonly string[]
      /** Hosts that began and did not come to the end of their plays, because the run ended early. */
      readonly cutShortHosts: readonly string[]
      /** Hosts for which no task has ended. */
      readonly notBegun: number
      readonly exit: number
      readonly interrupted: boolean
    }

/** Fields whose numbers have a unit. */
export type Units = Readonly<Record<string, FormatName>>

/** The outcome of one task on one host (a loop is one outcome with items). */
export interface OutcomeEvent {
  readonly type: 'outcome'
  readonly at: number
  readonly play: number
  readonly task: string
  readonly host: string
  readonly outcome: Outcome
  /** Why: the condition that was false, "unknown until …", "waits for …". */
  readonly reason?: string
  /** `as read now`: read behind a pending change of this host. */
  readonly basis: 'known' | 'as read now'
  /** A plan does not know what the task will do, and it may destroy something. */
  readonly mayDestroy?: true
  readonly diff?: AnyDiff
  /** What the numbers of the diff's fields count, where that is not a number of things. */
  readonly units?: Units
  readonly changes?: readonly ChangeLabel[]
  /** The host's own words and ours, when it failed. */
  readonly error?: Diagnostic
  /** The value that `print` shows. */
  readonly shown?: Value
  /** What its commands said. */
  readonly said?: readonly Said[]
  /** Its errors are ignored by the playbook. */
  readonly ignored?: boolean
  /** It failed inside a block whose `rescue` follows: the host goes on, and has not failed. */
  readonly rescued?: boolean
  readonly items?: readonly {
    readonly item: Value
    /** How the playbook names it. */
    readonly label?: string
    readonly said?: readonly Said[]
    readonly outcome: Outcome
    readonly reason?: string
    readonly mayDestroy?: true
    readonly diff?: AnyDiff
    readonly units?: Units
    readonly changes?: readonly ChangeLabel[]
    readonly error?: Diagnostic
  }[]
  readonly seconds: number
  /** Seconds before these for which the host waited for its turn: for one of the places that `--forks` gives, or for a connection that another host used. */
  readonly queued?: number
}

/** What a command or a service said; of a long text its end. */
export interface Said {
  /** The command, or the request. */
  readonly of: string
  readonly stdout?: string
  readonly stderr?: string
}

/** Receives each event. */
export type Listener = (event: Event) => void
