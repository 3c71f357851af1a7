import type { Action, Change } from '../contract/change.ts'
import { codes, type Code } from '../model/codes.ts'
import { asDiagnosticError, DiagnosticError } from '../model/diagnostic.ts'
import { kindOf } from '../model/error-kind.ts'
import { mayDestroy, type AnyResourceType } from '../contract/resource.ts'
import { compare, isEmpty, type AnyDiff, type State, type WantedState } from '../contract/state.ts'
import { canonical, type ValueMap } from '../contract/value.ts'
import { readCase, type CaseRead } from './case-read.ts'
import { frozen, outputOf, type CaseReading } from './case-reading.ts'
import { brokenRules, paramsOfCase, type ParamFault } from './case-params.ts'
import { unusedParams } from './unused-params.ts'

/** One case of a type, as cases.yaml holds it. */
export interface Case {
  readonly name: string
  /** As a playbook writes them. */
  readonly params?: ValueMap
  /** Answers by the name of the probe; what is left out of one has its plainest value. */
  readonly reads?: { readonly [probe: string]: CaseReading }
  /** Some fields of the observed state. */
  readonly state?: ValueMap
  /** The drifted fields, each `[from, to]`; `{}` says that nothing differs. */
  readonly diff?: { readonly [field: string]: readonly [unknown, unknown] }
  /** The titles of the changes. */
  readonly changes?: readonly string[]
  /** The actions: a list is an argv, a map holds some keys of an action. */
  readonly does?: readonly (readonly string[] | ValueMap)[]
  /** Words of the refusal. */
  readonly refuses?: string
  /** Words of what is waited for. */
  readonly awaits?: string
  /** Words of what is refused when a playbook is loaded: nothing is read. */
  readonly mistake?: string
  /** Code of the error that the reading ends with: `read/denied`. */
  readonly fails?: string
  /** Answers after the change; those left out stay as they were. */
  readonly then?: { readonly [probe: string]: CaseReading }
  /** Outputs of named actions. */
  readonly outputs?: { readonly [action: string]: CaseReading }
  /** What the task's line says while it settles. */
  readonly progress?: string
  /** The call that `run` makes, and what it answers. */
  readonly call?: readonly string[] | ValueMap
  readonly answer?: CaseReading
}

/** A case that does not hold, and what about it. */
export interface CaseFault {
  readonly case: string
  readonly fault: string
  /** What a playbook would be refused with, where the params of the case are wrong. */
  readonly param?: ParamFault
}

type Kind = 'converged' | 'drifted' | 'failed-read' | 'read' | 'call'
interface Bench {
  readonly type: AnyResourceType
  readonly params: Readonly<Record<string, unknown>>
  readonly kinds: Set<Kind>
  /** Everything that the functions said, to be searched for secrets. */
  readonly said: unknown[]
  readonly fault: (words: string) => void
}

/** Everything that is wrong with a type by its cases: each case on its own, the laws of types, and the kinds of cases that are missing. */
export function checkCases(type: AnyResourceType, cases: readonly Case[]): readonly CaseFault[] {
  const faults: CaseFault[] = []
  const kinds = new Set<Kind>()
  const used: ValueMap[] = []
  for (const each of cases) {
    const before = faults.length
    const secrets: string[] = []
    const said: unknown[] = []
    const fault = (words: string): void => void faults.push({ case: each.name, fault: words })
    const {
      params,
      faults: wrong,
      secrets: given,
    } = paramsOfCase(type.params, each.params ?? {}, type.name)
    const broken = [
      ...wrong.map(({ code, message }) => `${message} (${code})`),
      ...(wrong.length > 0 ? [] : brokenRules(type, each.params ?? {}, params, !isRead(each))),
    ]
    if (each.mistake !== undefined) {
      checkMistake(each.mistake, broken, fault)
      continue
    }
    wrong.forEach((param) =>
      faults.push({ case: each.name, fault: `${param.message} (${param.code})`, param }),
    )
    broken.slice(wrong.length).forEach(fault)
    used.push(each.params ?? {})
    secrets.push(...given)
    if (faults.length > before) continue
    checkCase(each, { type, params: guarded(params, fault), kinds, said, fault }, secrets)
    const words = JSON.stringify(said)
    for (const secret of secrets)
      if (secret.length >= 6 && words.includes(JSON.stringify(secret).slice(1, -1)))
        fault('a secret shows in what the type says')
  }
  const needed: readonly Kind[] = type.change
    ? [...(isEvent(type) ? [] : (['converged'] as const)), 'drifted', 'failed-read']
    : cases.some((each) => Object.keys(each.reads ?? {}).length > 0)
      ? ['read', 'failed-read']
      : ['read']
  for (const kind of [...needed, ...(type.act ? (['call'] as const) : [])])
    if (!kinds.has(kind)) faults.push({ case: '(all)', fault: `no ${kind} case exists` })
  for (const what of unusedParams(type.params, used))
    faults.push({ case: '(all)', fault: `no case uses ${what}` })
  return faults
}

