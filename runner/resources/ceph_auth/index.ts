import { defineResource } from '../../contract/resource.ts'
import { cephUser, cephUserParams } from '../rbd.ts'
import { unclear } from '../unclear.ts'

/** A Ceph user is known to its cluster; its keyring is a secret that can be given to `ceph_keyring`. */
export const cephAuth = defineResource({
  name: 'ceph_auth',
  summary:
    'A Ceph user is known to its cluster; its keyring is a secret that can be given to `ceph_keyring`.',
  source: 'Configure a Remote Build Node, "Create storage on the node" (ceph auth export)',
  params: {
    type: 'object',
    required: ['entity'],
    properties: {
      entity: {
        type: 'string',
        identity: true,
        pattern: '^[a-z]+\\.[A-Za-z0-9_.-]+$',
        description: 'The user, with its kind.',
        examples: ['client.kube'],
      },
      id: {
        ...cephUserParams.id,
        description:
          'As whom the cluster is asked, without `client.`; ceph takes `admin` when it is left out.',
      },
      keyring: cephUserParams.keyring,
    },
  },
  state: {
    exists: { type: 'boolean', description: 'Whether the cluster knows the user.' },
    keyring: {
      type: 'string',
      secret: true,
      information: true,
      description: 'Its keyring: a secret.',
    },
  },
  // `auth get` prints the same keyring as `auth export`, which repeats the key in what it says on standard error.
  probe: ({ entity, id, keyring }) => ({
    auth: {
      read: 'exec' as const,
      argv: ['ceph', ...cephUser({ id, keyring }), 'auth', 'get', entity],
      exits: [0, 2],
      secret: `keyring of ${entity}`,
      ahead: false as const,
      timeout: 60,
    },
  }),
  observe: ({ auth }, { entity }) => {
    if (auth.exit === 0) return { exists: true, keyring: auth.stdout }
    if (!auth.stderr.includes('ENOENT') && !auth.stderr.includes('failed to find'))
      unclear(
        `ceph cannot say whether there is ${entity}`,
        'this host needs /etc/ceph/ceph.conf and a keyring that may read keys: try `ceph -s`',
      )
    return { exists: false, keyring: null }
  },
  desire: () => ({ exists: true }),
})
