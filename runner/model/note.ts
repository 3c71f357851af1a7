import type { Value } from '../contract/value.ts'

/** How a host left a play (or a pass of it): at its end, after a failure, unreachable, or because the run was ended early. */
export type Leaving = 'done' | 'failed' | 'unreachable' | 'stopped'

interface OfTask {
  readonly at: number
  readonly play: number
  readonly task: string
  readonly host: string
}

/**
 * What a run log keeps beside events: what a later run must know to run the handlers that this one left pending. The
 * listener writes a note down before the run goes on.
 */
export type Note =
  /** Said before an apply is sent: if no outcome follows, it may have been done, and these handlers are owed. */
  | (OfTask & {
      readonly type: 'acting'
      readonly on: { readonly host: string; readonly user: string | null } | null
      readonly actions: readonly string[]
      readonly notify: readonly string[]
    })
  /** What a named action printed or answered. */
  | (OfTask & { readonly type: 'action-output'; readonly name: string; readonly output: Value })
  /** A change was made: the host owes these handlers of the play. */
  | (OfTask & { readonly type: 'notified'; readonly handlers: readonly string[] })
  | (OfTask & { readonly type: 'registered'; readonly name: string; readonly value: Value })
  | {
      readonly type: 'host-left'
      readonly at: number
      readonly play: number
      readonly host: string
      readonly how: Leaving
    }

/** Writes notes down. */
export type Notary = (note: Note) => void
