import type { Action } from '../../contract/change.ts'
import { isFailed, type Answered, type SeenReading } from '../../contract/probe.ts'
import { redact } from '../../contract/secret.ts'
import { DiagnosticError } from '../../model/diagnostic.ts'
import type { EnsureTask, Task } from '../../model/playbook.ts'
import type { Said } from '../../model/event.ts'
import { Unreachable, type ActionResult, type Answer } from '../../model/session.ts'
import { canonical, same, type Value } from '../../contract/value.ts'
import { bootProbe } from '../decide/boot-probe.ts'
import { judge } from '../decide/examine.ts'
import { touchedHosts } from '../decide/guess.ts'
import { pendingRegister } from '../decide/register.ts'
import { actionText, probeText, refusalError, segmentsOf } from '../decide/repairs.ts'
import { failure } from '../decide/result.ts'
import { joined, saidBy } from '../decide/said.ts'
import { onHost } from '../decide/where.ts'
import type { Judged, Result, Segment, Trouble, Turn, TurnOf, Want } from '../model.ts'
import { noteActing, noteOutput, tellWarning } from '../tell.ts'
import { outcomeOf, type Done } from './after-acting.ts'
import { outputOf } from './output.ts'
import { keepPromise } from './planned.ts'
import { settle } from './settle.ts'

type Seen = Record<string, SeenReading>

/** How often a guard of another connection is read before it counts as one that cannot be. */
const mostReadings = 20

/** What was done of a repair, before it is read back. */
export interface Carried {
  readonly done: Done
  /** Outputs of named actions. */
  readonly outputs: Seen
  /** Why it went no further; null when all was done. */
  readonly wrong: Result | null
}

/** How often another run may come between a decision and its first action. */
export const mostOvertaken = 20

/** A repair on its way: what it was decided on, and how far it is. */
interface Carriage {
  readonly outputs: Seen
  said: readonly Said[]
  actions: number
  of: number
}

/**
 * Does what the drift of one task calls for: guards, actions. The caller holds the connections exclusively. Whatever is thrown
 * on the way is part of what it gives back, beside what was done before it. `overtaken`: another run has made a change since this
 * was decided, and nothing was done.
 */
export async function carryOut(
  turn: TurnOf<EnsureTask>,
  judged: Judged,
): Promise<Carried | 'overtaken'> {
  const { run, task, subject } = turn
  const draft = judged.draft!
  const carriage: Carriage = { outputs: {}, said: [], actions: 0, of: countOf(task, judged) }
  const carried = (wrong: Result | null): Carried => ({
    done: {
      actions: carriage.actions,
      of: carriage.of,
      diff: judged.diff,
      changes: draft.labels,
      said: carriage.said,
    },
    outputs: carriage.outputs,
    wrong,
  })
  try {
    // Before it acts: what travels behind the boot was read in one boot or the other, and has to say in which.
    if (draft.boots) run.hub.booted(onHost(subject.host, null))
    let current: Judged | null = judged
    for (let tries = 0; current !== null; tries++) {
      const end = await carrySegments(turn, current, carriage)
      if (end !== 'overtaken') {
        if (end) return carried(end)
        break
      }
      if (carriage.actions === 0) return end
      if (tries === mostOvertaken) throw neverAlone(turn)
      current = await leftOf(turn, judged, carriage)
    }
    // Its image may bring new host keys: the transport that accepts one after a boot must know of the boot.
    if (draft.boots && carriage.actions > 0) run.options.connections.booted?.(subject.host)
    return carried(null)
  } catch (thrown) {
    return carried(outcomeOf(turn, thrown))
  }
}

function countOf(task: Task, judged: Judged): number {
  const segments = segmentsOf(task, judged, judged.draft!.changes)
  return segments.reduce((sum, { actions }) => sum + actions.length, 0)
}

/** Sends the exchanges of a repair. Null when all were done; a result is why it ends. */
async function carrySegments(
  turn: TurnOf<EnsureTask>,
  judged: Judged,
  carriage: Carriage,
): Promise<Result | 'overtaken' | null> {
  const { run, task, subject } = turn
  for (const segment of segmentsOf(task, judged, judged.draft!.changes)) {
    const answer = await exchanged(turn, segment, judged)
    if (answer === 'booted') {
      carriage.actions = carriage.of
      await run.options.connections.release(subject.host)
      return null
    }
    if (answer.overtaken !== undefined) return 'overtaken'
    const before = carriage.actions
    carriage.actions += answer.actions.filter((result) => result.ok).length
    carriage.said = joined(carriage.said, saidIn(segment, answer))
    const wrong = await minded(turn, segment, answer, { ...carriage, before })
    if (wrong) return wrong
  }
  return null
}

