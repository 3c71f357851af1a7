import { boundDepth } from '../../contract/json.ts'
import type { Computed, Scope, Task } from '../../model/playbook.ts'
import type { ExecAction, HttpAction } from '../../contract/change.ts'
import { DiagnosticError } from '../../model/diagnostic.ts'
import {
  isFailed,
  probeKey,
  stat,
  type Answered,
  type Probe,
  type Seen,
} from '../../contract/probe.ts'
import { notYet, Unknown } from '../../model/signal.ts'
import { compare, isEmpty, type State, type WantedState } from '../../contract/state.ts'
import type { Value } from '../../contract/value.ts'
import { draftOf, probeText, type Asked, type Draft, type Drifted } from './repairs.ts'
import { defect, fitted, fittedAction } from './task-keywords.ts'
import { valueOf } from '../../model/tree.ts'
import { attempt, environmentOf, paramsOf, whereOf, type Reader, type Subject } from './scope.ts'
import { valuesIn } from './condition-words.ts'
import { route, type Where } from '../ask/where.ts'

/** How often `probe` may ask for more. */
const rounds = 3

/** What a task's readings say: the current state, the wish, what differs, and how that would be repaired. */
export interface Judged extends Drifted {
  /** How many rounds of probes it took. */
  readonly rounds: number
  readonly wanted: WantedState
  /** Null where nothing differs, or nothing is repaired. */
  readonly draft: Draft | null
}

/** What a task comes to for one host (and item), before anything is done about it. */
export type Examined =
  | { readonly kind: 'skipped'; readonly reason: string }
  | { readonly kind: 'holds'; readonly judged: Judged | null }
  | { readonly kind: 'drifts'; readonly judged: Judged }
  | { readonly kind: 'untrue'; readonly condition: Computed; readonly values: readonly string[] }
  | { readonly kind: 'spared'; readonly reason: string }
  | {
      readonly kind: 'runs'
      readonly where: Where
      readonly params: Readonly<Record<string, unknown>>
      readonly action: ExecAction | HttpAction
    }
  | { readonly kind: 'asks' }
  | { readonly kind: 'silent'; readonly why: string }

/** What a read-back brings along: outputs of named actions, the wish that was fixed before a change. */
export interface Before {
  readonly outputs: Seen
  readonly wanted?: WantedState
  /** Params that were rendered then; rendered anew when absent. */
  readonly params?: Readonly<Record<string, unknown>>
}

/** Examines a task. Throws NotYet for what is not read, Unknown for what a pending change hides, DiagnosticError for failures. */
export function examine(
  subject: Subject,
  task: Task,
  scope: Scope,
  reader: Reader,
  before?: Before,
): Examined {
  subject.reader = reader
  const refused = firstFalse(task.when, scope)
  if (refused) return { kind: 'skipped', reason: `when: ${refused.text}` }
  if (task.verb === 'confirm') return { kind: 'asks' }
  // After a boot nothing of a host is as it was read before.
  if (subject.boot !== null) throw new Unknown(subject.boot)
  switch (task.verb) {
    case 'run':
      return examineRun(subject, task, scope, reader)
    case 'require':
      if (task.that) {
        const untrue = firstFalse(task.that, scope)
        return untrue
          ? { kind: 'untrue', condition: untrue, values: valuesIn(untrue, task, subject, scope) }
          : { kind: 'holds', judged: null }
      }
      break
  }
  const judged = judge(subject, task, scope, reader, before)
  return isEmpty(judged.diff) ? { kind: 'holds', judged } : { kind: 'drifts', judged }
}

