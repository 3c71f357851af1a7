import { Unreachable } from '../../model/session.ts'
import type { Ending, OutputListener, RemoteProcess } from '../transport.ts'
import { kinds, type Kind } from './frames.ts'
import { errorOf, type SentError } from './sent-error.ts'

/** A command that the keeper runs, and what the keeper says of it. */
export interface KeptProcess extends RemoteProcess {
  hear(stream: 'stdout' | 'stderr', bytes: Buffer): void
  taken(bytes: number): void
  over(ending: Ending): void
  failed(sent: SentError): void
  /** The keeper is gone. */
  lost(): void
}

/** So many bytes may be on their way to the host before more of them wait. */
const window = 1 << 18
const piece = 1 << 18

/** A command over a keeper's connection. */
class OverKeeper implements KeptProcess {
  readonly ended: Promise<Ending>
  readonly #name: string
  readonly #say: (kind: Kind, bytes?: Uint8Array) => void
  readonly #done: () => void
  readonly #counts = { sent: 0, received: 0 }
  readonly #kept: { readonly stream: 'stdout' | 'stderr'; readonly bytes: Buffer }[] = []
  readonly #waiting: (() => void)[] = []
  #untaken = 0
  #isOver = false
  #error: Error | null = null
  #listener: OutputListener | null = null
  #finish: (ending: Ending) => void = () => {}
  #fail: (error: Error) => void = () => {}

  constructor(name: string, say: (kind: Kind, bytes?: Uint8Array) => void, done: () => void) {
    this.#name = name
    this.#say = say
    this.#done = done
    this.ended = new Promise<Ending>((resolve, reject) => {
      this.#finish = resolve
      this.#fail = reject
    })
    // Who only kills a process need not ask how it ended.
    this.ended.catch(() => undefined)
  }

  #settle(how: () => void): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#done()
    how()
    this.#resume()
  }

  #settleBadly(error: Error): void {
    this.#error = error
    this.#settle(() => this.#fail(error))
  }

  #resume(): void {
    for (const resume of this.#waiting.splice(0)) resume()
  }

  async write(bytes: Uint8Array): Promise<void> {
    for (let from = 0; from < bytes.length && !this.#isOver; from += piece) {
      const part = bytes.subarray(from, from + piece)
      this.#counts.sent += part.length
      this.#untaken += part.length
      this.#say(kinds.stdin, part)
      while (this.#untaken > window && !this.#isOver)
        await new Promise<void>((resolve) => this.#waiting.push(resolve))
    }
    if (this.#error) throw this.#error
  }

  end(): void {
    if (!this.#isOver) this.#say(kinds.stdinEnd)
  }

  listen(given: OutputListener): void {
    this.#listener = given
    for (const { stream, bytes } of this.#kept.splice(0)) given[stream](bytes)
  }

  kill(): void {
    if (this.#isOver) return
    this.#say(kinds.kill)
    this.#settle(() => this.#finish({ code: null, signal: 'KILL' }))
  }

  counted(): { readonly sent: number; readonly received: number } {
    return { ...this.#counts }
  }

  hear(stream: 'stdout' | 'stderr', bytes: Buffer): void {
    this.#counts.received += bytes.length
    // What is kept must not hold the whole piece that it came in.
    if (this.#listener) this.#listener[stream](bytes)
    else this.#kept.push({ stream, bytes: Buffer.from(bytes) })
  }

  taken(bytes: number): void {
    this.#untaken -= bytes
    this.#resume()
  }

  over(ending: Ending): void {
    this.#settle(() => this.#finish(ending))
  }

  failed(sent: SentError): void {
    const needsPerson = `${this.#name}: the connection was lost, and a new login needs a person`
    this.#settleBadly(
      errorOf(sent) ??
        new Unreachable(this.#name, needsPerson, {
          hint: 'run it again: trueup then asks you what the login needs',
        }),
    )
  }

  lost(): void {
    const why = `${this.#name}: the process that keeps connections ended while a command ran`
    const hint = 'the run logs in by itself from here on; what the command did is not known'
    this.#settleBadly(new Unreachable(this.#name, why, { midway: true, hint }))
  }
}

/** A command over a keeper's connection; `say` sends for it, `done` is called once at its end. */
export function keptProcess(
  name: string,
  say: (kind: Kind, bytes?: Uint8Array) => void,
  done: () => void,
): KeptProcess {
  return new OverKeeper(name, say, done)
}
