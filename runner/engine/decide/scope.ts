import type { Playbook, Play, Scope, Task, Tree } from '../../model/playbook.ts'
import { facts } from '../../model/facts.ts'
import type { Host, Inventory } from '../../model/host.ts'
import { isFailed, probeKey, type Answered, type Seen } from '../../contract/probe.ts'
import { notYet, Unknown, type Signal } from '../../model/signal.ts'
import { DiagnosticError } from '../../model/diagnostic.ts'
import { valueOf } from '../../model/value-tree.ts'
import { keysOf, isMap, type Value } from '../../contract/value.ts'
import type { Reader, Register, Rendered, Subject, View, Where } from '../model.ts'
import { concealedRegister } from './no-log.ts'
import { onHost } from './where.ts'

/** What joins the names of a subject with the reader of one evaluation: each scope of a view inherits it. */
const seenBy = Symbol('the view that a scope belongs to')
interface Seeing {
  readonly reader: Reader
  /** The scope without `item` and a task's own vars: what the play's vars see. */
  readonly scope: Scope
  facts: Readonly<Record<string, unknown>> | null
}
interface Names {
  readonly [seenBy]: Seeing
}

/** The registers that the tasks of a play see: names, what sets each, and those of which nothing is said. */
export interface SeenRegisters {
  readonly names: readonly string[]
  /** The task that sets a register, in words. */
  readonly setBy: ReadonlyMap<string, string>
  readonly unsaid: ReadonlySet<string>
}

/** A host at the beginning of a play. */
export function createSubject(
  host: Host,
  play: Play,
  playbook: Playbook,
  inventory: Inventory,
  { names: registers, setBy, unsaid }: SeenRegisters,
  started?: number,
): Subject {
  const names = Object.create(null) as Record<string, unknown>
  const subject: Subject = {
    host,
    play,
    inventory,
    names,
    registers: new Map(),
    unsaid,
    pending: [],
    boot: null,
    notified: new Set(),
    queued: 0,
    repairs: new Map(),
  }
  // A var, an input or a register of that name stands in front of it.
  const runView = momentOf(started)
  define(names, 'run', () => runView)
  for (const [name, value] of Object.entries(host.vars)) define(names, name, () => value)
  for (const [name, value] of Object.entries(playbook.inputs)) define(names, name, () => value)
  defineTrees(names, play.vars, (seeing) => seeing!.scope)
  for (const name of registers)
    define(names, name, function (this: Names) {
      return registerOf(subject, this[seenBy].reader, name, setBy)
    })
  const hostView = Object.assign(Object.create(null), {
    vars: host.vars,
    name: host.name,
    address: host.connection.address ?? host.name,
    groups: host.groups,
  })
  define(names, 'host', () => hostView)
  define(names, 'facts', function (this: Names) {
    return (this[seenBy].facts ??= factsOf(subject, this[seenBy]))
  })
  return subject
}

/** What expressions know of the run: the moment at which it began, in UTC. It is the same at every task. */
function momentOf(started = 0): Readonly<Record<string, string>> {
  const text = new Date(started).toISOString()
  const seconds = text.slice(0, 19)
  return Object.assign(Object.create(null) as Record<string, string>, {
    started: `${seconds}Z`,
    date: text.slice(0, 10),
    stamp: seconds.replace(/[-:]/g, '').replace('T', '-'),
  })
}

/** A task of a subject as a reader shows it; `item` is the loop's current item, where there is a loop. */
export function viewOf(
  subject: Subject,
  task: Task,
  reader: Reader,
  more: Readonly<Record<string, unknown>> = {},
): View {
  const base = Object.create(subject.names) as Record<string | symbol, unknown>
  base[seenBy] = { reader, scope: base as Scope, facts: null } satisfies Seeing
  if (Object.keys(task.vars).length === 0 && Object.keys(more).length === 0)
    return { subject, reader, scope: base as Scope }
  const scope = extended(base as Scope, more)
  defineTrees(scope, task.vars, () => scope)
  return { subject, reader, scope }
}

