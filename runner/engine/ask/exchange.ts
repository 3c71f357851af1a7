import type { Listener } from '../../model/event.ts'
import { probeKey, type Probe } from '../../contract/probe.ts'
import {
  Unreachable,
  type Answer,
  type Apply,
  type Clock,
  type Connections,
  type Exchange,
  type Interrupt,
} from '../../model/session.ts'
import { bootProbe } from '../decide/boot-probe.ts'
import { beforeActing } from '../decide/drain.ts'
import type { Host } from '../../model/host.ts'
import type { Hub, ReadingStore, Want, Where } from '../model.ts'
import { createBoots } from './boots.ts'
import { goodForMilliseconds } from './reading-store.ts'

interface Waiting {
  readonly probe: Probe
  readonly subjects: Set<string>
  /** Those that hear how far it is. */
  readonly hears: Progress[]
}
type Progress = NonNullable<Exchange['progress']>
interface Traveling {
  readonly done: Promise<void>
  /** One more host waits for this reading. */
  join(want: Want): void
}
interface Batch {
  readonly where: Where
  readonly waiting: Map<string, Waiting>
  readonly done: Promise<void>
}

/** What the hub needs of a run. */
export interface HubOptions {
  readonly connections: Connections
  readonly store: ReadingStore
  readonly clock: Clock
  readonly emit: Listener
  readonly stop?: Interrupt
  readonly drain?: Interrupt
  /** `false`: each probe travels alone. */
  readonly batch: boolean
}

/** A hub over the connections of a run. */
export function createHub(options: HubOptions): Hub {
  return new ConnectionHub(options)
}

class ConnectionHub implements Hub {
  readonly #options: HubOptions
  readonly #gathering = new Map<string, Batch>()
  readonly #underWay = new Map<string, Map<string, Traveling>>()
  readonly #locks = new Map<string, Promise<void>>()
  readonly #boots = createBoots()
  /** The changes of other runs that this run knows of, by connection: of the host's own lock, and of this controller's. */
  readonly #marks = new Map<string, readonly string[]>()
  /** The mark of the last change of this run whose answer came, by session. */
  readonly #own = new Map<string, string>()
  /** The play of each host that goes through plays without the others. */
  readonly #playOf = new Map<string, number>()
  #play = 0

  constructor(options: HubOptions) {
    this.#options = options
  }

  async prepare(host: Host): Promise<void> {
    const { connections } = this.#options
    if (!connections.prepare) return
    connections.prepare(host)
    await turnOfTheLoop()
  }

  async ask(wants: readonly Want[]): Promise<void> {
    const promises = new Set<Promise<void>>()
    for (const want of wants) {
      const traveling = this.#underWay.get(want.where.session)?.get(want.key)
      if (traveling) {
        traveling.join(want)
        promises.add(traveling.done)
        continue
      }
      const batch = this.#gather(want.where)
      waitFor(batch.waiting, want)
      promises.add(batch.done)
    }
    await Promise.all(promises)
  }

  async apply(
    where: Where,
    apply: Apply,
    wants: () => readonly Want[],
    hosts: readonly string[],
  ): Promise<Answer> {
    this.#options.store.void(hosts, where.connection)
    const waiting = new Map<string, Waiting>()
    for (const want of wants()) waitFor(waiting, want)
    const known = this.#marks.get(where.connection) ?? []
    const own = this.#own.get(where.session)
    const decided = { ...apply, after: known, ...(own === undefined ? {} : { own }) }
    const answer = await this.#exchange(where, waiting, decided, hosts)
    if (answer.mark !== undefined) this.#own.set(where.session, answer.mark)
    // What is decided from now on knows of that change: its readings are void.
    if (answer.overtaken !== undefined && answer.overtaken !== '')
      this.#marks.set(where.connection, [...known.slice(-1), answer.overtaken])
    return answer
  }

