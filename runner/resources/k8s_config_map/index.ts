import { exec, refuse } from '../../contract/change.ts'
import { ask } from '../../contract/probe.ts'
import { defineResource } from '../../contract/resource.ts'
import { drifted } from '../attributes.ts'
import { kubectl, writeOfKey } from '../kubernetes.ts'

/** A ConfigMap of Kubernetes has a key, with this value; only that key is read or written. */
export const k8sConfigMap = defineResource({
  name: 'k8s_config_map',
  summary:
    'A ConfigMap of Kubernetes has a key, with this value; only that key is read or written.',
  source:
    'Configure a Remote Build Node, "Use an existing compute node" step 2; Manage the DNS Unbound Resolver (its records)',
  params: {
    type: 'object',
    required: ['name', 'key'],
    properties: {
      namespace: {
        type: 'string',
        identity: true,
        default: 'default',
        pattern: '^[a-z0-9]([a-z0-9-]*[a-z0-9])?$',
        description: 'Namespace of the ConfigMap.',
      },
      name: {
        type: 'string',
        identity: true,
        pattern: '^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$',
        description: 'Name of the ConfigMap.',
      },
      key: {
        type: 'string',
        identity: true,
        pattern: '^[A-Za-z0-9_][A-Za-z0-9_.-]*$',
        description: 'The key whose value is read.',
      },
      value: {
        type: 'string',
        matcher: true,
        description: 'The value that it must have. Left out: any.',
      },
    },
  },
  state: {
    map_exists: { type: 'boolean', description: 'Whether the ConfigMap is there.' },
    present: { type: 'boolean', description: 'Whether the key is there and not empty.' },
    value: { type: 'string', description: 'Its value, exactly as it is stored.' },
  },
  // A map that is not there prints nothing; one without the key prints its name alone. Everything else that goes wrong is an exit of 1.
  probe: ({ namespace, name, key }) => ({
    map: ask([
      ...kubectl(namespace, 'get', 'configmap', name, '--ignore-not-found'),
      ...['--output', `jsonpath={.metadata.name}{"\\n"}{.data.${key.replaceAll('.', '\\.')}}`],
    ]),
  }),
  observe: ({ map }) => {
    const end = map.stdout.indexOf('\n')
    const value = end < 0 ? '' : map.stdout.slice(end + 1)
    return {
      map_exists: map.stdout.trim() !== '',
      present: value !== '',
      value: value === '' ? null : value,
    }
  },
  desire: ({ value }) => ({ map_exists: true, present: true, value }),
  change: (diff, { namespace, name, key, value }, current) => {
    const repairs = drifted(diff, ['map_exists', 'present', 'value'])
    const title = `set ${key} of the ConfigMap ${name}`
    if (typeof value !== 'string' || value === '')
      return [
        {
          title,
          repairs,
          actions: [
            refuse(
              `the task does not say which value ${key} of ${namespace}/${name} gets`,
              'add `value` with a text, or use `require`',
            ),
          ],
        },
      ]
    const write = writeOfKey({ kind: 'ConfigMap', namespace, name, exists: current.map_exists! })
    const actions = [exec(write.argv, { stdin: JSON.stringify(write.bodyOf('data', key, value)) })]
    return current.present
      ? [{ title, repairs, effect: 'replaces', guard: ['map'], actions }]
      : [{ title, repairs, actions }]
  },
})