/** The names of a loop's item, for a view of it. */
export function itemNames(
  items: readonly Value[] | null,
  item: number | null,
): Readonly<Record<string, unknown>> {
  return items === null || item === null ? {} : { item: items[item] }
}

/** A scope with more names in front. It inherits the others: a spread would read every fact. */
export function extended(
  scope: Scope,
  more: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const inner = Object.create(scope) as Record<string, unknown>
  for (const [name, value] of Object.entries(more)) define(inner, name, () => value)
  return inner
}

/** Params as a type sees them, and what of them it has touched. */
export interface LazyParams {
  readonly params: Record<string, unknown>
  readonly touched: Record<string, unknown>
}

/**
 * The params of a task as its type sees them: each field is rendered when it is touched, once. `fixed` are values of an
 * earlier evaluation, which hold.
 */
export function paramsOf(task: Task, scope: Scope, fixed: Rendered = {}): LazyParams {
  const source = task.params
  if (!source) return { params: {}, touched: {} }
  let known = shared.get(source)
  if (!known) shared.set(source, (known = sharedOf(source)))
  const params: Record<string, unknown> = { ...known.values }
  const touched: Record<string, unknown> = { ...fixed }
  for (const name of known.others) {
    const tree = source.fields[name]!
    define(params, name, () =>
      Object.hasOwn(touched, name)
        ? touched[name]
        : (touched[name] = source.accept(name, valueOf(tree, scope), tree.at)),
    )
  }
  return { params, touched }
}

type ParamSource = NonNullable<Task['params']>
/** What is the same for every host and each time, and the fields that are not. */
interface SharedParams {
  readonly values: Readonly<Record<string, unknown>>
  readonly others: readonly string[]
}

const shared = new WeakMap<ParamSource, SharedParams>()

/** Plain values that are written as they are; a list or a map might be altered by a type, and what is not accepted is refused where it is touched. */
function sharedOf(source: ParamSource): SharedParams {
  const values: Record<string, unknown> = { ...source.defaults }
  const others: string[] = []
  for (const [name, tree] of Object.entries(source.fields)) {
    const value = tree.kind === 'constant' ? acceptedOf(source, name, tree) : undefined
    if (value === undefined || typeof value === 'object') others.push(name)
    else values[name] = value
  }
  return { values, others }
}

function acceptedOf(
  source: ParamSource,
  name: string,
  tree: Extract<Tree, { kind: 'constant' }>,
): unknown {
  try {
    return source.accept(name, tree.value, tree.at)
  } catch {
    return undefined
  }
}

/** Where a task's probes and actions go: its delegate or the host itself, as the user it becomes. */
export function whereOf({ subject, scope }: View, task: Task): Where {
  const becomeTree = task.become === undefined ? subject.play.become : task.become
  const user = becomeTree ? String(valueOf(becomeTree, scope)) : null
  return onHost(
    task.delegateTo ? delegateOf(subject, task, scope) : subject.host,
    user === null ? null : { user },
  )
}

/** The environment of a task's commands: the play's, then its own. */
export function environmentOf({ subject, scope }: View, task: Task): Record<string, string> {
  const environment: Record<string, string> = {}
  for (const trees of [subject.play.environment, task.environment]) {
    for (const [name, tree] of Object.entries(trees))
      environment[name] = String(valueOf(tree, scope))
  }
  return environment
}

function delegateOf(subject: Subject, task: Task, scope: Scope): Host {
  const name = String(valueOf(task.delegateTo!, scope))
  const named = subject.inventory.hosts.get(name)
  if (named) return named
  // A group of one is how playbooks name "the management node" without knowing what it is called here.
  const members = subject.inventory.groups.get(name) ?? []
  if (members.length > 0) return subject.inventory.hosts.get(members[0]!)!
  const at = task.delegateTo!.at
  throw new DiagnosticError({
    code: 'run/unknown-delegate',
    message: `delegate_to names '${name}', which is not a host of the inventory`,
    at,
    hint: 'name a host or a group of the inventory: `trueup inventory --list`',
  })
}

