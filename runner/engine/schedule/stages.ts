import {
  judgingConditions,
  tasksOf,
  type Computed,
  type Play,
  type Task,
} from '../../model/playbook.ts'
import type { Host } from '../../model/host.ts'
import { computedIn } from '../../model/value-tree.ts'
import type { RunOptions } from '../model.ts'
import { noteOwed } from '../tell.ts'

/** The sentences of handlers that read a register of their play, directly or through a var: these cannot be paid before its tasks. */
function handlersWithRegisters(play: Play): ReadonlySet<string> {
  const own = [...tasksOf(play.tasks)].flatMap((task) => task.register ?? [])
  const names = new Set([...own, ...(play.inherits ?? [])])
  // A var that reads a register is as good as one.
  for (let size = -1; size !== names.size;) {
    size = names.size
    for (const [name, tree] of Object.entries(play.vars))
      if (readsAny(computedIn(tree), names)) names.add(name)
  }
  return new Set(
    play.handlers
      .filter((handler) => readsAny(computedOf(handler), names))
      .map((handler) => handler.sentence),
  )
}

function readsAny(all: Iterable<Computed>, names: ReadonlySet<string>): boolean {
  for (const { paths } of all)
    if (paths.some(([root]) => root !== undefined && names.has(root))) return true
  return false
}

function* computedOf(task: Task): Generator<Computed> {
  const { that, failedWhen, changedWhen } = judgingConditions(task)
  yield* [...task.when, ...that, ...failedWhen, ...changedWhen]
  const trees = [
    task.loop,
    task.become,
    task.delegateTo,
    ...(task.verb === 'run' || task.verb === 'ensure'
      ? [task.creates, task.removes, task.unless]
      : []),
    ...Object.values(task.params?.fields ?? {}),
    ...Object.values(task.vars),
    ...Object.values(task.environment),
  ]
  for (const tree of trees) if (tree) yield* computedIn(tree)
}

/** A part of a run: a play over its hosts, or only the handlers that an earlier run left unpaid in it. */
export interface Stage {
  readonly index: number
  readonly play: Play
  readonly hosts: readonly Host[]
  /** The handlers that a host owes when it begins. */
  readonly owed: (host: string) => readonly string[]
  /** Only what is owed is done. */
  readonly paying: boolean
}

/** What is owed comes first, then the plays. A handler that reads registers waits until the tasks of its play have set them. */
export function stagesOf(
  options: RunOptions,
  hostsOfPlays: readonly (readonly Host[])[],
): readonly Stage[] {
  const { playbook, owed } = options
  if (!owed)
    return playbook.plays.map((play, index) => ({
      index,
      play,
      hosts: hostsOfPlays[index]!,
      owed: () => [],
      paying: false,
    }))
  const stages = { paying: [] as Stage[], plays: [] as Stage[] }
  for (const [index, play] of playbook.plays.entries()) {
    const late = options.paysOnly ? new Set<string>() : handlersWithRegisters(play)
    const early = (host: string): readonly string[] =>
      owed(index, host).filter((name) => !late.has(name))
    const hosts = hostsOfPlays[index]!
    const indebted = hosts.filter((host) => early(host.name).length > 0)
    if (indebted.length > 0)
      stages.paying.push({
        index,
        play: { ...play, name: `what is owed: ${play.name}`, tasks: [] },
        hosts: indebted,
        owed: early,
        paying: true,
      })
    stages.plays.push({
      index,
      play,
      hosts,
      owed: (host) => owed(index, host).filter((name) => late.has(name)),
      paying: false,
    })
    // This run owes them from now on, should it be ended too.
    for (const host of hosts)
      if (owed(index, host.name).length > 0)
        noteOwed(options, index, '', host.name, owed(index, host.name))
  }
  return options.paysOnly ? stages.paying : [...stages.paying, ...stages.plays]
}
