import { get } from '../../contract/probe.ts'
import { defineResource } from '../../contract/resource.ts'
import type { Value } from '../../contract/value.ts'
import { unclear } from '../unclear.ts'

/** IMS can run jobs on a remote build node: it has just tried. */
export const imsRemoteBuildNodeStatus = defineResource({
  name: 'ims_remote_build_node_status',
  summary: 'IMS can run jobs on a remote build node: it has just tried.',
  source: 'Configure a Remote Build Node, "Checking the status of remote build nodes"',
  params: {
    type: 'object',
    required: ['xname'],
    properties: {
      xname: {
        type: 'string',
        format: 'xname',
        identity: true,
        description: 'Component name of the node.',
      },
      able_to_run_jobs: {
        type: 'boolean',
        default: true,
        description: 'Whether IMS must be able to run jobs there.',
      },
      arch: {
        type: 'string',
        enum: ['x86_64', 'aarch64'],
        description: 'The architecture that IMS must find. Left out: any.',
      },
    },
  },
  state: {
    registered: { type: 'boolean', description: 'Whether IMS knows the node.' },
    able_to_run_jobs: { type: 'boolean', description: "IMS's own verdict." },
    arch: { type: 'string', description: 'Architecture, or why IMS could not tell it.' },
    ssh_status: {
      type: 'string',
      information: true,
      description: 'The result of the SSH connection, as IMS reports it.',
    },
    podman_status: {
      type: 'string',
      information: true,
      description: 'The result of the search for Podman, as IMS reports it.',
    },
    current_jobs: {
      type: 'integer',
      information: true,
      description: 'Folders of jobs on the node; -1 where IMS could not count them.',
    },
  },
  // IMS connects to the node when it is asked, and waits as long as TCP does: so only in its turn, one node a request.
  probe: ({ xname }) => ({
    status: get('ims', `/v3/remote-build-nodes/status/${xname}`, [200, 404], {
      ahead: false,
      timeout: 180,
    }),
  }),
  observe: ({ status }) => {
    if (status.status === 404) {
      // The framework's own words: the route itself is missing, which says nothing about the node.
      if (status.body.includes('requested URL was not found'))
        unclear(
          'this IMS has no route for the status of remote build nodes',
          'it came with CSM 1.6: on CSM 1.5 look at SSH, `uname -i` and /usr/bin/podman on the node instead',
        )
      return {
        registered: false,
        able_to_run_jobs: null,
        arch: null,
        ssh_status: null,
        podman_status: null,
        current_jobs: null,
      }
    }
    const is = objectOf(status.json)
    return {
      registered: true,
      able_to_run_jobs: is['ableToRunJobs'] === true,
      arch: textOf(is['nodeArch']),
      ssh_status: textOf(is['sshStatus']),
      podman_status: textOf(is['podmanStatus']),
      current_jobs: typeof is['numCurrentJobs'] === 'number' ? is['numCurrentJobs'] : null,
    }
  },
  desire: ({ able_to_run_jobs, arch }) => ({ registered: true, able_to_run_jobs, arch }),
})

// The specification promises a list of one; the service answers with the object.
function objectOf(json: Value | undefined): Readonly<Record<string, Value>> {
  const found = Array.isArray(json) ? json[0] : json
  return typeof found === 'object' && found !== null
    ? found
    : unclear(
        'IMS answered with a status that is not an object',
        'look at the answer with `cray ims remote-build-nodes status describe`',
      )
}

function textOf(value: Value | undefined): string | null {
  return typeof value === 'string' ? value : null
}