/** What the commands of an exchange said. */
function saidIn({ actions }: Segment, answer: Answer): readonly Said[] {
  return answer.actions.flatMap((result, i) => {
    const action = actions[i]!
    return action.do === 'exec' || action.do === 'http' ? saidBy(actionText(action), result) : []
  })
}

/** What is left of a repair when another run came between two of its exchanges; null when nothing is. */
async function leftOf(
  turn: TurnOf<EnsureTask>,
  judged: Judged,
  carriage: Carriage,
): Promise<Judged | null> {
  const { run, task, subject } = turn
  const { outputs } = carriage
  const { wanted } = judged
  const now = await run.asking.known({ ...turn, acted: true }, (view) =>
    judge(task, view, { outputs, wanted }),
  )
  if (!now.draft) return null
  if (now.draft.refusal) throw refusalError(task, now.draft.refusal, subject.host.name)
  keepPromise(turn, now, now.draft)
  carriage.of = carriage.actions + countOf(task, now)
  return now
}

/** Other runs change the host again and again. */
export function neverAlone({ task, subject }: Turn): DiagnosticError {
  return new DiagnosticError({
    code: 'connect/lock-busy',
    message: `other runs changed this host ${mostOvertaken} times while this change was decided`,
    at: task.at,
    host: subject.host.name,
    hint: 'wait until the other runs have ended, then run this playbook again',
  })
}

/** Sends one exchange. A host that boots takes its connection along: what was asked of it has then been done. */
async function exchanged(
  turn: TurnOf<EnsureTask>,
  segment: Segment,
  judged: Judged,
): Promise<Answer | 'booted'> {
  try {
    return await send(turn, segment, judged)
  } catch (thrown) {
    if (thrown instanceof Unreachable && thrown.midway && judged.draft!.boots) return 'booted'
    throw thrown
  }
}

/** Keeps what an exchange gave back; a result is why the repair ends here. */
async function minded(
  turn: Turn,
  segment: Segment,
  answer: Answer,
  { outputs, before, of }: Carriage & { readonly before: number },
): Promise<Result | null> {
  for (const [i, action] of segment.actions.entries()) {
    const result = answer.actions[i]
    if (!result || !('name' in action) || action.name === undefined) continue
    const output = outputOf(action.do, result)
    noteOutput(turn, action.name, output)
    outputs[action.name] = output
  }
  warnOfTrouble(turn, segment, answer.actions)
  if (answer.moved) return failure('failed', movedError(turn, answer.moved, before))
  const error = failureOf(turn, segment, answer.actions, { before, of })
  if (error) return failure('failed', error)
  return answer.broken === undefined ? null : outcomeOf(turn, answer.broken)
}

/** Reads back what was done, until it is as it was wanted where it takes its time. */
export function readBack(turn: TurnOf<EnsureTask>, judged: Judged, outputs: Seen): Promise<Judged> {
  const { run, task } = turn
  const { wanted } = judged
  const began = run.store.tick()
  const again = (): Promise<Judged> =>
    run.asking.known(turn, (view) => judge(task, view, { outputs, wanted }), began)
  return settle(turn, again, judged, judged.draft!)
}

/** The connections that a repair of this task will act through. */
export function connectionsOf(turn: Turn, judged: Judged): readonly string[] {
  const segments = segmentsOf(turn.task, judged, judged.draft!.changes)
  return segments.length > 0
    ? segments.map((segment) => segment.where.connection)
    : [judged.where.connection]
}

async function send(turn: TurnOf<EnsureTask>, segment: Segment, judged: Judged): Promise<Answer> {
  const { run, subject } = turn
  for (const { where, guard, key } of segment.remote) {
    const found = await readNow(turn, {
      where,
      probe: guard.probe,
      key,
      subject: subject.host.name,
    })
    if (!found || !same(found as Value, guard.expected as Value)) {
      return {
        moved: {
          guard,
          found: found ?? { failed: { code: 'lost', message: 'it could not be read again' } },
        },
        actions: [],
        readings: [],
        cost: { scripts: 0, requests: 0, bytesSent: 0, bytesReceived: 0 },
      }
    }
  }
  noteActing(turn, segment.where, segment.actions.map(actionText))
  return run.hub.apply(
    segment.where,
    {
      guards: segment.guards,
      actions: segment.actions,
      progress: (probe, text) => run.howFar(turn, probe, text),
    },
    () => behind(turn, segment, judged),
    touchedHosts(turn),
  )
}

/** Asks again, and once more where an act of another host has voided the answer on its way: that act need not have touched this. */
async function readNow({ run }: Turn, want: Want): Promise<Answered | undefined> {
  for (let tries = 0; tries < mostReadings; tries++) {
    const began = run.store.tick()
    await run.hub.ask([want])
    const found = run.store.fresh(want.where, want.key, want.subject, began)
    if (found) return found
  }
  return undefined
}

