import { get } from '../../contract/probe.ts'
import { defineResource } from '../../contract/resource.ts'
import { unclear } from '../unclear.ts'

const path = '/v3/remote-build-nodes'

/** A node is registered with IMS as a remote build node, or is not. */
export const imsRemoteBuildNode = defineResource({
  name: 'ims_remote_build_node',
  summary: 'A node is registered with IMS as a remote build node, or is not.',
  source:
    'Configure a Remote Build Node, "Adding a remote build node" and "Removing a remote build node"',
  params: {
    type: 'object',
    required: ['xname'],
    properties: {
      xname: {
        type: 'string',
        format: 'xname',
        identity: true,
        description: 'Component name of the node; IMS connects to it by this name.',
      },
      state: {
        type: 'string',
        enum: ['present', 'absent'],
        default: 'present',
        description: 'Registered, or not.',
      },
    },
  },
  state: { registered: { type: 'boolean', description: 'Whether IMS lists the node.' } },
  // One list serves every node of the run.
  probe: () => ({ nodes: get('ims', path) }),
  observe: ({ nodes }, { xname }) => {
    const listed = Array.isArray(nodes.json)
      ? nodes.json
      : unclear(
          'IMS answered with something that is not a list of nodes',
          'check the URL of the service `ims` in the inventory',
        )
    return {
      registered: listed.some((node) => (node as { xname?: unknown } | null)?.xname === xname),
    }
  },
  desire: ({ state }) => ({ registered: state === 'present' }),
  // A registration holds nothing but the name, so that removing it destroys nothing; 404 means that another client removed it first.
  change: (diff, { xname }) => [
    diff.registered?.to
      ? {
          title: `register ${xname} with IMS`,
          repairs: ['registered'],
          actions: [
            { do: 'http', service: 'ims', method: 'POST', path, body: { xname }, statuses: [201] },
          ],
        }
      : {
          title: `unregister ${xname} from IMS`,
          repairs: ['registered'],
          actions: [
            {
              do: 'http',
              service: 'ims',
              method: 'DELETE',
              path: `${path}/${xname}`,
              statuses: [204, 404],
            },
          ],
        },
  ],
})
