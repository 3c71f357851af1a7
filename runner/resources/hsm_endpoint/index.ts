import { get, type HttpReading } from '../../contract/probe.ts'
import { defineResource } from '../../contract/resource.ts'
import type { ValueMap } from '../../contract/value.ts'
import { controllerParam, kindOf } from '../hsm-queries.ts'
import { macForm, macPattern } from '../mac-address.ts'
import { listFrom, mapsAt, textAt } from '../service-answers.ts'
import { endpointChanges, wishedFields } from './endpoint-changes.ts'

/** HSM knows a controller that it asks by Redfish, and asks it, or does not. */
export const hsmEndpoint = defineResource({
  name: 'hsm_endpoint',
  summary: 'HSM knows a controller that it asks by Redfish, and asks it, or does not.',
  source:
    'Replace a Compute Blade, "Shutdown software and power off the blade", "Delete the HSM entries" and "Power on and boot the compute nodes"; HSM v2 Inventory/RedfishEndpoints',
  params: {
    type: 'object',
    required: ['xname'],
    properties: {
      xname: controllerParam,
      state: {
        type: 'string',
        enum: ['present', 'absent'],
        default: 'present',
        description: '`absent`: HSM forgets the controller, and holds what it carries for empty.',
      },
      enabled: {
        type: 'boolean',
        onlyWith: { state: ['present'] },
        description: 'Whether HSM asks it. One that is not asked carries nothing, as HSM sees it.',
      },
      rediscover: {
        type: 'boolean',
        onlyWith: { state: ['present'] },
        description: 'Whether HSM asks it again after each change of its record.',
      },
      fqdn: {
        type: 'string',
        format: 'line',
        onlyWith: { state: ['present'] },
        description: 'Name or address that HSM reaches it by; its xname in a new record.',
        examples: ['x3000c0s19b1'],
      },
      user: {
        type: 'string',
        format: 'line',
        onlyWith: { state: ['present'] },
        description:
          'Account of the controller. Its password is in Vault, and is not written here.',
      },
      mac_address: {
        type: 'string',
        pattern: macPattern,
        onlyWith: { state: ['present'] },
        description: 'Address of its network card.',
        examples: ['b4:2e:99:be:1a:2d'],
      },
      discovery: {
        type: 'string',
        matcher: true,
        onlyCompared: true,
        onlyWith: { state: ['present'] },
        description:
          'How its last discovery must have ended: `DiscoverOK`; `hsm_discovery` begins one.',
      },
    },
  },
  state: {
    present: { type: 'boolean', description: 'Whether HSM knows it.' },
    enabled: { type: 'boolean', description: 'Whether HSM asks it.' },
    rediscover: { type: 'boolean', description: 'Whether HSM asks it again after a change.' },
    fqdn: { type: 'string', description: 'Name or address that HSM reaches it by.' },
    user: { type: 'string', description: 'Account of the controller.' },
    mac_address: { type: 'string', description: 'Address of its network card.' },
    discovery: {
      type: 'string',
      description: '`DiscoverOK`, `DiscoveryStarted`, `HTTPsGetFailed` …',
    },
    attempted: {
      type: 'string',
      information: true,
      description: 'When its last discovery began or ended.',
    },
    redfish: { type: 'string', information: true, description: 'Version of its Redfish.' },
  },
  destroys: ['absent'],
  probe: ({ xname, state, enabled, rediscover, fqdn, user, mac_address: mac }, seen) => {
    const list = seen['endpoints'] as HttpReading | undefined
    const found = mapsAt(list?.json, 'RedfishEndpoints').find((each) => each['ID'] === xname)
    const wished = wishedFields({ enabled, rediscover, fqdn, user, mac })
    const drifts =
      found !== undefined &&
      (state === 'absent' ||
        Object.entries(wished).some(
          ([name, value]) => (name === 'MACAddr' ? cardOf(found) : found[name]) !== value,
        ))
    return {
      endpoints: get('hsm', `/Inventory/RedfishEndpoints?type=${kindOf(xname)}`),
      // Read again right before it is written: another client may have been here.
      endpoint: drifts ? get('hsm', `/Inventory/RedfishEndpoints/${xname}`) : undefined,
    }
  },
  observe: ({ endpoints }, { xname }) => {
    const found = listFrom(endpoints, 'hsm', 'RedfishEndpoints').find(
      (each) => each['ID'] === xname,
    )
    const truth = (field: string): boolean | null => (found ? found[field] === true : null)
    return {
      present: found !== undefined,
      enabled: truth('Enabled'),
      rediscover: truth('RediscoverOnUpdate'),
      fqdn: textAt(found, 'FQDN'),
      user: textAt(found, 'User'),
      mac_address: cardOf(found),
      discovery: textAt(found, 'DiscoveryInfo', 'LastDiscoveryStatus'),
      attempted: textAt(found, 'DiscoveryInfo', 'LastDiscoveryAttempt'),
      redfish: textAt(found, 'DiscoveryInfo', 'RedfishVersion'),
    }
  },
  desire: ({ state, enabled, rediscover, fqdn, user, mac_address: mac, discovery }) =>
    state === 'absent'
      ? { present: false }
      : {
          present: true,
          enabled,
          rediscover,
          fqdn,
          user,
          mac_address: mac === undefined ? undefined : macForm(mac),
          discovery,
        },
  change: endpointChanges,
})

function cardOf(endpoint: ValueMap | undefined): string | null {
  const text = textAt(endpoint, 'MACAddr')
  return text === null ? null : macForm(text)
}
