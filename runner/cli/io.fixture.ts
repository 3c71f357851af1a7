import { PassThrough } from 'node:stream'
import type { Event } from '../model/event.ts'
import { execute } from './execute.ts'
import type { Io } from '../wiring/io.ts'

/** What a command line said, and how it ended. */
export interface Ended {
  readonly exit: number
  readonly out: string
  readonly err: string
  readonly events: readonly Event[]
}

/** Runs a command line without a terminal, with a state folder of its own. */
export async function typed(
  argv: readonly string[],
  more: Partial<Io> & { readonly stateFolder: string },
): Promise<Ended> {
  const said = { out: '', err: '' }
  const stream = (name: 'out' | 'err'): NodeJS.WriteStream => {
    const through = new PassThrough()
    through.on('data', (chunk: Buffer) => (said[name] += chunk.toString()))
    return through as unknown as NodeJS.WriteStream
  }
  const events: Event[] = []
  const never = new AbortController().signal
  const exit = await execute(argv, {
    stdout: stream('out'),
    stderr: stream('err'),
    stdin: new PassThrough() as unknown as NodeJS.ReadStream,
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'] },
    cwd: process.cwd(),
    drain: never,
    stop: never,
    hear: (event) => events.push(event),
    ...more,
  })
  await new Promise((resolve) => setImmediate(resolve))
  return { exit, ...said, events }
}
