import { get, type HttpReading } from '../../contract/probe.ts'
import { defineResource } from '../../contract/resource.ts'
import type { Value, ValueMap } from '../../contract/value.ts'
import { componentParam, componentsLike } from '../hsm-queries.ts'
import { flagAt, listFrom, mapsAt, numberAt, textAt } from '../service-answers.ts'
import { componentChanges } from './component-changes.ts'

/** HSM has a component in this state; whether it is enabled, and what it is for, can be written. */
export const hsmComponent = defineResource({
  name: 'hsm_component',
  summary:
    'HSM has a component in this state: Ready is booted, On is only powered. Whether it is enabled, and what it is for, can be written.',
  source:
    'Configure a Remote Build Node, "Create and boot a remote build node image" (wait until it is booted); Disable Nodes, Enable Nodes; HSM v2 State/Components',
  params: {
    type: 'object',
    required: ['xname'],
    properties: {
      xname: componentParam,
      state: {
        type: 'string',
        matcher: true,
        onlyCompared: true,
        enum: ['Unknown', 'Empty', 'Populated', 'Off', 'On', 'Standby', 'Halt', 'Ready'],
        description: 'State that it must have.',
      },
      flag: {
        type: 'string',
        matcher: true,
        onlyCompared: true,
        enum: ['OK', 'Warning', 'Alert', 'Locked', 'Unknown'],
        description: 'Flag that it must have.',
      },
      enabled: {
        type: 'boolean',
        description: 'Whether it is enabled: services leave others out.',
      },
      locked: {
        type: 'boolean',
        onlyCompared: true,
        description: 'Whether it must be locked; `hsm_lock` locks.',
      },
      role: {
        type: 'string',
        matcher: true,
        hint: 'name a role that HSM knows: `cray hsm service values role list` shows them',
        description: 'What it is for: `Compute`, `Application` …; sites have their own.',
      },
      subrole: {
        type: 'string',
        matcher: true,
        description: 'What it is for within its role: `Worker`, `UAN` …; left out: as it is.',
      },
      arch: {
        type: 'string',
        matcher: true,
        onlyCompared: true,
        enum: ['X86', 'ARM', 'Other', 'UNKNOWN'],
        description: 'Architecture that it must have.',
      },
      class: {
        type: 'string',
        matcher: true,
        onlyCompared: true,
        enum: ['River', 'Mountain', 'Hill'],
        description: 'Class that it must have.',
      },
    },
  },
  state: {
    known: { type: 'boolean', description: 'Whether HSM knows the node.' },
    state: { type: 'string', description: '`Off`, `On`, `Ready` …' },
    flag: { type: 'string', description: '`OK`, `Warning`, `Alert` …' },
    enabled: { type: 'boolean', description: 'Whether it is enabled.' },
    locked: { type: 'boolean', description: 'Whether it is locked.' },
    role: { type: 'string', description: 'Its role.' },
    subrole: { type: 'string', description: 'Its subrole; null where it has none.' },
    arch: { type: 'string', description: '`X86`, `ARM` …' },
    class: { type: 'string', description: '`River`, `Mountain`, `Hill`.' },
    nid: { type: 'integer', information: true, description: 'Its node number.' },
    reservation_disabled: {
      type: 'boolean',
      information: true,
      description: 'Whether services may not reserve it.',
    },
  },
  probe: ({ xname, enabled, role, subrole }, seen) => {
    const found = recordIn((seen['components'] as HttpReading | undefined)?.json, xname)
    const differs = (wanted: unknown, is: unknown): boolean => wanted !== undefined && wanted !== is
    const drifts =
      found !== null &&
      (differs(enabled, found['Enabled']) ||
        differs(role, textAt(found, 'Role')) ||
        differs(subrole, textAt(found, 'SubRole')))
    return {
      components: componentsLike(xname, '/State/Components'),
      // Read again right before it is written: another client may have been here.
      component: drifts ? get('hsm', `/State/Components/${xname}`) : undefined,
    }
  },
  observe: ({ components }, { xname }) => {
    const node = listFrom(components, 'hsm', 'Components').find((each) => each['ID'] === xname)
    if (!node)
      return {
        known: false,
        state: null,
        flag: null,
        enabled: null,
        locked: null,
        role: null,
        subrole: null,
        arch: null,
        class: null,
        nid: null,
        reservation_disabled: null,
      }
    return {
      known: true,
      state: textAt(node, 'State'),
      flag: textAt(node, 'Flag'),
      enabled: flagAt(node, 'Enabled'),
      // What is false is left out of the answer.
      locked: node['Locked'] === true,
      role: textAt(node, 'Role'),
      subrole: textAt(node, 'SubRole'),
      arch: textAt(node, 'Arch'),
      class: textAt(node, 'Class'),
      nid: numberAt(node, 'NID'),
      reservation_disabled: node['ReservationDisabled'] === true,
    }
  },
  desire: ({ state, flag, enabled, locked, role, subrole, arch, class: kind }) => ({
    known: true,
    state,
    flag,
    enabled,
    locked,
    role,
    subrole,
    arch,
    class: kind,
  }),
  change: componentChanges,
})

function recordIn(json: Value | undefined, xname: string): ValueMap | null {
  return mapsAt(json, 'Components').find((each) => each['ID'] === xname) ?? null
}
