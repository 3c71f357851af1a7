import type { Diagnostic } from '../model/diagnostic.ts'
import { DiagnosticError } from '../model/diagnostic.ts'
import type { Play, Task, Tree } from '../model/playbook.ts'
import { tasksOf } from '../model/playbook.ts'
import { computedIn, valueOf } from '../model/value-tree.ts'
import { Secret } from '../contract/secret.ts'
import type { Value } from '../contract/value.ts'

/**
 * Params that cannot take a secret and would be given one, whenever their task has its turn and whatever else stands in the text. The
 * secret inputs may have no values yet: what they are does not matter here.
 */
export function shownSecrets(
  secrets: readonly string[],
  inputs: Readonly<Record<string, Value>>,
  plays: readonly Play[],
): readonly Diagnostic[] {
  if (secrets.length === 0) return []
  const values = {
    ...inputs,
    ...Object.fromEntries(secrets.map((name) => [name, new Secret(name, 'x')])),
  }
  return plays.flatMap((play) =>
    [...tasksOf(play.tasks), ...play.handlers].flatMap((task) =>
      shownIn(task, { ...play.vars, ...task.vars }, secrets, values),
    ),
  )
}

function shownIn(
  task: Task,
  vars: Readonly<Record<string, Tree>>,
  secrets: readonly string[],
  values: Readonly<Record<string, Value>>,
): readonly Diagnostic[] {
  return Object.entries(task.params?.fields ?? {}).flatMap(([name, tree]) => {
    const paths = pathsOf(tree, vars)
    const named = secrets.filter(
      (secret) => !Object.hasOwn(vars, secret) && paths.some(([root]) => root === secret),
    )
    if (named.length === 0) return []
    const scope = scopeOf(vars, values, paths)
    const found = mistakesOf(() => task.params!.accept(name, valueOf(tree, scope), tree.at))
    const at = computedIn(tree)[0]?.at ?? tree.at
    return found
      .filter(({ code }) => code === 'param/secret')
      .map((each) => ({
        ...each,
        at: each.at ?? at,
        message: `${each.message}, by the input ${named.join(', ')}`,
      }))
  })
}

function mistakesOf(work: () => unknown): readonly Diagnostic[] {
  try {
    work()
    return []
  } catch (error) {
    return error instanceof DiagnosticError ? error.diagnostics : []
  }
}

/** All that a tree reads, and what the vars read that it names. */
function pathsOf(
  tree: Tree,
  vars: Readonly<Record<string, Tree>>,
  trail: readonly string[] = [],
): readonly (readonly string[])[] {
  return computedIn(tree)
    .flatMap(({ paths }) => paths)
    .flatMap((path) => {
      const root = path[0]!
      const inner = Object.hasOwn(vars, root) && !trail.includes(root) ? vars[root] : undefined
      return inner ? [path, ...pathsOf(inner, vars, [...trail, root])] : [path]
    })
}

/** What is known, and a text in the place of all that is not: of facts, registers and vars of hosts. */
function scopeOf(
  vars: Readonly<Record<string, Tree>>,
  values: Readonly<Record<string, Value>>,
  paths: readonly (readonly string[])[],
): Readonly<Record<string, unknown>> {
  const scope = Object.create(null) as Record<string, unknown>
  for (const [root, ...rest] of paths) {
    if (root === undefined) continue
    if (rest.length === 0) scope[root] ??= 'x'
    else scope[root] = withText(scope[root], rest)
  }
  for (const [name, value] of Object.entries(values)) scope[name] = value
  for (const [name, tree] of Object.entries(vars))
    Object.defineProperty(scope, name, { get: () => valueOf(tree, scope), configurable: true })
  return scope
}

function withText(there: unknown, [name, ...rest]: readonly string[]): unknown {
  const held = typeof there === 'object' ? (there as Readonly<Record<string, unknown>>) : {}
  return { ...held, [name!]: rest.length === 0 ? 'x' : withText(held[name!], rest) }
}
