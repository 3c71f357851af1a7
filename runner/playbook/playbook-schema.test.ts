import { describe, expect, it } from 'vitest'
import { checkLocated } from '../schema/check-located.ts'
import { parseYaml } from '../source/located-yaml.ts'
import { playbookOf, types } from './load-playbook.fixture.ts'
import { playbookSchema } from './playbook-schema.ts'

const schema = playbookSchema(types.values())

function codes(text: string): readonly string[] {
  return checkLocated(parseYaml('f', text).value!, schema).map((d) => d.code)
}

describe('playbookSchema', () => {
  it('accepts what the loader accepts', () => {
    expect(
      codes(
        playbookOf(`- ensure: a
  thing: { name: a, level: "{{ n }}", content: x, free: { at_least: 50G }, names: a, part: { number: "{{ n }}" } }
  when: [facts.sp == 5, true]
- block:
  - read: b
    look: { path: /x }
  rescue: []
`),
      ),
    ).toEqual([])
    expect(codes('- ensure: a\n  thing: { name: a, level: 1, content: x }\n')).toEqual([])
  })

  it('refuses what is no keyword, no type and no param', () => {
    for (const task of [
      '- ensure: a\n  thingg: {}',
      '- ensure: a\n  thing: { level: 1, content: x, nme: a }',
      '- ensure: a\n  thing: { name: a }',
      '- ensure: a\n  retires: 3',
      '- ensure: 1\n  thing: {}',
      '- ensure: a\n  thing: { level: [] }',
    ])
      expect(codes(playbookOf(task))).not.toEqual([])
  })

  it('describes every keyword, verb, type and param', () => {
    const missing: string[] = []
    const visit = (node: unknown, path: string): void => {
      if (typeof node !== 'object' || node === null) return
      for (const [key, value] of Object.entries(node)) {
        if (
          key === 'properties' &&
          !/one_of|at_|not|matches|contains/.test(Object.keys(value as object).join())
        ) {
          for (const [name, property] of Object.entries(
            value as Record<string, { description?: string }>,
          ))
            if (!property.description) missing.push(`${path}.${name}`)
        }
        // A rule speaks of keys that are described where they are declared.
        if (!['if', 'then', 'else'].includes(key)) visit(value, `${path}.${key}`)
      }
    }
    visit(schema, '')
    expect(missing).toEqual([])
  })
})
