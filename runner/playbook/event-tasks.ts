import type { Computed, Verb } from '../model/playbook.ts'
import type { AnyResourceType } from '../contract/resource.ts'
import { plain, type LocatedEntry, type LocatedMap } from '../source/located.ts'
import { report, type Loading } from './load-context.ts'

/** Whether a task is about an event, such as a restart: something that is never true, and may only happen. */
export function isEvent(type: AnyResourceType, { value }: LocatedEntry): boolean {
  if (!type.events) return false
  const written = value.kind === 'map' ? value.entries.get('state')?.value : undefined
  const state = written ? plain(written) : type.params.properties['state']?.default
  return type.events.includes(String(state))
}

/** What says, beside a `run`, that something need not happen again. */
const guards = ['creates', 'removes', 'unless']

/**
 * An event outside of handlers is a `run`, and something must say when it need not happen: `unless` and its kin, or a condition on
 * what an earlier task read or did. Without that each run would do it again.
 */
export function checkEvent(
  loading: Loading,
  { entries }: LocatedMap,
  { type, entry }: { readonly type: AnyResourceType; readonly entry: LocatedEntry },
  task: {
    readonly verb: Verb
    readonly when: readonly Computed[]
    readonly registers: ReadonlySet<string>
  },
): void {
  const state = entry.value.kind === 'map' ? entry.value.entries.get('state') : undefined
  const what = state === undefined ? `${type.name} without a state` : `${type.name}`
  if (task.verb === 'ensure' && state === undefined)
    report(loading, {
      code: 'task/event',
      message: `${what} is an event, not a state: it would never be true`,
      at: entry.keyAt,
      hint: 'write `run:` with `unless:`, `creates:` or a `when:` on a register; or move it under handlers:, and notify it',
    })
  if (task.verb !== 'run') return
  for (const key of ['failed_when', 'changed_when'])
    if (entries.has(key))
      report(loading, {
        code: 'task/keyword',
        message: `${key} does not go with ${type.name}: what it read back says whether it happened`,
        at: entries.get(key)!.keyAt,
        hint: 'remove it',
      })
  const isGuarded =
    guards.some((key) => entries.has(key)) ||
    task.when.some(({ paths }) => paths.some(([root]) => task.registers.has(root!)))
  if (isGuarded) return
  report(loading, {
    code: 'task/event',
    message: `nothing says when ${type.name} need not happen: it would happen in every run`,
    at: entry.keyAt,
    hint: 'add `unless: COMMAND`, `creates: PATH`, or a `when:` on what an earlier task registered',
  })
}
