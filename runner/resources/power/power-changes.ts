import { refuse, type Change, type RefuseAction } from '../../contract/change.ts'
import { jobChanges, type Stage } from '../service-job.ts'

interface Wish {
  readonly xname: string
  readonly state: 'on' | 'off'
  readonly force: boolean
  readonly children: boolean
  readonly deadline: number
}
interface Current {
  readonly power: string | null
  readonly management: string | null
  readonly locked: boolean | null
  readonly children: { readonly [xname: string]: string } | null
  readonly feeds: readonly string[] | null
  readonly fixed: readonly string[] | null
  readonly supported: readonly string[] | null
  readonly transition: string | null
  readonly operation: string | null
  readonly trouble: string | null
}

/** What switches a component, and with it what it feeds, and waits for it; or why that is refused. */
export function powerChanges(
  diff: { readonly power?: unknown; readonly children?: unknown },
  wish: Wish,
  current: Current,
): readonly Change<'power' | 'children'>[] {
  const { xname, deadline } = wish
  const operation = operationOf(wish)
  const names = switched(diff, wish, current)
  const look = `look at the node with \`cray power status describe ${xname}\``
  return jobChanges({
    called: `the transition of ${xname}`,
    title: titleOf(wish),
    repairs: [
      ...(diff.power ? (['power'] as const) : []),
      ...(diff.children ? (['children'] as const) : []),
    ],
    stage: stageOf(current.transition),
    create: {
      do: 'http',
      service: 'pcs',
      method: 'POST',
      path: '/transitions',
      body: {
        operation,
        taskDeadlineMinutes: deadline,
        location: names.map((each) => ({ xname: each })),
      },
      statuses: [200, 202],
      name: 'transition',
    },
    marks: {
      kind: 'boot',
      effect: 'destroys',
      boots: nodesIn(names, current),
      guard: ['component'],
    },
    objection: objectionTo(wish, current),
    trouble: `PCS could not: ${current.trouble || current.transition}`,
    remedy: `${look}, and at its lock with \`cray hsm locks status create --component-ids ${xname}\``,
  })
}

function operationOf({ state, force }: Wish): 'on' | 'off' | 'force-off' {
  if (state === 'on') return 'on'
  return force ? 'force-off' : 'off'
}

// PCS is given those alone that differ, and keeps the order of nodes, slots and chassis itself.
function switched(
  diff: { readonly power?: unknown },
  { xname, state }: Wish,
  { children }: Current,
): readonly string[] {
  const fed = Object.entries(children ?? {}).filter(([, power]) => power !== state)
  return [...(diff.power ? [xname] : []), ...fed.map(([each]) => each)]
}

// What a slot feeds boots or goes down with it.
function nodesIn(names: readonly string[], { feeds }: Current): readonly string[] {
  return [...new Set([...names, ...(feeds ?? [])])]
}

function titleOf({ xname, state, force, children }: Wish): string {
  const all = children ? `${xname} and what it feeds` : xname
  if (state === 'on') return `power ${all} on`
  return force ? `take the power of ${all} away` : `shut ${all} down`
}

function objectionTo(wish: Wish, current: Current): RefuseAction | null {
  return objectionAt(wish, current) ?? objectionBelow(wish, current)
}

// What is fed loses its power with the feeder, whether PCS was asked to shut it down or not.
function objectionBelow(
  { xname, state, force, children }: Wish,
  { feeds, fixed }: Current,
): RefuseAction | null {
  if (state === 'on' || feeds === null) return null
  const kept = feeds.filter((each) => fixed?.includes(each))
  if (kept.length > 0)
    return refuse(
      `${xname} feeds what is locked in HSM: ${kept.join(', ')}`,
      'find out who locked it and why; `hsm_lock` with `state: unlocked` unlocks',
    )
  return feeds.length > 0 && !children && !force
    ? refuse(
        `${xname} feeds what has power: ${feeds.join(', ')}`,
        '`children: true` shuts it down first; `force: true` takes the power away from all of it at once',
      )
    : null
}

function objectionAt(wish: Wish, current: Current): RefuseAction | null {
  const { xname, state } = wish
  const operation = operationOf(wish)
  if (current.transition !== null)
    return current.operation === null || leadsTo(current.operation) === state
      ? null
      : refuse(
          `PCS works on another transition of ${xname}: ${current.operation}`,
          'wait until it is done, or find out who asked for it; then run again',
        )
  if (current.power === 'undefined' || current.management === 'unavailable')
    return refuse(
      `PCS cannot reach the controller of ${xname}: power ${current.power}, management ${current.management}`,
      'look at the BMC; nothing is switched blindly',
    )
  if (
    current.supported !== null &&
    !current.supported.some((each) => each.toLowerCase() === operation)
  )
    return refuse(
      `PCS cannot switch ${xname} ${state}: it can do ${current.supported.join(', ') || 'nothing'} to it`,
      'switch the slot or the chassis that feeds it',
    )
  return current.locked
    ? refuse(
        `${xname} is locked in HSM, and PCS does not switch what is locked`,
        'find out who locked it and why; `hsm_lock` with `state: unlocked` unlocks',
      )
    : null
}

// A transition that is completed has done its part; PCS reports the node's new power a moment later.
function stageOf(transition: string | null): Stage {
  if (transition === null) return 'none'
  if (transition === 'failed' || transition === 'aborted') return 'failed'
  return transition === 'new' ? 'pending' : 'running'
}

function leadsTo(operation: string): 'on' | 'off' {
  return operation === 'off' || operation === 'soft-off' || operation === 'force-off' ? 'off' : 'on'
}
