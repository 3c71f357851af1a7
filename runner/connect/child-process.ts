import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process'
import { Unreachable } from '../model/session.ts'
import type { Ending, OutputListener, RemoteProcess } from './transport.ts'

/** How long the pipes of a process that has ended may be silent before they count as held by a child, in milliseconds. */
const usualPatience = 100

/** Starts a program of this machine as a process group of its own. Rejects with Unreachable when it cannot be started. */
export function launch(
  name: string,
  argv: readonly [string, ...string[]],
  env?: Readonly<Record<string, string | undefined>>,
  patience = usualPatience,
): Promise<RemoteProcess> {
  return new Promise((resolve, reject) => {
    const fail = (error: unknown): void =>
      reject(new Unreachable(name, `cannot start ${argv[0]}: ${(error as Error).message}`))
    try {
      const child = spawn(argv[0], argv.slice(1), {
        detached: true,
        stdio: 'pipe',
        cwd: '/',
        ...(env === undefined ? {} : { env }),
      })
      const process = processOf(child, patience)
      child.once('error', fail)
      child.once('spawn', () => resolve(process))
    } catch (error) {
      // Node throws some of the reasons, and tells others by an event.
      fail(error)
    }
  })
}

function processOf(child: ChildProcessWithoutNullStreams, patience: number): RemoteProcess {
  const counts = { sent: 0, received: 0 }
  const listen = hearing(child, counts)
  const state = { over: false }
  const ended = endOf(child, state, counts, patience)
  return {
    write: (bytes) => writeTo(child, state, counts, bytes),
    end: () => void child.stdin.end(),
    listen,
    ended,
    kill() {
      // After its end the number may be another group's, and what it left running (a service) is not ours to kill.
      if (!state.over) killGroup(child.pid)
      for (const stream of [child.stdin, child.stdout, child.stderr]) stream.destroy()
      // A process that hangs in a file system dies later, or never: this one does not wait for it.
      child.unref()
    },
    counted: () => ({ ...counts }),
  }
}

interface Counts {
  sent: number
  received: number
}

/** Keeps what is printed until someone listens. */
function hearing(
  child: ChildProcessWithoutNullStreams,
  counts: Counts,
): (to: OutputListener) => void {
  let listener: OutputListener | null = null
  const early: ((to: OutputListener) => void)[] = []
  const hear = (stream: 'stdout' | 'stderr') => (bytes: Buffer) => {
    counts.received += bytes.length
    if (listener) listener[stream](bytes)
    else early.push((to) => to[stream](bytes))
  }
  child.stdout.on('data', hear('stdout'))
  child.stderr.on('data', hear('stderr'))
  // The command may end before it has read all: the bytes are dropped.
  child.stdin.on('error', () => undefined)
  return (to) => {
    listener = to
    for (const tell of early.splice(0)) tell(to)
  }
}

/** How it ended. What is in the pipes is heard before; a child of it that holds them open is not waited for once they are silent. */
function endOf(
  child: ChildProcessWithoutNullStreams,
  state: { over: boolean },
  counts: Counts,
  patience: number,
): Promise<Ending> {
  return new Promise<Ending>((done) => {
    child.on('exit', (code, killer) => {
      state.over = true
      let heard = counts.received
      let timer: NodeJS.Timeout
      const end = (): void => {
        clearTimeout(timer)
        done({ code, signal: killer?.replace(/^SIG/, '') ?? null })
      }
      // On a busy machine the timer may ring before the pipes were looked at: they are, before what is put off to the next turn.
      const ring = (): void =>
        void setImmediate(() => {
          if (heard === counts.received) return end()
          heard = counts.received
          timer = setTimeout(ring, patience)
        })
      timer = setTimeout(ring, patience)
      child.once('close', end)
    })
  })
}

function writeTo(
  child: ChildProcessWithoutNullStreams,
  state: { readonly over: boolean },
  counts: Counts,
  bytes: Uint8Array,
): Promise<void> {
  return new Promise((done) => {
    if (state.over || child.stdin.destroyed || child.stdin.writableEnded) return done()
    counts.sent += bytes.length
    if (child.stdin.write(bytes)) return done()
    const go = (): void => {
      child.stdin.off('drain', go)
      child.stdin.off('close', go)
      done()
    }
    child.stdin.on('drain', go)
    child.stdin.on('close', go)
  })
}

function killGroup(pid: number | undefined): void {
  if (pid === undefined) return
  try {
    process.kill(-pid, 'SIGKILL')
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code !== 'ESRCH' && code !== 'EPERM') throw error
  }
}
