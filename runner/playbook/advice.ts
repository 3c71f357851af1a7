import {
  tasksOf,
  type Playbook,
  type Play,
  type Step,
  type Task,
  type TaskParams,
  type Tree,
} from '../model/playbook.ts'
import { computedIn } from '../model/value-tree.ts'
import { withoutLine, type Diagnostic } from '../model/diagnostic.ts'
import { canonical } from '../contract/value.ts'
import { unsilenced } from './allowed-warnings.ts'
import { risksOf } from './risks.ts'
import { unusedIn } from './unused.ts'

/** Words that begin a command rather than say what is true. */
const commands: ReadonlySet<string> = new Set(
  'add apply change check configure copy create delete deploy disable download drop edit enable ensure fetch format generate get install kill load make mount move put reboot register reload remove rename replace restart run set start stop uninstall unmount unpack update upgrade verify write'.split(
    ' ',
  ),
)
/** Names of what is kept secret. */
const secretName = /passw(?:or)?d|passphrase|secret|(?:^|_)token|private_?key|api_?key/i

/** What runs and is risky all the same. A comment on the line, or on the one above, silences it: `# trueup: allow advice/unguarded-run`. */
export function adviceOn(playbook: Playbook): readonly Diagnostic[] {
  return unsilenced(playbook.sources, [
    ...playbook.plays.flatMap((play) => [...playAdvice(play)]),
    ...found(playbook),
    ...unusedIn(playbook),
  ])
}

/** Tasks of a play that want different values for the same thing: the later one undoes the earlier, at every run. */
export function contradictionsIn(playbook: Playbook): readonly Diagnostic[] {
  return unsilenced(playbook.sources, found(playbook))
}

function found(playbook: Playbook): readonly Diagnostic[] {
  return playbook.plays.flatMap((play) => [...contradictions([...tasksOf(play.tasks)])])
}

function* playAdvice(play: Play): Generator<Diagnostic> {
  yield* plainSecrets(play.vars)
  yield* plainSecrets(play.environment)
  const registers = new Set([
    ...(play.inherits ?? []),
    ...[...tasksOf(play.tasks)].flatMap((task) => task.register ?? []),
  ])
  for (const { task, when } of withBlocks(play.tasks)) {
    if (isUnguarded(task, when, play, registers)) yield unguarded(task)
    yield* taskAdvice(task)
  }
  for (const task of play.handlers) yield* taskAdvice(task)
}

/** The tasks of steps, each with the conditions of the blocks around it and its own. */
function* withBlocks(
  steps: readonly Step[],
  around: Task['when'] = [],
): Generator<{ readonly task: Task; readonly when: Task['when'] }> {
  for (const step of steps) {
    const when = [...around, ...step.when]
    if (step.kind === 'task') yield { task: step, when }
    else for (const part of [step.block, step.rescue, step.always]) yield* withBlocks(part, when)
  }
}

/** Whether nothing tells when a call need not be made. A condition on what a task registered before it tells: it reads the host. */
function isUnguarded(
  task: Task,
  when: Task['when'],
  play: Play,
  registers: ReadonlySet<string>,
): boolean {
  if (task.verb !== 'run' || task.creates || task.removes || task.unless) return false
  const roots = when.flatMap(({ paths }) => paths.map(([root]) => root!))
  // A var that is computed of a register is as good as one.
  const ofVars = roots.flatMap((root) => {
    const tree = task.vars[root] ?? play.vars[root]
    return tree ? computedIn(tree).flatMap(({ paths }) => paths.map(([each]) => each!)) : []
  })
  return ![...roots, ...ofVars].some((root) => registers.has(root))
}

function unguarded(task: Task): Diagnostic {
  const isRequest = task.type?.name === 'http'
  return warning({
    code: 'advice/unguarded-run',
    message: 'this runs at every run: nothing tells when it need not',
    at: task.at,
    hint: isRequest
      ? 'read first what the service has, and add `when:` with a condition on that register; or make a handler of it'
      : 'add `creates:`, `removes:` or `unless:`, or `when:` on what a task read before it; or make a handler of it',
  })
}

function* taskAdvice(task: Task): Generator<Diagnostic> {
  const word = /^[A-Za-z]+/.exec(task.sentence)?.[0].toLowerCase() ?? ''
  if (task.verb !== 'run' && task.verb !== 'confirm' && commands.has(word)) {
    yield warning({
      code: 'advice/command-sentence',
      message: `"${task.sentence}" says what to do, not what is true`,
      at: task.at,
      hint: 'write the state, not the action: "Podman is installed" rather than "install Podman"',
    })
  }
  yield* risksOf(task)
  yield* plainSecrets(task.vars)
  yield* plainSecrets(task.environment)
  for (const [name, tree] of Object.entries(task.params?.fields ?? {})) {
    const schema = task.type?.params.properties[name]
    if (schema?.secret || (schema?.orSecret && secretName.test(name)))
      yield* plainSecrets({ [name]: tree }, true)
    else if (tree.kind === 'map') yield* plainSecrets(tree.entries)
  }
}

