import { boundDepth } from '../../contract/json.ts'
import type { EnsureTask, RunTask, StateTask, Task } from '../../model/playbook.ts'
import { DiagnosticError } from '../../model/diagnostic.ts'
import {
  isFailed,
  probeKey,
  stat,
  type Probe,
  type Seen,
  type SeenReading,
  type FailedReading,
  type ReadFault,
} from '../../contract/probe.ts'
import { notYet, Unknown } from '../../model/signal.ts'
import { compare, isEmpty, type State, type WantedState } from '../../contract/state.ts'
import { valueOf } from '../../model/value-tree.ts'
import type { Asked, Before, Drifted, Examined, Judged, Runs, View, Where } from '../model.ts'
import { valuesIn } from './condition-words.ts'
import { firstFalse } from './hold-conditions.ts'
import { evaluate } from './evaluate.ts'
import { draftOf, probeText } from './repairs.ts'
import { environmentOf, paramsOf, whereOf } from './scope.ts'
import { defect, fitted, fittedAction, hasWishes } from './task-keywords.ts'
import { weigh } from './weigh.ts'
import { route } from './where.ts'

/** How often `probe` may ask for more. */
const rounds = 3

/** Examines a task. Throws NotYet for what is not read, Unknown for what a pending change hides, DiagnosticError for failures. */
export function examine(task: Task, view: View, before?: Before): Examined {
  const { subject, scope } = view
  const refused = firstFalse(task.when, scope)
  if (refused) return { kind: 'skipped', reason: `when: ${refused.text}` }
  if (task.verb === 'confirm') return { kind: 'asks', task }
  // After a boot nothing of a host is as it was read before.
  if (subject.boot !== null) throw new Unknown(subject.boot)
  if (task.verb === 'run') return examineRun(task, view)
  if (task.verb === 'ensure' && task.event && before === undefined) {
    const reason = sparedBy(task, view, whereOf(view, task), environmentOf(view, task))
    if (reason !== null) return { kind: 'spared', reason }
  }
  if (task.type) return weigh(task, view, judge(task, view, before))
  const untrue = firstFalse(task.that, scope)
  return untrue
    ? {
        kind: 'untrue',
        condition: untrue,
        values: valuesIn(untrue, view),
        judged: null,
        fails: false,
      }
    : { kind: 'holds', judged: null }
}

/** Reads a task's state and compares it with the wish; `read`, and conditions alone, wish for nothing. */
export function judge(task: StateTask, view: View, before?: Before): Judged {
  const { type } = task
  const where = whereOf(view, task)
  const environment = environmentOf(view, task)
  const { params, touched } = paramsOf(task, view.scope, before?.params)
  const read = readRounds(task, view, { where, environment, params, seen: before?.outputs ?? {} })
  const state = boundDepth(type.observe(read.seen, params) as State)
  const wishes = hasWishes(task)
  if (!before && wishes) task.params.check?.(params)
  const wanted =
    before?.wanted ?? (wishes && type.desire ? (type.desire(params, state) as WantedState) : {})
  const drifted: Drifted = {
    params: touched,
    where,
    environment,
    asked: read.asked,
    state,
    diff: compare(wanted, state),
  }
  // The repair is drafted here, where a param that it alone touches can still be asked for.
  const draft =
    task.verb === 'ensure' && !isEmpty(drifted.diff) ? draftOf(task, drifted, params) : null
  const unanswered = type.unanswered?.(state, params) ?? null
  const identity = identityOf(task, params)
  return { ...drifted, identity, rounds: read.rounds, wanted, draft, unanswered }
}

interface Reads {
  readonly where: Where
  readonly environment: Readonly<Record<string, string>>
  readonly params: Readonly<Record<string, unknown>>
  readonly seen: Seen
}

/** Asks the probes of a type until it asks for nothing new. */
function readRounds(
  task: StateTask,
  { subject, reader }: View,
  { where, environment, params, seen }: Reads,
): { readonly seen: Seen; readonly asked: ReadonlyMap<string, Asked>; readonly rounds: number } {
  const asked = new Map<string, Asked>()
  let all: Seen = seen
  for (let round = 0; ; round++) {
    const wished = task.type.probe(params, all)
    const wanted = Object.keys(wished).filter(
      (name) => wished[name] !== undefined && !asked.has(name),
    )
    if (wanted.length === 0) return { seen: all, asked, rounds: round }
    if (round === rounds)
      throw defect(task, `its probe asks for more after ${rounds} rounds (${wanted.join(', ')})`)
    let missing = false
    for (const name of wanted) {
      const probe = fitted(wished[name] as Probe, task, environment)
      const key = probeKey(probe)
      const to = route(probe, where)
      const answered = reader.read(to, probe, key)
      if (answered === undefined) missing = true
      else asked.set(name, { probe, key, where: to, answered })
    }
    if (missing) notYet()
    const more: Record<string, Seen[string]> = { ...all }
    for (const [name, { probe, answered, where: to }] of asked) {
      if (isFailed(answered)) throw failedRead(subject.host.name, task, probe, answered.failed, to)
      more[name] = answered as SeenReading
    }
    all = more as Seen
  }
}

