import { createReadStream } from 'node:fs'
import { Unreachable } from '../../model/session.ts'
import { holderOf } from '../apply/lock.ts'
import { splitter } from './framing.ts'
import { sentence } from './host-words.ts'
import type { Interrupt } from '../../model/session.ts'
import type { Ending, OutputListener, RemoteProcess, Transport } from '../transport.ts'
import type { Frame } from './readings.ts'
import type { Script, Upload } from './script.ts'
import type { Segment } from './framing.ts'

/** How the shell is reached that a script runs in: as the login user, or through sudo. */
export interface Entry {
  /** The command line for a script of so many bytes. */
  command(bytes: number): string
  /** Answers what stands before the shell (sudo's prompt); resolves when the script may be written. */
  admit?(talk: Talk): Promise<void>
  /** Why the shell was never reached: throws DiagnosticError, or returns when it has nothing to say. */
  refuse(said: string, ending: Ending): void
}
/** A conversation with a process before its script: what it says is heard by whoever listens last. */
export interface Talk {
  readonly name: string
  readonly process: RemoteProcess
  listen(to: OutputListener): void
}

/** What came of a script. */
export interface Run {
  readonly frames: ReadonlyMap<number, Frame>
  /** Guards that did not hold. */
  readonly moved: ReadonlySet<number>
  /** `end`: whole. Otherwise the unit with number `at` hangs, floods, or was running when the shell ended. */
  readonly stop: 'end' | 'stuck' | 'flood' | 'died'
  readonly at: number
  /** How the shell ended, where it died. */
  readonly ending: Ending | null
  readonly sent: number
  readonly received: number
}

const grace = 5
const startSeconds = 60
const noise = 64 * 1024

/** Runs one script in one command start, and returns as soon as its end mark came. */
export async function runScript(
  transport: Transport,
  entry: Entry,
  script: Script,
  signal: Interrupt | undefined,
): Promise<Run> {
  const text = Buffer.from(script.text)
  const process = await transport.start(entry.command(text.length), signal)
  const tap = listenOnce(process)
  try {
    await entry.admit?.({ name: transport.name, process, listen: tap.listen })
  } catch (error) {
    void leave(process, false)
    throw error
  }
  return follow(transport.name, entry, script, text, process, tap, signal)
}

interface Tap {
  listen(to: OutputListener): void
}

function listenOnce(process: RemoteProcess): Tap {
  const early: { readonly stream: 'stdout' | 'stderr'; readonly bytes: Uint8Array }[] = []
  let current: OutputListener | null = null
  const hear =
    (stream: 'stdout' | 'stderr') =>
    (bytes: Uint8Array): void => {
      if (current) current[stream](bytes)
      else early.push({ stream, bytes })
    }
  process.listen({ stdout: hear('stdout'), stderr: hear('stderr') })
  return {
    listen(to) {
      current = to
      for (const { stream, bytes } of early.splice(0)) to[stream](bytes)
    },
  }
}

