import type { ClientChannel } from 'ssh2'
import { Unreachable } from '../../model/session.ts'
import type { Ending, OutputListener, RemoteProcess } from '../transport.ts'
import type { Link } from './link.ts'
import { hopText } from './hop.ts'

/** How long output may stay silent after the exit before its stream counts as held by a child: sshd tells the exit before it has sent the rest. */
const grace = 1000

/** The process that runs in a channel. */
export function processOf(channel: ClientChannel, link: Link): RemoteProcess {
  return new ChannelProcess(channel, link)
}

type Stream = 'stdout' | 'stderr'

class ChannelProcess implements RemoteProcess {
  readonly ended: Promise<Ending>
  readonly #channel: ClientChannel
  readonly #link: Link
  #sent = 0
  #received = 0
  #listener: OutputListener | null = null
  /** Output that came before it was listened to. */
  #kept: { readonly stream: Stream; readonly bytes: Buffer }[] = []
  #exit: Ending | null = null
  #killed = false
  #over = false
  #openStreams = 2
  #timer: NodeJS.Timeout | undefined
  #blocked: (() => void)[] = []
  #finish: (ending: Ending) => void = () => {}
  #fail: (error: Error) => void = () => {}

  constructor(channel: ClientChannel, link: Link) {
    this.#channel = channel
    this.#link = link
    this.ended = new Promise<Ending>((resolve, reject) => {
      this.#finish = resolve
      this.#fail = reject
    })
    // A caller that only kills a process need not ask how it ended.
    this.ended.catch(() => {})
    channel.on('data', (bytes: Buffer) => this.#hear('stdout', bytes))
    channel.stderr.on('data', (bytes: Buffer) => this.#hear('stderr', bytes))
    for (const stream of [channel, channel.stderr]) {
      stream.on('end', () => {
        this.#openStreams--
        this.#afterExit()
      })
    }
    channel.on('error', () => {})
    channel.on('exit', (code: number | null, signal?: string) => {
      this.#exit = { code, signal: code === null ? (signal ?? 'KILL').replace(/^SIG/, '') : null }
      this.#afterExit()
    })
    channel.on('close', this.#settle)
    channel.on('drain', () => this.#wake())
  }

  async write(bytes: Uint8Array): Promise<void> {
    if (this.#over || this.#killed) {
      if (this.#exit === null && !this.#killed) throw this.#lostError()
      return
    }
    this.#sent += bytes.length
    if (this.#channel.write(bytes)) return
    await new Promise<void>((resolve) => this.#blocked.push(resolve))
    if (this.#over && this.#exit === null && !this.#killed) throw this.#lostError()
  }

  end(): void {
    if (!this.#over) this.#channel.end()
  }

  listen(listener: OutputListener): void {
    this.#listener = listener
    const early = this.#kept
    this.#kept = []
    for (const { stream, bytes } of early) listener[stream](bytes)
  }

  kill(): void {
    if (this.#over || this.#killed) return
    this.#killed = true
    try {
      // sshd kills the process group of the session; closing the channel alone would let it run on.
      this.#channel.signal('KILL')
      this.#channel.close()
      clearTimeout(this.#timer)
      this.#timer = setTimeout(this.#settle, grace)
    } catch {
      this.#settle()
    }
  }

  counted(): { readonly sent: number; readonly received: number } {
    return { sent: this.#sent, received: this.#received }
  }

  #hear(stream: Stream, bytes: Buffer): void {
    this.#received += bytes.length
    if (this.#listener === null) this.#kept.push({ stream, bytes })
    else this.#listener[stream](bytes)
    this.#afterExit()
  }

  #afterExit(): void {
    if (this.#exit === null || this.#over) return
    clearTimeout(this.#timer)
    if (this.#openStreams === 0) this.#settle()
    else this.#timer = setTimeout(this.#settle, grace)
  }

  readonly #settle = (): void => {
    if (this.#over) return
    this.#over = true
    clearTimeout(this.#timer)
    if (this.#exit !== null) this.#finish(this.#exit)
    else if (this.#killed) this.#finish({ code: null, signal: 'KILL' })
    else this.#fail(this.#lostError())
    this.#wake()
    // Children may hold the streams: the slot is wanted for the next command.
    this.#channel.close()
  }

  #wake(): void {
    const resumed = this.#blocked
    this.#blocked = []
    for (const resume of resumed) resume()
  }

  #lostError(): Unreachable {
    const { hop } = this.#link
    return new Unreachable(
      hop.name,
      `${hopText(hop)}: the connection was lost while a command ran`,
      {
        midway: true,
        hint: 'the host may have rebooted, or the network failed: run again when it answers; what the command did is not known',
      },
    )
  }
}
