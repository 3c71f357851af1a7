import { get } from '../../contract/probe.ts'
import { defineResource } from '../../contract/resource.ts'
import type { ValueMap } from '../../contract/value.ts'
import { objectFrom, textAt, valueAt } from '../service-answers.ts'
import { isMap } from '../../contract/value.ts'
import { hardwareChanges } from './hardware-changes.ts'
import { storedTypes } from './stored-types.ts'

/** SLS says that a component is to be there, and what it is; or that none is. */
export const slsHardware = defineResource({
  name: 'sls_hardware',
  summary: 'SLS says that a component is to be there, and what it is; or that none is.',
  source: 'Add a Standard Rack Node; Swap a Compute Blade with a Different System; SLS v1 hardware',
  params: {
    type: 'object',
    required: ['xname'],
    properties: {
      xname: {
        type: 'string',
        format: 'xname',
        xnames: storedTypes,
        identity: true,
        description: 'Component name.',
      },
      state: {
        type: 'string',
        enum: ['present', 'absent'],
        default: 'present',
        description: '`absent`: SLS has no entry of it.',
      },
      class: {
        type: 'string',
        enum: ['River', 'Mountain', 'Hill'],
        onlyWith: { state: ['present'] },
        description: 'Kind of its cabinet. Needed for a new entry.',
      },
      properties: {
        type: 'object',
        keyPattern: '^[A-Za-z][A-Za-z0-9_]*$',
        additionalProperties: { type: 'any', description: 'Value.' },
        onlyWith: { state: ['present'] },
        description:
          'What it must hold, by the names of SLS: `NID`, `Role`, `SubRole`, `Aliases` of a node. Others stay as they are.',
        examples: [{ NID: 4, Role: 'Compute', Aliases: ['nid000004'] }],
      },
      recurse: {
        type: 'boolean',
        default: false,
        onlyWith: { state: ['absent'] },
        description: 'Remove it although SLS has entries of what it holds: they are removed too.',
      },
    },
  },
  state: {
    present: { type: 'boolean', description: 'Whether SLS has an entry of it.' },
    class: { type: 'string', description: '`River`, `Mountain`, `Hill`.' },
    properties: {
      type: 'object',
      additionalProperties: { type: 'any', description: 'Value.' },
      description: 'What SLS holds of it.',
    },
    children: {
      type: 'array',
      information: true,
      items: { type: 'string', description: 'A component.' },
      description: 'What lies directly below it in SLS.',
    },
    parent: { type: 'string', information: true, description: 'What it lies in.' },
    kind: { type: 'string', information: true, description: '`Node`, `ComputeModule` …' },
  },
  destroys: ['absent'],
  probe: ({ xname }) => ({ entry: get('sls', `/hardware/${xname}`, [200, 404]) }),
  observe: ({ entry }) => {
    const found = entry.status === 200 ? objectFrom(entry, 'sls') : undefined
    const children = valueAt(found, 'Children')
    return {
      present: found !== undefined,
      class: textAt(found, 'Class'),
      properties: found ? propertiesOf(found) : null,
      children: Array.isArray(children) ? children.map(String) : [],
      parent: textAt(found, 'Parent'),
      kind: textAt(found, 'TypeString'),
    }
  },
  desire: ({ state, class: kind, properties }) =>
    state === 'absent' ? { present: false } : { present: true, class: kind, properties },
  change: hardwareChanges,
})

function propertiesOf(entry: ValueMap): ValueMap {
  const properties = entry['ExtraProperties']
  return isMap(properties) ? properties : {}
}
