import { Follower } from './follow.ts'
import { leave } from './feed.ts'
import { pulseTimes, type PulseTimes } from './pulse.ts'
import type { Interrupt } from '../../model/session.ts'
import type { Ending, OutputListener, RemoteProcess, Transport } from '../transport.ts'
import type { Frame } from './readings.ts'
import type { Script } from './script.ts'

/** How the shell is reached that a script runs in: as the login user, or through sudo. */
export interface Entry {
  /** The command line for a script of so many bytes. */
  command(bytes: number): string
  /** Answers what stands before the shell (sudo's prompt); resolves when the script may be written. */
  admit?(talk: Talk): Promise<void>
  /** Why the shell was never reached: throws DiagnosticError, or returns when it has nothing to say. */
  refuse(said: string, ending: Ending): void
}
/** A conversation with a process before its script: what it says is heard by the last listener. */
export interface Talk {
  readonly name: string
  readonly process: RemoteProcess
  listen(to: OutputListener): void
}

/** How a script ended, and what it answered. */
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

/** Runs one script in one command start, and returns as soon as its end mark came. */
export async function runScript(
  transport: Transport,
  entry: Entry,
  script: Script,
  signal: Interrupt | undefined,
  times: PulseTimes = pulseTimes,
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
  const follower = new Follower({ name: transport.name, entry, script, process, signal, times })
  tap.listen(follower.listener())
  const run = follower.begin()
  process
    .write(Buffer.concat([text, Buffer.from(script.payload)]))
    .then(() => {
      if (!script.held) process.end()
    })
    .catch(follower.fail)
  return run
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
