import { DiagnosticError } from '../model/diagnostic.ts'
import type { Interrupt } from '../model/session.ts'

/** A way to run a command line on a host: local or ssh. One connection, shared by all become users. */
export interface Transport {
  /** The host's name, for messages. */
  readonly name: string
  /** Why no secret may be sent over it, absent or null where nothing speaks against it. */
  readonly withheld?: string | null
  /**
   * Runs `command`, which must be one line that means the same to sh, csh and fish login shells. Rejects with
   * Unreachable when the connection is refused or lost, and when `signal` was aborted before it began. What has begun is
   * ended by its `kill` alone. Output that comes before `listen` is kept.
   */
  start(command: string, signal?: Interrupt): Promise<RemoteProcess>
  /** Starts a command that nothing waits for yet; null where the host has no place for it now. A transport may lack this. */
  startAhead?(command: string): Promise<StartedAhead | null>
  /** Ends the connection and whatever runs over it; leaves no socket and no timer. */
  close(): Promise<void>
}

/** A running command and its three streams. */
export interface RemoteProcess {
  /** Resolves when it may go on (back-pressure); rejects with Unreachable when the connection is lost. After the command's end it resolves and the bytes are dropped. */
  write(bytes: Uint8Array): Promise<void>
  /** Closes its standard input. */
  end(): void
  /** Who hears what it prints; asked for once. Everything it printed before its end was heard before `ended` resolves, as far as the host sent it. */
  listen(listener: OutputListener): void
  /**
   * How it ended; the code is null when a signal killed it. Resolves on its exit, though children may still hold its
   * output. Rejects with Unreachable (`midway: true`) when the connection was lost.
   */
  readonly ended: Promise<Ending>
  /**
   * Kills it with its process group, then lets go of its streams. OpenSSH passes no signal on to a session of root
   * ("session signalling requires privilege separation", measured on 9.2), so a command must also end itself, with its
   * group, when its standard input ends without a word.
   */
  kill(): void
  /** Bytes of its standard input sent, and of its output received. */
  counted(): { readonly sent: number; readonly received: number }
}

/** A command that was started before it was needed. Its input ends as soon as another command needs its place. */
export interface StartedAhead {
  readonly process: RemoteProcess
  /** Keeps its place from now on. False where it has ended, or lost its place. */
  use(): boolean
}

/** Hears the output of a command as it comes. */
export interface OutputListener {
  stdout(bytes: Uint8Array): void
  stderr(bytes: Uint8Array): void
}

/** How a command ended: by itself with a code, or by a signal (`KILL`, without `SIG`). */
export interface Ending {
  readonly code: number | null
  readonly signal: string | null
}

/** The refusal to send a secret to a host whose key is not the known one. */
export function withheldError(host: string, why: string, what: string): DiagnosticError {
  return new DiagnosticError({
    code: 'connect/secret-withheld',
    host,
    message: `${why}, so ${what}`,
    hint: 'find out why the host key changed, and put the right key into known_hosts',
  })
}
