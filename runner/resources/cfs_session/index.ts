import { get } from '../../contract/probe.ts'
import { defineResource } from '../../contract/resource.ts'
import { isMap } from '../../contract/value.ts'
import { textAt } from '../service-answers.ts'
import { stages } from '../service-job.ts'
import { unclear } from '../unclear.ts'
import { artifactsOf, imagesNamed, outcomeOf, resultNames } from './session-answer.ts'
import { sessionChanges } from './session-changes.ts'
import { targetParam } from './session-target.ts'

const sessionName = '^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$'
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
      target: targetParam,
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
    const ids = artifactsOf(record).flatMap((artifact) =>
      isMap(artifact) && typeof artifact['result_id'] === 'string' ? [artifact['result_id']] : [],
    )
    const makesImages = textAt(record, 'target', 'definition') === 'image'
    return {
      outcome: outcomeOf(
        textAt(record, 'status', 'session', 'status'),
        textAt(record, 'status', 'session', 'succeeded'),
        makesImages && ids.length === 0,
      ),
      configuration: textAt(record, 'configuration', 'name'),
      result_id: ids[0] ?? null,
      result_ids: ids,
      logs: textAt(record, 'logs'),
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
  change: sessionChanges,
  settle: { for: 7200, every: 5, progress: ({ outcome }) => `the session is ${outcome}` },
})
