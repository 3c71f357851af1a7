import { readFileSync, rmSync } from 'node:fs'
import { Unreachable } from '../../model/session.ts'
import { launch } from '../child-process.ts'
import type { Ending, OutputListener, RemoteProcess } from '../transport.ts'
import type { Master } from './master.ts'

/** What a command over a master needs. */
export interface SessionWay {
  readonly host: string
  readonly master: Master
  readonly env: Readonly<Record<string, string | undefined>>
  /** The arguments of ssh, for a log of its own words. */
  arguments(log: string): readonly string[]
  /** A path for that log. */
  logPath(): string
  /** Asks whether the master still answers. */
  answers(): Promise<boolean>
}

/** The master writes to the pipes of a command itself, and may do so after the command's own ssh has ended. */
const patience = 1000

/** ssh's own exit, and that of a command that ends with it. */
const ownExit = 255

/** A command over a master. `full` is called in place of an end when the server opens no more sessions, before anything ran. */
export async function startSession(
  way: SessionWay,
  command: string,
  full: () => Promise<void>,
): Promise<RemoteProcess> {
  const session = new Session(way, command, full)
  await session.begin()
  return session
}

/** A process of ssh, begun again where the server was full: what was written until then is written once more. */
class Session implements RemoteProcess {
  readonly ended: Promise<Ending>
  readonly #way: SessionWay
  readonly #command: string
  readonly #full: () => Promise<void>
  #process: RemoteProcess | null = null
  #written: Uint8Array[] = []
  #inputEnded = false
  #opened = false
  #killed = false
  #listener: OutputListener | null = null
  #early: ((to: OutputListener) => void)[] = []
  #finish: (ending: Ending) => void = () => {}
  #fail: (error: Error) => void = () => {}

  constructor(way: SessionWay, command: string, full: () => Promise<void>) {
    this.#way = way
    this.#command = command
    this.#full = full
    this.ended = new Promise((resolve, reject) => {
      this.#finish = resolve
      this.#fail = reject
    })
    this.ended.catch(() => undefined)
  }

  async begin(): Promise<void> {
    const { host, env } = this.#way
    const log = this.#way.logPath()
    const argv = [...this.#way.arguments(log), '--', 'host', this.#command]
    const process = await launch(host, ['ssh', ...argv], env, patience)
    this.#process = process
    const hear = (stream: 'stdout' | 'stderr') => (bytes: Uint8Array) => {
      this.#opened = true
      this.#written = []
      if (this.#listener) this.#listener[stream](bytes)
      else this.#early.push((to) => to[stream](bytes))
    }
    process.listen({ stdout: hear('stdout'), stderr: hear('stderr') })
    for (const bytes of this.#written) void process.write(bytes)
    if (this.#inputEnded) process.end()
    if (this.#killed) process.kill()
    process.ended
      .then((ending) => this.#over(ending, log))
      .catch((error: Error) => this.#fail(error))
  }

  async #over(ending: Ending, log: string): Promise<void> {
    const said = takeLog(log)
    if (this.#killed) return this.#finish({ code: null, signal: 'KILL' })
    if (ending.code !== ownExit) return this.#finish(ending)
    if (!this.#opened && /refused by peer|open failed/i.test(said) && !this.#way.master.lost) {
      await this.#full()
      return this.begin()
    }
    if (await this.#way.answers()) return this.#finish(ending)
    const { host } = this.#way
    this.#fail(
      new Unreachable(host, `${host}: the connection was lost while a command ran`, {
        midway: true,
        hint: 'the host may have rebooted, or the network failed: run again when it answers; what the command did is not known',
      }),
    )
  }

  write(bytes: Uint8Array): Promise<void> {
    if (!this.#opened) this.#written.push(bytes)
    return this.#process?.write(bytes) ?? Promise.resolve()
  }

  end(): void {
    this.#inputEnded = true
    this.#process?.end()
  }

  listen(to: OutputListener): void {
    this.#listener = to
    for (const tell of this.#early.splice(0)) tell(to)
  }

  kill(): void {
    this.#killed = true
    this.#process?.kill()
  }

  counted(): { readonly sent: number; readonly received: number } {
    return this.#process?.counted() ?? { sent: 0, received: 0 }
  }
}

function takeLog(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  } finally {
    rmSync(path, { force: true })
  }
}
