import type { Playbook, Play, Scope, Task, Tree } from '../../model/playbook.ts'
import { facts } from '../../model/facts.ts'
import type { Host, Inventory } from '../../model/host.ts'
import { isFailed, probeKey, type Answered, type Probe, type Seen } from '../../contract/probe.ts'
import { NotYet, notYet, Unknown, type Signal } from '../../model/signal.ts'
import { DiagnosticError } from '../../model/diagnostic.ts'
import { valueOf } from '../../model/tree.ts'
import { isMap, type Value } from '../../contract/value.ts'
import type { Repair } from '../act/contradiction.ts'
import { onHost, type Where } from '../ask/where.ts'

/** Gives answers to whoever evaluates: the turn's reader only what counts, the look-ahead's also guesses. Throws NotYet. */
export interface Reader {
  read(where: Where, probe: Probe, key: string): Answered
  /** The same for a fact's probe: others wait for facts, so they are worth guessing. */
  fact(where: Where, probe: Probe, key: string): Answered
}

/** A register: a value whose parts may throw a Signal when they are touched. */
export type Register = () => unknown

/** One host's way through one play: what it knows, and the scope that its expressions see. */
export interface Subject {
  readonly host: Host
  readonly play: Play
  readonly inventory: Inventory
  readonly scope: Scope
  readonly registers: Map<string, Register>
  /** Registers of `no_log` tasks: nothing of them is ever said. */
  readonly unsaid: ReadonlySet<string>
  /** Registers that the look-ahead predicts; they hide the real ones while it walks. */
  predicted: Map<string, Register> | null
  /** Who answers while something is evaluated; set around each synchronous evaluation. */
  reader: Reader
  /** Plans: the sentence of the first task whose change is pending on this host, and of a pending boot. */
  pending: string | null
  boot: string | null
  /** Sentences of handlers that were notified. */
  readonly notified: Set<string>
  /** What was made true here in this pass, by thing. */
  readonly repairs: Map<string, readonly Repair[]>
}

const noReader: Reader = { read: notYet, fact: notYet }

/** A host at the beginning of a play. `registers` are the names that the play's tasks register. */
export function createSubject(
  host: Host,
  play: Play,
  playbook: Playbook,
  inventory: Inventory,
  registers: readonly string[],
  unsaid: ReadonlySet<string>,
): Subject {
  const subject: Subject = {
    host,
    play,
    inventory,
    scope: Object.create(null) as Scope,
    registers: new Map(),
    unsaid,
    predicted: null,
    reader: noReader,
    pending: null,
    boot: null,
    notified: new Set(),
    repairs: new Map(),
  }
  const scope = subject.scope as Record<string, unknown>
  for (const [name, value] of Object.entries(host.vars)) define(scope, name, () => value)
  for (const [name, value] of Object.entries(playbook.inputs)) define(scope, name, () => value)
  defineTrees(scope, play.vars, () => scope)
  for (const name of registers) define(scope, name, () => registerOf(subject, name))
  const hostView = Object.assign(Object.create(null), {
    vars: host.vars,
    name: host.name,
    address: host.connection.address ?? host.name,
    groups: host.groups,
  })
  define(scope, 'host', () => hostView)
  const factsView: Record<string, unknown> = Object.create(null)
  for (const name of Object.keys(facts)) define(factsView, name, () => factOf(subject, name))
  define(scope, 'facts', () => factsView)
  return subject
}

/** The subject's scope with more names in front: `item`, a task's vars. */
export function scopeWith(
  subject: Subject,
  task: Task,
  more: Readonly<Record<string, unknown>> = {},
): Scope {
  if (Object.keys(task.vars).length === 0 && Object.keys(more).length === 0) return subject.scope
  const scope = extended(subject.scope, more)
  defineTrees(scope, task.vars, () => scope)
  return scope
}

/** A scope with more names in front. Its names are taken over as descriptors: a spread would read every fact. */
export function extended(
  scope: Scope,
  more: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const copy: Record<string, unknown> = Object.create(null)
  Object.defineProperties(copy, Object.getOwnPropertyDescriptors(scope))
  for (const [name, value] of Object.entries(more)) define(copy, name, () => value)
  return copy
}

