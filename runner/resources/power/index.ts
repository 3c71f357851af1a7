import { get, type HttpProbe, type HttpReading } from '../../contract/probe.ts'
import { defineResource } from '../../contract/resource.ts'
import { kindOf } from '../hsm-queries.ts'
import { listFrom, objectFrom, textAt, valueAt } from '../service-answers.ts'
import { unclear } from '../unclear.ts'
import { powerChanges } from './power-changes.ts'
import { powerParams } from './power-params.ts'
import { powerState } from './power-state.ts'
import { fedFrom, feederTypes, namesBelow } from './power-below.ts'
import { itemsAt, powerOf, underWay } from './power-transitions.ts'

/** A node, a slot or a chassis has power, or has none, by the word of PCS. */
export const power = defineResource({
  name: 'power',
  summary: 'A node, a slot or a chassis has power, or has none, by the word of PCS.',
  source:
    'Configure a Remote Build Node, "Create and boot a remote build node image" (boot or reboot); Replace a Compute Blade (power off the slot); PCS v1 power-status and transitions',
  destroys: true,
  params: powerParams,
  state: powerState,
  checks: {
    children: ({ xname, children }) =>
      children && !feederTypes.has(kindOf(xname))
        ? {
            message: `${xname} feeds no other component`,
            hint: 'remove `children:`; it is for slots (x1000c3s0) and chassis (x1000c3)',
          }
        : null,
  },
  probe: ({ xname, state, children }, seen) => {
    const id = textAt(seen['transition']?.json, 'transitionID')
    const status =
      seen['status'] &&
      itemsAt(seen['status'].json, 'status').find((each) => textAt(each, 'xname') === xname)
    // Under `read` no state is wanted.
    const isAsked = (state as string | undefined) !== undefined
    const drifts =
      status !== undefined && isAsked && textAt(status, 'powerState') !== state && id === null
    const asksChildren = children && id === null
    const under = drifts || asksChildren ? underWay(seen['transitions']?.json) : []
    const asksBelow =
      feederTypes.has(kindOf(xname)) && (children || (drifts && (state as string) === 'off'))
    const below = namesBelow((seen['below'] as HttpReading | undefined)?.json, xname)
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
      component:
        drifts || asksChildren
          ? get('hsm', `/State/Components/${xname}`, [200], { ahead: false })
          : undefined,
      // A run that was ended may have left one behind: the list tells which are not finished, and each of those whom it is for.
      transitions:
        drifts || asksChildren ? get('pcs', '/transitions', [200], { ahead: false }) : undefined,
      below: asksBelow
        ? get(
            'hsm',
            `/State/Components/Query/${xname}?type=Node&type=ComputeModule&type=RouterModule`,
            [200],
            { ahead: false },
          )
        : undefined,
      fed:
        asksBelow && below.length > 0
          ? get('pcs', `/power-status?${below.map((each) => `xname=${each}`).join('&')}`, [200], {
              ahead: false,
            })
          : undefined,
      ...tasks,
    }
  },
  observe: (readings, { xname, children }) => {
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
    const supported = valueAt(node, 'supportedPowerTransitions')
    const its = powerOf(textAt(node, 'powerState'))
    const fed = fedFrom(readings.below?.json, readings.fed?.json, xname, its === 'off')
    return {
      power: its,
      children: children && fed ? fed.power : null,
      feeds: fed ? fed.on : null,
      fixed: fed ? fed.locked : null,
      supported: Array.isArray(supported) ? supported.map(String) : null,
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
  desire: ({ state, children }, { children: fed }) => ({
    power: state,
    children:
      children && fed
        ? Object.fromEntries(Object.keys(fed).map((each) => [each, state]))
        : undefined,
  }),
  change: powerChanges,
  boots: true,
  settle: {
    for: 900,
    every: 10,
    progress: ({ power, transition }) =>
      `power is ${power}${transition === null ? '' : `, the transition ${transition}`}`,
  },
})
