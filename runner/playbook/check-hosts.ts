import { tasksOf, type Playbook, type Play, type Scope, type Task } from '../model/playbook.ts'
import { DiagnosticError, type Diagnostic } from '../model/diagnostic.ts'
import type { Host, Inventory } from '../model/host.ts'
import { valueOf } from '../model/value-tree.ts'

/** The names and values that a task sees on a host before anything was read there. */
export type ScopeOf = (host: Host, play: Play, task: Task) => Scope

/** Finds hosts that plays and tasks name and the inventory does not have. What only a run can know is checked at the task's turn. */
export function checkHosts(
  playbook: Playbook,
  inventory: Inventory,
  scopeOf: ScopeOf,
): readonly Diagnostic[] {
  const delegates = playbook.plays.flatMap((play) =>
    [...tasksOf(play.tasks), ...play.handlers].flatMap((task) =>
      task.delegateTo ? unknownDelegate(play, task, inventory, scopeOf) : [],
    ),
  )
  return [...delegates, ...playbook.plays.flatMap((play) => unknownHosts(play, inventory))]
}

function unknownDelegate(
  play: Play,
  task: Task,
  inventory: Inventory,
  scopeOf: ScopeOf,
): readonly Diagnostic[] {
  const tree = task.delegateTo!
  const names =
    tree.kind === 'constant'
      ? [String(tree.value)]
      : hostsOf(play, inventory).flatMap(
          (host) => delegateOn(task, () => scopeOf(host, play, task)) ?? [],
        )
  const wrong = names.find(
    (name) => !inventory.hosts.has(name) && (inventory.groups.get(name)?.length ?? 0) === 0,
  )
  if (wrong === undefined) return []
  return [
    {
      code: 'run/unknown-delegate',
      message: `delegate_to names '${wrong}', which is not a host of the inventory`,
      at: tree.at,
      hint: 'name a host or a group of the inventory: `trueup inventory --list`',
    },
  ]
}

/** The hosts of a play; none where its pattern is wrong. */
export function hostsOf(play: Play, inventory: Inventory): readonly Host[] {
  try {
    return inventory.select(play.hosts)
  } catch {
    // The check of the play reports it.
    return []
  }
}

/** The delegate of a task that certainly runs on this host; undefined where a fact, a register or an item decides. */
function delegateOn(task: Task, scopeOf: () => Scope): string | undefined {
  try {
    const scope = scopeOf()
    if (task.when.some((condition) => condition.evaluate(scope) !== true)) return undefined
    return String(valueOf(task.delegateTo!, scope))
  } catch {
    return undefined
  }
}

function unknownHosts(play: Play, inventory: Inventory): readonly Diagnostic[] {
  try {
    inventory.select(play.hosts)
    return unknownInOrder(play, inventory)
  } catch (error) {
    if (error instanceof DiagnosticError)
      return error.diagnostics.map((each) => ({ at: play.hostsAt ?? play.at, ...each }))
    throw error
  }
}

/** Hosts that the order of a play names and the inventory does not have. */
function unknownInOrder({ order }: Play, inventory: Inventory): readonly Diagnostic[] {
  if (typeof order !== 'object') return []
  return order.patterns.flatMap((pattern) => {
    try {
      inventory.select(pattern)
      return []
    } catch (error) {
      if (!(error instanceof DiagnosticError)) throw error
      return error.diagnostics.map((each) => ({ at: order.at, ...each }))
    }
  })
}

/** Whether every play is for this machine alone, so that the playbook needs no inventory. */
export function needsNoInventory(playbook: Playbook): boolean {
  return playbook.plays.every((play) => play.hosts === 'localhost')
}

/** What is wrong when a playbook needs an inventory and none is given. */
export function noInventory(playbook: Playbook): Diagnostic {
  const play = playbook.plays.find((each) => each.hosts !== 'localhost')!
  return {
    code: 'cli/no-inventory',
    message: `no inventory was given, and the play is for '${play.hosts}'`,
    at: play.hostsAt ?? play.at,
    hint: 'name one with -i PATH, or put it in ./inventory/; a play with `hosts: localhost` needs none',
  }
}