/** The probes of each fact with their keys, which are asked for again and again. */
const keyedFacts = Object.fromEntries(
  Object.entries(facts).map(([name, fact]) => [
    name,
    Object.entries(fact.probes).map(([probeName, probe]) => ({
      name: probeName,
      probe,
      key: probeKey(probe),
    })),
  ]),
)

function factsOf(subject: Subject, seeing: Seeing): Readonly<Record<string, unknown>> {
  const view = Object.create(null) as Record<string, unknown>
  for (const name of Object.keys(facts)) define(view, name, () => factOf(subject, seeing, name))
  return view
}

function factOf(subject: Subject, { reader, scope }: Seeing, name: string): Value {
  if (subject.boot) throw new Unknown(subject.boot)
  const becomeTree = subject.play.become
  const where = onHost(
    subject.host,
    becomeTree ? { user: String(valueOf(becomeTree, scope)) } : null,
  )
  const seen: Record<string, Answered> = {}
  let missing = false
  for (const { name: probeName, probe, key } of keyedFacts[name]!) {
    const answered = reader.fact(where, probe, key)
    if (answered === undefined) missing = true
    else if (isFailed(answered))
      throw new DiagnosticError({
        code: `read/${answered.failed.code}`,
        message: `cannot read the fact ${name}: ${answered.failed.message}`,
        hint: answered.failed.hint ?? `see on ${subject.host.name} why it cannot be read`,
        host: subject.host.name,
      })
    else seen[probeName] = answered
  }
  if (missing) notYet()
  return facts[name]!.value(seen as Seen)
}

function registerOf(
  subject: Subject,
  reader: Reader,
  name: string,
  setBy: SeenRegisters['setBy'],
): unknown {
  const register = reader.predicted?.get(name) ?? subject.registers.get(name)
  if (!register) {
    // A look ahead comes before the task that sets it.
    if (reader.predicted) return notYet()
    throw notRegistered(subject, name, setBy.get(name) ?? 'its task')
  }
  return subject.unsaid.has(name) ? concealedRegister(register(), name) : register()
}

function notRegistered({ host }: Subject, name: string, task: string): DiagnosticError {
  return new DiagnosticError({
    code: 'run/not-registered',
    message: `'${name}' has no value on this host: ${task} did not run here`,
    hint: 'give its play this host, or register it with `run_once: true`, which is for all hosts; a task that tags or --start-at leave out registers nothing',
    host: host.name,
  })
}

/** A map whose named parts throw: what is known of a thing that will be changed. */
export function partlyKnown(
  known: Readonly<Record<string, unknown>>,
  unknown: readonly string[],
  signal: () => Signal,
): Register {
  const value: Record<string, unknown> = Object.create(null)
  for (const [key, held] of Object.entries(known)) value[key] = held
  for (const name of unknown) {
    define(value, name, () => {
      throw signal()
    })
  }
  return () => value
}

function define(
  target: Record<string, unknown>,
  name: string,
  get: (this: Names) => unknown,
): void {
  Object.defineProperty(target, name, { get, enumerable: true, configurable: true })
}

function defineTrees(
  target: Record<string, unknown>,
  trees: Readonly<Record<string, Tree>>,
  scopeOf: (seeing: Seeing | undefined) => Scope,
): void {
  const busy = new Set<string>()
  for (const [name, tree] of Object.entries(trees)) {
    define(target, name, function (this: Names) {
      if (busy.has(name))
        throw new DiagnosticError({
          code: 'run/self-reference',
          message: `the var '${name}' is computed from itself`,
          at: tree.at,
          hint: 'give one of the two another name',
        })
      busy.add(name)
      try {
        return valueOf(tree, scopeOf(this[seenBy]))
      } finally {
        busy.delete(name)
      }
    })
  }
}

/** The items of a loop: a list's, or a map's as `{ key, value }`. */
export function itemsOf(value: Value, tree: Tree): readonly Value[] {
  if (Array.isArray(value)) return value as readonly Value[]
  if (isMap(value)) return keysOf(value).map((key) => ({ key, value: value[key]! }))
  throw new DiagnosticError({
    code: 'run/loop',
    message: 'loop needs a list or a map',
    at: tree.at,
    hint: 'write a list, or `!expr` that gives one',
  })
}
