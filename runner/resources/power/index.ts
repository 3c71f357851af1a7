import { get, type HttpProbe, type HttpReading } from '../../contract/probe.ts'
import { defineResource } from '../../contract/resource.ts'
import { listFrom, objectFrom, textAt } from '../service-answers.ts'
import { unclear } from '../unclear.ts'
import { powerChanges } from './power-changes.ts'
import { itemsAt, powerOf, underWay } from './power-transitions.ts'

/** A node has power, or has none, by the word of PCS. */
export const power = defineResource({
  name: 'power',
  summary: 'A node has power, or has none, by the word of PCS.',
  source:
    'Configure a Remote Build Node, "Create and boot a remote build node image" (boot or reboot); PCS v1 power-status and transitions',
  destroys: true,
  params: {
    type: 'object',
    required: ['xname', 'state'],
    properties: {
      xname: {
        type: 'string',
        format: 'xname',
        xnames: [
          'Node',
          'VirtualNode',
          'Chassis',
          'ComputeModule',
          'RouterModule',
          'CabinetPDUPowerConnector',
        ],
        identity: true,
        description: 'Component name of the node, slot, chassis or outlet.',
      },
      state: { type: 'string', enum: ['on', 'off'], description: 'On, or off.' },
      force: {
        onlyWith: { state: ['off'] },
        type: 'boolean',
        default: false,
        description: 'Take the power away at once, instead of letting the node shut down.',
      },
      deadline: {
        type: 'integer',
        minimum: 1,
        default: 5,
        description: 'Minutes that PCS gives the node to shut down.',
      },
    },
  },
  state: {
    power: {
      type: 'string',
      enum: ['on', 'off', 'undefined'],
      description: '`undefined`: PCS cannot tell.',
    },
    management: {
      type: 'string',
      information: true,
      description:
        '`available`, or `unavailable` where PCS cannot reach the controller of the node.',
    },
    locked: {
      type: 'boolean',
      information: true,
      description: 'Whether HSM has it locked; read only where it is to be switched.',
    },
    transition: {
      type: 'string',
      information: true,
      description:
        'How far PCS is with the transition that it works on: `new`, `in-progress`, `completed`, `failed` …',
    },
    operation: {
      type: 'string',
      information: true,
      description: 'What that transition does: `on`, `off`, `hard-restart` …',
    },
    trouble: {
      type: 'string',
      information: true,
      description: 'Why the transition failed, in the words of PCS.',
    },
  },
  probe: ({ xname, state }, seen) => {
    const id = textAt(seen['transition']?.json, 'transitionID')
    const status =
      seen['status'] &&
      itemsAt(seen['status'].json, 'status').find((each) => textAt(each, 'xname') === xname)
    // Under `read` no state is wanted.
    const isAsked = (state as string | undefined) !== undefined
    const drifts =
      status !== undefined && isAsked && textAt(status, 'powerState') !== state && id === null
    const under = drifts ? underWay(seen['transitions']?.json) : []
    const tasks = Object.fromEntries(
      under.map((each): [string, HttpProbe] => [
        `transition ${each}`,
        get('pcs', `/transitions/${each}`, [200, 404], { ahead: false }),
      ]),
    )
    return {
      status: get('pcs', `/power-status?xname=${xname}`, [200], { ahead: false }),
      task: id === null ? undefined : get('pcs', `/transitions/${id}`, [200], { ahead: false }),
      // PCS stamps each of its answers with a time; HSM's record changes only when another client acts.
      component: drifts
        ? get('hsm', `/State/Components/${xname}`, [200], { ahead: false })
        : undefined,
      // A run that was ended may have left one behind: the list tells which are not finished, and each of those whom it is for.
      transitions: drifts ? get('pcs', '/transitions', [200], { ahead: false }) : undefined,
      ...tasks,
    }
  },
  observe: (readings, { xname }) => {
    const { status, component, transitions } = readings
    const node =
      listFrom(status, 'pcs', 'status').find((each) => each['xname'] === xname) ??
      unclear(
        `PCS says nothing of ${xname}`,
        `look at it with \`cray power status describe ${xname}\``,
      )
    const error = textAt(node, 'error')
    if (error)
      return unclear(
        `PCS cannot tell the power of ${xname}: ${error}`,
        `look at it with \`cray power status describe ${xname}\``,
      )
    const tasks = readings as unknown as Readonly<Record<string, HttpReading | undefined>>
    const found = underWay(transitions?.json)
      .map((id) => tasks[`transition ${id}`])
      .find((each) => itemsAt(each?.json, 'tasks').some((task) => textAt(task, 'xname') === xname))
    const task = readings.task ?? found
    const failed =
      readings.task &&
      itemsAt(readings.task.json, 'tasks').find((each) =>
        /^(?:failed|un-?supported)$/.test(textAt(each, 'taskStatus') ?? ''),
      )
    return {
      power: powerOf(textAt(node, 'powerState')),
      management: textAt(node, 'managementState'),
      locked: component ? objectFrom(component, 'hsm')['Locked'] === true : null,
      transition: failed ? 'failed' : task ? textAt(task.json, 'transitionStatus') : null,
      operation: task ? (textAt(task.json, 'operation')?.toLowerCase() ?? null) : null,
      trouble: failed
        ? [textAt(failed, 'taskStatusDescription'), textAt(failed, 'error')]
            .filter(Boolean)
            .join(': ')
        : null,
    }
  },
  desire: ({ state }) => ({ power: state }),
  change: powerChanges,
  boots: true,
  settle: {
    for: 900,
    every: 10,
    progress: ({ power, transition }) =>
      `power is ${power}${transition === null ? '' : `, the transition ${transition}`}`,
  },
})
