import { refuse } from '../../contract/change.ts'
import { get } from '../../contract/probe.ts'
import { defineResource } from '../../contract/resource.ts'
import { isMap, type Value, type ValueMap } from '../../contract/value.ts'
import { drifted } from '../attributes.ts'
import { jobChanges, stages, type Stage } from '../service-job.ts'
import { unclear } from '../unclear.ts'

const sessionName = '^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$'
const uuid = '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$'

/** A CFS session has run to its end and succeeded, or its images are there already. */
export const cfsSession = defineResource({
  name: 'cfs_session',
  summary: 'A CFS session has run to its end and succeeded, or its images are there already.',
  source:
    'Configure a Remote Build Node, "Create and boot a remote build node image" (cray cfs sessions create)',
  params: {
    type: 'object',
    required: ['name'],
    properties: {
      name: {
        type: 'string',
        identity: true,
        pattern: sessionName,
        maxLength: 45,
        description:
          'Name of the session: lower case, digits, `-` and `.`, at most 45. No `_`: write x86-64.',
      },
      configuration_name: {
        type: 'string',
        format: 'line',
        minLength: 1,
        description: 'Configuration that it applies. Needed to create it.',
      },
      configuration_limit: {
        type: 'string',
        format: 'line',
        description: 'Layers of the configuration, by number or name.',
      },
      ansible_limit: { type: 'string', format: 'line', description: "Ansible's own limit." },
      ansible_verbosity: {
        type: 'integer',
        minimum: 0,
        maximum: 4,
        description: "Ansible's verbosity.",
      },
      target: {
        type: 'object',
        required: ['definition'],
        description: 'What it works on.',
        properties: {
          definition: {
            type: 'string',
            enum: ['image', 'spec', 'repo', 'dynamic'],
            description: '`image` customizes images.',
          },
          groups: {
            type: 'array',
            description: 'Ansible groups, with what is in them.',
            items: {
              type: 'object',
              required: ['name', 'members'],
              description: 'A group.',
              properties: {
                name: { type: 'string', format: 'line', description: 'Name of the group.' },
                members: {
                  type: 'array',
                  items: { type: 'string', format: 'line', description: 'Image id or host.' },
                  description: 'Ids of images.',
                },
              },
            },
          },
          image_map: {
            type: 'array',
            description: 'Names of the resulting images: by them a later run finds what was made.',
            items: {
              type: 'object',
              required: ['source_id', 'result_name'],
              description: 'One image.',
              properties: {
                source_id: {
                  type: 'string',
                  pattern: uuid,
                  description: 'Id of the image that is customized.',
                },
                result_name: {
                  type: 'string',
                  format: 'line',
                  minLength: 1,
                  description: 'Name of the result.',
                },
              },
            },
          },
        },
      },
      tags: {
        type: 'object',
        additionalProperties: { type: 'string', format: 'line', description: 'Value.' },
        description: 'Tags of the session.',
      },
    },
  },
  state: {
    outcome: {
      type: 'string',
      enum: stages,
      description: '`none`: neither session nor images; `succeeded`: complete, and "true".',
    },
    configuration: {
      type: 'string',
      description: 'Configuration of the session; null without one.',
    },
    result_id: {
      type: 'string',
      information: true,
      description: 'Id of the (first) resulting image.',
    },
    result_ids: {
      type: 'array',
      items: { type: 'string', description: 'Id.' },
      information: true,
      description: 'Ids of the resulting images.',
    },
    logs: { type: 'string', information: true, description: 'Where its logs are.' },
  },
  probe: ({ name, target }, seen) => ({
    session: get('cfs', `/v3/sessions/${name}`, [200, 404]),
    // CFS forgets sessions after a week: their images are what says that they ran.
    images:
      seen['session']?.status === 404 && resultNames(target).length > 0
        ? get('ims', '/v3/images')
        : undefined,
  }),
  observe: ({ session, images }, { target }) => {
    if (session.status === 404) {
      const found = images && imagesNamed(images.json, resultNames(target))
      return {
        outcome: found ? 'succeeded' : 'none',
        configuration: null,
        result_id: found?.[0] ?? null,
        result_ids: found ?? null,
        logs: null,
      }
    }
    const record = isMap(session.json)
      ? session.json
      : unclear(
          'CFS answered with a session that is not an object',
          'check the URL of the service `cfs` in the inventory',
        )
    const ids = listIn(record, 'status', 'artifacts').flatMap((artifact) =>
      isMap(artifact) && typeof artifact['result_id'] === 'string' ? [artifact['result_id']] : [],
    )
    const makesImages = textIn(record, 'target', 'definition') === 'image'
    return {
      outcome: outcomeOf(
        textIn(record, 'status', 'session', 'status'),
        textIn(record, 'status', 'session', 'succeeded'),
        makesImages && ids.length === 0,
      ),
      configuration: textIn(record, 'configuration', 'name'),
      result_id: ids[0] ?? null,
      result_ids: ids,
      logs: textIn(record, 'logs'),
    }
  },
  // Images that are there already were made by some configuration that is not recorded.
  desire: ({ configuration_name }, current) => ({
    outcome: 'succeeded',
    configuration:
      current.configuration === null && current.outcome === 'succeeded'
        ? undefined
        : configuration_name,
  }),
  change: (diff, params, current) => {
    const { name, configuration_name } = params
    const called = `the session ${name}`
    const remove = `delete it with \`cray cfs v3 sessions delete ${name}\`, or take another name`
    const isOther = diff.configuration !== undefined && current.outcome !== 'none'
    return jobChanges({
      called,
      title: `create ${called}`,
      repairs: drifted(diff, ['outcome', 'configuration']),
      stage: current.outcome!,
      // 409: the same request was sent before and its answer was lost. What is read back tells whose session it is.
      create: {
        do: 'http',
        service: 'cfs',
        method: 'POST',
        path: '/v3/sessions',
        body: bodyOf(name, configuration_name ?? '', params),
        statuses: [200, 201, 409],
      },
      objection: isOther
        ? refuse(
            `there is a session ${name} already, for the configuration ${current.configuration}`,
            remove,
          )
        : current.outcome === 'none' && configuration_name === undefined
          ? refuse(
              `the session ${name} does not exist, and the task gives no configuration`,
              'add `configuration_name:` to the task',
            )
          : null,
      trouble:
        current.outcome === 'failed'
          ? `${called} has failed${current.logs === null ? '' : `; its logs: ${current.logs}`}`
          : `CFS does not know what became of ${called}: its Kubernetes job is gone`,
      remedy: current.outcome === 'failed' ? `fix the cause, then ${remove}` : remove,
    })
  },
  settle: { for: 7200, every: 5, progress: ({ outcome }) => `the session is ${outcome}` },
})

