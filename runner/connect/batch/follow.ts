import { Unreachable } from '../../model/session.ts'
import { holderOf } from '../apply/lock.ts'
import { isBeat, splitter, type Segment } from './framing.ts'
import { sentence } from './host-words.ts'
import { watchPulse, type Pulse, type PulseTimes } from './pulse.ts'
import { leave, send } from './feed.ts'
import type { Interrupt } from '../../model/session.ts'
import type { Ending, OutputListener, RemoteProcess } from '../transport.ts'
import type { Frame } from './frame-readings.ts'
import type { Entry, Run } from './script-run.ts'
import type { Script } from './compose-script.ts'
import type { Unit } from './units.ts'

const grace = 5
const noise = 64 * 1024

/** What is followed: a script in a process on a host. */
export interface Followed {
  readonly name: string
  readonly entry: Entry
  readonly script: Script
  readonly process: RemoteProcess
  readonly signal: Interrupt | undefined
  readonly times: PulseTimes
}

/** Follows a script from its first mark to its last: sorts what comes into frames, and says when nothing more will come. */
export class Follower {
  readonly done: Promise<Run>
  readonly #of: Followed
  readonly #out
  readonly #err
  readonly #pulse: Pulse
  readonly #contents = new Map<number, { content: Buffer; status: string; seconds: number }>()
  readonly #complaints = new Map<number, Buffer>()
  readonly #inner = new Map<number, Map<number, Buffer>>()
  readonly #moved = new Set<number>()
  #resolve: (run: Run) => void = () => {}
  #reject: (error: Error) => void = () => {}
  #begun = false
  #ended = { out: false, err: false }
  #settled = false
  #next = 0
  /** When what is waited for began: the shell, or the unit. */
  #since = performance.now()
  #held = 0
  #spoke = 0
  #timer: NodeJS.Timeout | undefined
  #rings = 0
  #patience = { until: 0, limit: 0 }

