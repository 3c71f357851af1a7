import { ask } from '../../contract/probe.ts'
import { defineResource } from '../../contract/resource.ts'
import type { ValueMap } from '../../contract/value.ts'
import { kubectl, objectOf, objectParams } from '../kubernetes.ts'
import { appliersOf, partOf, patchOf } from './merge-fields.ts'
import { objectChanges } from './object-changes.ts'
import { fieldsFault, kindFault, pathOf, withoutStatus } from './object-fields.ts'

/** An object of Kubernetes has these fields, or is not there. */
export const k8sObject = defineResource({
  name: 'k8s_object',
  summary: 'An object of Kubernetes has these fields, or is not there.',
  source:
    'Replace a Compute Blade (suspend hms-discovery); Manage the DNS Unbound Resolver (suspend its cron job)',
  destroys: ['absent'],
  params: {
    type: 'object',
    required: ['kind', 'name'],
    properties: {
      kind: {
        type: 'string',
        identity: true,
        pattern: '^[A-Za-z][A-Za-z0-9]*([.][a-z0-9.-]+)?$',
        description: 'Its kind, as `kubectl get` takes it.',
        examples: ['CronJob', 'deployments.apps'],
      },
      ...objectParams,
      fields: {
        type: 'object',
        keyPattern: '^[A-Za-z][A-Za-z0-9]*$',
        additionalProperties: { type: 'any', description: 'What it must hold.' },
        onlyWith: { state: ['present'] },
        description:
          'What it must hold. Other fields are left alone; in a list of items with a `name`, other items too. null: the field is not there.',
      },
      api_version: {
        type: 'string',
        pattern: '^([a-z0-9.-]+/)?v[a-z0-9]+$',
        onlyWith: { state: ['present'] },
        description: 'Version of its API. Needed to create it.',
        examples: ['batch/v1'],
      },
      take_over: {
        type: 'boolean',
        default: false,
        onlyWith: { state: ['present'] },
        description: 'Also set fields that another program applies, and may set back.',
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
    exists: { type: 'boolean', description: 'Whether it is there.' },
    fields: {
      type: 'object',
      additionalProperties: { type: 'any', description: 'Value.' },
      description: 'As much of it as the task names, or all but its status under `read`.',
    },
    appliers: {
      type: 'array',
      items: { type: 'string', description: 'Program.' },
      information: true,
      description: 'Programs that apply fields which differ.',
    },
    patch: {
      type: 'object',
      additionalProperties: { type: 'any', description: 'Value.' },
      information: true,
      description: 'The merge patch that brings the wanted fields; null where nothing differs.',
    },
  },
  checks: { kind: ({ kind }) => kindFault(kind), fields: ({ fields }) => fieldsFault(fields) },
  probe: ({ kind, namespace, name, fields = {} }) => {
    const get = kubectl(namespace, 'get', kind, name, '--ignore-not-found')
    const parts = ['{.metadata.uid}', ...Object.keys(fields).map((key) => pathOf(key, fields))]
    return {
      object: ask([...get, '--show-managed-fields', '--output', 'json']),
      // What a change is decided on: the rest of an object, such as its status, changes all the time.
      parts: ask([...get, '--output', `jsonpath=${parts.join('{"\\n"}')}`]),
    }
  },
  observe: ({ object }, { fields }) => {
    const found = objectOf(object)
    if (!found) return { exists: false, fields: null, appliers: [], patch: null }
    const patch = fields === undefined ? null : patchOf(found, fields)
    return {
      exists: true,
      fields: (fields === undefined ? withoutStatus(found) : partOf(found, fields)) as ValueMap,
      appliers: patch === null ? [] : appliersOf(found, patch),
      patch,
    }
  },
  desire: ({ state, fields }) => ({ exists: state === 'present', fields }),
  change: objectChanges,
})