interface Wishes {
  readonly configuration_limit?: string | undefined
  readonly ansible_limit?: string | undefined
  readonly ansible_verbosity?: number | undefined
  readonly target?: object | undefined
  readonly tags?: Readonly<Record<string, string>> | undefined
}

function bodyOf(
  name: string,
  configuration_name: string,
  { configuration_limit, ansible_limit, ansible_verbosity, target, tags }: Wishes,
): ValueMap {
  const given = Object.entries({
    configuration_limit,
    ansible_limit,
    ansible_verbosity,
    target,
    tags,
  }).filter(([, value]) => value !== undefined)
  return { name, configuration_name, ...(Object.fromEntries(given) as ValueMap) }
}

// `complete` alone is not a success; and for a moment after it the resulting images may not be listed yet.
function outcomeOf(
  status: string | null,
  succeeded: string | null,
  isResultMissing: boolean,
): Stage {
  if (succeeded === 'false') return 'failed'
  if (succeeded === 'unknown') return 'unknown'
  if (status === 'complete' && succeeded === 'true' && !isResultMissing) return 'succeeded'
  return status === 'pending' ? 'pending' : 'running'
}

function resultNames(
  target:
    { readonly image_map?: readonly { readonly result_name: string }[] | undefined } | undefined,
): readonly string[] {
  return (target?.image_map ?? []).map((image) => image.result_name)
}

/** The id of an image for every name, the youngest of several; undefined unless all are there. */
function imagesNamed(
  json: Value | undefined,
  names: readonly string[],
): readonly string[] | undefined {
  const images = Array.isArray(json)
    ? json.filter(isMap)
    : unclear(
        'IMS answered with something that is not a list of images',
        'check the URL of the service `ims` in the inventory',
      )
  const ids = names.map(
    (name) =>
      images
        .filter((image) => image['name'] === name)
        .sort((a, b) => (String(a['created']) < String(b['created']) ? 1 : -1))[0]?.['id'],
  )
  return ids.every((id): id is string => typeof id === 'string') ? ids : undefined
}

function held(record: ValueMap, path: readonly string[]): Value | undefined {
  return path.reduce<Value | undefined>(
    (value, key) => (isMap(value) ? value[key] : undefined),
    record,
  )
}

function textIn(record: ValueMap, ...path: string[]): string | null {
  const value = held(record, path)
  return typeof value === 'string' ? value : null
}

function listIn(record: ValueMap, ...path: string[]): readonly Value[] {
  const value = held(record, path)
  return Array.isArray(value) ? value : []
}
