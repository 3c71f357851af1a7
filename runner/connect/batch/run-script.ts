import { Unreachable } from '../../model/session.ts'
import { Follower } from './follow.ts'
import { leave } from './feed.ts'
import { pulseTimes, type PulseTimes } from './pulse.ts'
import type { Interrupt } from '../../model/session.ts'
import type { ShellAhead } from './shell-ahead.ts'
import type { OutputListener, RemoteProcess, Transport } from '../transport.ts'
import type { Script } from './compose-script.ts'
import type { Entry, Run } from './script-run.ts'

/** Runs one script in one command start, and returns as soon as its end mark came. */
export async function runScript(
  transport: Transport,
  entry: Entry,
  script: Script,
  signal: Interrupt | undefined,
  times: PulseTimes = pulseTimes,
  ahead: ShellAhead | null = null,
): Promise<Run> {
  const text = Buffer.from(script.text)
  const waiting = (await ahead?.take()) ?? null
  if (waiting && signal?.aborted) {
    waiting.end()
    throw new Unreachable(transport.name, 'interrupted before it began')
  }
  const process = waiting ?? (await transport.start(entry.command(text.length), signal))
  const length = Buffer.from(waiting ? `${text.length}\n` : '')
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
    .write(Buffer.concat([length, text, Buffer.from(script.payload)]))
    .then(() => {
      if (!script.held) process.end()
    })
    .catch(follower.fail)
  // A change is seldom the last script that a host gets.
  if (script.acts) ahead?.begin()
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
