import { get } from '../../contract/probe.ts'
import { defineResource } from '../../contract/resource.ts'
import { refused } from '../refused.ts'
import { listFrom, textAt } from '../service-answers.ts'

/** IMS has a public key under a name, or has none of that name. */
export const imsPublicKey = defineResource({
  name: 'ims_public_key',
  summary: 'IMS has a public key under a name, or has none of that name.',
  source: 'Customize an Image Root Using IMS (cray ims public-keys create)',
  destroys: ['absent'],
  params: {
    type: 'object',
    required: ['name'],
    properties: {
      name: {
        type: 'string',
        format: 'line',
        identity: true,
        minLength: 1,
        description: 'Name of the key. IMS takes a name twice; here it is kept to one key.',
      },
      public_key: {
        onlyWith: { state: ['present'] },
        type: 'string',
        pattern: '^\\S+ [A-Za-z0-9+/=]+(?: .*)?\\s*$',
        description: 'The key: `type base64 comment`. Needed to create it.',
      },
      state: {
        type: 'string',
        enum: ['present', 'absent'],
        default: 'present',
        description: 'There, or not.',
      },
    },
  },
  state: {
    exists: {
      type: 'boolean',
      description: 'Whether IMS has a key of this name; and this key, where the task gives one.',
    },
    id: { type: 'string', information: true, description: 'Its id.' },
    ids: {
      type: 'array',
      items: { type: 'string', description: 'Id.' },
      information: true,
      description: 'Ids of all keys of this name.',
    },
  },
  // One list serves every key.
  probe: () => ({ keys: get('ims', '/v3/public-keys') }),
  observe: ({ keys }, { name, public_key, state }) => {
    const named = listFrom(keys, 'ims').filter((each) => each['name'] === name)
    const fitting = named.filter(
      (each) =>
        state === 'absent' ||
        public_key === undefined ||
        blobOf(textAt(each, 'public_key') ?? '') === blobOf(public_key),
    )
    return {
      exists: fitting.length > 0,
      id: textAt(fitting[0], 'id'),
      ids: named.map((each) => textAt(each, 'id') ?? ''),
    }
  },
  desire: ({ state }) => ({ exists: state === 'present' }),
  change: (_, { name, public_key, state }, { ids }) => {
    if (state === 'absent') {
      const actions = ids!.map((id) => ({
        do: 'http' as const,
        service: 'ims',
        method: 'DELETE' as const,
        path: `/v3/public-keys/${id}`,
        statuses: [204, 404],
      }))
      return [
        {
          title: `delete the key ${name} from IMS`,
          repairs: ['exists'],
          effect: 'destroys',
          guard: ['keys'],
          actions,
        },
      ]
    }
    const title = `give IMS the key ${name}`
    const no = (because: string, instead: string) => refused(title, ['exists'], because, instead)
    if (public_key === undefined)
      return no(`IMS has no key ${name}, and the task gives none`, 'add `public_key:` to the task')
    if (ids!.length > 0)
      return no(
        `IMS has another key of the name ${name}: ${ids!.join(', ')}`,
        `take another name, or delete it with \`cray ims public-keys delete ${ids![0]}\``,
      )
    return [
      {
        title,
        repairs: ['exists'],
        actions: [
          {
            do: 'http',
            service: 'ims',
            method: 'POST',
            path: '/v3/public-keys',
            body: { name, public_key },
            statuses: [201],
          },
        ],
      },
    ]
  },
})

/** What makes a key: its type and its base64; the comment is anybody's. */
function blobOf(key: string): string {
  return key.trim().split(/\s+/).slice(0, 2).join(' ')
}
