import type { AnyResourceType } from '../contract/resource.ts'
import { isReadOnly } from '../contract/resource.ts'
import type { ParamCondition, ParamRisk, ParamSchema } from '../contract/param-schema.ts'
import { schemaValueText, schemaWords } from '../schema/schema-words.ts'

/** The manual of a type in Markdown, made of its schema and its readme: what `trueup types NAME` shows and docs/types holds. */
export function manualOf(type: AnyResourceType, readme: string): string {
  const parts = [
    `# ${type.name}`,
    type.summary,
    ...(type.source === undefined ? [] : [`Source: ${type.source}.`]),
    `Verbs: ${verbsOf(type)
      .map((verb) => `\`${verb}\``)
      .join(
        ', ',
      )}.${type.events && type.events.length > 0 ? ` In handlers, and under \`run\` beside \`unless\`, \`creates\` or a \`when\` on a register, \`state\` may also be ${type.events.map((event) => `\`${event}\``).join(', ')}.` : ''}`,
    '## Params',
    ...paramLines(type),
    '## State',
    'What `register` keeps, and what `require` and `wait` compare.',
    table(
      ['field', 'type', 'what it is'],
      Object.entries(type.state).map(([name, field]) => [
        `\`${name}\``,
        schemaWords(field),
        `${oneLine(field.description)}${field.information ? ' Information: never repaired.' : ''}`,
      ]),
    ),
    ...(readme.trim() === '' ? [] : ['## Notes', readme.trim()]),
  ]
  return `${parts.join('\n\n')}\n`
}

/** The verbs under which a type works. */
export function verbsOf(type: AnyResourceType): readonly string[] {
  if (type.act) return ['run', 'read', 'require', 'wait']
  return isReadOnly(type) ? ['read', 'require', 'wait'] : ['ensure', 'require', 'wait', 'read']
}

/** All types in a table, for docs/types. */
export function indexOf(types: Iterable<AnyResourceType>): string {
  const rows = [...types].map((type) => [
    `[${type.name}](${type.name}.md)`,
    type.summary,
    verbsOf(type).join(', '),
  ])
  return `# Resource types\n\n${table(['type', 'makes true', 'verbs'], rows)}\n`
}

function paramLines({ params }: AnyResourceType): readonly string[] {
  const required = new Set(params.required ?? [])
  const rows = Object.entries(params.properties).map(([name, schema]) => [
    `\`${name}\``,
    schemaWords(schema),
    required.has(name)
      ? 'required'
      : schema.default === undefined
        ? ''
        : `\`${schemaValueText(schema, schema.default)}\``,
    paramWords(schema),
  ])
  const rules = [
    ...(params.exactlyOne ?? []).map((names) => `Exactly one of ${codes(names)} must be given.`),
    ...(params.atMostOne ?? []).map((names) => `At most one of ${codes(names)} may be given.`),
    ...Object.entries(params.needs ?? {}).map(
      ([name, others]) => `\`${name}\` needs ${codes(others)}.`,
    ),
  ]
  return [
    table(['param', 'type', 'default', 'what it is'], rows),
    ...(rules.length > 0 ? [rules.join(' ')] : []),
  ]
}

/** What a param is, in one paragraph of Markdown. */
export function paramWords(schema: ParamSchema): string {
  const parts = [oneLine(schema.description)]
  if (schema.identity) parts.push('Says which one is meant; enough for `read`.')
  if (schema.matcher)
    parts.push(
      'May be a matcher (`{ at_least: … }`, `{ one_of: […] }`, `{ matches: … }`, `{ not: … }`).',
    )
  if (schema.secret) parts.push('A secret: never shown.')
  if (schema.onlyWith) parts.push(`Only with ${conditionText(schema.onlyWith)}.`)
  if (schema.onlyCompared) parts.push('Only under `require` and `wait`.')
  if (schema.neededWith) parts.push(`Needed with ${conditionText(schema.neededWith)}.`)
  if (schema.risk) parts.push(riskText(schema.risk))
  if (schema.xnames) parts.push(`Takes ${schema.xnames.join(', ')}.`)
  if (schema.keyPattern !== undefined) parts.push(`Keys match \`${schema.keyPattern}\`.`)
  if (schema.orInteger) parts.push('May be written as an integer.')
  if (schema.minimum !== undefined || schema.maximum !== undefined)
    parts.push(`From ${boundText(schema, schema.minimum)} to ${boundText(schema, schema.maximum)}.`)
  if (schema.pattern !== undefined) parts.push(`Matches \`${schema.pattern}\`.`)
  const inner = schema.properties ?? schema.items?.properties
  if (inner)
    parts.push(
      Object.entries(inner)
        .map(([name, each]) => `\`${name}\` (${schemaWords(each)}): ${oneLine(each.description)}`)
        .join(' '),
    )
  if (schema.examples && schema.examples.length > 0)
    parts.push(
      `For example ${schema.examples.map((example) => `\`${schemaValueText(schema, example)}\``).join(', ')}.`,
    )
  return parts.join(' ')
}

function boundText(schema: ParamSchema, bound: number | undefined): string {
  return bound === undefined ? 'any' : schemaValueText(schema, bound)
}

function conditionText(condition: ParamCondition): string {
  return Object.entries(condition)
    .map(([name, values]) => values.map((value) => `\`${name}: ${value}\``).join(' or '))
    .join(' and ')
}

function riskText({ values, why }: ParamRisk): string {
  const when = values ? codes(values.map(String)) : 'leaving it out'
  return `\`trueup validate\` warns of ${when}: ${why}.`
}

function codes(names: readonly string[]): string {
  return names.map((name) => `\`${name}\``).join(', ')
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim()
}

/** A Markdown table. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|').replaceAll('\n', ' ')).join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')
}