  constructor(of: Followed) {
    this.#of = of
    this.#out = splitter(of.script.mark)
    this.#err = splitter(of.script.mark)
    this.done = new Promise((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
    })
    this.#pulse = watchPulse(
      of.name,
      of.times,
      // A process that does not take the line does not answer it either.
      () => void of.process.write(Buffer.from('\n')).catch(() => undefined),
      (error) => this.fail(error),
    )
  }

  /** Hears the process, its end and an interruption. */
  listener(): OutputListener {
    const { process, signal } = this.#of
    signal?.addEventListener('abort', this.#interrupt, { once: true })
    this.#watch()
    process.ended.then((ending) => this.#over(ending), this.fail)
    return {
      stdout: (bytes) => {
        this.#pulse.heard()
        for (const segment of this.#out.push(bytes)) this.#onOut(segment)
        this.#heard()
      },
      stderr: (bytes) => {
        this.#pulse.heard()
        for (const segment of this.#err.push(bytes)) this.#onErr(segment)
        this.#hearProgress()
        this.#heard()
      },
    }
  }

  /** Ends with an error, unless it has ended. */
  readonly fail = (thrown: unknown): void => {
    if (!this.#settle()) return
    void leave(this.#of.process, this.#of.script.held)
    this.#reject(thrown instanceof Error ? thrown : new Error(String(thrown)))
  }

  /** To be called when all has been set up: the signal may have come before. */
  begin(): Promise<Run> {
    if (this.#of.signal?.aborted) this.#interrupt()
    return this.done
  }

  #settle(): boolean {
    if (this.#settled) return false
    this.#settled = true
    clearTimeout(this.#timer)
    this.#pulse.end()
    this.#of.signal?.removeEventListener('abort', this.#interrupt)
    this.#unwait()
    return true
  }

  #finish(stop: Run['stop'], ending: Ending | null): void {
    if (!this.#settle()) return
    const { process, script } = this.#of
    void leave(process, stop === 'end' || script.held)
    const frames = new Map<number, Frame>()
    for (const [index, part] of this.#contents) {
      frames.set(index, {
        ...part,
        stderr: this.#complaints.get(index) ?? Buffer.alloc(0),
        inner: this.#inner.get(index) ?? new Map(),
      })
    }
    const { sent, received } = process.counted()
    this.#resolve({ frames, moved: this.#moved, stop, at: this.#next, ending, sent, received })
  }

  readonly #interrupt = (): void => {
    if (!this.#settle()) return
    const { process, script, name } = this.#of
    // The caller may close the connection at once: by then the script has killed what it started.
    void leave(process, script.held).then(() =>
      this.#reject(new Unreachable(name, 'interrupted', { midway: true })),
    )
  }

  // Output comes in many pieces: the one timer looks at the end when it rings.
  #watch(): void {
    const { script, times } = this.#of
    const unit = script.units[this.#next]
    // A shell that has not begun has not come to the unit either.
    const limit = this.#begun ? (unit?.limit ?? 0) + grace : times.start
    this.#patience = { until: this.#until(unit, limit * 1000), limit }
    if (!this.#timer || this.#patience.until < this.#rings) this.#arm()
  }

  /**
   * When patience ends. Marks of life say nothing of a command that hangs, and the noise of a shell nothing of its beginning. An answer
   * that still comes puts the end of a reading off, four times its limit at most; an action has a limit of its own on the host.
   */
  #until(unit: Unit | undefined, limit: number): number {
    if (!this.#begun) return this.#since + limit
    if (!unit || !('probes' in unit)) return performance.now() + limit
    return Math.max(
      this.#since + limit,
      Math.min(this.#spoke + grace * 1000, this.#since + 4 * limit),
    )
  }

  #arm(): void {
    clearTimeout(this.#timer)
    this.#rings = this.#patience.until
    this.#timer = setTimeout(
      () => this.#ring(),
      Math.max(1, this.#patience.until - performance.now()),
    )
  }

  #ring(): void {
    const { name, times } = this.#of
    const now = performance.now()
    if (now < this.#patience.until) return this.#arm()
    if (!this.#begun)
      return this.fail(
        new Unreachable(name, `no shell answered within ${this.#patience.limit}s`, {
          hint: `try it by hand: ssh ${name} true; a start file of the login shell (.bashrc, .profile) that waits for something also blocks it`,
        }),
      )
    // A silent host is reported as gone, never as a slow command: the pulse decides first.
    if (this.#pulse.isDoubtful()) {
      this.#patience = { ...this.#patience, until: now + times.every * 500 }
      return this.#arm()
    }
    this.#finish('stuck', null)
  }

  #onOut({ content, words }: Segment): void {
    const [kind, status] = words as [string, string | undefined]
    if (isBeat(words)) this.#pulse.beat(kind === 'p')
    else if (kind === 'b') {
      this.#begun = true
      this.#since = performance.now()
    } else if (kind === 'e') this.#ended.out = true
    else if (kind === 'm') this.#moved.add(Number(status))
    else if (kind === 'z') return
    else if (kind === 'l') this.#wait(holderOf(content))
    else if (kind === 'w') this.#upload(Number(status))
    else if (kind.includes('.')) {
      const [index, part] = kind.split('.').map(Number) as [number, number]
      const parts = this.#inner.get(index) ?? new Map<number, Buffer>()
      this.#inner.set(index, parts.set(part, content))
    } else {
      const now = performance.now()
      const seconds = (now - this.#since) / 1000
      this.#contents.set(Number(kind), { content, status: status ?? '', seconds })
      this.#next = Math.max(this.#next, Number(kind) + 1)
      this.#since = now
      this.#unwait()
    }
  }

  /** The script waits for another run's lock: until it has it, the end of its input ends it, and nothing is done. */
  #wait(holder: string): void {
    const { script } = this.#of
    script.waits?.(holder)
    script.drain?.addEventListener('abort', this.#leaveQueue, { once: true })
    if (script.drain?.aborted) this.#leaveQueue()
  }

  readonly #leaveQueue = (): void => this.#of.process.end()

  #unwait(): void {
    this.#of.script.drain?.removeEventListener('abort', this.#leaveQueue)
  }

  #onErr({ content, words }: Segment): void {
    const [kind, status] = words as [string, string | undefined]
    if (isBeat(words)) this.#pulse.beat(kind === 'p')
    else if (kind === 'e') this.#ended.err = true
    else if (kind === 'w') this.#upload(Number(status))
    else if (kind !== 'b') {
      const says = this.#of.script.units[Number(kind)]?.progress
      this.#complaints.set(Number(kind), says ? withoutProgress(content) : content)
    }
  }

  /** The unit under way may say how far it is; its words end where they were cut. */
  #hearProgress(): void {
    const { script } = this.#of
    if (!script.units[this.#next]?.progress || !script.progress) return
    const [last] = this.#err.rest().toString().split('\n').slice(0, -1).slice(-1)
    if (last?.startsWith(progressWord))
      script.progress(this.#next, last.slice(progressWord.length, 100))
  }

  #upload(index: number): void {
    void send(this.#of.process, this.#of.script.uploads[index]).catch(this.fail)
  }

  #heard(): void {
    if (this.#settled) return
    if (this.#ended.out && this.#ended.err) return this.#finish('end', null)
    const held = this.#out.held() + this.#err.held()
    if (held > this.#held) this.#spoke = performance.now()
    this.#held = held
    const unit = this.#of.script.units[this.#next]
    if (!this.#begun || unit?.tail) {
      if (!this.#begun) this.#out.trim(noise)
      this.#err.trim(noise)
    } else {
      const most = (unit?.cap ?? noise) + noise
      if (this.#out.held() > most || this.#err.held() > most) return this.#finish('flood', null)
    }
    this.#watch()
  }

  #over(ending: Ending): void {
    if (this.#settled || this.#begun) return this.#finish('died', ending)
    const { entry, name } = this.#of
    const said = `${this.#err.rest().toString()}\n${this.#out.rest().toString()}`
    try {
      entry.refuse(said, ending)
      throw noCommand(name, said, ending)
    } catch (error) {
      this.fail(error)
    }
  }
}

const progressWord = 'progress '

function withoutProgress(content: Buffer): Buffer {
  const lines = content.toString().split('\n')
  return Buffer.from(lines.filter((line) => !line.startsWith(progressWord)).join('\n'))
}

/** The login shell ended before it ran anything. */
function noCommand(name: string, said: string, ending: Ending): Unreachable {
  const how = ending.code === null ? `signal ${ending.signal}` : `exit ${ending.code}`
  const words = sentence(said)
  return new Unreachable(name, `the login shell ran no command (${how})${words && `: ${words}`}`, {
    hint: /password.*(?:expired|change)|change your password/i.test(words)
      ? 'the password of this account has to be changed: sign in there by hand with ssh, which asks for a new one'
      : 'give the account a login shell that runs commands; the host needs /bin/sh and dd',
  })
}
