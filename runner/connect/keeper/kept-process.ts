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

/** A command over a keeper's connection; `say` sends for it, `done` is called once at its end. */
export function keptProcess(
  name: string,
  say: (kind: Kind, bytes?: Uint8Array) => void,
  done: () => void,
): KeptProcess {
  const counts = { sent: 0, received: 0 }
  let untaken = 0
  let over = false
  let lost: Error | null = null
  let listener: OutputListener | null = null
  let kept: { readonly stream: 'stdout' | 'stderr'; readonly bytes: Buffer }[] = []
  let waiting: (() => void)[] = []
  let finish: (ending: Ending) => void = () => {}
  let fail: (error: Error) => void = () => {}
  const ended = new Promise<Ending>((resolve, reject) => {
    finish = resolve
    fail = reject
  })
  // Who only kills a process need not ask how it ended.
  ended.catch(() => undefined)

  function settle(how: () => void): void {
    if (over) return
    over = true
    done()
    how()
    for (const resume of waiting.splice(0)) resume()
  }

  function settleBadly(error: Error): void {
    lost = error
    settle(() => fail(error))
  }

  return {
    ended,
    async write(bytes) {
      for (let from = 0; from < bytes.length && !over; from += piece) {
        const part = bytes.subarray(from, from + piece)
        counts.sent += part.length
        untaken += part.length
        say(kinds.stdin, part)
        while (untaken > window && !over)
          await new Promise<void>((resolve) => waiting.push(resolve))
      }
      if (lost) throw lost
    },
    end() {
      if (!over) say(kinds.stdinEnd)
    },
    listen(given) {
      listener = given
      for (const { stream, bytes } of kept.splice(0)) given[stream](bytes)
    },
    kill() {
      if (over) return
      say(kinds.kill)
      settle(() => finish({ code: null, signal: 'KILL' }))
    },
    counted: () => ({ ...counts }),
    hear(stream, bytes) {
      counts.received += bytes.length
      // What is kept must not hold the whole piece that it came in.
      if (listener) listener[stream](bytes)
      else kept.push({ stream, bytes: Buffer.from(bytes) })
    },
    taken(bytes) {
      untaken -= bytes
      for (const resume of waiting.splice(0)) resume()
    },
    over: (ending) => settle(() => finish(ending)),
    failed: (sent) =>
      settleBadly(
        errorOf(sent) ??
          new Unreachable(
            name,
            `${name}: the connection was lost, and a new login needs a person`,
            {
              hint: 'run it again: it then asks',
            },
          ),
      ),
    lost: () =>
      settleBadly(
        new Unreachable(
          name,
          `${name}: the process that keeps connections ended while a command ran`,
          {
            midway: true,
            hint: 'the run logs in by itself from here on; what the command did is not known',
          },
        ),
      ),
  }
}
