import type { Scope } from '../../model/playbook.ts'
import { DiagnosticError, type Diagnostic } from '../../model/diagnostic.ts'
import type { ChangeLabel } from '../../model/event.ts'
import { isFailed, type Answered, type SeenReading } from '../../contract/probe.ts'
import { redact } from '../../contract/secret.ts'
import { Unreachable, type ActionResult, type Answer } from '../../model/session.ts'
import type { AnyDiff } from '../../contract/state.ts'
import { canonical, same, type Value } from '../../contract/value.ts'
import { bootProbe } from '../ask/boots.ts'
import { actionText, probeText, refusalError, segmentsOf, type Segment } from '../decide/repairs.ts'
import { judge, type Judged } from '../decide/examine.ts'
import type { Want } from '../ask/exchange.ts'
import { aheadOn, known, touchedHosts, type Turn } from '../ask/until-known.ts'
import { noteActing, noteOutput } from '../notes.ts'
import { outputOf } from './output.ts'
import { pendingRegister } from '../decide/register.ts'
import { settle } from './settle.ts'
import { onHost } from '../ask/where.ts'

/** What became of a repair. */
export interface Converged {
  readonly state: Judged
  readonly diff: AnyDiff
  readonly changes: readonly ChangeLabel[]
  /** Whether at least one action was done: then handlers are owed, even after a failure. */
  readonly acted: boolean
  readonly error?: Diagnostic
}

type Seen = Record<string, SeenReading>

/** How often a guard of another connection is read before it counts as one that cannot be. */
const mostReadings = 20

/** What was done of a repair, before it is read back. */
export interface Carried {
  readonly acted: boolean
  /** Outputs of named actions. */
  readonly outputs: Seen
  readonly error?: Diagnostic
}

/**
 * Does what the drift of one task calls for: guards, actions. The caller holds the connections exclusively. Throws Unreachable
 * when a connection is lost.
 */
export async function carryOut(turn: Turn, judged: Judged): Promise<Carried> {
  const { run, task, subject } = turn
  const draft = judged.draft!
  if (draft.refusal) throw refusalError(task, draft.refusal, subject.host.name)
  const outputs: Seen = {}
  let acted = false
  // Before it acts: what travels behind the boot was read in one boot or the other, and has to say in which.
  if (draft.boots) run.hub.booted(onHost(subject.host, null))
  for (const segment of segmentsOf(task, judged, draft.changes)) {
    const answer = await act(turn, segment, judged, outputs).catch((error: unknown) => {
      // A host that boots takes its connection along: what was asked of it has then been done.
      if (error instanceof Unreachable && error.midway && draft.boots) return null
      throw error
    })
    if (!answer) {
      acted = true
      await run.options.connections.release(subject.host)
      break
    }
    acted ||= answer.actions.some((result) => result.ok)
    warnOfTrouble(turn, segment, answer.actions)
    const error = answer.moved
      ? movedError(turn, answer.moved)
      : failureOf(turn, segment, answer.actions)
    if (error) return { acted, outputs, error }
  }
  // Its image may bring new host keys: whoever trusts them after a boot must hear of it.
  if (draft.boots && acted) run.options.connections.booted?.(subject.host)
  return { acted, outputs }
}

/** Reads back what was done, until it is as it was wanted where it takes its time. */
export async function readBack(
  turn: Turn,
  scope: Scope,
  judged: Judged,
  { acted, outputs, error }: Carried,
): Promise<Converged> {
  const { run, task, subject } = turn
  const { diff, wanted } = judged
  const { labels: changes } = judged.draft!
  if (error) return { state: judged, diff, changes, acted, error }
  const began = run.store.tick()
  const again = (): Promise<Judged> =>
    known(turn, (reader) => judge(subject, task, scope, reader, { outputs, wanted }), began)
  try {
    return { state: await settle(turn, again, judged, judged.draft!), diff, changes, acted }
  } catch (thrown) {
    if (!(thrown instanceof DiagnosticError)) throw thrown
    return { state: judged, diff, changes, acted, error: thrown.diagnostics[0]! }
  }
}

/** The connections that a repair of this task will act through. */
export function connectionsOf(turn: Turn, judged: Judged): readonly string[] {
  const segments = segmentsOf(turn.task, judged, judged.draft!.changes)
  return segments.length > 0
    ? segments.map((segment) => segment.where.connection)
    : [judged.where.connection]
}

