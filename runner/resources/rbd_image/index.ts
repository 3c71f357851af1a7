import { defineResource } from '../../contract/resource.ts'
import { answerOf, askRbd, cephUser, cephUserParams, rbdName, watchersOf } from '../rbd.ts'
import { imageChanges, mebi, usualFeatures } from './image-changes.ts'
import { invalid, unclear } from '../unclear.ts'

/** An RBD image is in its pool, of this size and without features that a kernel does not know; or is not. */
export const rbdImage = defineResource({
  name: 'rbd_image',
  summary:
    'An RBD image is in its pool, of this size and without features that a kernel does not know; or is not.',
  source:
    'Configure a Remote Build Node, "Create storage on the node" (rbd create, rbd feature disable); rbd(8)',
  destroys: ['absent'],
  params: {
    type: 'object',
    required: ['pool', 'name'],
    properties: {
      pool: {
        type: 'string',
        identity: true,
        pattern: rbdName,
        description: 'Pool of the image.',
        examples: ['kube'],
      },
      name: {
        type: 'string',
        identity: true,
        pattern: rbdName,
        description: 'Name of the image: one for each host.',
        examples: ['buildcache-x3000c0s19b4n0'],
      },
      size: {
        onlyWith: { state: ['present'] },
        type: 'string',
        format: 'size',
        description:
          'Size, in whole M. Needed to create it; an image that is smaller grows, one that is larger is refused.',
        examples: ['1000G'],
      },
      disable_features: {
        onlyWith: { state: ['present'] },
        type: 'array',
        orOne: true,
        description: 'Features that it must not have: those of them that it has are switched off.',
        examples: [['object-map', 'fast-diff', 'deep-flatten']],
        items: {
          type: 'string',
          enum: ['exclusive-lock', 'object-map', 'fast-diff', 'deep-flatten', 'journaling'],
          description: 'Feature.',
        },
      },
      id: cephUserParams.id,
      keyring: cephUserParams.keyring,
      state: {
        type: 'string',
        enum: ['present', 'absent'],
        default: 'present',
        description: 'There, or removed with all that it holds.',
      },
    },
  },
  state: {
    exists: { type: 'boolean', description: 'Whether the image is there.' },
    size: { type: 'integer', format: 'size', description: 'Its size in bytes.' },
    features: {
      type: 'object',
      additionalProperties: { type: 'boolean', description: 'On.' },
      description: 'Per feature, whether it is on.',
    },
    id: { type: 'string', information: true, description: 'Its own identifier in the pool.' },
    snapshots: { type: 'integer', information: true, description: 'How many snapshots it has.' },
    watchers: {
      type: 'array',
      information: true,
      items: { type: 'string', description: 'Address.' },
      description: 'Who has it open; read only where it is to be removed.',
    },
  },
  probe: ({ pool, name, id, keyring, state }, seen) => ({
    info: askRbd('info', `${pool}/${name}`, cephUser({ id, keyring })),
    status:
      state === 'absent' && seen['info']?.exit === 0
        ? askRbd('status', `${pool}/${name}`, cephUser({ id, keyring }))
        : undefined,
  }),
  observe: ({ info, status }, { pool, name }) => {
    const image = answerOf(info, `${pool}/${name}`)
    const watched = status && answerOf(status, `${pool}/${name}`)
    if (!image)
      return {
        exists: false,
        size: null,
        features: null,
        id: null,
        snapshots: null,
        watchers: null,
      }
    const features = Array.isArray(image['features']) ? image['features'].map(String) : []
    return {
      exists: true,
      size:
        typeof image['size'] === 'number'
          ? image['size']
          : unclear(
              `rbd gives no size of ${pool}/${name}`,
              `look at it with \`rbd info --format json ${pool}/${name}\``,
            ),
      features: Object.fromEntries(
        [...usualFeatures, 'journaling'].map((feature) => [feature, features.includes(feature)]),
      ),
      id: typeof image['id'] === 'string' ? image['id'] : null,
      snapshots: typeof image['snapshot_count'] === 'number' ? image['snapshot_count'] : null,
      watchers: watched ? watchersOf(watched) : null,
    }
  },
  desire: ({ size, disable_features, state }) => {
    if (state === 'absent') return { exists: false }
    if (size !== undefined && (size % mebi !== 0 || size === 0))
      return invalid(
        `${size} bytes is not a size of an image`,
        'give it in whole M, G or T: `1000G`',
      )
    return {
      exists: true,
      size,
      features:
        disable_features && Object.fromEntries(disable_features.map((feature) => [feature, false])),
    }
  },
  change: imageChanges,
})