/** The params of a task as its type sees them: each field is rendered when it is touched, once. */
export function paramsOf(task: Task, scope: Scope): Record<string, unknown> {
  const source = task.params
  if (!source) return {}
  let known = shared.get(source)
  if (!known) shared.set(source, (known = sharedOf(source)))
  const params: Record<string, unknown> = { ...known.values }
  for (const name of known.others) {
    const tree = source.fields[name]!
    once(params, name, () => source.accept(name, valueOf(tree, scope), tree.at))
  }
  return params
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
export function whereOf(subject: Subject, task: Task, scope: Scope): Where {
  const becomeTree = task.become === undefined ? subject.play.become : task.become
  const user = becomeTree ? String(valueOf(becomeTree, scope)) : null
  return onHost(
    task.delegateTo ? delegateOf(subject, task, scope) : subject.host,
    user === null ? null : { user },
  )
}

/** The environment of a task's commands: the play's, then its own. */
export function environmentOf(subject: Subject, task: Task, scope: Scope): Record<string, string> {
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
    message: `delegate_to names '${name}', which is no host of the inventory`,
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

function factOf(subject: Subject, name: string): Value {
  if (subject.boot) throw new Unknown(subject.boot)
  const becomeTree = subject.play.become
  const where = onHost(
    subject.host,
    becomeTree ? { user: String(valueOf(becomeTree, subject.scope)) } : null,
  )
  const seen: Record<string, Answered> = {}
  let missing = false
  for (const { name: probeName, probe, key } of keyedFacts[name]!) {
    const answered = attempt(() => subject.reader.fact(where, probe, key))
    if (answered === undefined) missing = true
    else if (isFailed(answered))
      throw new DiagnosticError({
        code: `read/${answered.failed.code}`,
        message: `cannot read the fact ${name}: ${answered.failed.message}`,
        hint: answered.failed.hint,
        host: subject.host.name,
      })
    else seen[probeName] = answered
  }
  if (missing) notYet()
  return facts[name]!.value(seen as Seen)
}

/** What a reading function gives, or undefined when it is not read yet: so that all that is missing is asked at once. */
export function attempt<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch (signal) {
    if (signal instanceof NotYet) return undefined
    throw signal
  }
}

function registerOf(subject: Subject, name: string): unknown {
  const register = subject.predicted?.get(name) ?? subject.registers.get(name)
  if (!register) notYet()
  return register()
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

function define(target: Record<string, unknown>, name: string, get: () => unknown): void {
  Object.defineProperty(target, name, { get, enumerable: true, configurable: true })
}

function once(target: Record<string, unknown>, name: string, get: () => unknown): void {
  let held: { value: unknown } | null = null
  define(target, name, () => (held ??= { value: get() }).value)
}

function defineTrees(
  target: Record<string, unknown>,
  trees: Readonly<Record<string, Tree>>,
  scope: () => Scope,
): void {
  const busy = new Set<string>()
  for (const [name, tree] of Object.entries(trees)) {
    define(target, name, () => {
      if (busy.has(name))
        throw new DiagnosticError({
          code: 'run/self-reference',
          message: `the var '${name}' is computed from itself`,
          at: tree.at,
          hint: 'give one of the two another name',
        })
      busy.add(name)
      try {
        return valueOf(tree, scope())
      } finally {
        busy.delete(name)
      }
    })
  }
}

/** The items of a loop: a list's, or a map's as `{ key, value }`. */
export function itemsOf(value: Value, tree: Tree): readonly Value[] {
  if (Array.isArray(value)) return value as readonly Value[]
  if (isMap(value)) return Object.entries(value).map(([key, held]) => ({ key, value: held }))
  throw new DiagnosticError({
    code: 'run/loop',
    message: 'loop needs a list or a map',
    at: tree.at,
    hint: 'write a list, or `!expr` that gives one',
  })
}
