import { randomBytes } from 'node:crypto'
import * as prelude from './prelude.ts'
import { pulseTimes } from './pulse.ts'
import { walking, walkingNeeds } from './walk.ts'
import type { Interrupt } from '../../model/session.ts'
import type { Unit } from './units.ts'

/** A script ready to be sent: its text, the units that answer in it, and what follows it on standard input. */
export interface Script {
  readonly mark: string
  readonly text: string
  readonly units: readonly Unit[]
  /** Secrets and small files, in base64, which the script reads before it does anything. */
  readonly payload: string
  /** The files that the script asks for when it is their turn. */
  readonly uploads: readonly Upload[]
  /** Whether it acts. */
  readonly acts: boolean
  /** Whether its input stays open to the end, and the input's end kills it. */
  readonly held: boolean
  /** Hears who keeps the lock that the script waits for. */
  waits?(holder: string): void
  /** Hears how far the unit of this index is. */
  progress?(unit: number, text: string): void
  /** Ends that wait, before anything is done. */
  readonly drain?: Interrupt | undefined
}
/** A file that is streamed when the script asks for it. */
export interface Upload {
  readonly path: string
  readonly size: number
}

/** The parts that a script is composed of. */
export interface Parts {
  readonly units: readonly Unit[]
  /** Lines between the opening and the first unit. */
  readonly before?: string
  /** Functions beside those of reading. */
  readonly functions?: Readonly<Record<string, string>>
  /** What those call in their turn. */
  readonly needs?: Readonly<Record<string, readonly string[]>>
  /** Lines that stand before the unit of this index. */
  readonly between?: ReadonlyMap<number, string>
  readonly payload?: string
  readonly uploads?: readonly Upload[]
  readonly acts?: boolean
  /** In a script that acts: the first unit that only reads, behind all that acts. */
  readonly readsFrom?: number
}

const readers: Readonly<Record<string, string>> = {
  O: prelude.timed,
  L: prelude.limiter,
  R: prelude.relay,
  ...walking,
  A: prelude.absence,
  U: prelude.homes,
  S: prelude.statOne,
  G: prelude.statMany,
  X: prelude.textOf,
  H: prelude.hashOf,
}

/** What a function needs that stands before it. */
const needs: Readonly<Record<string, readonly string[]>> = {
  L: ['O'],
  K: ['O'],
  W: ['I'],
  X: ['Open', 'Take'],
  H: ['Open', 'Walk', 'Steady'],
  ...walkingNeeds,
}

/** Composes a script: only the functions that it calls, then its units in order, all in one `{ … }` so that a part of it does nothing. */
export function compose(parts: Parts, every = pulseTimes.every): Script {
  const mark = randomBytes(12).toString('hex')
  const acts = parts.acts ?? false
  const called = new Set(parts.units.flatMap((unit) => unit.calls))
  const watches = parts.units
    .slice(acts ? (parts.readsFrom ?? parts.units.length) : 0)
    .some((unit) => unit.calls.includes('N') || unit.calls.includes('L'))
  if (watches) called.add('N')
  if (called.has('N') && acts) called.add('L')
  // A set goes on to what is added to it on the way.
  for (const name of called)
    for (const needed of parts.needs?.[name] ?? needs[name] ?? []) called.add(needed)
  const known = {
    ...readers,
    N: acts ? prelude.timedInstead : prelude.watched(every),
    ...parts.functions,
  }
  const functions = Object.entries(known).filter(([name]) => called.has(name))
  // A script that only reads has its watcher answer instead: that costs the host no process.
  const beats = acts || !watches
  // The actions have taken from the input what was theirs.
  const turning = acts && watches ? parts.readsFrom : undefined
  const lines = parts.units.map(
    (unit, frame) =>
      `${frame === turning ? prelude.watched(every) : ''}${parts.between?.get(frame) ?? ''}${unit.text(frame)}`,
  )
  const body = [
    prelude.opening(mark, acts || watches),
    beats ? prelude.beat(every) : 'hb=\n',
    ...functions.map(([, text]) => text),
    parts.before ?? '',
    ...lines,
    watches ? prelude.unwatch : '',
    prelude.unbeat,
    prelude.closing,
  ]
  return {
    mark,
    text: `{\n${body.join('')}}\n`,
    units: parts.units,
    payload: parts.payload ?? '',
    uploads: parts.uploads ?? [],
    acts,
    held: acts || watches,
  }
}
