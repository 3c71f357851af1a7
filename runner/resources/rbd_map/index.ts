import { ask } from '../../contract/probe.ts'
import { defineResource } from '../../contract/resource.ts'
import { cephUser } from '../rbd.ts'
import { mapChanges } from './map-changes.ts'
import { mappingsOf, watchersIn } from './mappings.ts'

/** An RBD image is mapped to one block device of this host, and open nowhere else; or is not mapped. */
export const rbdMap = defineResource({
  name: 'rbd_map',
  summary:
    'An RBD image is mapped to one block device of this host, and open nowhere else; or is not mapped.',
  source: 'Configure a Remote Build Node, "Create storage on the node" (rbd map); rbd(8)',
  params: {
    type: 'object',
    required: ['pool', 'image'],
    properties: {
      pool: {
        type: 'string',
        identity: true,
        pattern: '^[A-Za-z0-9_.][A-Za-z0-9_.-]*$',
        description: 'Pool of the image.',
        examples: ['kube'],
      },
      image: {
        type: 'string',
        identity: true,
        pattern: '^[A-Za-z0-9_.][A-Za-z0-9_.-]*$',
        description: 'Name of the image: one for each host.',
        examples: ['buildcache-x3000c0s19b4n0'],
      },
      id: {
        type: 'string',
        pattern: '^[A-Za-z0-9_.][A-Za-z0-9_.-]*$',
        description: 'Ceph user, without `client.`; rbd takes `admin` when it is left out.',
        examples: ['kube'],
      },
      keyring: {
        type: 'string',
        format: 'path',
        pattern: '^/',
        description: 'Keyring of that user.',
      },
      exclusive: {
        onlyWith: { state: ['present'] },
        type: 'boolean',
        default: true,
        description:
          'Map with `-o exclusive`: the kernel holds the lock of the image as long as it is mapped.',
      },
      state: {
        type: 'string',
        enum: ['present', 'absent'],
        default: 'present',
        description: 'Mapped, or not.',
      },
    },
  },
  state: {
    mapped: {
      type: 'integer',
      description:
        'How many devices of this host show the image: 0 or 1, and more where something went wrong.',
    },
    device: {
      type: 'string',
      information: true,
      description: 'The device: `/dev/rbd0`. The number changes from boot to boot.',
    },
    devices: {
      type: 'array',
      information: true,
      items: { type: 'string', description: 'Device.' },
      description: 'All of them.',
    },
    watchers: {
      type: 'array',
      information: true,
      items: { type: 'string', description: 'Address.' },
      description: 'Who has the image open elsewhere; read only while it is not mapped here.',
    },
  },
  probe: (params, seen) => ({
    // Answered from sysfs, without the cluster.
    mapped: ask(['rbd', 'showmapped', '--format', 'json']),
    status:
      params.state === 'present' &&
      seen['mapped'] &&
      mappingsOf(seen['mapped'].stdout ?? '', params.pool, params.image).length === 0
        ? ask(
            [
              'rbd',
              'status',
              ...cephUser(params),
              '--format',
              'json',
              `${params.pool}/${params.image}`,
            ],
            [0],
            { ahead: false },
          )
        : undefined,
  }),
  observe: ({ mapped, status }, { pool, image }) => {
    const devices = mappingsOf(mapped.stdout, pool, image)
    return {
      mapped: devices.length,
      device: devices[0] ?? null,
      devices,
      watchers: status ? watchersIn(status.stdout) : null,
    }
  },
  desire: ({ state }) => ({ mapped: state === 'present' ? 1 : 0 }),
  change: mapChanges,
})