/** A case that only reads says nothing of what differs and of what is done. */
function isRead(each: Case): boolean {
  return (
    each.diff === undefined &&
    each.does === undefined &&
    each.refuses === undefined &&
    each.fails === undefined &&
    each.call === undefined &&
    each.mistake === undefined
  )
}

function checkMistake(words: string, broken: readonly string[], fault: Bench['fault']): void {
  if (broken.length === 0) fault(`its params should be refused: ${words}`)
  else if (!broken.some((each) => each.includes(words)))
    fault(`its params are refused with: ${broken.join('; ')}`)
}

/** Whether an error would begin with a script of the type, instead of what was tried. */
function isBareScript(what: object): boolean {
  const { argv, shown } = what as { readonly argv?: readonly string[]; readonly shown?: string }
  const [shell, option, script = ''] = argv ?? []
  return shown === undefined && shell === 'sh' && option === '-c' && /\n|.{120}/.test(script)
}

/** A type that is nothing but an event never finds itself true. */
function isEvent({ params, events }: AnyResourceType): boolean {
  const states = params.properties['state']?.enum
  return states !== undefined && states.every((state) => events?.includes(String(state)))
}

function checkCase(each: Case, bench: Bench, secrets: string[]): void {
  const { type, params, kinds, said, fault } = bench
  if (each.call !== undefined) return checkCall(each, bench)
  const found = attempt(() => readCase(type, params, each.reads ?? {}, {}, fault))
  if (found instanceof DiagnosticError || found.failed !== undefined)
    return checkFailure(
      each,
      found instanceof DiagnosticError ? found.diagnostics[0]!.code : found.failed!,
      bench,
    )
  secrets.push(...found.secrets)
  for (const name of Object.keys(each.reads ?? {}))
    if (!found.asked.has(name)) fault(`the probe '${name}' is not asked`)
  for (const [name, probe] of found.asked)
    if (isBareScript(probe))
      fault(`the probe '${name}' shows its whole script: say what is \`shown\``)
  const judged = attempt(() => judge(bench, found, each))
  if (judged instanceof DiagnosticError)
    return checkFailure(each, judged.diagnostics[0]!.code, bench, judged.message)
  checkIdentity(each, bench)
  const { state, wanted, diff } = judged
  const unanswered =
    isRead(each) || each.fails === 'read/unanswered' ? type.unanswered?.(state, params) : null
  if (unanswered) return checkFailure(each, 'read/unanswered', bench)
  if (each.fails !== undefined) fault(`it should fail with ${each.fails}`)
  said.push(state, shown(diff))
  for (const [field, value] of Object.entries(each.state ?? {}))
    if (canonical(plain(state[field])) !== canonical(value))
      fault(`${field} is ${canonical(plain(state[field]))}, not ${canonical(value)}`)
  if (each.diff !== undefined && canonical(shown(diff)) !== canonical(each.diff))
    fault(`it differs in ${canonical(shown(diff))}, not in ${canonical(each.diff)}`)
  if (each.progress !== undefined && type.settle?.progress(state) !== each.progress)
    fault(`its progress is '${type.settle?.progress(state)}', not '${each.progress}'`)
  kinds.add('read')
  if (!type.change) return
  if (isEmpty(diff)) {
    if (each.diff !== undefined) kinds.add('converged')
    if (each.does || each.refuses !== undefined || each.then)
      fault('nothing differs, so nothing is done')
    return
  }
  if (each.diff === undefined)
    return fault(`the case does not say what differs: ${canonical(shown(diff))}`)
  const changes = attempt(() => twice(() => type.change!(diff, params, state), fault, 'change'))
  if (changes instanceof DiagnosticError) return fault(`change fails: ${changes.message}`)
  said.push(changes)
  for (const action of changes.flatMap((change) => change.actions))
    if (isBareScript(action)) fault(`an action shows its whole script: say what is \`shown\` of it`)
  checkChanges(changes, diff, found, bench)
  checkActions(each, changes, bench)
  if (each.then !== undefined) checkReadBack(each, wanted, bench, secrets)
}

