import { get } from '../../contract/probe.ts'
import { defineResource } from '../../contract/resource.ts'
import { controllerParam } from '../hsm-queries.ts'
import { listFrom, objectFrom, textAt } from '../service-answers.ts'
import { discoveryChanges } from './discovery-changes.ts'

/** HSM has asked a controller what it carries, and has found what it should. */
export const hsmDiscovery = defineResource({
  name: 'hsm_discovery',
  summary: 'HSM has asked a controller what it carries, and has found what it should.',
  source:
    'Replace a Compute Blade, "Power on and boot the compute nodes" (rediscover the components in the chassis); HSM v2 Inventory/Discover',
  params: {
    type: 'object',
    required: ['xname'],
    properties: {
      xname: controllerParam,
      finds: {
        type: 'array',
        orOne: true,
        minItems: 1,
        description:
          'What it must carry: each is to be known to HSM and not `Empty`. The controller is asked again where one is not.',
        examples: [['x1000c3s0']],
        items: {
          type: 'string',
          format: 'xname',
          xnames: [
            'Node',
            'NodeBMC',
            'RouterBMC',
            'ChassisBMC',
            'Chassis',
            'ComputeModule',
            'RouterModule',
            'NodeEnclosure',
          ],
          description: 'A component.',
        },
      },
    },
  },
  state: {
    discovery: {
      type: 'string',
      description:
        '`DiscoverOK`, `DiscoveryStarted`, `HTTPsGetFailed` …; null: HSM does not know it.',
    },
    missing: {
      type: 'array',
      items: { type: 'string', description: 'A component.' },
      description: 'What it must carry, and HSM does not know or holds for `Empty`.',
    },
    enabled: { type: 'boolean', information: true, description: 'Whether HSM asks it.' },
    attempted: {
      type: 'string',
      information: true,
      description: 'When its last discovery began or ended.',
    },
    asked: {
      type: 'boolean',
      information: true,
      description: 'Whether this task has had it asked.',
    },
  },
  probe: ({ xname, finds }) => ({
    endpoint: get('hsm', `/Inventory/RedfishEndpoints/${xname}`, [200, 404], { ahead: false }),
    components:
      finds === undefined
        ? undefined
        : get('hsm', `/State/Components?${finds.map((each) => `id=${each}`).join('&')}`, [200], {
            ahead: false,
          }),
  }),
  observe: (readings, { finds }) => {
    const { endpoint, components } = readings
    const isKnown = endpoint.status === 200
    const record = isKnown ? objectFrom(endpoint, 'hsm') : undefined
    const there = new Set(
      components
        ? listFrom(components, 'hsm', 'Components')
            .filter((each) => each['State'] !== 'Empty')
            .map((each) => each['ID'])
        : [],
    )
    return {
      discovery: textAt(record, 'DiscoveryInfo', 'LastDiscoveryStatus'),
      missing: (finds ?? []).filter((each) => !there.has(each)),
      enabled: record ? record['Enabled'] === true : null,
      attempted: textAt(record, 'DiscoveryInfo', 'LastDiscoveryAttempt'),
      asked: (readings as unknown as { readonly asked?: unknown }).asked !== undefined,
    }
  },
  desire: () => ({ discovery: 'DiscoverOK', missing: [] }),
  change: discoveryChanges,
  settle: {
    for: 600,
    every: 10,
    progress: ({ discovery, missing }) =>
      `${discovery}${missing && missing.length > 0 ? `, without ${missing.join(', ')}` : ''}`,
  },
})
