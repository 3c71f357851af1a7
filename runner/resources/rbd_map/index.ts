import { exec, refuse } from '../../contract/change.ts'
import { parseJson } from '../../contract/json.ts'
import { ask } from '../../contract/probe.ts'
import { defineResource } from '../../contract/resource.ts'
import { isMap, type ValueMap } from '../../contract/value.ts'
import { unclear } from '../unclear.ts'

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
              ...credentials(params),
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
      watchers: status ? watchersOf(status.stdout) : null,
    }
  },
  desire: ({ state }) => ({ mapped: state === 'present' ? 1 : 0 }),
  change: (_, params, current) => {
    const { pool, image, state, exclusive } = params
    const spec = `${pool}/${image}`
    const repairs = ['mapped'] as const
    const [devices, watchers] = [current.devices ?? [], current.watchers ?? []]
    if (state === 'absent')
      return [
        {
          title: `unmap ${spec} from ${devices.join(' and ')}`,
          repairs,
          effect: 'replaces',
          guard: ['mapped'],
          actions: devices.map((device) => exec(['rbd', 'unmap', device])),
        },
      ]
    if (devices.length > 1) {
      return [
        {
          title: `map ${spec} once`,
          repairs,
          actions: [
            refuse(
              `${spec} is mapped ${devices.length} times: ${devices.join(', ')}`,
              'a write through one destroys what the other holds: find out which is mounted, and unmap the rest by hand',
            ),
          ],
        },
      ]
    }
    if (watchers.length > 0) {
      return [
        {
          title: `map ${spec}`,
          repairs,
          actions: [
            refuse(
              `${spec} is open at ${watchers.join(', ')}, and a file system on two hosts is lost`,
              'give each host an image of its own; a host that died lets go after half a minute',
            ),
          ],
        },
      ]
    }
    const map = exec(
      ['rbd', 'map', ...(exclusive ? ['-o', 'exclusive'] : []), ...credentials(params), spec],
      { name: 'map', timeout: 120 },
    )
    return [
      {
        title: `map ${spec}`,
        repairs,
        effect: 'replaces',
        guard: ['mapped', 'status'],
        actions: [map],
      },
    ]
  },
})

function credentials({
  id,
  keyring,
}: {
  readonly id?: string | undefined
  readonly keyring?: string | undefined
}): string[] {
  return [
    ...(id === undefined ? [] : ['--id', id]),
    ...(keyring === undefined ? [] : ['--keyring', keyring]),
  ]
}

// Releases before Nautilus print an object with the numbers as keys instead of a list.
function mappingsOf(stdout: string, pool: string, image: string): readonly string[] {
  const json = parseJson(stdout)
  if (typeof json !== 'object' || json === null)
    return unclear('rbd showmapped gives no JSON', 'look at it with `rbd showmapped --format json`')
  const rows = Object.values(json).filter((row): row is ValueMap => isMap(row))
  const ours = rows.filter(
    (row) =>
      row['pool'] === pool &&
      (row['namespace'] ?? '') === '' &&
      row['name'] === image &&
      (row['snap'] ?? '-') === '-',
  )
  return ours.map((row) => String(row['device']))
}

function watchersOf(stdout: string): readonly string[] {
  const json = parseJson(stdout)
  const watchers = isMap(json) ? json['watchers'] : undefined
  if (typeof watchers !== 'object' || watchers === null)
    return unclear(
      'rbd status gives no list of watchers',
      'look at it with `rbd status --format json`',
    )
  return Object.values(watchers).map((each) => String((each as ValueMap)['address']))
}