/** `read` needs the identity params alone: without the others probe and observe must say something all the same. */
function checkIdentity(each: Case, { type, fault }: Bench): void {
  const identity = Object.entries(each.params ?? {}).filter(
    ([name]) => type.params.properties[name]?.identity,
  )
  const { params } = paramsOfCase(type.params, Object.fromEntries(identity))
  try {
    const found = readCase(type, frozen(params), each.reads ?? {}, {}, () => undefined)
    if (found.failed === undefined) type.observe(found.readings, params)
  } catch (error) {
    if (!asDiagnosticError(error) || each.fails === undefined)
      fault(`with its identity params alone it fails: ${(error as Error).message}`)
  }
}

interface Judgement {
  readonly state: State
  readonly wanted: WantedState
  readonly diff: AnyDiff
}

function judge({ type, params, fault }: Bench, found: CaseRead, each: Case): Judgement {
  const state = observe(type, params, found.readings, fault)
  const wanted =
    isRead(each) || !type.desire
      ? {}
      : (twice(() => type.desire!(params, state), fault, 'desire') as WantedState)
  for (const field of Object.keys(wanted)) {
    if (wanted[field] === undefined) continue
    if (!type.state[field]) fault(`desire wants '${field}', which is not a field of the state`)
    else if (type.state[field]!.information) fault(`desire wants '${field}', which is information`)
  }
  return { state, wanted, diff: compare(wanted, state) }
}

function observe(
  type: AnyResourceType,
  params: object,
  readings: object,
  fault: Bench['fault'],
): State {
  const state = twice(() => type.observe(readings, params), fault, 'observe') as State
  for (const field of Object.keys(type.state))
    if (state[field] === undefined) fault(`observe leaves '${field}' out`)
  for (const field of Object.keys(state))
    if (!type.state[field]) fault(`observe gives '${field}', which is not a field of the state`)
  return state
}

function checkChanges(
  changes: readonly Change[],
  diff: AnyDiff,
  found: CaseRead,
  { type, params, fault }: Bench,
): void {
  const repaired = new Set(changes.flatMap((change) => change.repairs))
  for (const field of Object.keys(diff))
    if (!repaired.has(field)) fault(`no change repairs '${field}'`)
  for (const change of changes) {
    for (const field of change.repairs)
      if (!diff[field]) fault(`"${change.title}" repairs '${field}', which does not differ`)
    for (const name of change.guard ?? [])
      if (!found.asked.has(name))
        fault(`"${change.title}" is guarded by '${name}', which is not asked`)
    if (change.effect !== undefined && change.guard.length === 0)
      fault(`"${change.title}" ${change.effect} something and has no guard`)
    if (change.effect === 'destroys' && !mayDestroy(type, params['state']))
      fault(`"${change.title}" destroys, and the type does not say so with 'destroys'`)
    if (change.title.trim() === '') fault('a change has no title')
    if (change.actions.length === 0) fault(`"${change.title}" does nothing`)
  }
}

function checkActions(each: Case, changes: readonly Change[], { kinds, fault, type }: Bench): void {
  const actions = changes.flatMap((change) => change.actions)
  const refusal = actions.find((action) => action.do === 'refuse')
  const wait = actions.find((action) => action.do === 'await')
  const acts = actions.filter((action) => action.do !== 'refuse' && action.do !== 'await')
  if (each.changes && canonical(changes.map((change) => change.title)) !== canonical(each.changes))
    fault(`the changes are ${canonical(changes.map((change) => change.title))}`)
  if (
    refusal
      ? each.refuses === undefined || !refusal.because.includes(each.refuses)
      : each.refuses !== undefined
  )
    fault(refusal ? `it refuses: ${refusal.because}` : 'it does not refuse')
  if (refusal) return
  if (wait && !type.settle) fault('it waits, and has no settle')
  if (
    wait ? each.awaits === undefined || !wait.why.includes(each.awaits) : each.awaits !== undefined
  )
    fault(wait ? `it waits: ${wait.why}` : 'it does not wait')
  const expected = each.does ?? []
  if (acts.length !== expected.length || !acts.every((action, i) => fits(action, expected[i]!)))
    fault(`it does ${JSON.stringify(acts.map((act) => (act.do === 'exec' ? act.argv : act)))}`)
  if (acts.length > 0) kinds.add('drifted')
  if (acts.length > 0 && each.then === undefined)
    fault('the case does not say what is read after the change')
}

