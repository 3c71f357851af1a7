import { defineResource } from '../../contract/resource.ts'
import { answerOf, askRbd, cephUser, cephUserParams, rbdName, watchersOf } from '../rbd.ts'

/** An RBD image is open at so many places. */
export const rbdWatchers = defineResource({
  name: 'rbd_watchers',
  summary: 'An RBD image is open at so many places.',
  source: 'rbd(8), `rbd status`',
  params: {
    type: 'object',
    required: ['pool', 'image'],
    properties: {
      pool: {
        type: 'string',
        identity: true,
        pattern: rbdName,
        description: 'Pool of the image.',
        examples: ['kube'],
      },
      image: {
        type: 'string',
        identity: true,
        pattern: rbdName,
        description: 'Name of the image.',
        examples: ['buildcache-x3000c0s19b4n0'],
      },
      except: {
        type: 'array',
        orOne: true,
        identity: true,
        items: { type: 'string', pattern: '^[0-9A-Fa-f.:\\[\\]]+$', description: 'Address.' },
        description:
          'Addresses, without port, that are not counted: those of the host that may have it open.',
        examples: ['10.252.1.7'],
      },
      count: {
        type: 'integer',
        matcher: true,
        default: 0,
        description: 'At how many other places it must be open.',
      },
      id: cephUserParams.id,
      keyring: cephUserParams.keyring,
    },
  },
  state: {
    exists: { type: 'boolean', information: true, description: 'Whether the image is there.' },
    count: {
      type: 'integer',
      description:
        'At how many places it is open, without those of `except`; 0 if the image does not exist.',
    },
    addresses: {
      type: 'array',
      information: true,
      items: { type: 'string', description: 'Address.' },
      description: 'Where it is open, those of `except` too.',
    },
  },
  probe: ({ pool, image, id, keyring }) => ({
    status: askRbd('status', `${pool}/${image}`, cephUser({ id, keyring })),
  }),
  observe: ({ status }, { pool, image, except }) => {
    const answer = answerOf(status, `${pool}/${image}`)
    const addresses = answer ? watchersOf(answer) : []
    return {
      exists: answer !== null,
      count: addresses.filter((each) => !except?.includes(hostOf(each))).length,
      addresses,
    }
  },
  desire: ({ count }) => ({ count }),
})

// `10.252.1.7:0/1234`, and since Nautilus also `v1:10.252.1.7:0/1234`.
function hostOf(address: string): string {
  return address.replace(/^v[12]:/, '').replace(/:\d+\/\d+$/, '')
}
