import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv } from 'ajv'
import { describe, expect, it } from 'vitest'
import { parseYaml } from '../../runner/source/located-yaml.ts'
import { plain } from '../../runner/source/located.ts'

// An editor without the language server knows a playbook by its schema alone. It sees the text of `!expr` and not the tag.

const root = join(import.meta.dirname, '../..')
const schema = JSON.parse(
  readFileSync(join(root, 'schemas/playbook.schema.json'), 'utf8'),
) as object
const validate = new Ajv({ allErrors: true, strict: false, validateFormats: false }).compile(schema)

function faults(text: string, file = 'f'): readonly string[] {
  const { value, diagnostics } = parseYaml(file, text)
  expect(diagnostics, file).toEqual([])
  if (validate(plain(value!))) return []
  return validate.errors!.map((error) => `${error.instancePath} ${error.message}`)
}

const playbooks = readdirSync(join(root, 'playbooks'), { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.yaml') && !file.split('/').includes('types'))
  .map((file) => join('playbooks', file))

describe('the schema of playbooks', () => {
  it.each(playbooks)('takes %s', (file) => {
    expect(faults(readFileSync(join(root, file), 'utf8'), file)).toEqual([])
  })

  it.each([
    ['a condition alone', '- require: a\n  that: facts.sp > 4'],
    ['a condition beside a type', '- wait: a\n  that: it.x > 4\n  port: { port: 22 }'],
    ['what only `read` may leave out', '- read: a\n  copy: { dest: /etc/motd }'],
    ['a type of the user', '- ensure: a\n  site.motd: { any: thing }'],
    [
      'a template for a number',
      '- ensure: a\n  zypper_repository: { name: a, repo: "https://h/p", priority: "{{ n }}" }',
    ],
    [
      'an expression for a number',
      '- ensure: a\n  zypper_repository: { name: a, repo: "https://h/p", priority: !expr facts.sp }',
    ],
    [
      'a name for a number',
      '- ensure: a\n  zypper_repository: { name: a, repo: "https://h/p", priority: !expr n }',
    ],
    ['an expression for a text', '- ensure: a\n  copy: { dest: /tmp/a, content: !expr greeting }'],
    [
      'an expression for a mode',
      '- ensure: a\n  copy: { dest: /tmp/a, content: a, mode: !expr \'secret ? "0600" : "0644"\' }',
    ],
    [
      'an expression for a value of a list',
      '- ensure: a\n  package: { name: a, state: !expr wanted.state }',
    ],
    [
      'an expression for true or false',
      '- ensure: a\n  systemd_service: { name: a, enabled: !expr on_boot }',
    ],
    ['one item for a list', '- ensure: a\n  package: { name: podman }'],
    ['a matcher', '- require: a\n  disk_space: { path: /, free: { at_least: 50G } }'],
    ['a size in bytes', '- require: a\n  disk_space: { path: /, free: 5000 }'],
    ['a confirmation', '- confirm: a\n  when: facts.sp > 4'],
    ['a block', '- block: [{ confirm: a }]\n  rescue: [{ confirm: b }]\n  when: true'],
    ['an include', '- include: a.yaml\n  inputs: { a: 1 }'],
    ['a call', '- run: a\n  command: { argv: [a] }\n  creates: /x'],
  ])('takes %s', (_, text) => {
    expect(faults(text)).toEqual([])
  })

  it.each([
    ['a param that is missing', '- ensure: a\n  copy: { content: x }'],
    ['an identity that is missing', '- read: a\n  copy: {}'],
    ['two verbs', '- ensure: a\n  require: b\n  copy: { dest: /tmp/a, content: x }'],
    ['no verb', '- copy: { dest: /tmp/a, content: x }'],
    ['no type', '- ensure: a'],
    ['two types', '- ensure: a\n  copy: { dest: /tmp/a, content: x }\n  package: { name: x }'],
    [
      'two types of which one is of the user',
      '- ensure: a\n  site.motd: {}\n  package: { name: x }',
    ],
    ['a verb that the type does not have', '- ensure: a\n  blkid: { device: /dev/sda }'],
    ['a type that has no call', '- run: a\n  package: { name: x }'],
    ['a confirmation with a type', '- confirm: a\n  package: { name: x }'],
    ['a type that is not known', '- ensure: a\n  pakage: { name: x }'],
    ['a param that is not known', '- ensure: a\n  package: { nme: x }'],
    ['a value of no list of values', '- ensure: a\n  package: { name: x, state: presnt }'],
    [
      'a mode that YAML took for a number',
      '- ensure: a\n  copy: { dest: /tmp/a, content: x, mode: 0644 }',
    ],
    ['a symbolic mode', '- ensure: a\n  copy: { dest: /tmp/a, content: x, mode: u=rwX }'],
    ['a relative path', '- ensure: a\n  copy: { dest: tmp/a, content: x }'],
    ['a number without a unit', '- wait: a\n  port: { port: 22 }\n  for: "30"'],
    ['a size without sense', '- require: a\n  disk_space: { path: /, free: big }'],
    ['a negative size', '- require: a\n  disk_space: { path: /, free: -5 }'],
    [
      'a controller where a node is meant',
      '- ensure: a\n  ims_remote_build_node: { xname: x3000c0s1b1 }',
    ],
    ['yes for true', '- ensure: a\n  systemd_service: { name: a, enabled: "yes" }'],
    [
      'a number in quotes',
      '- ensure: a\n  zypper_repository: { name: a, repo: "https://h/p", priority: "4" }',
    ],
    ['params that exclude each other', '- ensure: a\n  copy: { dest: /tmp/a, content: x, src: y }'],
    ['one of two params that is missing', '- ensure: a\n  copy: { dest: /tmp/a }'],
    ['a keyword of another verb', '- ensure: a\n  package: { name: x }\n  creates: /x'],
    ['a keyword that no block has', '- block: [{ confirm: a }]\n  register: x'],
    [
      'a matcher that is not known',
      '- require: a\n  disk_space: { path: /, free: { at_leest: 50G } }',
    ],
    ['a play without hosts', 'playbook: a\nplays: [{ play: a, tasks: [] }]'],
    ['a playbook without plays', 'playbook: a'],
  ])('does not take %s', (_, text) => {
    expect(faults(text)).not.toEqual([])
  })

  it('has patterns that editors can read', () => {
    const visit = (node: unknown): void => {
      if (typeof node !== 'object' || node === null) return
      for (const [key, value] of Object.entries(node)) {
        if (key === 'pattern' && typeof value === 'string')
          for (const flags of ['', 'u']) expect(() => new RegExp(value, flags), value).not.toThrow()
        else visit(value)
      }
    }
    visit(schema)
  })
})
