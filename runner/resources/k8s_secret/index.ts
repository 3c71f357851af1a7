import { exec, refuse } from '../../contract/change.ts'
import { ask } from '../../contract/probe.ts'
import { defineResource } from '../../contract/resource.ts'
import { fromBase64 } from '../../text/base64.ts'
import { drifted } from '../attributes.ts'
import { writeOfKey } from '../kubernetes.ts'
import { unclear } from '../unclear.ts'

/** A secret of Kubernetes has a key, with this value; only that key is read or written, and it is never shown. */
export const k8sSecret = defineResource({
  name: 'k8s_secret',
  summary:
    'A secret of Kubernetes has a key, with this value; only that key is read or written, and it is never shown.',
  source:
    'Retrieve an Authentication Token (kubectl get secrets admin-client-auth); known issue ims_remote_node_image_build_failure (vcs-user-credentials)',
  params: {
    type: 'object',
    required: ['name', 'key'],
    properties: {
      namespace: {
        type: 'string',
        identity: true,
        default: 'default',
        pattern: '^[a-z0-9]([a-z0-9-]*[a-z0-9])?$',
        description: 'Namespace of the secret.',
      },
      name: {
        type: 'string',
        identity: true,
        pattern: '^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$',
        description: 'Name of the secret.',
        examples: ['vcs-user-credentials'],
      },
      key: {
        type: 'string',
        identity: true,
        pattern: '^[A-Za-z0-9_][A-Za-z0-9_.-]*$',
        description: 'The key whose value is read.',
        examples: ['vcs_password'],
      },
      value: {
        type: 'string',
        secret: true,
        description: 'The value that it must have. Left out: any.',
      },
    },
  },
  state: {
    exists: { type: 'boolean', description: 'Whether the secret is there.' },
    present: { type: 'boolean', description: 'Whether the key is there and not empty.' },
    value: { type: 'string', secret: true, description: 'Its value: a secret, decoded.' },
  },
  probe: ({ namespace, name, key }) => {
    const get = [
      'kubectl',
      '--namespace',
      namespace,
      'get',
      'secret',
      name,
      '--ignore-not-found',
      '--output',
    ]
    return {
      object: ask([...get, 'jsonpath={.metadata.name}']),
      // A secret or a key that is not there prints nothing.
      data: {
        read: 'exec' as const,
        argv: [...get, `jsonpath={.data.${key.replaceAll('.', '\\.')}}`],
        exits: [0],
        secret: `${key} of ${namespace}/${name}`,
      },
    }
  },
  observe: ({ object, data }, { namespace, name, key }) => {
    const present = !data.stdout.equals('')
    let isText = true
    const value = data.stdout.map((encoded) => {
      const text = fromBase64(encoded.trim())
      isText = text !== null
      return text ?? ''
    })
    if (!isText)
      return unclear(
        `${key} of ${namespace}/${name} is not base64 of a text`,
        `look at it with \`kubectl -n ${namespace} get secret ${name} -o json\`; a value that is not UTF-8 cannot be read`,
      )
    return {
      exists: object.stdout.trim() !== '',
      present,
      value: present ? value : null,
    }
  },
  desire: ({ value }) => ({ exists: true, present: true, value }),
  change: (diff, { namespace, name, key, value }, current) => {
    const repairs = drifted(diff, ['exists', 'present', 'value'])
    const title = `set ${key} of the secret ${name}`
    if (value === undefined)
      return [
        {
          title,
          repairs,
          actions: [
            refuse(
              `the task does not say which value ${key} of ${namespace}/${name} gets`,
              'add `value`, or use `require`',
            ),
          ],
        },
      ]
    const write = writeOfKey({ kind: 'Secret', namespace, name, exists: current.exists! })
    const body = value.map((text) => JSON.stringify(write.bodyOf('stringData', key, text)))
    const actions = [exec(write.argv, { stdin: body })]
    return current.present
      ? [{ title, repairs, effect: 'replaces', guard: ['object', 'data'], actions }]
      : [{ title, repairs, actions }]
  },
})