function* plainSecrets(
  trees: { readonly [name: string]: Tree },
  isSecret = false,
): Generator<Diagnostic> {
  for (const [name, tree] of Object.entries(trees)) {
    if (
      tree.kind !== 'constant' ||
      typeof tree.value !== 'string' ||
      tree.value === '' ||
      tree.value.startsWith('/')
    )
      continue
    if (isSecret || secretName.test(name))
      yield warning({
        code: 'advice/plain-secret',
        message: `${name} holds a secret in plain text`,
        at: withoutLine(tree.at),
        hint: 'declare an input with `secret: true`, or take it from a secret of the inventory',
      })
  }
}

function* contradictions(tasks: readonly Task[]): Generator<Diagnostic> {
  const seen = new Map<string, Task[]>()
  for (const task of tasks) {
    const thing = thingOf(task)
    if (thing === null) continue
    let earlier = seen.get(thing)
    if (!earlier) seen.set(thing, (earlier = []))
    if (task.mayUndo) {
      seen.set(thing, [task])
      continue
    }
    for (const other of earlier) {
      const field = contradicted(other, task)
      if (!field) continue
      const tree = task.params!.fields[field]!
      yield warning({
        code: 'advice/contradiction',
        message: `the task of line ${other.at.line} wants another ${field} of the same ${task.type!.name}: each run undoes one of the two`,
        at: tree.at,
        hint: 'remove one of them, or give both a `when` that excludes the other',
      })
      break
    }
    earlier.push(task)
  }
}

/** Which thing a task is about, where that is known before anything runs; null where it is not, or where a condition may keep tasks apart. */
function thingOf(task: Task): string | null {
  if (task.verb !== 'ensure' || !task.type || !task.params || task.loop || task.when.length > 0)
    return null
  const identity = Object.entries(task.type.params.properties)
    .filter(([, schema]) => schema.identity)
    .map(([name]) => [name, constantOf(task, name)] as const)
  if (
    identity.every(([, value]) => value === undefined) ||
    identity.some(([, value]) => value === null)
  )
    return null
  const delegate =
    task.delegateTo?.kind === 'constant'
      ? task.delegateTo.value
      : task.delegateTo
        ? task.delegateTo.at
        : null
  return canonical([task.type.name, identity, delegate])
}

/** The param in which two tasks about one thing contradict each other: one that is a field of the type's state. */
function contradicted(one: Task, other: Task): string | undefined {
  const both = Object.keys(other.params!.fields).filter((name) =>
    Object.hasOwn(one.params!.fields, name),
  )
  const differs = (name: string): boolean => {
    const [a, b] = [constantOf(one, name), constantOf(other, name)]
    return a !== null && b !== null && a !== b
  }
  const isField = (name: string): boolean =>
    Object.hasOwn(other.type!.state, name) && !other.type!.params.properties[name]?.identity
  const field = both.find((name) => isField(name) && differs(name))
  if (field) return field
  // `state` tells of the thing that all other params describe: a present line and another, absent line do not contradict each other.
  const names = new Set(
    [...Object.keys(one.params!.fields), ...Object.keys(other.params!.fields)].filter(
      (name) => name !== 'state',
    ),
  )
  return both.includes('state') &&
    differs('state') &&
    [...names].every(
      (name) => constantOf(one, name) !== null && constantOf(one, name) === constantOf(other, name),
    )
    ? 'state'
    : undefined
}

/** The constants of params: tasks about one thing are compared each with each. */
const constants = new WeakMap<TaskParams, Map<string, string | null | undefined>>()

/** A constant in canonical form, undefined where nothing is written, null where it is computed. */
function constantOf(task: Task, name: string): string | null | undefined {
  const params = task.params!
  let known = constants.get(params)
  if (!known) constants.set(params, (known = new Map()))
  if (!known.has(name)) known.set(name, canonicalOf(params, name))
  return known.get(name)
}

function canonicalOf(params: TaskParams, name: string): string | null | undefined {
  const tree = params.fields[name]
  if (!tree)
    return params.defaults[name] === undefined ? undefined : canonical(params.defaults[name])
  const value = constant(tree)
  return value === undefined ? null : canonical(value)
}

function constant(tree: Tree): unknown {
  if (tree.kind === 'constant') return tree.value
  if (tree.kind === 'computed') return undefined
  const parts =
    tree.kind === 'list'
      ? tree.items.map(constant)
      : Object.entries(tree.entries).map(([name, each]) => [name, constant(each)])
  return parts.some(
    (part) => part === undefined || (Array.isArray(part) && part.includes(undefined)),
  )
    ? undefined
    : parts
}

function warning(advice: Diagnostic): Diagnostic {
  return { ...advice, severity: 'warning' }
}
