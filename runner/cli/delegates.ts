import { tasksOf, type Playbook, type Play, type Task } from '../model/playbook.ts'
import type { Diagnostic } from '../model/diagnostic.ts'
import type { Host, Inventory } from '../model/host.ts'
import { valueOf } from '../model/tree.ts'
import { createSubject, scopeWith, type Subject } from '../engine/decide/scope.ts'

/** The delegates that no inventory has, as far as inputs, vars and the inventory tell; what only a run can tell is found at its turn. */
export function unknownDelegates(playbook: Playbook, inventory: Inventory): readonly Diagnostic[] {
  return playbook.plays.flatMap((play) =>
    [...tasksOf(play.tasks), ...play.handlers].flatMap((task) =>
      task.delegateTo ? unknownDelegate(playbook, play, task, inventory) : [],
    ),
  )
}

function unknownDelegate(
  playbook: Playbook,
  play: Play,
  task: Task,
  inventory: Inventory,
): readonly Diagnostic[] {
  const tree = task.delegateTo!
  const names =
    tree.kind === 'constant'
      ? [String(tree.value)]
      : hostsOf(play, inventory).flatMap(
          (host) => told(task, createSubject(host, play, playbook, inventory, [], new Set())) ?? [],
        )
  const wrong = names.find(
    (name) => !inventory.hosts.has(name) && (inventory.groups.get(name)?.length ?? 0) === 0,
  )
  if (wrong === undefined) return []
  return [
    {
      code: 'run/unknown-delegate',
      message: `delegate_to names '${wrong}', which is no host of the inventory`,
      at: tree.at,
      hint: 'name a host or a group of the inventory: `trueup inventory --list`',
    },
  ]
}

function hostsOf(play: Play, inventory: Inventory): readonly Host[] {
  try {
    return inventory.select(play.hosts)
  } catch {
    // The play says so itself.
    return []
  }
}

/** The delegate of a task that certainly runs on this host; undefined where a fact, a register or an item decides. */
function told(task: Task, subject: Subject): string | undefined {
  try {
    const scope = scopeWith(subject, task)
    if (task.when.some((condition) => condition.evaluate(scope) !== true)) return undefined
    return String(valueOf(task.delegateTo!, scope))
  } catch {
    return undefined
  }
}
