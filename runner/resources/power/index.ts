import { refuse } from '../../core/change.ts'
import { get } from '../../core/probe.ts'
import { defineResource } from '../../core/resource.ts'
import { listFrom, objectFrom, textAt } from '../service-answers.ts'
import { unclear } from '../unclear.ts'

/** A node has power, or has none, by the word of PCS. */
export const power = defineResource({
  name: 'power',
  summary: 'A node has power, or has none, by the word of PCS.',
  source: 'Configure a Remote Build Node, "Create and boot a remote build node image" (boot or reboot); PCS v1 power-status and transitions',
  params: {
    type: 'object',
    required: ['xname', 'state'],
    properties: {
      xname: { type: 'string', format: 'xname', identity: true, description: 'Component name of the node.' },
      state: { type: 'string', enum: ['on', 'off'], description: 'On, or off.' },
      force: { type: 'boolean', default: false, description: 'Take the power away at once, instead of letting the node shut down.' },
      deadline: { type: 'integer', minimum: 1, default: 5, description: 'Minutes that PCS gives the node to shut down.' },
    },
  },
  state: {
    power: { type: 'string', enum: ['on', 'off', 'undefined'], description: '`undefined`: PCS cannot tell.' },
    management: { type: 'string', information: true, description: '`available`, or `unavailable` where PCS cannot reach the controller of the node.' },
    locked: { type: 'boolean', information: true, description: 'Whether HSM has it locked; read only where it is to be switched.' },
    transition: { type: 'string', information: true, description: 'How far PCS is with what this task asked for: `new`, `in-progress`, `completed`, `failed` …' },
    trouble: { type: 'string', information: true, description: 'Why the transition failed, in the words of PCS.' },
  },
  probe: ({ xname, state }, seen) => {
    const id = textAt(seen['transition']?.json, 'transitionID')
    const status = seen['status'] && listOf(seen['status'].json).find((each) => textAt(each, 'xname') === xname)
    // Under `read` no state is wanted.
    const isAsked = (state as string | undefined) !== undefined
    return {
      status: get('pcs', `/power-status?xname=${xname}`, [200], { ahead: false }),
      task: id === null ? undefined : get('pcs', `/transitions/${id}`, [200], { ahead: false }),
      // PCS stamps each of its answers with a time; HSM's record holds still unless somebody else acts.
      component: status !== undefined && isAsked && textAt(status, 'powerState') !== state && id === null ? get('hsm', `/State/Components/${xname}`, [200], { ahead: false }) : undefined,
    }
  },
  observe: ({ status, task, component }, { xname }) => {
    const node = listFrom(status, 'pcs', 'status').find((each) => each['xname'] === xname) ?? unclear(`PCS says nothing of ${xname}`, `look at it with \`cray power status describe ${xname}\``)
    const error = textAt(node, 'error')
    if (error) return unclear(`PCS cannot tell the power of ${xname}: ${error}`, `look at it with \`cray power status describe ${xname}\``)
    const failed = task && listFrom(task, 'pcs', 'tasks').find((each) => each['taskStatus'] === 'failed' || each['taskStatus'] === 'un-supported')
    return {
      power: powerOf(textAt(node, 'powerState')),
      management: textAt(node, 'managementState'),
      locked: component ? objectFrom(component, 'hsm')['Locked'] === true : null,
      transition: failed ? 'failed' : task ? textAt(task.json, 'transitionStatus') : null,
      trouble: failed ? [textAt(failed, 'taskStatusDescription'), textAt(failed, 'error')].filter(Boolean).join(': ') : null,
    }
  },
  desire: ({ state }) => ({ power: state }),
  change: (_, { xname, state, force, deadline }, current) => {
    const title = state === 'on' ? `power ${xname} on` : force ? `take the power of ${xname} away` : `shut ${xname} down`
    const repairs = ['power'] as const
    const no = (because: string, instead: string) => [{ title, repairs, actions: [refuse(because, instead)] }]
    if (current.transition === 'failed' || current.transition === 'aborted') return no(`PCS could not: ${current.trouble || current.transition}`, `look at the node with \`cray power status describe ${xname}\`, and at its lock with \`cray hsm locks status create --component-ids ${xname}\``)
    if (current.transition !== null) return [{ title, repairs, actions: [{ do: 'await', why: `the transition of PCS is ${current.transition}` }] }]
    if (current.power === 'undefined' || current.management === 'unavailable') return no(`PCS cannot reach the controller of ${xname}: power ${current.power}, management ${current.management}`, 'look at the BMC; nothing is switched blindly')
    if (current.locked) return no(`${xname} is locked in HSM, and PCS does not switch what is locked`, 'find out who locked it and why; `hsm_lock` with `state: unlocked` unlocks')
    const operation = state === 'on' ? 'on' : force ? 'force-off' : 'off'
    const body = { operation, taskDeadlineMinutes: deadline, location: [{ xname }] }
    return [{ title, repairs, kind: 'boot', destructive: true, guard: ['component'], actions: [{ do: 'http', service: 'pcs', method: 'POST', path: '/transitions', body, statuses: [200], name: 'transition' }] }]
  },
  settle: { for: 900, every: 10, progress: ({ power, transition }) => `power is ${power}${transition === null ? '' : `, the transition ${transition}`}` },
})

function powerOf(text: string | null): 'on' | 'off' | 'undefined' {
  return text === 'on' || text === 'off' ? text : 'undefined'
}

function listOf(json: Parameters<typeof textAt>[0]) {
  const list = typeof json === 'object' && json !== null && 'status' in json ? json['status'] : []
  return Array.isArray(list) ? list : []
}