function follow(
  name: string,
  entry: Entry,
  script: Script,
  text: Buffer,
  process: RemoteProcess,
  tap: Tap,
  signal: Interrupt | undefined,
): Promise<Run> {
  return new Promise((resolve, reject) => {
    const out = splitter(script.mark)
    const err = splitter(script.mark)
    const contents = new Map<number, { content: Buffer; status: string; seconds: number }>()
    const complaints = new Map<number, Buffer>()
    const inner = new Map<number, Map<number, Buffer>>()
    const moved = new Set<number>()
    let begun = false
    let outEnded = false
    let errEnded = false
    let settled = false
    let next = 0
    let since = performance.now()
    let timer: NodeJS.Timeout | undefined
    let rings = 0
    let patience = { until: 0, limit: 0 }

    const settle = (): boolean => {
      if (settled) return false
      settled = true
      clearTimeout(timer)
      signal?.removeEventListener('abort', interrupt)
      return true
    }
    const finish = (stop: Run['stop'], ending: Ending | null): void => {
      if (!settle()) return
      void leave(process, stop === 'end' || script.held)
      const frames = new Map<number, Frame>()
      for (const [index, part] of contents) {
        frames.set(index, {
          ...part,
          stderr: complaints.get(index) ?? Buffer.alloc(0),
          inner: inner.get(index) ?? new Map(),
        })
      }
      const { sent, received } = process.counted()
      resolve({ frames, moved, stop, at: next, ending, sent, received })
    }
    const fail = (thrown: unknown): void => {
      if (!settle()) return
      void leave(process, script.held)
      reject(thrown instanceof Error ? thrown : new Error(String(thrown)))
    }
    const interrupt = (): void => {
      if (!settle()) return
      // Whoever is told of an interruption may close the connection at once: by then the script has done its killing.
      void leave(process, script.held).then(() =>
        reject(new Unreachable(name, 'interrupted', { midway: true })),
      )
    }
    // Output comes in many pieces: each puts the end off, and the one timer looks at it when it rings.
    const watch = (): void => {
      // A shell that has not begun has not come to the unit either.
      const limit = begun ? (script.units[next]?.limit ?? 0) + grace : startSeconds
      patience = { until: performance.now() + limit * 1000, limit }
      if (!timer || patience.until < rings) arm()
    }
    const arm = (): void => {
      clearTimeout(timer)
      rings = patience.until
      timer = setTimeout(ring, Math.max(1, patience.until - performance.now()))
    }
    const ring = (): void => {
      if (performance.now() < patience.until) return arm()
      if (begun) finish('stuck', null)
      else
        fail(
          new Unreachable(name, `no shell answered within ${patience.limit}s`, {
            hint: 'does the login shell of this account run commands?',
          }),
        )
    }
    const onOut = ({ content, words }: Segment): void => {
      const [kind, status] = words as [string, string | undefined]
      if (kind === 'b') begun = true
      else if (kind === 'e') outEnded = true
      else if (kind === 'm') moved.add(Number(status))
      else if (kind === 'z') return
      else if (kind === 'l') script.waits?.(holderOf(content))
      else if (kind === 'w') void send(process, script.uploads[Number(status)]).catch(fail)
      else if (kind.includes('.')) {
        const [index, part] = kind.split('.').map(Number) as [number, number]
        inner.set(index, (inner.get(index) ?? new Map<number, Buffer>()).set(part, content))
      } else {
        const now = performance.now()
        contents.set(Number(kind), { content, status: status ?? '', seconds: (now - since) / 1000 })
        next = Math.max(next, Number(kind) + 1)
        since = now
      }
    }
    const heard = (): void => {
      if (settled) return
      if (outEnded && errEnded) return finish('end', null)
      const unit = script.units[next]
      if (!begun || unit?.tail) {
        if (!begun) out.trim(noise)
        err.trim(noise)
      } else if (
        out.held() > (unit?.cap ?? noise) + noise ||
        err.held() > (unit?.cap ?? noise) + noise
      )
        return finish('flood', null)
      watch()
    }
    tap.listen({
      stdout(bytes) {
        for (const segment of out.push(bytes)) onOut(segment)
        heard()
      },
      stderr(bytes) {
        for (const { content, words } of err.push(bytes)) {
          if (words[0] === 'e') errEnded = true
          else if (words[0] === 'w')
            void send(process, script.uploads[Number(words[1])]).catch(fail)
          else if (words[0] !== 'b') complaints.set(Number(words[0]), content)
        }
        heard()
      },
    })
    signal?.addEventListener('abort', interrupt, { once: true })
    watch()
    process.ended.then((ending) => {
      if (settled || begun) return finish('died', ending)
      const said = `${err.rest().toString()}\n${out.rest().toString()}`
      try {
        entry.refuse(said, ending)
        const how = ending.code === null ? `signal ${ending.signal}` : `exit ${ending.code}`
        throw new Unreachable(
          name,
          `the login shell ran no command (${how})${sentence(said) && `: ${sentence(said)}`}`,
          {
            hint: 'an account needs a login shell that runs commands, /bin/sh and dd',
          },
        )
      } catch (error) {
        fail(error)
      }
    }, fail)
    if (signal?.aborted) interrupt()
    process
      .write(Buffer.concat([text, Buffer.from(script.payload)]))
      .then(() => {
        if (!script.held) process.end()
      })
      .catch(fail)
  })
}

/** Streams a file, no faster than it is taken; a file that has become shorter ends the input, so that the host sees a part only. */
async function send(process: RemoteProcess, upload: Upload | undefined): Promise<void> {
  if (!upload || upload.size === 0) return
  let left = upload.size
  try {
    for await (const chunk of createReadStream(upload.path, {
      end: upload.size - 1,
      highWaterMark: 256 * 1024,
    })) {
      await process.write(chunk as Buffer)
      left -= (chunk as Buffer).length
    }
  } catch (error) {
    if (error instanceof Unreachable) throw error
  }
  if (left > 0) process.end()
}

/** Lets go of a process: politely, so that what acts can kill what it started; by force a little later. */
function leave(process: RemoteProcess, politely: boolean): Promise<void> {
  if (!politely) {
    process.kill()
    return Promise.resolve()
  }
  process.end()
  return new Promise((resolve) => {
    const kill = (): void => {
      clearTimeout(timer)
      process.kill()
      resolve()
    }
    const timer = setTimeout(kill, 3000)
    process.ended.then(kill, kill)
  })
}
