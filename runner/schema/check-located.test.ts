import { describe, expect, it } from 'vitest'
import { checkLocated } from './check-located.ts'
import { parseYaml } from '../source/located-yaml.ts'
const schema = {
  type: 'object',
  additionalProperties: false,
  required: ['name'],
  properties: {
    name: { type: 'string' },
    mode: { type: 'string' },
    running: { type: 'boolean' },
    state: { enum: ['present', 'absent'] },
    list: { type: 'array', items: { type: 'integer', minimum: 3 } },
    either: { description: 'a text or a list', anyOf: [{ type: 'string' }, { type: 'array' }] },
  },
}

describe('checkLocated', () => {
  it('accepts what fits', () => {
    expect(
      checkLocated(parseYaml('f', 'name: a\nlist: [3]\neither: [x]\n').value!, schema),
    ).toEqual([])
  })

  it.each([
    ['name: a\nruning: true\n', 'schema/unknown-key', 2, 1, "did you mean 'running'?"],
    ['mode: "1"\n', 'schema/missing-key', 1, 1, 'add `name:`'],
    ['name: a\nmode: 0644\n', 'schema/type', 2, 7, 'quote it: "0644"'],
    ['name: a\nrunning: yes\n', 'schema/type', 2, 10, 'write true or false'],
    ['name: a\nstate: presnt\n', 'schema/value', 2, 8, "did you mean 'present'?"],
    ['name: a\nlist:\n  - 3\n  - 1\n', 'schema/value', 4, 5, expect.any(String)],
    ['name: a\neither: 1\n', 'schema/value', 2, 9, 'a text or a list'],
  ])('%j is one error at its place', (text, code, line, column, hint) => {
    expect(checkLocated(parseYaml('f', text).value!, schema)).toMatchObject([
      { code, at: { line, column }, hint },
    ])
  })
})