/** The params that say which thing is meant. One that nothing else needs may be unknown in a plan: it is left out there. */
function identityOf(
  task: StateTask,
  params: Readonly<Record<string, unknown>>,
): readonly (readonly [string, unknown])[] {
  const found: (readonly [string, unknown])[] = []
  for (const [name, schema] of Object.entries(task.type.params.properties)) {
    if (!schema.identity) continue
    const value = evaluate(() => params[name])
    if (value.kind === 'missing') notYet()
    if (value.kind === 'value' && value.value !== undefined) found.push([name, value.value])
  }
  return found
}

function examineRun(task: RunTask, view: View): Examined {
  const where = whereOf(view, task)
  const environment = environmentOf(view, task)
  const spared = sparedBy(task, view, where, environment)
  if (spared !== null) return { kind: 'spared', reason: spared }
  const { params, touched } = paramsOf(task, view.scope)
  task.params.check?.(params)
  const action = fittedAction(task.type.act(params), task, environment)
  return { kind: 'runs', task, where, params: touched, action } satisfies Runs
}

/** Why a task need not be done; null where it must. */
function sparedBy(
  task: RunTask | EnsureTask,
  { subject, reader, scope }: View,
  where: Where,
  environment: Readonly<Record<string, string>>,
): string | null {
  const ask = <T>(probe: Probe): T => {
    const full = fitted(probe, task, environment)
    const answered = reader.read(where, full, probeKey(full))
    if (answered === undefined) notYet()
    if (isFailed(answered)) throw failedRead(subject.host.name, task, full, answered.failed, where)
    return answered as T
  }
  if (task.creates) {
    const path = String(valueOf(task.creates, scope))
    if (ask<{ exists: boolean }>(stat(path)).exists) return `creates: ${path} is there`
  }
  if (task.removes) {
    const path = String(valueOf(task.removes, scope))
    if (!ask<{ exists: boolean }>(stat(path)).exists) return `removes: ${path} is gone`
  }
  if (task.unless) {
    const command = valueOf(task.unless, scope)
    const argv = Array.isArray(command) ? command.map(String) : ['sh', '-c', String(command)]
    const probe = { read: 'exec', argv, exits: 'any', timeout: commandSeconds } as const
    if (ask<{ exit: number }>(probe).exit === 0)
      return `unless: ${Array.isArray(command) ? argv.join(' ') : String(command)}`
  }
  return null
}

/** The hint of a denied read when the task already becomes another user: it cannot suggest `become`. */
function deniedAlthough(user: string): string {
  return `${user} may not read it either: look at the mode of each folder above it, and at its file system (a network share, FUSE)`
}

/** Seconds that the command of `unless` may take, as that of `run`. */
const commandSeconds = 600

/** What to look at next after a failed read, where the transport says nothing better. */
const readHints: Readonly<Record<ReadFault, string>> = {
  denied: 'read it as another user with `become:`',
  exit: 'run the command by hand on the host to see why it fails',
  io: 'look at it on the host: the file system, the path, the log of the kernel',
  lost: 'see whether the host is up, then run again',
  'missing-tool': 'install the tool on the host with a task before this one',
  'not-text': 'trueup reads UTF-8 text here: look at the file with `file` and `xxd`',
  status: 'make the request by hand, or read the log of the service',
  'too-deep': 'read a part of it',
  'too-large': 'read a part of it, or its hash',
  timeout: 'give it more time with `timeout:`, or see on the host why it takes so long',
}

function failedRead(
  host: string,
  task: Task,
  probe: Probe,
  failed: FailedReading['failed'],
  { become }: Where,
): DiagnosticError {
  return new DiagnosticError({
    code: `read/${failed.code}`,
    message: `cannot read ${probeText(probe)}: ${failed.message}`,
    at: task.at,
    hint:
      failed.code === 'denied' && become !== null
        ? deniedAlthough(become.user)
        : (failed.hint ?? readHints[failed.code]),
    host,
  })
}
