import {
  type Playbook,
  type Computed,
  type Play,
  type Scope,
  type Step,
  type Task,
  type Tree,
} from '../model/playbook.ts'
import { DiagnosticError, type Diagnostic } from '../model/diagnostic.ts'
import { computedIn, valueOf } from '../model/value-tree.ts'
import { isMap, type Value } from '../contract/value.ts'

/** Items of a loop that are looked at before anything runs. */
const mostItems = 1000

/** What is known while a task is looked at: the trees of its names, and the values among them. */
interface Known {
  readonly trees: Readonly<Record<string, Tree>>
  readonly values: Readonly<Record<string, unknown>>
}

/**
 * Mistakes in params that are computed of nothing but inputs and vars: what they will be is known before anything runs, so
 * that no host is touched for a value that no task can use. Tasks whose conditions are not known yet are checked when their turn comes.
 */
export function knownMistakes({
  inputs,
  plays,
}: Pick<Playbook, 'inputs' | 'plays'>): readonly Diagnostic[] {
  const found: Diagnostic[] = []
  for (const play of plays) {
    for (const { task, when } of [
      ...tasksWithConditions(play.tasks, []),
      ...tasksWithConditions(play.handlers, []),
    ]) {
      for (const diagnostic of mistakesOf(task, when, knownOf(play, task, inputs)))
        found.push(withOrigin(diagnostic, inputs))
    }
  }
  return found
}

interface Origin {
  readonly diagnostic: Diagnostic
  readonly computed: Computed
}

function* tasksWithConditions(
  steps: readonly Step[],
  when: readonly Computed[],
): Generator<{ readonly task: Task; readonly when: readonly Computed[] }> {
  for (const step of steps) {
    const all = [...when, ...step.when]
    if (step.kind === 'task') yield { task: step, when: all }
    else
      for (const part of [step.block, step.rescue, step.always])
        yield* tasksWithConditions(part, all)
  }
}

function knownOf(play: Play, task: Task, inputs: Readonly<Record<string, Value>>): Known {
  return { trees: { ...play.vars, ...task.vars }, values: inputs }
}

function mistakesOf(task: Task, when: readonly Computed[], known: Known): readonly Origin[] {
  for (const condition of when) {
    if (!isKnown(condition, known)) return []
    const held = attempt(() => condition.evaluate(scopeOf(known)), condition)
    if (held.mistakes.length > 0) return held.mistakes
    if (held.value !== true) return []
  }
  if (!task.loop) return paramMistakes(task, known)
  if (!computedIn(task.loop).every((each) => isKnown(each, known))) return []
  const loop = task.loop
  const { value, mistakes } = attempt(() => valueOf(loop, scopeOf(known)), computedIn(loop)[0])
  if (mistakes.length > 0) return mistakes
  const items = Array.isArray(value)
    ? (value as readonly Value[])
    : isMap(value)
      ? Object.entries(value).map(([key, held]) => ({ key, value: held }))
      : []
  for (const item of items.slice(0, mostItems)) {
    const wrong = paramMistakes(task, { ...known, values: { ...known.values, item } })
    if (wrong.length > 0) return wrong
  }
  return []
}

function paramMistakes(task: Task, known: Known): readonly Origin[] {
  const found: Origin[] = []
  const accepted = new Map<string, { readonly value: unknown; readonly computed: Computed }>()
  for (const [name, tree] of Object.entries(task.params?.fields ?? {})) {
    const parts = computedIn(tree)
    if (parts.length === 0 || !parts.every((each) => isKnown(each, known))) continue
    const { value, mistakes } = attempt(
      () => task.params!.accept(name, valueOf(tree, scopeOf(known)), tree.at),
      parts[0],
    )
    found.push(...mistakes)
    if (mistakes.length === 0) accepted.set(name, { value, computed: parts[0]! })
  }
  // What is known by now may break a rule of the type together with what was written.
  const values = new Map([...accepted].map(([name, { value }]) => [name, value]))
  const computed = [...accepted.values()][0]?.computed
  if (computed !== undefined)
    for (const diagnostic of task.params?.broken?.(values) ?? [])
      found.push({ diagnostic, computed })
  return found
}

function attempt(
  work: () => unknown,
  computed: Computed | undefined,
): { readonly value: unknown; readonly mistakes: readonly Origin[] } {
  try {
    return { value: work(), mistakes: [] }
  } catch (error) {
    if (!(error instanceof DiagnosticError) || !computed) throw error
    return {
      value: undefined,
      mistakes: error.diagnostics.map((diagnostic) => ({
        diagnostic: { ...diagnostic, at: diagnostic.at ?? computed.at },
        computed,
      })),
    }
  }
}

/** Whether all that a computed value reads is an input, or a var that reads nothing else. */
function isKnown({ paths }: Computed, known: Known, trail: readonly string[] = []): boolean {
  return paths.every(([root]) => {
    if (root === undefined || trail.includes(root)) return false
    const tree = Object.hasOwn(known.trees, root) ? known.trees[root] : undefined
    if (!tree) return Object.hasOwn(known.values, root)
    return computedIn(tree).every((each) => isKnown(each, known, [...trail, root]))
  })
}

function scopeOf({ trees, values }: Known): Scope {
  const scope = Object.create(null) as Record<string, unknown>
  for (const [name, value] of Object.entries(values)) scope[name] = value
  for (const [name, tree] of Object.entries(trees))
    Object.defineProperty(scope, name, {
      get: () => valueOf(tree, scope),
      enumerable: true,
      configurable: true,
    })
  return scope
}

/** Names the input that the value comes from, because the user corrects it there. */
function withOrigin(
  { diagnostic, computed }: Origin,
  inputs: Readonly<Record<string, Value>>,
): Diagnostic {
  const names = [...new Set(computed.paths.map(([root]) => root!))].filter((name) =>
    Object.hasOwn(inputs, name),
  )
  if (names.length === 0) return diagnostic
  const from = names.length === 1 ? `the input ${names[0]}` : `the inputs ${names.join(', ')}`
  // No other secret can stand there either.
  if (diagnostic.code === 'param/secret')
    return { ...diagnostic, message: `${diagnostic.message}, by ${from}` }
  return {
    ...diagnostic,
    message: `${diagnostic.message}, by ${from}`,
    hint: `${diagnostic.hint === undefined ? '' : `${diagnostic.hint}; `}give another: -e ${names[0]}=…`,
  }
}
