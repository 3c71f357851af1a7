import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process'
import { Unreachable } from '../model/session.ts'
import type { Ending, OutputListener, RemoteProcess } from './transport.ts'

/** Starts a program of this machine as a process group of its own. Rejects with Unreachable when it cannot be started. */
export function launch(
  name: string,
  argv: readonly [string, ...string[]],
  env?: Readonly<Record<string, string | undefined>>,
): Promise<RemoteProcess> {
  return new Promise((resolve, reject) => {
    const child = spawn(argv[0], argv.slice(1), {
      detached: true,
      stdio: 'pipe',
      cwd: '/',
      ...(env === undefined ? {} : { env }),
    })
    const process = processOf(child)
    child.once('error', (error) =>
      reject(new Unreachable(name, `cannot start ${argv[0]}: ${error.message}`)),
    )
    child.once('spawn', () => resolve(process))
  })
}

function processOf(child: ChildProcessWithoutNullStreams): RemoteProcess {
  const counts = { sent: 0, received: 0 }
  const listen = hearing(child, counts)
  const state = { over: false }
  const ended = endOf(child, state)
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

function endOf(child: ChildProcessWithoutNullStreams, state: { over: boolean }): Promise<Ending> {
  return new Promise<Ending>((done) => {
    child.on('exit', (code, killer) => {
      state.over = true
      const end = (): void => done({ code, signal: killer?.replace(/^SIG/, '') ?? null })
      // What is in the pipes is read before the end is told; a child that holds them open is not waited for.
      const patience = setTimeout(end, 100)
      child.once('close', () => {
        clearTimeout(patience)
        end()
      })
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
