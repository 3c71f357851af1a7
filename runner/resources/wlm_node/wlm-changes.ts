import type { Action, Change } from '../../contract/change.ts'
import { drifted } from '../attributes.ts'
import { refused } from '../refused.ts'
import { managers } from './workload-managers.ts'

type Field = 'exists' | 'drained' | 'jobs' | 'down'
type Differences = { readonly [F in Field]?: unknown }

interface Wish {
  readonly name: string
  readonly manager: 'slurm' | 'pbs'
  readonly state?: 'drained' | 'resumed' | undefined
  readonly jobs: 'refuse' | 'wait'
  readonly reason: string
}
interface Current {
  readonly drained: boolean | null
  readonly jobs: readonly string[] | null
  readonly reason: string | null
  readonly status: string | null
}

/** What takes a node out of its users' hands, or gives it back; or why that is refused. */
export function nodeChanges(
  diff: Differences,
  wish: Wish,
  current: Current,
): readonly Change<Field>[] {
  const { name, state, manager } = wish
  const repairs = drifted<Field>(diff, ['exists', 'drained', 'jobs', 'down'])
  if (diff.exists)
    return refused(
      `find the node ${name}`,
      repairs,
      `${words[manager].name} has no node ${name}`,
      words[manager].list,
    )
  if (state === 'drained') return draining(diff, wish, current, repairs)
  return resuming(wish, current, repairs)
}

const words = {
  slurm: { name: 'Slurm', list: 'list its nodes with `sinfo -N`', cancel: 'scancel' },
  pbs: { name: 'PBS', list: 'list its nodes with `pbsnodes -a`', cancel: 'qdel' },
} as const

function draining(
  diff: Differences,
  { name, manager, jobs: policy, reason }: Wish,
  { jobs }: Current,
  repairs: readonly Field[],
): readonly Change<Field>[] {
  const title = `drain ${name}`
  const running = jobs ?? []
  if (running.length > 0 && policy === 'refuse')
    return refused(
      title,
      repairs,
      `${namesOf(running)} ${running.length === 1 ? 'runs' : 'run'} on ${name}`,
      `wait for what runs with \`jobs: wait\`, or end it with ${words[manager].cancel}`,
    )
  // What is on the node ends by itself, no job is ended here: the node is looked at until it is empty.
  const action: Action = diff.drained
    ? managers[manager].drain(name, reason)
    : { do: 'await', why: `${namesOf(running)} on ${name} to end` }
  return [{ title, repairs, actions: [action] }]
}

function resuming(
  { name, manager, reason }: Wish,
  { drained, reason: found }: Current,
  repairs: readonly Field[],
): readonly Change<Field>[] {
  const title = `give ${name} back to its users`
  if (drained && found !== null && found !== reason)
    return refused(
      title,
      repairs,
      `${name} was drained for another reason: ${found}`,
      'see whether that is over; then write it as `reason:`, or resume the node by hand',
    )
  return [{ title, repairs, actions: [managers[manager].resume(name)] }]
}

function namesOf(jobs: readonly string[]): string {
  const shown = jobs.slice(0, 3).join(', ')
  const all = jobs.length > 3 ? `${shown} and ${jobs.length - 3} more` : shown
  return `${jobs.length === 1 ? 'job' : 'jobs'} ${all}`
}