function checkReadBack(
  each: Case,
  wanted: WantedState,
  { type, params, fault, said }: Bench,
  secrets: string[],
): void {
  const outputs = Object.fromEntries(
    Object.entries(each.outputs ?? {}).map(([name, reading]) => [name, outputOf(reading)]),
  )
  const after = attempt(() =>
    readCase(type, params, { ...each.reads, ...each.then }, outputs, fault),
  )
  if (after instanceof DiagnosticError || after.failed !== undefined)
    return fault(
      `reading back fails: ${after instanceof DiagnosticError ? after.message : after.failed!}`,
    )
  secrets.push(...after.secrets)
  const state = observe(type, params, { ...outputs, ...after.readings }, fault)
  said.push(state)
  const left = compare(wanted, state)
  if (!isEmpty(left)) fault(`after the change it still differs: ${canonical(shown(left))}`)
}

function checkFailure(each: Case, code: string, { kinds, fault }: Bench, why = ''): void {
  if (each.fails === undefined) return fault(`it fails with ${code}${why && `: ${why}`}`)
  if (each.fails !== code) return fault(`it fails with ${code}, not with ${each.fails}`)
  if (Object.hasOwn(codes, code) && kindOf(code as Code) === 'read') kinds.add('failed-read')
}

function checkCall(each: Case, { type, params, kinds, said, fault }: Bench): void {
  if (!type.act) return fault('the type has no call')
  const action = attempt(() => twice(() => type.act!(params), fault, 'act'))
  if (action instanceof DiagnosticError)
    return checkFailure(each, action.diagnostics[0]!.code, { type, params, kinds, said, fault })
  said.push(action)
  if (!fits(action, each.call!)) fault(`it calls ${JSON.stringify(action)}`)
  const state = observe(type, params, { call: outputOf(each.answer ?? {}) }, fault)
  said.push(state)
  for (const [field, value] of Object.entries(each.state ?? {}))
    if (canonical(plain(state[field])) !== canonical(value))
      fault(`${field} is ${canonical(plain(state[field]))}, not ${canonical(value)}`)
  kinds.add('call')
}

function fits(action: Action, expected: readonly string[] | ValueMap): boolean {
  if (Array.isArray(expected))
    return action.do === 'exec' && canonical(action.argv) === canonical(expected)
  return Object.entries(expected).every(
    ([key, value]) => canonical(plain((action as unknown as ValueMap)[key])) === canonical(value),
  )
}

function shown(diff: AnyDiff): unknown {
  return plain(
    Object.fromEntries(Object.entries(diff).map(([field, { from, to }]) => [field, [from, to]])),
  )
}

/** The value as JSON shows it: secrets by their names, matchers as they are written. */
function plain(value: unknown): unknown {
  return value === undefined ? undefined : JSON.parse(JSON.stringify(value))
}

/** A pure function says the same twice. */
function twice<T>(call: () => T, fault: Bench['fault'], name: string): T {
  const [first, second] = [call(), call()]
  if (canonical(plain(first)) !== canonical(plain(second)))
    fault(`${name} does not say the same twice`)
  return first
}

/** Params that fault who lists them: a param that is not known yet would be asked for. */
function guarded(
  params: Readonly<Record<string, unknown>>,
  fault: Bench['fault'],
): Readonly<Record<string, unknown>> {
  return new Proxy(frozen(params), {
    ownKeys(target) {
      fault('it spreads or lists its params')
      return Reflect.ownKeys(target)
    },
  })
}

function attempt<T>(call: () => T): T | DiagnosticError {
  try {
    return call()
  } catch (error) {
    const known = asDiagnosticError(error)
    if (known) return known
    throw error
  }
}
