import type { Listener } from '../model/event.ts'
import type { Layout } from '../report/diagnostics.ts'
import type { Interrupt } from '../model/session.ts'

/** What a command may touch of the process that it runs in. */
export interface Io {
  readonly stdout: NodeJS.WriteStream
  readonly stderr: NodeJS.WriteStream
  readonly stdin: NodeJS.ReadStream
  readonly env: NodeJS.ProcessEnv
  /** Relative paths are the user's: they begin here. */
  readonly cwd: string
  /** Aborted when the run should begin nothing new, and when it should stop at once. */
  readonly drain: Interrupt
  readonly stop: Interrupt
  /** Lets a signal abort those two until what is returned is called; else a signal ends the process. */
  readonly listen?: () => () => void
  /** Why output cannot be written any more; null while it can. */
  readonly lostOutput?: () => string | null
  /** How this program is started again, for what outlives it; absent: nothing does. */
  readonly program?: readonly string[] | undefined
  /** Hears every event of a run besides the report. */
  readonly hear?: Listener
  /** Where guesses and run logs go when the command does not say. */
  readonly stateFolder?: string
  /** The system's configuration file; `/etc/trueup/config.yaml` when absent. */
  readonly systemConfig?: string
}

/** Whether output to a stream has colour: NO_COLOR and TERM=dumb forbid it, FORCE_COLOR asks for it. */
export function hasColor(stream: NodeJS.WriteStream, env: NodeJS.ProcessEnv): boolean {
  if (env['NO_COLOR']) return false
  if (env['FORCE_COLOR']) return env['FORCE_COLOR'] !== '0' && env['FORCE_COLOR'] !== 'false'
  return stream.isTTY === true && env['TERM'] !== 'dumb'
}

/** Columns that output to a stream has. */
export function widthOf(stream: NodeJS.WriteStream, env: NodeJS.ProcessEnv): number {
  if (stream.isTTY && stream.columns > 0) return stream.columns
  const given = Number(env['COLUMNS'])
  return Number.isInteger(given) && given >= 20 ? given : 100
}

/** How diagnostics are laid out on a stream. */
export function layoutOf(io: Io, stream: NodeJS.WriteStream): Layout {
  return { color: hasColor(stream, io.env), width: widthOf(stream, io.env), folder: io.cwd }
}
