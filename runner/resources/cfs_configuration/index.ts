import { get } from '../../contract/probe.ts'
import { defineResource } from '../../contract/resource.ts'
import { isMap, type ValueMap } from '../../contract/value.ts'
import { listFrom, objectFrom, textAt } from '../service-answers.ts'
import { configurationChanges } from './configuration-changes.ts'
import { inventoryParam, layersParam } from './layer-params.ts'
import { filled, layerAs } from './layers.ts'

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
      layers: layersParam,
      additional_inventory: inventoryParam,
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
  change: configurationChanges,
})
