import type { Listener } from '../../model/event.ts'
import type { Probe } from '../../contract/probe.ts'
import {
  Unreachable,
  type Answer,
  type Apply,
  type Clock,
  type Connections,
  type Interrupt,
} from '../../model/session.ts'
import { bootProbe } from '../decide/boot-probe.ts'
import { beforeActing } from '../decide/drain.ts'
import type { Hub, ReadingStore, Where } from '../model.ts'
import { createBoots } from './boots.ts'

interface Waiting {
  readonly probe: Probe
  readonly subjects: Set<string>
}
interface Traveling {
  readonly done: Promise<void>
  /** One more host waits for this reading. */
  join(key: string, subject: string): void
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
  const { connections, store, clock, emit } = options
  const gathering = new Map<string, Batch>()
  const underWay = new Map<string, Map<string, Traveling>>()
  const locks = new Map<string, Promise<void>>()
  const boots = createBoots()
  /** The changes of other runs that this run knows of, by connection: of the host's own lock, and of this controller's. */
  const marks = new Map<string, readonly string[]>()
  let play = 0
  /** The play of each host that goes through plays without the others. */
  const playOf = new Map<string, number>()

  async function exchange(
    where: Where,
    apply: Apply | undefined,
    waiting: ReadonlyMap<string, Waiting>,
    hosts: readonly string[],
    subjects = new Set<string>(),
  ): Promise<Answer> {
    for (const each of waiting.values()) for (const subject of each.subjects) subjects.add(subject)
    const flight = store.depart(where, subjects)
    const began = clock.now()
    const sequence = store.tick()
    const probes = [...waiting].map(([key, each]) => ({ key, ...each }))
    const watched = boots.watches(where)
    const boot = apply && boots.guard(where)
    try {
      const session = await connections.session(where.endpoint, where.become)
      const asked = clock.now()
      const answer = await session.exchange({
        probes: [...probes.map((each) => each.probe), ...(watched ? [bootProbe] : [])],
        ...(apply ? { apply: boot ? { ...apply, guards: [boot, ...apply.guards] } : apply } : {}),
        ...(options.stop ? { signal: options.stop } : {}),
        ...(apply && options.drain ? { drain: options.drain } : {}),
      })
      // Voided at both ends of an apply: what traveled while it ran may have been read before it.
      if (apply) store.void(hosts, where.connection, flight)
      if (watched && boots.isOther(where, answer.readings[probes.length]!))
        store.void(hostOf(where), where.connection, flight)
      // After an apply the readings are as old as its end or newer; plain reads count from the start of the exchange, to be safe.
      const at = apply ? clock.now() : asked
      store.arrive(
        flight,
        sequence,
        at,
        answer.broken === undefined
          ? probes.map((each, i) => ({ ...each, answered: answer.readings[i]! }))
          : [],
      )
      emit({
        type: 'exchange',
        at: clock.now(),
        play: playOfFirst([...subjects, ...hosts]),
        connection: where.connection,
        user: where.become?.user ?? '-',
        probes: probes.length,
        actions: answer.actions.length,
        ...answer.cost,
        seconds: (clock.now() - began) / 1000,
        connecting: (asked - began) / 1000,
      })
      return answer
    } catch (error) {
      store.arrive(flight, sequence, began, [])
      if (apply) store.void(hosts, where.connection)
      else if (error instanceof Unreachable) store.void([], where.connection)
      throw error
    }
  }

  function playOfFirst([subject]: readonly string[]): number {
    return (subject === undefined ? undefined : playOf.get(subject)) ?? play
  }

  function send(where: Where, waiting: ReadonlyMap<string, Waiting>): Promise<void> {
    const subjects = new Set<string>()
    const done = exchange(where, undefined, waiting, [], subjects).then(() => undefined)
    const travel: Traveling = {
      done,
      join(key, subject) {
        waiting.get(key)?.subjects.add(subject)
        subjects.add(subject)
      },
    }
    let traveling = underWay.get(where.session)
    if (!traveling) underWay.set(where.session, (traveling = new Map()))
    for (const key of waiting.keys()) traveling.set(key, travel)
    const landed = (): void => {
      for (const key of waiting.keys()) if (traveling.get(key) === travel) traveling.delete(key)
    }
    done.then(landed, landed)
    return done
  }

  function gather(where: Where): Batch {
    let batch = gathering.get(where.session)
    if (!batch) {
      const waiting = new Map<string, Waiting>()
      // Hosts that begin together ask in the same turn of the event loop: after it, all of them are in one script.
      const done = turnOfTheLoop().then(async () => {
        gathering.delete(where.session)
        if (options.batch) return send(where, waiting)
        for (const [key, each] of waiting) await send(where, new Map([[key, each]]))
      })
      done.catch(() => undefined)
      batch = { where, waiting, done }
      gathering.set(where.session, batch)
    }
    return batch
  }

  return {
    async prepare(host) {
      if (!connections.prepare) return
      connections.prepare(host)
      await turnOfTheLoop()
    },
    async ask(wants) {
      const promises = new Set<Promise<void>>()
      for (const { where, probe, key, subject } of wants) {
        const traveling = underWay.get(where.session)?.get(key)
        if (traveling) {
          traveling.join(key, subject)
          promises.add(traveling.done)
          continue
        }
        const batch = gather(where)
        const held = batch.waiting.get(key)
        if (held) held.subjects.add(subject)
        else batch.waiting.set(key, { probe, subjects: new Set([subject]) })
        promises.add(batch.done)
      }
      await Promise.all(promises)
    },
    async apply(where, apply, wants, hosts) {
      store.void(hosts, where.connection)
      const waiting = new Map<string, Waiting>()
      for (const want of wants())
        waiting.set(want.key, { probe: want.probe, subjects: new Set([want.subject]) })
      const known = marks.get(where.connection) ?? []
      const answer = await exchange(where, { ...apply, after: known }, waiting, hosts)
      // What is decided from now on knows of that change: its readings are void.
      if (answer.overtaken !== undefined)
        marks.set(where.connection, [...known.slice(-1), answer.overtaken])
      return answer
    },
    async exclusive(names, work, inQueue) {
      // Taken in one order by all, so that two that need the same connections cannot wait for each other.
      const taken: (() => void)[] = []
      try {
        for (const name of [...new Set(names)].sort()) {
          const before = locks.get(name)
          let free!: () => void
          const mine = new Promise<void>((resolve) => (free = resolve))
          locks.set(name, mine)
          // One that leaves the queue hands its turn on when it comes.
          if (before)
            await inQueue(() => beforeActing(options, before, () => void before.then(free)))
          taken.push(free)
        }
        return await work()
      } finally {
        for (const free of taken) free()
      }
    },
    booted: (where) => boots.watch(where.connection),
    play(index, host) {
      if (host !== undefined) playOf.set(host, index)
      else {
        playOf.clear()
        play = index
      }
    },
  }
}

function turnOfTheLoop(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

function hostOf({ endpoint }: Where): readonly string[] {
  return 'host' in endpoint ? [endpoint.host.name] : []
}