/** Reads a task's state and compares it with the wish; `read` wishes for nothing. */
export function judge(
  subject: Subject,
  task: Task,
  scope: Scope,
  reader: Reader,
  before?: Before,
): Judged {
  subject.reader = reader
  const type = task.type!
  const where = whereOf(subject, task, scope)
  const environment = environmentOf(subject, task, scope)
  const params = before?.params ?? paramsOf(task, scope)
  const asked = new Map<string, Asked>()
  let seen: Seen = before?.outputs ?? {}
  let readRounds = 0
  for (let round = 1; ; round++) {
    const wished = type.probe(params, seen)
    const wanted = Object.keys(wished).filter(
      (name) => wished[name] !== undefined && !asked.has(name),
    )
    if (wanted.length === 0) break
    if (round > rounds)
      throw defect(task, `its probe asks for more after ${rounds} rounds (${wanted.join(', ')})`)
    let missing = false
    for (const name of wanted) {
      const probe = fitted(wished[name] as Probe, task, environment)
      const key = probeKey(probe)
      const to = route(probe, where)
      const answered = attempt(() => reader.read(to, probe, key))
      if (answered === undefined) missing = true
      else asked.set(name, { probe, key, where: to, answered })
    }
    if (missing) notYet()
    const more: Record<string, Seen[string]> = { ...seen }
    for (const [name, { probe, answered }] of asked) {
      if (isFailed(answered)) throw failedRead(subject, task, probe, answered.failed)
      more[name] = answered
    }
    seen = more as Seen
    readRounds = round
  }
  const state = boundDepth(type.observe(seen, params) as State)
  if (!before && task.verb !== 'read') task.params?.check?.(params)
  const wanted =
    before?.wanted ??
    (task.verb === 'read' || !type.desire ? {} : (type.desire(params, state) as WantedState))
  const drifted: Drifted = {
    params,
    where,
    environment,
    asked,
    state,
    diff: compare(wanted, state),
  }
  // The repair is drafted here, where a param that it alone touches can still be asked for.
  const draft =
    task.verb === 'ensure' && type.change && !isEmpty(drifted.diff) ? draftOf(task, drifted) : null
  return { ...drifted, rounds: readRounds, wanted, draft }
}

function examineRun(subject: Subject, task: Task, scope: Scope, reader: Reader): Examined {
  const where = whereOf(subject, task, scope)
  const environment = environmentOf(subject, task, scope)
  const ask = (probe: Probe): Answered => {
    const full = fitted(probe, task, environment)
    const answered = reader.read(where, full, probeKey(full))
    if (isFailed(answered)) throw failedRead(subject, task, full, answered.failed)
    return answered
  }
  if (task.creates) {
    const path = String(valueOf(task.creates, scope))
    if ((ask(stat(path)) as { exists: boolean }).exists)
      return { kind: 'spared', reason: `creates: ${path} is there` }
  }
  if (task.removes) {
    const path = String(valueOf(task.removes, scope))
    if (!(ask(stat(path)) as { exists: boolean }).exists)
      return { kind: 'spared', reason: `removes: ${path} is gone` }
  }
  if (task.unless) {
    const command = valueOf(task.unless, scope)
    const argv = Array.isArray(command) ? command.map(String) : ['sh', '-c', String(command)]
    if ((ask({ read: 'exec', argv, exits: 'any' }) as { exit: number }).exit === 0)
      return {
        kind: 'spared',
        reason: `unless: ${Array.isArray(command) ? argv.join(' ') : String(command)}`,
      }
  }
  const params = paramsOf(task, scope)
  task.params?.check?.(params)
  return {
    kind: 'runs',
    where,
    params,
    action: fittedAction(task.type!.act!(params), task, environment),
  }
}

/** The first condition that does not hold. */
export function firstFalse(conditions: readonly Computed[], scope: Scope): Computed | null {
  // All are asked before the answer counts: what is missing of each is then read in one go.
  let isMissing = false
  for (const condition of conditions) {
    const value = attempt(() => ({ held: truth(condition, condition.evaluate(scope)) }))
    if (value === undefined) isMissing = true
    else if (!value.held) return condition
  }
  if (isMissing) notYet()
  return null
}

function truth(condition: Computed, value: Value): boolean {
  if (typeof value === 'boolean') return value
  throw new DiagnosticError({
    code: 'expression/not-boolean',
    message: `the condition gives ${JSON.stringify(value)}, not true or false`,
    at: condition.at,
    hint: 'compare it with something, for example `!= ""` or `> 0`',
  })
}

function failedRead(
  subject: Subject,
  task: Task,
  probe: Probe,
  failed: { code: string; message: string; hint?: string },
): DiagnosticError {
  return new DiagnosticError({
    code: `read/${failed.code}`,
    message: `cannot read ${probeText(probe)}: ${failed.message}`,
    at: task.at,
    hint: failed.hint,
    host: subject.host.name,
  })
}
