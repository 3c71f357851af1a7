import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { builtinTypes } from '../../runner/resources/index.generated.ts'

// What an editor shows while somebody types comes from these files.

const folder = join(import.meta.dirname, '../../schemas')
type Json = { readonly [key: string]: unknown }
const schemaOf = (name: string): Json =>
  JSON.parse(readFileSync(join(folder, name), 'utf8')) as Json

/** Keys that hold values, and rules about keys that are described where they are declared. */
const unnamed = new Set(['default', 'examples', 'enum', 'const', 'required', 'if', 'then', 'else'])

function* undescribed(root: Json, node: unknown, path: string): Generator<string> {
  if (Array.isArray(node))
    for (const [i, item] of node.entries()) yield* undescribed(root, item, `${path}/${i}`)
  if (typeof node !== 'object' || node === null || Array.isArray(node)) return
  const { properties, ...rest } = node as Json
  for (const [name, property] of Object.entries((properties ?? {}) as Record<string, Json>)) {
    if (!property['description'] && !followed(root, property)?.['description'])
      yield `${path}.${name}`
    yield* undescribed(root, property, `${path}.${name}`)
  }
  for (const [key, value] of Object.entries(rest))
    if (!unnamed.has(key)) yield* undescribed(root, value, `${path}/${key}`)
}
function followed(root: Json, { $ref }: Json): Json | undefined {
  if (typeof $ref !== 'string') return undefined
  return $ref
    .split('/')
    .slice(1)
    .reduce<Json | undefined>((held, key) => held?.[key] as Json | undefined, root)
}

describe('the schemas', () => {
  it.each(readdirSync(folder))('%s describe every key', (name) => {
    const schema = schemaOf(name)
    expect([...undescribed(schema, schema, '')]).toEqual([])
  })

  it('have every type with all of its params', () => {
    const task = (
      schemaOf('playbook.schema.json') as { $defs: { task: { properties: Record<string, Json> } } }
    ).$defs.task.properties
    for (const type of builtinTypes) {
      expect(Object.keys(task[type.name]!['properties'] as object).sort(), type.name).toEqual(
        Object.keys(type.params.properties).sort(),
      )
      expect(task[type.name]!['description'], type.name).toContain(type.summary)
    }
  })
})
