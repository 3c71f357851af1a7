import { get } from '../../contract/probe.ts'
import { defineResource } from '../../contract/resource.ts'
import { flagAt, numberAt, objectFrom, textAt } from '../service-answers.ts'
import { componentChanges } from './cfs-component-changes.ts'

/** CFS wants a node to have a configuration, and applies it; or leaves the node alone. */
export const cfsComponent = defineResource({
  name: 'cfs_component',
  summary: 'CFS wants a node to have a configuration, and applies it; or leaves the node alone.',
  source: 'CFS Components (cray cfs components update); CFS v3 components',
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
      configuration: {
        type: 'string',
        format: 'line',
        description: 'Name of the configuration that it is to have; empty: none.',
        examples: ['compute-csm-1.6'],
      },
      enabled: {
        type: 'boolean',
        description: 'Whether CFS applies it by itself; left out: as it is.',
      },
      retry: {
        type: 'boolean',
        default: false,
        description: 'Where CFS has given up on the node (`failed`), let it try again.',
      },
      status: {
        type: 'string',
        matcher: true,
        onlyCompared: true,
        enum: ['unconfigured', 'pending', 'failed', 'configured'],
        description: 'How far CFS must be with it.',
      },
    },
  },
  state: {
    known: { type: 'boolean', description: 'Whether CFS knows the node.' },
    configuration: {
      type: 'string',
      description: 'Name of the configuration that it is to have; empty: none.',
    },
    enabled: { type: 'boolean', description: 'Whether CFS applies it by itself.' },
    errors: { type: 'integer', description: 'How often it has failed.' },
    status: {
      type: 'string',
      description: '`unconfigured`, `pending`, `failed`, `configured`.',
    },
    exists: {
      type: 'boolean',
      information: true,
      description: 'Whether CFS has the wanted configuration; null where none is wanted.',
    },
    retries: {
      type: 'integer',
      information: true,
      description: 'After how many failures it stops.',
    },
  },
  probe: ({ xname, configuration }) => ({
    component: get('cfs', `/v3/components/${xname}`, [200, 404]),
    configuration:
      configuration === undefined || configuration === ''
        ? undefined
        : get('cfs', `/v3/configurations/${encodeURIComponent(configuration)}`, [200, 404]),
  }),
  observe: ({ component, configuration }) => {
    const found = component.status === 200 ? objectFrom(component, 'cfs') : undefined
    return {
      known: found !== undefined,
      configuration: found ? (textAt(found, 'desired_config') ?? '') : null,
      enabled: flagAt(found, 'enabled'),
      errors: numberAt(found, 'error_count'),
      status: textAt(found, 'configuration_status'),
      exists: configuration ? configuration.status === 200 : null,
      retries: numberAt(found, 'retry_policy'),
    }
  },
  desire: ({ configuration, enabled, retry, status }, current) => ({
    known: true,
    configuration,
    enabled,
    // Only where CFS has given up: a node that it works on is left to it.
    errors: retry && current.status === 'failed' ? 0 : undefined,
    status,
  }),
  change: componentChanges,
})
