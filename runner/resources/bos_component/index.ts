import { get } from '../../contract/probe.ts'
import { defineResource } from '../../contract/resource.ts'
import type { Value } from '../../contract/value.ts'
import { bootImageIn } from '../boot-image.ts'
import { objectFrom, textAt } from '../service-answers.ts'

/** BOS has brought a node to this state, and the node says itself which image it runs. */
export const bosComponent = defineResource({
  name: 'bos_component',
  summary: 'BOS has brought a node to this state, and the node says itself which image it runs.',
  source:
    'Configure a Remote Build Node, "Create and boot a remote build node image" (wait until it is booted); BOS v2 components',
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
      status: {
        type: 'string',
        matcher: true,
        description: 'Status that it must have.',
        enum: [
          'power_on_pending',
          'power_on_called',
          'power_off_pending',
          'power_off_gracefully_called',
          'power_off_forcefully_called',
          'configuring',
          'stable',
          'failed',
          'on_hold',
        ],
      },
      image: {
        type: 'string',
        matcher: true,
        description: 'Id of the image that it must run, by its own word.',
      },
      enabled: { type: 'boolean', description: 'Whether BOS must be at work on it.' },
      session: { type: 'string', matcher: true, description: 'Session that it must belong to.' },
    },
  },
  state: {
    known: { type: 'boolean', description: 'Whether BOS knows the node.' },
    status: { type: 'string', description: '`stable`, `failed`, `power_on_called` …' },
    image: {
      type: 'string',
      description:
        'Id of the image that it runs, by its own word; null where it has said nothing for four hours, or runs none of IMS.',
    },
    enabled: { type: 'boolean', description: 'Whether BOS is at work on it.' },
    session: {
      type: 'string',
      description: 'The session that last acted on it; null if no session did.',
    },
    phase: {
      type: 'string',
      information: true,
      description:
        '`powering_on`, `powering_off`, `configuring`; empty where nothing is under way.',
    },
    desired_image: {
      type: 'string',
      information: true,
      description: 'Id of the image that BOS wants it to run.',
    },
    configuration: {
      type: 'string',
      information: true,
      description: 'Configuration that BOS wants it to have.',
    },
    last_action: { type: 'string', information: true, description: 'What BOS did last.' },
    error: {
      type: 'string',
      information: true,
      description: 'What went wrong, in the words of BOS; null where nothing did.',
    },
  },
  // The list of all nodes repeats the kernel parameters of each and comes in pages in newer releases: one node is one short answer.
  probe: ({ xname }) => ({ component: get('bos', `/v2/components/${xname}`, [200, 404]) }),
  observe: ({ component }) => {
    if (component.status === 404)
      return {
        known: false,
        status: null,
        image: null,
        enabled: null,
        session: null,
        phase: null,
        desired_image: null,
        configuration: null,
        last_action: null,
        error: null,
      }
    const record = objectFrom(component, 'bos')
    return {
      known: true,
      status: textAt(record, 'status', 'status_override') || textAt(record, 'status', 'status'),
      image: imageIn(record, 'actual_state'),
      enabled: record['enabled'] === true,
      session: textAt(record, 'session') || null,
      phase: textAt(record, 'status', 'phase'),
      desired_image: imageIn(record, 'desired_state'),
      configuration: textAt(record, 'desired_state', 'configuration') || null,
      last_action: textAt(record, 'last_action', 'action') || null,
      error: textAt(record, 'error') || null,
    }
  },
  desire: ({ status, image, enabled, session }) => ({
    known: true,
    status,
    image,
    enabled,
    session,
  }),
})

function imageIn(record: Value, state: 'actual_state' | 'desired_state'): string | null {
  return bootImageIn(textAt(record, state, 'boot_artifacts', 'kernel'))
}
