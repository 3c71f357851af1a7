import type { EnsureTask, Task } from '../../model/playbook.ts'
import { Matcher } from '../../contract/matcher.ts'
import { Unknown } from '../../model/signal.ts'
import { isMap, type Value } from '../../contract/value.ts'
import type { Examined, Judged, Register } from '../model.ts'
import { partlyKnown } from './scope.ts'

/** The register of a task as examined: of its one state, or the list of a loop. Null while an item is not known. */
export function registerOf(
  task: Task,
  found: readonly { readonly item: Value | null; readonly examined: Examined | null }[],
): Register | null {
  const values: unknown[] = []
  for (const { examined } of found) {
    const value = examined && valueOf(examined)
    if (!value) return null
    values.push(value)
  }
  if (!task.loop) return () => values[0]
  const list = found.map(({ item }, i) =>
    listed(item, values[i] as Readonly<Record<string, unknown>>),
  )
  return () => list
}

/** The register of a state: its fields, and whether it was changed. */
export function registered(
  state: Readonly<Record<string, unknown>>,
  changed: boolean,
): Readonly<Record<string, unknown>> {
  return Object.assign(Object.create(null), state, { changed, failed: false, skipped: false })
}

/** The register of a task that did not run. */
export function skippedRegister(): Readonly<Record<string, unknown>> {
  return Object.assign(Object.create(null), { changed: false, failed: false, skipped: true })
}

/** An item of a looped task's register: `{ item, changed, state }`. */
export function listed(
  item: Value | null,
  value: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  const { changed, failed, skipped, ...state } = value
  return { item, changed, failed, skipped, state }
}

/** What a plan knows of a thing that will be changed: the wanted fields as known, the others not before the change. */
export function pendingRegister(task: EnsureTask, judged: Judged): Register {
  const known: Record<string, unknown> = { changed: true, failed: false, skipped: false }
  const hidden: string[] = []
  for (const [field, schema] of Object.entries(task.type.state)) {
    const wish = judged.wanted[field]
    if (schema.information) hidden.push(field)
    else if (wish === undefined) known[field] = judged.state[field]
    else if (!hasMatcher(wish))
      known[field] =
        isMap(wish) && isMap(judged.state[field])
          ? { ...(judged.state[field] as object), ...(wish as object) }
          : wish
    else hidden.push(field)
  }
  return partlyKnown(known, hidden, () => new Unknown(task.sentence))
}

/** A register of which nothing is known before the named task is done. */
export function unknownRegister(until: string): Register {
  return () => {
    throw new Unknown(until)
  }
}

function hasMatcher(wish: unknown): boolean {
  return (
    wish instanceof Matcher ||
    (isMap(wish) && Object.values(wish).some((each) => (each as unknown) instanceof Matcher))
  )
}

function valueOf(examined: Examined): Readonly<Record<string, unknown>> | null {
  switch (examined.kind) {
    case 'skipped':
    case 'spared':
      return skippedRegister()
    case 'holds':
      return registered(examined.judged?.state ?? {}, false)
    case 'asks':
      return registered({}, false)
    default:
      return null
  }
}
