import { Unreachable } from '../../model/session.ts'
import { Unknown } from '../../model/signal.ts'
import { whileReading } from '../decide/drain.ts'
import { evaluate } from '../decide/evaluate.ts'
import { itemNames, viewOf } from '../decide/scope.ts'
import { defect } from '../decide/task-keywords.ts'
import { isOwn } from '../decide/where.ts'
import type { Asking, Reader, Register, Turn, View, Want, Where } from '../model.ts'
import type { Probe } from '../../contract/probe.ts'
import type { Task } from '../../model/playbook.ts'
import { lookAhead, type Current } from './look-ahead.ts'
import { goodForMilliseconds } from './reading-store.ts'

/** After this many vain tries the reading is taken while no one may change anything through its connection. */
const contended = 4
const hopeless = 40

/** How the engine evaluates what needs readings. */
export const asking: Asking = { known, ahead: aheadOn }

async function known<T>(turn: Turn, work: (view: View) => T, began = beganOf(turn)): Promise<T> {
  const found = knownNow(turn, work, began)
  if ('value' in found) return found.value
  const reading = untilKnown(turn, work, began, found.missing)
  // What was begun is waited for; until then a run that ends leaves the host.
  return turn.acted ? reading : whileReading(turn.run.options, reading)
}

/** What `work` gives on the readings that there are, or what it needs beside them. */
function knownNow<T>(
  turn: Turn,
  work: (view: View) => T,
  began: number,
): { readonly value: T } | { readonly missing: readonly Want[] } {
  const { subject, task, items, item } = turn
  const wants = new Map<string, Want>()
  const reader = counting(turn, began, wants)
  const found = evaluate(() => work(viewOf(subject, task, reader, itemNames(items, item))))
  if (found.kind === 'value') return found
  if (found.kind === 'unknown') throw new Unknown(found.until)
  if (wants.size === 0) throw defect(task, 'it needs a value that nothing reads')
  return { missing: [...wants.values()] }
}

async function untilKnown<T>(
  turn: Turn,
  work: (view: View) => T,
  began: number,
  first: readonly Want[],
): Promise<T> {
  const { run, task } = turn
  let missing = first
  for (let tries = 1; ; tries++) {
    if (tries > hopeless) throw defect(task, 'its readings never come to rest')
    if (tries >= contended && !turn.locked)
      return run.hub.exclusive(
        missing.map((want) => want.where.connection),
        () => known({ ...turn, locked: true }, work, began),
        (wait) => run.inQueue(turn, wait),
      )
    await gather(turn, missing, began)
    const found = knownNow(turn, work, began)
    if ('value' in found) return found.value
    missing = found.missing
  }
}

/**
 * The sequence from which on readings count. A turn that has come to its connections goes on with what it has decided on, if that is
 * recent and nothing has voided it: a proof that took an hour is not made twice before its change.
 */
function beganOf({ run, locked, decided }: Turn): number {
  const isRecent =
    locked && decided !== undefined && run.options.clock.now() - decided.at <= goodForMilliseconds
  return isRecent ? decided.began : run.store.tick()
}

/** A reader that answers only with what counts at this turn, and collects what is missing. */
function counting(turn: Turn, began: number, wants: Map<string, Want>): Reader {
  const { store } = turn.run
  const subject = turn.subject.host.name
  const progress: Want['progress'] = (probe, text) => turn.run.howFar(turn, probe, text)
  const read = (where: Where, probe: Probe, key: string): ReturnType<Reader['read']> => {
    const answered = store.fresh(where, key, subject, began)
    if (!answered) wants.set(`${where.session}\n${key}`, { where, probe, key, subject, progress })
    return answered
  }
  return {
    read,
    fact(where, probe, key) {
      store.chained(where, key)
      return read(where, probe, key)
    },
  }
}

/** The wants of one session, and whether the turn cannot go on without them. */
interface Group {
  readonly wants: Map<string, Want>
  required: boolean
}

async function gather(turn: Turn, required: readonly Want[], began: number): Promise<void> {
  const { run, subject } = turn
  const isOwnNeeded = required.some((want) => isOwn(want.where, subject))
  // A turn that holds a connection exclusively may not wait for a place: its holder may be waiting for that connection.
  if (!turn.locked && isOwnNeeded && !run.tryAdmit(subject))
    await run.inQueue(turn, () => run.admit(subject))
  if (isOwnNeeded) await run.hub.prepare(subject.host)
  const groups = new Map<string, Group>()
  for (const want of required) addTo(groups, want, true)
  if (run.options.batch) for (const want of aheadOf(turn, began)) addTo(groups, want, false)
  const needed: Promise<void>[] = []
  for (const group of groups.values()) {
    if (!group.required && !mayAskAhead(turn, group)) continue
    const asked = run.hub.ask([...group.wants.values()])
    if (group.required) needed.push(asked)
    else asked.catch((error: unknown) => mindUnreachable(turn, group, error))
  }
  await Promise.all(needed)
}

function addTo(groups: Map<string, Group>, want: Want, required: boolean): void {
  let group = groups.get(want.where.session)
  if (!group) groups.set(want.where.session, (group = { wants: new Map(), required: false }))
  // What the turn itself needs comes first, and hears how far its probes are.
  if (!group.wants.has(want.key)) group.wants.set(want.key, want)
  group.required ||= required
}

function whereOfGroup({ wants }: Group): Where {
  return wants.values().next().value!.where
}

function mayAskAhead({ run, subject }: Turn, group: Group): boolean {
  const where = whereOfGroup(group)
  if (run.unreachableAhead.has(where.connection)) return false
  return !isOwn(where, subject) || run.tryAdmit(subject)
}

function mindUnreachable({ run }: Turn, group: Group, error: unknown): void {
  if (error instanceof Unreachable) run.unreachableAhead.add(whereOfGroup(group).connection)
}

function aheadOf(turn: Turn, began: number): readonly Want[] {
  const { run, subject, task, items, item, rest } = turn
  return lookAhead(subject, { task, items, from: item ?? 0 }, rest(), {
    store: run.store,
    turn: began,
    mode: run.options.mode,
    once: run.once,
  })
}

function aheadOn(
  turn: Turn,
  where: Where,
  more: { readonly readBack?: Task; readonly assumed?: ReadonlyMap<string, Register> } = {},
): readonly Want[] {
  const { run, subject, rest } = turn
  if (!run.options.batch) return []
  const options = {
    store: run.store,
    turn: run.store.tick(),
    mode: run.options.mode,
    once: run.once,
    ...(more.readBack ? { readBack: more.readBack } : {}),
  }
  return lookAhead(subject, nextItem(turn), rest(), options, more.assumed).filter(
    (want) => want.where.session === where.session,
  )
}

/** Where the look-ahead begins when the current item has been dealt with: at the next one, or behind the task. */
function nextItem({ task, items, item }: Turn): Current | null {
  return items !== null && item !== null && item + 1 < items.length
    ? { task, items, from: item + 1 }
    : null
}