async function act(turn: Turn, segment: Segment, judged: Judged, done: Seen): Promise<Answer> {
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
  noteActing(turn, segment.where, segment)
  const answer = await run.hub.apply(
    segment.where,
    { guards: segment.guards, actions: segment.actions },
    () => behind(turn, segment, judged),
    touchedHosts(turn),
  )
  segment.actions.forEach((action, i) => {
    const result = answer.actions[i]
    if (!result || !('name' in action) || action.name === undefined) return
    const output = outputOf(action.do, result)
    noteOutput(turn, action.name, output)
    done[action.name] = output
  })
  return answer
}

/** Asks anew, and again where somebody's act has voided the answer on its way: whoever acts there need not have touched this. */
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
function behind(turn: Turn, segment: Segment, judged: Judged): readonly Want[] {
  const { subject, task } = turn
  const name = subject.host.name
  const wants = new Map<string, Want>()
  for (const { probe, key, where } of judged.asked.values())
    if (where.session === segment.where.session)
      wants.set(key, { where, probe, key, subject: name })
  const assumed = new Map(
    task.register && !task.loop ? [[task.register, pendingRegister(task, judged)]] : [],
  )
  for (const want of aheadOn(turn, segment.where, { readBack: task, assumed }))
    wants.set(want.key, want)
  return [...wants.values()]
}

function movedError(turn: Turn, moved: NonNullable<Answer['moved']>): Diagnostic {
  const { probe, expected } = moved.guard
  if (probe === bootProbe) {
    return {
      code: 'guard/moved',
      message: 'nothing was done: the host has booted once more since this was decided',
      at: turn.task.at,
      host: turn.subject.host.name,
      hint: 'see why it boots, then run again',
    }
  }
  const was = isFailed(expected) ? expected.failed.message : summary(expected)
  const is = isFailed(moved.found) ? moved.found.failed.message : summary(moved.found)
  return {
    code: 'guard/moved',
    message: `nothing was done: ${probeText(probe)} said ${was} when this was decided and ${is} just before acting`,
    at: turn.task.at,
    host: turn.subject.host.name,
    hint: 'somebody else is at work on this host; look, then run again',
  }
}

function summary(answer: unknown): string {
  const text = redact(canonical(answer))
  return text.length > 120 ? `${text.slice(0, 120)}…` : text
}

/** The failure of the last action, in the host's own words; null when all were done. */
export function failureOf(
  turn: Turn,
  segment: Pick<Segment, 'actions'>,
  results: readonly ActionResult[],
): Diagnostic | null {
  const at = results.findIndex((result) => !result.ok)
  if (at < 0)
    return results.length < segment.actions.length
      ? {
          code: 'action/lost',
          message: 'the answer of an action did not arrive',
          at: turn.task.at,
          host: turn.subject.host.name,
        }
      : null
  const result = results[at]!
  const before = at > 0 ? ` (done before it: ${at} of ${segment.actions.length})` : ''
  return {
    code: 'action/failed',
    host: turn.subject.host.name,
    at: turn.task.at,
    message: `${turn.task.noLog ? 'the action' : `\`${actionText(segment.actions[at]!)}\``} failed: ${wordsOf(result, turn.task.noLog)}${before}`,
  }
}

/** Tells of commands that ended well, and not without trouble. */
function warnOfTrouble(
  { run, task, subject }: Turn,
  { actions }: Segment,
  results: readonly ActionResult[],
): void {
  for (const [i, { ok, code, stderr }] of results.entries()) {
    const action = actions[i]!
    const trouble = action.do === 'exec' ? action.warns?.[String(code)] : undefined
    if (!ok || trouble === undefined) continue
    const words = task.noLog
      ? []
      : stderr
          .trim()
          .split('\n')
          .slice(-5)
          .filter((line) => line !== '')
    const message = [
      `${task.noLog ? 'the action' : `\`${actionText(action)}\``} did its work, but ${trouble} (exit ${code})`,
      ...words,
    ]
      .join(': ')
      .replaceAll('\n', ' / ')
    run.options.emit({
      type: 'warning',
      at: run.options.clock.now(),
      diagnostic: {
        code: 'action/trouble',
        severity: 'warning',
        message,
        at: task.at,
        host: subject.host.name,
        hint: 'look at it on the host; the task itself is true',
      },
    })
  }
}

/** Whoever acted has put the host's own words into the message; of a `no_log` task they are not shown. */
function wordsOf({ message, code, stderr }: ActionResult, noLog: boolean): string {
  if (!noLog && message !== undefined) return message
  const exit = code === undefined ? 'its words are not shown' : `exit ${code}`
  return noLog || stderr.trim() === ''
    ? exit
    : `${exit}: ${stderr.trim().split('\n').slice(-5).join(' / ')}`
}
