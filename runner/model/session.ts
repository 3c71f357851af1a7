import type { Action, AwaitAction, RefuseAction } from '../contract/change.ts'
import type { Host } from './host.ts'
import type { Answered, Probe } from '../contract/probe.ts'
import type { Secret } from '../contract/secret.ts'

/** What one script, or one set of requests, carries: first the apply, then the probes. */
export interface Exchange {
  readonly apply?: Apply
  readonly probes: readonly Probe[]
  /** Hears how far a probe is that says so while it works. */
  progress?(probe: Probe, text: string): void
  /** Ends the exchange early; the remote process group is killed. */
  readonly signal?: Interrupt
  /** Ends a wait for another run's lock, before anything is done: rejects with Interrupted. */
  readonly drain?: Interrupt
}
/** The write half: the guards are repeated and compared, and only when all of them hold do the actions begin. */
export interface Apply {
  readonly guards: readonly Guard[]
  readonly actions: readonly WorldAction[]
  /** Marks of changes by other runs that were known when this was decided: behind any other mark nothing is done. */
  readonly after?: readonly string[]
  /** The mark of this run's last change through the session: any other of its own is one of which no answer came. */
  readonly own?: string
  /** Hears how far a guard is that says so while it works. */
  progress?(probe: Probe, text: string): void
}
/** A probe and the answer that a change was decided on. */
export interface Guard {
  readonly probe: Probe
  readonly expected: Answered
}
/** The actions that reach a host or a service (`await` and `refuse` stay in the engine). */
export type WorldAction = Exclude<Action, AwaitAction | RefuseAction>

/** How an action ended. A failed one is the last of its list. */
export interface ActionResult {
  readonly ok: boolean
  /** A command's exit, or a request's status. */
  readonly code?: number
  readonly stdout: string | Secret
  readonly stderr: string
  /** Why it failed, in words: `exit 4`, `no space left on /`. */
  readonly message?: string
}
/** What came back. `readings` are in the order of the exchange's probes; after a moved guard no action was done. */
export interface Answer {
  readonly moved?: { readonly guard: Guard; readonly found: Answered }
  readonly actions: readonly ActionResult[]
  readonly readings: readonly Answered[]
  readonly cost: Cost
  /**
   * Another run has made a change here, perhaps since this was decided: the mark of that change; without a mark the decision had
   * grown old. Nothing was done.
   */
  readonly overtaken?: string
  /** The mark that this change has left, where the lock was on the host. */
  readonly mark?: string
  /** What ended the exchange after its first action: the actions were done all the same, and nothing behind them was read. */
  readonly broken?: unknown
}
/** What an exchange cost, so that budgets can be counted. */
export interface Cost {
  readonly scripts: number
  readonly requests: number
  readonly bytesSent: number
  readonly bytesReceived: number
}

/** One connection and one become user (or one service). Exchanges may run at the same time; the session queues what it must. */
export interface Session {
  /** Rejects with Unreachable when the connection is lost, or DiagnosticError when the user cannot be become. */
  exchange(exchange: Exchange): Promise<Answer>
}

/** The part of an AbortSignal that the contract names, so that it needs no platform. */
export interface Interrupt {
  readonly aborted: boolean
  addEventListener(type: 'abort', listener: () => void, options?: { readonly once?: boolean }): void
  removeEventListener(type: 'abort', listener: () => void): void
}

/** Where a session leads. */
export type Endpoint = { readonly host: Host } | { readonly service: string | null }
/** Another user, by sudo. */
export interface Become {
  readonly user: string
}
/** The connections of a run: what `connect/` gives to the engine. */
export interface Connections {
  /** Opens the connection on first use. Rejects with Unreachable, or DiagnosticError for a refused host key. */
  session(endpoint: Endpoint, become: Become | null): Promise<Session>
  /** Begins to open a host's connection, of which its next session will be; what goes wrong is that session's to tell. */
  prepare?(host: Host): void
  /** Closes a host's connection; the next session opens it again. */
  release(host: Host): Promise<void>
  /** This run has booted the host: under `new-after-boot` it may present a new key, once. */
  booted?(host: Host): void
  closeAll(): Promise<void>
}

/** A host or a service could not be reached, or the connection was lost. */
export class Unreachable extends Error {
  readonly host: string
  readonly hint: string | undefined
  /** Whether something had been sent: then an action may have been done. */
  readonly midway: boolean

  constructor(host: string, message: string, options: { hint?: string; midway?: boolean } = {}) {
    super(message)
    this.name = 'Unreachable'
    this.host = host
    this.hint = options.hint
    this.midway = options.midway ?? false
  }
}

/** The run was ended early, while a task waited for its turn to act, or for what it had begun. */
export class Interrupted extends Error {
  /** Whether the task had begun: then it has an outcome. */
  readonly begun: boolean

  constructor(message: string, { begun }: { readonly begun: boolean }) {
    super(message)
    this.name = 'Interrupted'
    this.begun = begun
  }
}

/** Time as the engine sees it; tests give a virtual one. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number
  sleep(milliseconds: number, signal?: Interrupt): Promise<void>
}
