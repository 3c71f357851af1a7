import type { ClientChannel } from 'ssh2'
import { Unreachable } from '../../model/session.ts'
import type { Ending, OutputListener, RemoteProcess } from '../transport.ts'
import type { Link } from './link.ts'
import { hopText } from './hop.ts'

/** How long output may stay silent after the exit before its stream counts as held by a child: sshd tells the exit before it has sent the rest. */
const grace = 1000

/** The process that runs in a channel. */
export function processOf(channel: ClientChannel, link: Link): RemoteProcess {
  let sent = 0
  let received = 0
  let listener: OutputListener | null = null
  let kept: { readonly stream: 'stdout' | 'stderr'; readonly bytes: Buffer }[] = []
  let exit: Ending | null = null
  let killed = false
  let over = false
  let openStreams = 2
  let timer: NodeJS.Timeout | undefined
  let blocked: (() => void)[] = []
  let finish: (ending: Ending) => void = () => {}
  let fail: (error: Error) => void = () => {}
  const ended = new Promise<Ending>((resolve, reject) => {
    finish = resolve
    fail = reject
  })
  // Who only kills a process need not ask how it ended.
  ended.catch(() => {})

  function lostError(): Unreachable {
    return new Unreachable(
      link.hop.name,
      `${hopText(link.hop)}: the connection was lost while a command ran`,
      {
        midway: true,
        hint: 'the host may have rebooted or the network failed; what the command did is not known',
      },
    )
  }

  function wake(): void {
    const resumed = blocked
    blocked = []
    for (const resume of resumed) resume()
  }
  function settle(): void {
    if (over) return
    over = true
    clearTimeout(timer)
    if (exit !== null) finish(exit)
    else if (killed) finish({ code: null, signal: 'KILL' })
    else fail(lostError())
    wake()
    // Children may hold the streams: the slot is wanted for the next command.
    channel.close()
  }
  function afterExit(): void {
    if (exit === null || over) return
    clearTimeout(timer)
    if (openStreams === 0) settle()
    else timer = setTimeout(settle, grace)
  }
  function heard(stream: 'stdout' | 'stderr', bytes: Buffer): void {
    received += bytes.length
    if (listener === null) kept.push({ stream, bytes })
    else listener[stream](bytes)
    afterExit()
  }

  channel.on('data', (bytes: Buffer) => heard('stdout', bytes))
  channel.stderr.on('data', (bytes: Buffer) => heard('stderr', bytes))
  for (const stream of [channel, channel.stderr]) {
    stream.on('end', () => {
      openStreams--
      afterExit()
    })
  }
  channel.on('error', () => {})
  channel.on('exit', (code: number | null, signal?: string) => {
    exit = { code, signal: code === null ? (signal ?? 'KILL').replace(/^SIG/, '') : null }
    afterExit()
  })
  channel.on('close', settle)
  channel.on('drain', wake)

  return {
    async write(bytes) {
      if (over || killed) {
        if (exit === null && !killed) throw lostError()
        return
      }
      sent += bytes.length
      if (channel.write(bytes)) return
      await new Promise<void>((resolve) => blocked.push(resolve))
      if (over && exit === null && !killed) throw lostError()
    },
    end() {
      if (!over) channel.end()
    },
    listen(given) {
      listener = given
      const early = kept
      kept = []
      for (const { stream, bytes } of early) given[stream](bytes)
    },
    ended,
    kill() {
      if (over || killed) return
      killed = true
      try {
        // sshd kills the process group of the session; closing the channel alone would let it run on.
        channel.signal('KILL')
        channel.close()
        clearTimeout(timer)
        timer = setTimeout(settle, grace)
      } catch {
        settle()
      }
    },
    counted: () => ({ sent, received }),
  }
}
