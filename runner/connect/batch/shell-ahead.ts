import type { RemoteProcess, StartedAhead, Transport } from '../transport.ts'
import { waitingCommand } from './start-command.ts'

/**
 * A shell that waits on the host for the next script. Its channel and its start are two round trips, which pass while the script
 * before it acts. It has read nothing and does nothing until it is taken.
 */
export interface ShellAhead {
  /** Starts it, unless one waits already. */
  begin(): void
  /** The shell that waits, or is about to; null where none was started. It gets the length of a script as a line, then the script. */
  take(): Promise<RemoteProcess | null>
}

/** The shells that a transport starts ahead; null where it does not. */
export function shellAhead(transport: Transport): ShellAhead | null {
  if (!transport.startAhead) return null
  let next: Promise<StartedAhead | null> | null = null
  return {
    begin() {
      // What goes wrong here goes wrong again when a script is sent, and is said then.
      next ??= transport.startAhead!(waitingCommand).catch(() => null)
    },
    async take() {
      const taken = next
      next = null
      const started = await taken
      return started?.use() ? started.process : null
    },
  }
}
