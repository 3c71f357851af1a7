import { DiagnosticError } from '../model/diagnostic.ts'
import type { Listener } from '../model/event.ts'
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
  const told = Number(env['COLUMNS'])
  return stream.isTTY && stream.columns > 0
    ? stream.columns
    : Number.isInteger(told) && told >= 20
      ? told
      : 100
}

/** Asks on the terminal; with `hidden`, what is typed does not show. Null when there is no terminal to ask on, or no answer. Rejects when the question is answered with Ctrl-C. */
export async function askLine(
  io: Io,
  question: string,
  options: { readonly hidden?: true } = {},
): Promise<string | null> {
  if (!io.stdin.isTTY || !io.stderr.isTTY) return null
  const { createInterface } = await import('node:readline')
  const { Writable } = await import('node:stream')
  io.stderr.write(question)
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() })
  const lines = createInterface({
    input: io.stdin,
    output: options.hidden ? silent : io.stderr,
    terminal: true,
  })
  try {
    return await new Promise<string | null>((resolve, reject) => {
      lines.once('line', resolve)
      // Who is told to end does not wait for an answer.
      io.drain.addEventListener('abort', () => resolve(null), { once: true })
      if (io.drain.aborted) resolve(null)
      lines.once('SIGINT', () => {
        io.stderr.write('\n')
        // A terminal that is read key by key sends no signal: whoever listens for one is told before anything goes on.
        process.emit('SIGINT')
        reject(
          new DiagnosticError({
            code: 'run/interrupted',
            message: 'interrupted',
            hint: 'nothing further was begun',
          }),
        )
        lines.close()
      })
      lines.once('close', () => resolve(null))
    })
  } finally {
    lines.close()
    if (options.hidden) io.stderr.write('\n')
  }
}
