import type { Ending, OutputListener, RemoteProcess } from '../transport.ts'
import type { Frame } from './frame-readings.ts'

/** How the shell is reached that a script runs in: as the login user, or through sudo. */
export interface Entry {
  /** The command line for a script of so many bytes. */
  command(bytes: number): string
  /** Answers what stands before the shell (sudo's prompt); resolves when the script may be written. */
  admit?(talk: Talk): Promise<void>
  /** Why the shell was never reached: throws DiagnosticError, or returns when it has nothing to say. */
  refuse(said: string, ending: Ending): void
}
/** A conversation with a process before its script: what it says is heard by the last listener. */
export interface Talk {
  readonly name: string
  readonly process: RemoteProcess
  listen(to: OutputListener): void
}
/** How a script ended, and what it answered. */
export interface Run {
  readonly frames: ReadonlyMap<number, Frame>
  /** Guards that did not hold. */
  readonly moved: ReadonlySet<number>
  /** `end`: whole. Otherwise the unit with number `at` hangs, floods, or was running when the shell ended. */
  readonly stop: 'end' | 'stuck' | 'flood' | 'died'
  readonly at: number
  /** How the shell ended, where it died. */
  readonly ending: Ending | null
  readonly sent: number
  readonly received: number
}
