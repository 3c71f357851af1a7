import { get } from '../../contract/probe.ts'
import { defineResource } from '../../contract/resource.ts'
import { isMap } from '../../contract/value.ts'
import { objectFrom, textAt } from '../service-answers.ts'
import { asWritten, writtenSets } from './boot-set.ts'
import { bootSetsParam } from './boot-sets-param.ts'
import { templateChanges } from './template-changes.ts'

/** A session template of BOS has these boot sets, or is not there. */
export const bosSessionTemplate = defineResource({
  name: 'bos_session_template',
  summary: 'A session template of BOS has these boot sets, or is not there.',
  source:
    'Configure a Remote Build Node, "Create and boot a remote build node image" (cray bos sessiontemplates create)',
  destroys: ['absent'],
  params: {
    type: 'object',
    required: ['name'],
    properties: {
      name: {
        type: 'string',
        identity: true,
        pattern: '^[a-zA-Z0-9](?:[-._a-zA-Z0-9]{0,125}[a-zA-Z0-9])?$',
        description: 'Name of the template.',
      },
      boot_sets: bootSetsParam,
      cfs: {
        onlyWith: { state: ['present'] },
        type: 'object',
        properties: {
          configuration: {
            type: 'string',
            format: 'line',
            minLength: 1,
            description: 'Name of the configuration.',
          },
        },
        description: 'Configuration for all of it. Left out: left alone.',
      },
      enable_cfs: {
        onlyWith: { state: ['present'] },
        type: 'boolean',
        description: 'Whether nodes are configured after boot. Left out: left alone; BOS says yes.',
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
  checks: {
    boot_sets: ({ boot_sets }) => {
      const other = Object.entries(boot_sets ?? {}).find(
        ([key, { name }]) => name !== undefined && name !== key,
      )
      return other
        ? {
            message: `the boot set '${other[0]}' calls itself '${other[1].name}'`,
            hint: 'remove its `name:`: the key names it',
          }
        : null
    },
  },
  state: {
    exists: { type: 'boolean', description: 'Whether it is there.' },
    boot_sets: {
      type: 'object',
      additionalProperties: { type: 'any', description: 'Boot set.' },
      description: 'Its boot sets, without what BOS fills in.',
    },
    others: {
      type: 'array',
      items: { type: 'string', description: 'Name.' },
      description: 'Names of boot sets that the task does not have.',
    },
    configuration: { type: 'string', description: 'Configuration for all of it.' },
    enable_cfs: { type: 'boolean', description: 'Whether nodes are configured after boot.' },
    description: { type: 'string', description: 'Its text for people.' },
  },
  probe: ({ name }) => ({ template: get('bos', `/v2/sessiontemplates/${name}`, [200, 404]) }),
  observe: ({ template }, { boot_sets }) => {
    if (template.status === 404)
      return {
        exists: false,
        boot_sets: null,
        others: null,
        configuration: null,
        enable_cfs: null,
        description: null,
      }
    const record = objectFrom(template, 'bos')
    const found = isMap(record['boot_sets']) ? record['boot_sets'] : {}
    return {
      exists: true,
      boot_sets: Object.fromEntries(
        Object.entries(found).map(([name, set]) => [name, asWritten(set, boot_sets?.[name])]),
      ),
      others: boot_sets ? Object.keys(found).filter((name) => boot_sets[name] === undefined) : [],
      configuration: textAt(record, 'cfs', 'configuration') || null,
      enable_cfs: record['enable_cfs'] !== false,
      description: textAt(record, 'description') || null,
    }
  },
  desire: ({ boot_sets, cfs, enable_cfs, description, state }) =>
    state === 'absent'
      ? { exists: false }
      : {
          exists: true,
          boot_sets: boot_sets && writtenSets(boot_sets),
          others: boot_sets && [],
          configuration: cfs?.configuration,
          enable_cfs,
          description,
        },
  change: templateChanges,
})
