import { spawn } from 'node:child_process'
import { Unreachable } from '../model/session.ts'
import type { Ending, OutputListener, RemoteProcess, Transport } from './transport.ts'

/** The controller itself as a host: each command is a process group of its own under `/bin/sh`, or under another shell. */
export function localTransport(
  options: { readonly name?: string; readonly shell?: readonly [string, ...string[]] } = {},
): Transport {
  const name = options.name ?? 'localhost'
  const running = new Set<RemoteProcess>()
  return {
    name,
    async start(command, signal) {
      if (signal?.aborted) throw new Unreachable(name, 'interrupted before it began')
      const process = await launch(name, options.shell ?? ['/bin/sh', '-c'], command)
      running.add(process)
      const forget = (): void => void running.delete(process)
      process.ended.then(forget, forget)
      return process
    },
    async close() {
      for (const process of running) process.kill()
      await Promise.allSettled([...running].map((process) => process.ended))
    },
  }
}

function launch(
  name: string,
  shell: readonly [string, ...string[]],
  command: string,
): Promise<RemoteProcess> {
  return new Promise((resolve, reject) => {
    const child = spawn(shell[0], [...shell.slice(1), command], {
      detached: true,
      stdio: 'pipe',
      cwd: '/',
    })
    let listener: OutputListener | null = null
    const early: ((to: OutputListener) => void)[] = []
    const counts = { sent: 0, received: 0 }
    let over = false
    const hear = (tell: (to: OutputListener) => void): void => {
      if (listener) tell(listener)
      else early.push(tell)
    }
    child.stdout.on('data', (bytes: Buffer) => {
      counts.received += bytes.length
      hear((to) => to.stdout(bytes))
    })
    child.stderr.on('data', (bytes: Buffer) => {
      counts.received += bytes.length
      hear((to) => to.stderr(bytes))
    })
    // The command may end before it has read all: the bytes are dropped.
    child.stdin.on('error', () => undefined)
    const ended = new Promise<Ending>((done) => {
      child.on('exit', (code, killer) => {
        over = true
        const end = (): void => done({ code, signal: killer?.replace(/^SIG/, '') ?? null })
        // What is in the pipes is read before the end is told; a child that holds them open is not waited for.
        const patience = setTimeout(end, 100)
        child.once('close', () => {
          clearTimeout(patience)
          end()
        })
      })
    })
    const write = (bytes: Uint8Array): Promise<void> =>
      new Promise((done) => {
        if (over || child.stdin.destroyed || child.stdin.writableEnded) return done()
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
    child.once('error', (error) =>
      reject(new Unreachable(name, `cannot start ${shell[0]}: ${error.message}`)),
    )
    child.once('spawn', () => {
      resolve({
        write,
        end: () => void child.stdin.end(),
        listen(to) {
          listener = to
          for (const tell of early.splice(0)) tell(to)
        },
        ended,
        kill() {
          // After its end the number may be another group's, and what it left running (a service) is not ours to kill.
          if (!over) killGroup(child.pid)
          for (const stream of [child.stdin, child.stdout, child.stderr]) stream.destroy()
        },
        counted: () => ({ ...counts }),
      })
    })
  })
}

function killGroup(pid: number | undefined): void {
  if (pid === undefined) return
  try {
    process.kill(-pid, 'SIGKILL')
  } catch (error) {
    if (
      (error as NodeJS.ErrnoException).code !== 'ESRCH' &&
      (error as NodeJS.ErrnoException).code !== 'EPERM'
    )
      throw error
  }
}
