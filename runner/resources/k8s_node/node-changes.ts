import { exec, refuse, type Action, type Change } from '../../contract/change.ts'
import { drifted } from '../attributes.ts'
import { refused } from '../refused.ts'

type Field = 'exists' | 'ready' | 'schedulable' | 'pods'
type Differences = { readonly [F in Field]?: unknown }

interface Wish {
  readonly name: string
  readonly state?: 'schedulable' | 'cordoned' | 'drained' | undefined
  readonly delete_emptydir_data: boolean
  readonly force: boolean
  readonly timeout: number
}
interface Current {
  readonly ready: boolean | null
  readonly holding_data: readonly string[] | null
  readonly alone: readonly string[] | null
}

/** What opens, closes or drains a node; or why that is refused. */
export function nodeChanges(
  diff: Differences,
  wish: Wish,
  current: Current,
): readonly Change<Field>[] {
  const { name, state } = wish
  if (diff.exists)
    return refused(
      `find the node ${name}`,
      drifted(diff, ['exists', 'ready', 'schedulable', 'pods']),
      `Kubernetes has no node ${name}`,
      'list its nodes with `kubectl get nodes`',
    )
  const waiting = diff.ready ? notReady(name, current) : []
  if (state === 'drained') return [...waiting, draining(diff, wish, current)]
  if (!diff.schedulable) return waiting
  const opens = state === 'schedulable'
  return [
    ...waiting,
    {
      title: `${opens ? 'open' : 'close'} the node ${name} for pods`,
      repairs: ['schedulable'],
      actions: [exec(['kubectl', opens ? 'uncordon' : 'cordon', name])],
    },
  ]
}

function notReady(name: string, { ready }: Current): readonly Change<Field>[] {
  return refused(
    `wait for the node ${name}`,
    ['ready'],
    `the node ${name} is ${ready ? 'ready' : 'not ready'}`,
    'look at its kubelet; use `wait` where it comes up by itself',
  )
}

function draining(diff: Differences, wish: Wish, current: Current): Change<Field> {
  const { name, delete_emptydir_data, force, timeout } = wish
  const base = {
    title: `drain the node ${name}`,
    repairs: drifted<Field>(diff, ['schedulable', 'pods']),
    actions: [refusalOf(wish, current) ?? exec(drainOf(wish), { timeout: timeout + 60 })],
  }
  const losesData =
    (delete_emptydir_data && current.holding_data!.length > 0) ||
    (force && current.alone!.length > 0)
  return losesData ? { ...base, effect: 'destroys', guard: ['uid', 'names'] } : base
}

function refusalOf(
  { delete_emptydir_data, force }: Wish,
  { holding_data, alone }: Current,
): Action | null {
  if (holding_data!.length > 0 && !delete_emptydir_data)
    return refuse(
      `data of ${namesOf(holding_data!)} is on the node and would be lost`,
      'move it first; or add `delete_emptydir_data: true` where it may be lost',
    )
  return alone!.length > 0 && !force
    ? refuse(
        `nothing starts ${namesOf(alone!)} again elsewhere`,
        'remove it first; or add `force: true` where it may end',
      )
    : null
}

function namesOf(pods: readonly string[]): string {
  const shown = pods.slice(0, 3).join(', ')
  return pods.length > 3 ? `${shown} and ${pods.length - 3} more pods` : shown
}

function drainOf({ name, delete_emptydir_data, force, timeout }: Wish): readonly string[] {
  return [
    ...['kubectl', 'drain', name, '--ignore-daemonsets', `--timeout=${timeout}s`],
    ...(delete_emptydir_data ? ['--delete-emptydir-data'] : []),
    ...(force ? ['--force'] : []),
  ]
}