  async exclusive<T>(
    names: readonly string[],
    work: () => Promise<T>,
    inQueue: (wait: () => Promise<void>) => Promise<void>,
  ): Promise<T> {
    // Taken in one order by all, so that two that need the same connections cannot wait for each other.
    const taken: (() => void)[] = []
    try {
      for (const name of [...new Set(names)].sort()) {
        const before = this.#locks.get(name)
        let free!: () => void
        const mine = new Promise<void>((resolve) => (free = resolve))
        this.#locks.set(name, mine)
        // One that leaves the queue hands its turn on when it comes.
        if (before)
          await inQueue(() => beforeActing(this.#options, before, () => void before.then(free)))
        taken.push(free)
      }
      return await work()
    } finally {
      for (const free of taken) free()
    }
  }

  booted(where: Where): void {
    this.#boots.watch(where.connection)
  }

  play(index: number, host?: string): void {
    if (host !== undefined) this.#playOf.set(host, index)
    else {
      this.#playOf.clear()
      this.#play = index
    }
  }

  #playOfFirst([subject]: readonly string[]): number {
    return (subject === undefined ? undefined : this.#playOf.get(subject)) ?? this.#play
  }

  async #exchange(
    where: Where,
    waiting: ReadonlyMap<string, Waiting>,
    apply?: Apply,
    hosts: readonly string[] = [],
    subjects = new Set<string>(),
  ): Promise<Answer> {
    const { store, clock } = this.#options
    for (const each of waiting.values()) for (const subject of each.subjects) subjects.add(subject)
    const flight = store.depart(where, subjects)
    const began = clock.now()
    const sequence = store.tick()
    const asks = [...waiting]
    const watched = this.#boots.watches(where)
    try {
      const { answer, asked } = await this.#converse(
        where,
        apply,
        [...asks.map(([, { probe }]) => probe), ...(watched ? [bootProbe] : [])],
        (probe, text) => {
          apply?.progress?.(probe, text)
          for (const hear of waiting.get(probeKey(probe))?.hears ?? []) hear(probe, text)
        },
      )
      // Voided at both ends of an apply: what traveled while it ran may have been read before it.
      if (apply) store.void(hosts, where.connection, flight)
      if (watched && this.#boots.isOther(where, answer.readings[asks.length]!))
        store.void(hostOf(where), where.connection, flight)
      // After an apply the readings are as old as its end or newer; plain reads count from the start of the exchange, to be safe.
      const at = apply ? clock.now() : asked
      store.arrive(
        flight,
        sequence,
        at,
        answer.broken === undefined
          ? asks.map(([key, { probe, subjects: theirs }], i) => ({
              key,
              probe,
              subjects: theirs,
              answered: answer.readings[i]!,
            }))
          : [],
      )
      this.#tell(where, answer, asks.length, {
        began,
        asked,
        play: this.#playOfFirst([...subjects, ...hosts]),
      })
      return answer
    } catch (error) {
      store.arrive(flight, sequence, began, [])
      if (apply) store.void(hosts, where.connection)
      else if (error instanceof Unreachable) store.void([], where.connection)
      throw error
    }
  }

  /** Sends the exchange, with the guard of the boot before an apply; `asked` is when the connection stood. */
  async #converse(
    where: Where,
    apply: Apply | undefined,
    probes: readonly Probe[],
    progress: Progress,
  ): Promise<{ readonly answer: Answer; readonly asked: number }> {
    const { connections, clock, stop, drain } = this.#options
    const boot = apply && this.#boots.guard(where)
    const began = clock.now()
    const session = await connections.session(where.endpoint, where.become)
    const asked = clock.now()
    const signal = stop ? { signal: stop } : {}
    // A login that took its time, or a controller that slept: what was decided before is as old as that.
    if (apply && asked - began > goodForMilliseconds)
      return {
        answer: { ...(await session.exchange({ probes, ...signal })), overtaken: '' },
        asked,
      }
    const answer = await session.exchange({
      probes,
      progress,
      ...signal,
      ...(apply ? { apply: boot ? { ...apply, guards: [boot, ...apply.guards] } : apply } : {}),
      ...(apply && drain ? { drain } : {}),
    })
    return { answer, asked }
  }

  #tell(
    where: Where,
    answer: Answer,
    probes: number,
    {
      began,
      asked,
      play,
    }: { readonly began: number; readonly asked: number; readonly play: number },
  ): void {
    const { clock, emit } = this.#options
    emit({
      type: 'exchange',
      at: clock.now(),
      play,
      connection: where.connection,
      user: where.become?.user ?? '-',
      probes,
      actions: answer.actions.length,
      ...answer.cost,
      seconds: (clock.now() - began) / 1000,
      connecting: (asked - began) / 1000,
    })
  }

  #send(where: Where, waiting: Map<string, Waiting>): Promise<void> {
    const subjects = new Set<string>()
    const done = this.#exchange(where, waiting, undefined, [], subjects).then(() => undefined)
    const travel: Traveling = {
      done,
      join(want) {
        waitFor(waiting, want)
        subjects.add(want.subject)
      },
    }
    let traveling = this.#underWay.get(where.session)
    if (!traveling) this.#underWay.set(where.session, (traveling = new Map()))
    for (const key of waiting.keys()) traveling.set(key, travel)
    const landed = (): void => {
      for (const key of waiting.keys()) if (traveling.get(key) === travel) traveling.delete(key)
    }
    done.then(landed, landed)
    return done
  }

  #gather(where: Where): Batch {
    let batch = this.#gathering.get(where.session)
    if (!batch) {
      const waiting = new Map<string, Waiting>()
      // Hosts that begin together ask in the same turn of the event loop: after it, all of them are in one script.
      const done = turnOfTheLoop().then(async () => {
        this.#gathering.delete(where.session)
        if (this.#options.batch) return this.#send(where, waiting)
        for (const [key, each] of waiting) await this.#send(where, new Map([[key, each]]))
      })
      done.catch(() => undefined)
      batch = { where, waiting, done }
      this.#gathering.set(where.session, batch)
    }
    return batch
  }
}

/** One more host waits for a reading. */
function waitFor(waiting: Map<string, Waiting>, { probe, key, subject, progress }: Want): void {
  const held = waiting.get(key)
  if (!held)
    waiting.set(key, { probe, subjects: new Set([subject]), hears: progress ? [progress] : [] })
  else {
    held.subjects.add(subject)
    if (progress) held.hears.push(progress)
  }
}

function turnOfTheLoop(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

function hostOf({ endpoint }: Where): readonly string[] {
  return 'host' in endpoint ? [endpoint.host.name] : []
}
