import type { Play, Task } from '../../model/playbook.ts'
import { facts } from '../../model/facts.ts'

const known = new WeakMap<object, readonly string[]>()

/** The facts that a task, or the play around it, names anywhere in its expressions. */
export function factsNamed(play: Play, task: Task): readonly string[] {
  const own = namesIn(task, ({ type: _type, ...rest }) => rest)
  const around = namesIn(play, ({ vars, become, environment }) => ({ vars, become, environment }))
  return around.length === 0 ? own : [...new Set([...around, ...own])]
}

function namesIn<T extends object>(thing: T, partsOf: (thing: T) => object): readonly string[] {
  let names = known.get(thing)
  if (!names) {
    const found = new Set<string>()
    collect(partsOf(thing), found)
    known.set(thing, (names = [...found]))
  }
  return names
}

/** Gathers the paths of every computed value below, whatever it is part of. */
function collect(part: unknown, found: Set<string>): void {
  if (typeof part !== 'object' || part === null) return
  if ('paths' in part && 'evaluate' in part) {
    for (const [root, name] of part.paths as readonly (readonly string[])[])
      if (root === 'facts' && name !== undefined && Object.hasOwn(facts, name)) found.add(name)
    return
  }
  for (const inner of Object.values(part)) collect(inner, found)
}
