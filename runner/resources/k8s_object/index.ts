import { exec, refuse, type Action } from '../../contract/change.ts'
import { ask } from '../../contract/probe.ts'
import { defineResource } from '../../contract/resource.ts'
import { isMap, type ValueMap } from '../../contract/value.ts'
import { drifted } from '../attributes.ts'
import { kubectl, objectOf, objectParams } from '../kubernetes.ts'
import { valueAt } from '../service-answers.ts'
import { appliersOf, partOf, patchOf } from './merge-fields.ts'

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
  checks: {
    kind: ({ kind }) => {
      const instead = ownTypes[kind.toLowerCase()]
      return instead === undefined
        ? null
        : {
            message: `a ${kind} may hold secrets beside what is wanted`,
            hint: `use ${instead}, which reads and writes one key`,
          }
    },
    fields: ({ fields = {} }) => {
      const strange = Object.keys(fields).find((key) =>
        ['apiVersion', 'kind', 'status'].includes(key),
      )
      if (strange !== undefined)
        return {
          message: `${strange} is not a field that a task sets`,
          hint: 'kind and api_version are params of their own, and controllers write the status',
        }
      const { metadata } = fields
      const other = isMap(metadata)
        ? Object.keys(metadata).find((key) => key !== 'labels' && key !== 'annotations')
        : undefined
      return other === undefined
        ? null
        : {
            message: `metadata.${other} is not a field that a task sets`,
            hint: 'of metadata, labels and annotations can be set',
          }
    },
  },
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
  change: (diff, params, current) => {
    const { kind, namespace, name, fields = {}, api_version, take_over, state } = params
    if (state === 'absent')
      return [
        {
          title: `delete the ${kind} ${name}`,
          repairs: ['exists'],
          effect: 'destroys',
          guard: ['parts'],
          actions: [exec(kubectl(namespace, 'delete', kind, name, '--ignore-not-found'))],
        },
      ]
    const repairs = drifted(diff, ['exists', 'fields'])
    if (!current.exists)
      return [
        {
          title: `create the ${kind} ${name}`,
          repairs,
          actions: [creationOf({ kind, namespace, name, fields, api_version })],
        },
      ]
    if (current.appliers!.length > 0 && !take_over)
      return [
        {
          title: `change the ${kind} ${name}`,
          repairs,
          actions: [
            refuse(
              `${current.appliers!.join(' and ')} applies these fields, and would set them back`,
              'change them there; or add `take_over: true` where it is right that the two disagree',
            ),
          ],
        },
      ]
    return [
      {
        title: `change the ${kind} ${name}`,
        repairs,
        effect: 'replaces',
        guard: ['parts'],
        actions: [
          exec(
            [
              ...kubectl(namespace, 'patch', kind, name, '--type', 'merge'),
              ...['--field-manager', 'trueup', '--patch-file', '/dev/stdin'],
            ],
            { stdin: JSON.stringify(current.patch) },
          ),
        ],
      },
    ]
  },
})

function creationOf(params: {
  readonly kind: string
  readonly namespace: string
  readonly name: string
  readonly fields: ValueMap
  readonly api_version: string | undefined
}): Action {
  const { kind, namespace, name, fields, api_version } = params
  if (api_version === undefined)
    return refuse(
      `there is no ${kind} ${name} in ${namespace}, and the task gives no api_version to create it with`,
      `look for it with \`kubectl get ${kind} --all-namespaces\`, or add \`api_version\``,
    )
  const object = {
    apiVersion: api_version,
    kind: kind.split('.')[0]!,
    ...fields,
    metadata: { ...(fields['metadata'] as ValueMap | undefined), name },
  }
  return exec(kubectl(namespace, 'create', '--field-manager', 'trueup', '-f', '-'), {
    stdin: JSON.stringify(object),
  })
}

const ownTypes: Readonly<Record<string, string>> = {
  secret: 'k8s_secret',
  secrets: 'k8s_secret',
  configmap: 'k8s_config_map',
  configmaps: 'k8s_config_map',
  cm: 'k8s_config_map',
}

function pathOf(key: string, fields: ValueMap): string {
  const metadata = fields[key]
  return key === 'metadata' && isMap(metadata)
    ? Object.keys(metadata)
        .map((part) => `{.metadata.${part}}`)
        .join('{"\\n"}')
    : `{.${key}}`
}

function withoutStatus(object: ValueMap): ValueMap {
  const metadata = {
    labels: valueAt(object, 'metadata', 'labels') ?? {},
    annotations: valueAt(object, 'metadata', 'annotations') ?? {},
  }
  const own = Object.entries(object).filter(
    ([key]) => !['apiVersion', 'kind', 'status', 'metadata'].includes(key),
  )
  return { metadata, ...Object.fromEntries(own) }
}
