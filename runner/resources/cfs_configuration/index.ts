import { refuse } from '../../contract/change.ts'
import { get } from '../../contract/probe.ts'
import { defineResource } from '../../contract/resource.ts'
import { isMap, type Value, type ValueMap } from '../../contract/value.ts'
import { drifted } from '../attributes.ts'
import { listFrom, objectFrom, textAt } from '../service-answers.ts'
import { filled, layerAs, sendable } from './layers.ts'

const sourceFields = {
  clone_url: {
    type: 'string',
    format: 'line',
    minLength: 1,
    pattern: '^[^\\s;]*$',
    hint: 'CFS takes an address without blanks and `;`',
    description: 'Repository, by its name inside the cluster.',
  },
  source: {
    type: 'string',
    format: 'line',
    minLength: 1,
    description: 'Name of a source of CFS, instead of `clone_url`.',
  },
  commit: { type: 'string', pattern: '^[0-9a-f]{40}$', description: 'Commit, 40 digits.' },
  branch: {
    type: 'string',
    format: 'line',
    minLength: 1,
    description:
      'Branch, instead of `commit`; CFS takes its head when the configuration is written.',
  },
  name: { type: 'string', format: 'line', minLength: 1, description: 'Name.' },
} as const

/** A configuration of CFS has these layers, or is not there. */
export const cfsConfiguration = defineResource({
  name: 'cfs_configuration',
  summary: 'A configuration of CFS has these layers, or is not there.',
  source:
    'Configure a Remote Build Node, "Create and boot a remote build node image" (cray cfs v3 configurations update)',
  destroys: ['absent'],
  params: {
    type: 'object',
    required: ['name'],
    properties: {
      name: {
        type: 'string',
        identity: true,
        pattern: '^[A-Za-z0-9._-]{1,60}$',
        description: 'Name of the configuration, 60 characters at most.',
      },
      layers: {
        onlyWith: { state: ['present'] },
        type: 'array',
        minItems: 1,
        description: 'Its layers, in order. Needed to create it.',
        items: {
          type: 'object',
          required: ['playbook'],
          description: 'A layer.',
          properties: {
            ...sourceFields,
            playbook: {
              type: 'string',
              format: 'line',
              minLength: 1,
              pattern: '^[^\\s;]*$',
              hint: 'CFS takes a path without blanks and `;`',
              description: 'Playbook of the repository.',
            },
            special_parameters: {
              type: 'object',
              properties: {
                ims_require_dkms: {
                  type: 'boolean',
                  description: 'Whether the IMS job needs DKMS.',
                },
              },
              description: 'For IMS.',
            },
          },
        },
      },
      additional_inventory: {
        onlyWith: { state: ['present'] },
        type: 'object',
        properties: sourceFields,
        description: 'Repository of a further inventory. Left out: left alone.',
      },
      description: {
        onlyWith: { state: ['present'] },
        type: 'string',
        description: 'A text for people. Left out: left alone.',
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
    layers: {
      type: 'array',
      items: {
        type: 'object',
        additionalProperties: { type: 'any', description: 'Value.' },
        description: 'Layer.',
      },
      description: 'Its layers, in order.',
    },
    additional_inventory: {
      type: 'object',
      additionalProperties: { type: 'any', description: 'Value.' },
      description: 'Its further inventory; null where it has none.',
    },
    description: { type: 'string', description: 'Its text for people.' },
    commits: {
      type: 'array',
      items: { type: 'string', description: 'Commit.' },
      information: true,
      description: 'The commits that CFS uses, by layer.',
    },
    last_updated: { type: 'string', information: true, description: 'When it was written.' },
  },
  probe: ({ name }) => ({ configuration: get('cfs', `/v3/configurations/${name}`, [200, 404]) }),
  observe: ({ configuration }, { layers, additional_inventory }) => {
    if (configuration.status === 404)
      return {
        exists: false,
        layers: null,
        additional_inventory: null,
        description: null,
        commits: null,
        last_updated: null,
      }
    const record = objectFrom(configuration, 'cfs')
    const found = listFrom(configuration, 'cfs', 'layers')
    const inventory = record['additional_inventory']
    return {
      exists: true,
      layers: found.map((layer, i) => layerAs(layer, layers?.[i] as ValueMap | undefined)),
      additional_inventory:
        isMap(inventory) && Object.keys(filled(inventory)).length > 0
          ? layerAs(inventory, additional_inventory as ValueMap | undefined)
          : null,
      description: textAt(record, 'description'),
      commits: found.map((layer) => textAt(layer, 'commit') ?? ''),
      last_updated: textAt(record, 'last_updated'),
    }
  },
  desire: ({ layers, additional_inventory, description, state }) =>
    state === 'absent'
      ? { exists: false }
      : {
          exists: true,
          layers: layers?.map(filled),
          additional_inventory: additional_inventory && filled(additional_inventory),
          description,
        },
  change: (diff, { name, layers, additional_inventory, description, state }, current) => {
    const path = `/v3/configurations/${name}`
    if (state === 'absent') {
      return [
        {
          title: `delete the configuration ${name}`,
          repairs: ['exists'],
          effect: 'destroys',
          guard: ['configuration'],
          actions: [{ do: 'http', service: 'cfs', method: 'DELETE', path, statuses: [204, 404] }],
        },
      ]
    }
    const repairs = drifted(diff, ['exists', 'layers', 'additional_inventory', 'description'])
    if (layers === undefined)
      return [
        {
          title: `write the configuration ${name}`,
          repairs,
          actions: [
            refuse(
              `the task gives no layers for ${name}`,
              'add `layers:`: CFS writes a configuration as a whole',
            ),
          ],
        },
      ]
    // A PUT replaces all: what the task leaves out is sent as it is.
    const body: ValueMap = {
      layers: layers.map(filled) as readonly Value[],
      ...filled({
        description: description ?? current.description,
        additional_inventory:
          additional_inventory ?? sendable(current.additional_inventory as ValueMap | null),
      }),
    }
    const put = {
      do: 'http' as const,
      service: 'cfs',
      method: 'PUT' as const,
      path,
      body,
      statuses: [200],
    }
    return current.exists
      ? [
          {
            title: `replace the configuration ${name}`,
            repairs,
            effect: 'replaces',
            guard: ['configuration'],
            actions: [put],
          },
        ]
      : [{ title: `create the configuration ${name}`, repairs, actions: [put] }]
  },
})
