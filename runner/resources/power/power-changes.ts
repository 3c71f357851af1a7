import { refuse, type Change, type RefuseAction } from '../../contract/change.ts'
import { jobChanges, type Stage } from '../service-job.ts'

interface Wish {
  readonly xname: string
  readonly state: 'on' | 'off'
  readonly force: boolean
  readonly deadline: number
}
interface Current {
  readonly power: string | null
  readonly management: string | null
  readonly locked: boolean | null
  readonly transition: string | null
  readonly operation: string | null
  readonly trouble: string | null
}

/** What switches a node and waits for it; or why that is refused. */
export function powerChanges(
  _diff: object,
  wish: Wish,
  current: Current,
): readonly Change<'power'>[] {
  const { xname, state, force, deadline } = wish
  const operation = state === 'on' ? 'on' : force ? 'force-off' : 'off'
  const look = `look at the node with \`cray power status describe ${xname}\``
  return jobChanges({
    called: `the transition of ${xname}`,
    title: titleOf(wish),
    repairs: ['power'],
    stage: stageOf(current.transition),
    create: {
      do: 'http',
      service: 'pcs',
      method: 'POST',
      path: '/transitions',
      body: { operation, taskDeadlineMinutes: deadline, location: [{ xname }] },
      statuses: [200, 202],
      name: 'transition',
    },
    marks: { kind: 'boot', effect: 'destroys', boots: [xname], guard: ['component'] },
    objection: objectionTo(wish, current),
    trouble: `PCS could not: ${current.trouble || current.transition}`,
    remedy: `${look}, and at its lock with \`cray hsm locks status create --component-ids ${xname}\``,
  })
}

function titleOf({ xname, state, force }: Wish): string {
  if (state === 'on') return `power ${xname} on`
  return force ? `take the power of ${xname} away` : `shut ${xname} down`
}

function objectionTo({ xname, state }: Wish, current: Current): RefuseAction | null {
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
