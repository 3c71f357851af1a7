import { settings, type Setting } from './settings.ts'

/** What the settings of a map have in common. */
const maps: Readonly<Record<string, string>> = {
  keep_runs: 'Which run logs are kept: a log stays only where each limit allows it.',
  on_end: 'What happens when a run has ended.',
}

type Schema = Readonly<Record<string, unknown>>

/** The JSON Schema of a configuration file, for editors. */
export function configSchema(): Schema {
  const properties: Record<string, unknown> = {}
  for (const setting of settings) {
    const [first = '', second] = setting.name.split('.')
    if (second === undefined) properties[first] = schemaOf(setting)
    else
      properties[first] = {
        type: 'object',
        description: maps[first],
        additionalProperties: false,
        properties: {
          ...(properties[first] as { properties?: object } | undefined)?.properties,
          [second]: schemaOf(setting),
        },
      }
  }
  properties['trusted_groups'] = {
    type: 'array',
    items: { type: 'string' },
    description:
      "Groups whose members may write what trueup loads; read from the system's configuration alone.",
  }
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'trueup configuration',
    type: 'object',
    additionalProperties: false,
    properties,
  }
}

function schemaOf({ kind, choices, description, otherwise }: Setting): Schema {
  const about = { description: `${description}. Default: ${otherwise}.` }
  switch (kind) {
    case 'count':
      return { type: 'integer', minimum: 1, ...about }
    case 'truth':
      return { type: 'boolean', ...about }
    case 'paths':
    case 'words':
      return { type: 'array', items: { type: 'string', minLength: 1 }, minItems: 1, ...about }
    case 'choice':
      return { enum: choices, ...about }
    default:
      return { type: 'string', minLength: 1, ...about }
  }
}
