import { plainJsonSchema } from '../schema/value-json-schema.ts'
import { schemaOf, settings } from './settings.ts'

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
    if (second === undefined) properties[first] = plainJsonSchema(schemaOf(setting))
    else
      properties[first] = {
        type: 'object',
        description: maps[first],
        additionalProperties: false,
        properties: {
          ...(properties[first] as { properties?: object } | undefined)?.properties,
          [second]: plainJsonSchema(schemaOf(setting)),
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
