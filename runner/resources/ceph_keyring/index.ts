import { refuse } from '../../contract/change.ts'
import { stat } from '../../contract/probe.ts'
import { defineResource } from '../../contract/resource.ts'
import {
  attributeChanges,
  attributeFields,
  attributeParams,
  attributesOf,
  drifted,
} from '../attributes.ts'
import { attributesOfWrite, writeContent } from '../content.ts'
import { accountProbes, strangerField, strangerOf } from '../stranger.ts'

const fields = ['exists', 'keyring', 'owner', 'group', 'mode'] as const

/** A keyring file holds the keyring of a Ceph user, and only its owner may read it; or is not there. */
export const cephKeyring = defineResource({
  name: 'ceph_keyring',
  summary:
    'A keyring file holds the keyring of a Ceph user, and only its owner may read it; or is not there.',
  source:
    'Configure a Remote Build Node, "Create storage on the node" (ceph auth export, scp of the keyrings)',
  destroys: ['absent'],
  params: {
    type: 'object',
    required: ['path'],
    properties: {
      path: {
        type: 'string',
        format: 'path',
        identity: true,
        pattern: '^/.*[^/]$',
        description: 'The keyring file.',
        examples: ['/etc/ceph/ceph.client.kube.keyring'],
      },
      keyring: {
        onlyWith: { state: ['present'] },
        type: 'string',
        secret: true,
        description: 'The keyring: a secret, as `ceph_auth` reads it from the cluster.',
      },
      owner: { ...attributeParams.owner, onlyWith: { state: ['present'] } },
      group: { ...attributeParams.group, onlyWith: { state: ['present'] } },
      mode: {
        onlyWith: { state: ['present'] },
        ...attributeParams.mode,
        default: '0600',
        description: 'Permissions in octal, as text.',
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
    exists: { type: 'boolean', description: 'Whether anything is there.' },
    keyring: {
      type: 'string',
      secret: true,
      description: 'What the file holds: a secret. Blanks at its end do not count.',
    },
    owner: attributeFields.owner,
    group: attributeFields.group,
    mode: attributeFields.mode,
    kind: { type: 'string', information: true, description: '`file`, `link` …' },
    stranger: strangerField,
  },
  probe: ({ path, owner, group }) => ({
    at: stat(path),
    ...accountProbes({ owner, group }),
    text: { read: 'text' as const, path, secret: `keyring in ${path}`, cap: 65_536 },
  }),
  observe: ({ at, text, ofOwner, ofGroup }, params) => ({
    stranger: strangerOf(params, ofOwner, ofGroup),
    exists: at.exists,
    keyring: text.exists ? text.text.map(oneEnd) : null,
    ...attributesOf(at, params),
    kind: at.exists ? at.kind : null,
  }),
  desire: ({ keyring, owner, group, mode, state }) =>
    state === 'absent'
      ? { exists: false }
      : { exists: true, keyring: keyring?.map(oneEnd), owner, group, mode },
  change: (diff, params, current) => {
    const { path, keyring, state } = params
    if (state === 'absent')
      return [
        {
          title: `remove ${path}`,
          repairs: ['exists'],
          effect: 'destroys',
          guard: ['text'],
          actions: [{ do: 'remove', path }],
        },
      ]
    const repairs = drifted(diff, fields)
    if (!diff.exists && !diff.keyring) return attributeChanges(diff, path, params, current.stranger)
    if (keyring === undefined)
      return [
        {
          title: `write ${path}`,
          repairs,
          actions: [
            refuse(
              `${path} does not exist, and the task gives no keyring`,
              'read it with `ceph_auth` on a master node, and add `keyring:`',
            ),
          ],
        },
      ]
    return writeContent(path, keyring.map(oneEnd), repairs, {
      kind: current.kind,
      stranger: current.stranger,
      guard: 'text',
      attributes: attributesOfWrite(params),
    })
  },
})

function oneEnd(text: string): string {
  return `${text.trimEnd()}\n`
}
