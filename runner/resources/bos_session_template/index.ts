import { refuse } from '../../contract/change.ts'
import { get } from '../../contract/probe.ts'
import { defineResource } from '../../contract/resource.ts'
import { isMap, type Value, type ValueMap } from '../../contract/value.ts'
import { drifted } from '../attributes.ts'
import { objectFrom, textAt } from '../service-answers.ts'
import { asWritten } from './boot-set.ts'

const names = {
  type: 'array',
  items: { type: 'string', format: 'line', minLength: 1, description: 'Name.' },
} as const
const fields = [
  'exists',
  'boot_sets',
  'others',
  'configuration',
  'enable_cfs',
  'description',
] as const

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
      boot_sets: {
        onlyWith: { state: ['present'] },
        type: 'object',
        description: 'Its boot sets, by name. Needed to create it.',
        additionalProperties: {
          type: 'object',
          required: ['path'],
          description: 'A boot set: whole, for what is left out is not in it.',
          properties: {
            name: {
              type: 'string',
              format: 'line',
              description: 'Its own name, as BOS lists it: that of its key.',
            },
            path: {
              type: 'string',
              format: 'line',
              minLength: 1,
              description: 'Manifest of the image: `s3://boot-images/…/manifest.json`.',
            },
            type: {
              type: 'string',
              enum: ['s3'],
              description: 'Kind of the path: `s3`, also when it is left out.',
            },
            etag: { type: 'string', format: 'line', description: 'Etag of the manifest.' },
            kernel_parameters: {
              type: 'string',
              format: 'line',
              description:
                'Parameters of the kernel. `${SPIRE_JOIN_TOKEN}` is literal text, which is filled in at boot.',
            },
            node_list: { ...names, description: 'Its nodes, by xname.' },
            node_roles_groups: { ...names, description: 'Its nodes, by role.' },
            node_groups: { ...names, description: 'Its nodes, by group of HSM.' },
            arch: {
              type: 'string',
              enum: ['X86', 'ARM', 'Other', 'Unknown'],
              description: 'Architecture; BOS takes X86 when it is left out.',
            },
            rootfs_provider: {
              type: 'string',
              format: 'line',
              description: 'Provider of the root file system.',
            },
            rootfs_provider_passthrough: {
              type: 'string',
              format: 'line',
              description: 'Parameters for the provider.',
            },
            cfs: {
              type: 'object',
              properties: {
                configuration: {
                  type: 'string',
                  format: 'line',
                  minLength: 1,
                  description: 'Name of the configuration.',
                },
              },
              description: 'Configuration of this boot set.',
            },
          },
        },
      },
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
          boot_sets: boot_sets && written(boot_sets),
          others: boot_sets && [],
          configuration: cfs?.configuration,
          enable_cfs,
          description,
        },
  change: (diff, { name, boot_sets, cfs, enable_cfs, description, state }, current) => {
    const path = `/v2/sessiontemplates/${name}`
    if (state === 'absent')
      return [
        {
          title: `delete the session template ${name}`,
          repairs: ['exists'],
          effect: 'destroys',
          guard: ['template'],
          actions: [{ do: 'http', service: 'bos', method: 'DELETE', path, statuses: [204, 404] }],
        },
      ]
    const repairs = drifted(diff, fields)
    if (boot_sets === undefined)
      return [
        {
          title: `write the session template ${name}`,
          repairs,
          actions: [
            refuse(
              `the task gives no boot sets for ${name}`,
              'add `boot_sets:`: BOS writes a template as a whole',
            ),
          ],
        },
      ]
    // A PUT replaces all: what the task leaves out is sent as it is.
    const [configuration, enabled, text] = [
      cfs?.configuration ?? current.configuration,
      enable_cfs ?? current.enable_cfs,
      description ?? current.description,
    ]
    const body: ValueMap = {
      boot_sets: written(boot_sets),
      ...(configuration === null ? {} : { cfs: { configuration } }),
      ...(enabled === null ? {} : { enable_cfs: enabled }),
      ...(text === null ? {} : { description: text }),
    }
    const put = {
      do: 'http' as const,
      service: 'bos',
      method: 'PUT' as const,
      path,
      body,
      statuses: [200],
    }
    return current.exists
      ? [
          {
            title: `replace the session template ${name}`,
            repairs,
            effect: 'replaces',
            guard: ['template'],
            actions: [put],
          },
        ]
      : [{ title: `create the session template ${name}`, repairs, actions: [put] }]
  },
})

function written(sets: { readonly [name: string]: object }): { readonly [name: string]: Value } {
  return Object.fromEntries(Object.entries(sets).map(([name, set]) => [name, asWritten(set, set)]))
}