/** What travels behind an apply: the read-back of its task, and the look-ahead to the next task that will drift. */
function behind(turn: TurnOf<EnsureTask>, segment: Segment, judged: Judged): readonly Want[] {
  const { run, subject, task } = turn
  const name = subject.host.name
  const wants = new Map<string, Want>()
  for (const { probe, key, where } of judged.asked.values())
    if (where.session === segment.where.session)
      wants.set(key, { where, probe, key, subject: name })
  const assumed = new Map(
    task.register && !task.loop ? [[task.register, pendingRegister(task, judged)]] : [],
  )
  for (const want of run.asking.ahead(turn, segment.where, { readBack: task, assumed }))
    wants.set(want.key, want)
  return [...wants.values()]
}

function movedError(turn: Turn, moved: NonNullable<Answer['moved']>, before: number): Trouble {
  const { probe, expected } = moved.guard
  const nothing = before > 0 ? 'nothing more was done' : 'nothing was done'
  if (probe === bootProbe) {
    return {
      code: 'guard/moved',
      message: `${nothing}: the host has booted once more since this was decided`,
      at: turn.task.at,
      host: turn.subject.host.name,
      hint: 'find out why the host booted, then run again',
    }
  }
  const was = isFailed(expected) ? expected.failed.message : summary(expected)
  const is = isFailed(moved.found) ? moved.found.failed.message : summary(moved.found)
  return {
    code: 'guard/moved',
    message: `${nothing}: ${probeText(probe)} said ${was} when this was decided and ${is} just before acting`,
    at: turn.task.at,
    host: turn.subject.host.name,
    hint: 'another person or program changes this host: find out who, then run again',
  }
}

function summary(answer: unknown): string {
  const text = redact(canonical(answer))
  return text.length > 120 ? `${text.slice(0, 120)}…` : text
}

/** The failure of the last action, in the host's own words; null when all were done. */
export function failureOf(
  turn: Turn,
  { actions }: { readonly actions: readonly Action[] },
  results: readonly ActionResult[],
  { before, of } = { before: 0, of: actions.length },
): Trouble | null {
  const place = { at: turn.task.at, host: turn.subject.host.name }
  const at = results.findIndex((result) => !result.ok)
  if (at < 0) {
    if (results.length >= actions.length) return null
    const message = 'the answer of an action did not arrive'
    const hint = `check on ${place.host} whether it was done, then run again: what is true already is not changed`
    return { code: 'action/lost', message, plain: message, hint, ...place }
  }
  const result = results[at]!
  const done = before + at > 0 ? ` (done before it: ${before + at} of ${of})` : ''
  return {
    code: 'action/failed',
    message: `\`${actionText(actions[at]!)}\` failed: ${wordsOf(result)}${done}`,
    plain: `the action failed: ${exitOf(result)}${done}`,
    hint: actionHint(actions[at]!, place.host),
    ...place,
  }
}

/** What to try next. It holds no value of the task. */
function actionHint(action: Action, host: string): string {
  if (action.do === 'http')
    return 'make the request by hand with the same token, or read the log of the service'
  if (action.do === 'produce')
    return `try it by hand on ${host}, as the same user: what does the other side say, and is there room at the path?`
  return action.do === 'exec'
    ? `try the command by hand on ${host}, as the same user, and read the logs there`
    : `look at the path on ${host}: its owner, its mode, the space that is left`
}

/** Tells of commands that ended well, and not without trouble. */
function warnOfTrouble(turn: Turn, { actions }: Segment, results: readonly ActionResult[]): void {
  for (const [i, { ok, code, stderr }] of results.entries()) {
    const action = actions[i]!
    const trouble = action.do === 'exec' ? action.warns?.[String(code)] : undefined
    if (!ok || trouble === undefined) continue
    const did = `did its work, but ${trouble} (exit ${code})`
    const words = lastLines(stderr).filter((line) => line !== '')
    tellWarning(turn, {
      code: 'action/trouble',
      message: [`\`${actionText(action)}\` ${did}`, ...words].join(': ').replaceAll('\n', ' / '),
      plain: `the action ${did}`,
      hint: 'the state that the task wants is there; look at the reported trouble on the host',
    })
  }
}

function lastLines(text: string): readonly string[] {
  return text.trim().split('\n').slice(-5)
}

function exitOf({ code }: ActionResult): string {
  return code === undefined ? 'its words are not shown' : `exit ${code}`
}

/** What went wrong with an action: the words of the host, where they came. */
function wordsOf(result: ActionResult): string {
  if (result.message !== undefined) return result.message
  return result.stderr.trim() === ''
    ? exitOf(result)
    : `${exitOf(result)}: ${lastLines(result.stderr).join(' / ')}`
}
