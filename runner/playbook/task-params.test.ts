import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import type { Task, Tree } from '../model/playbook.ts'
import { DiagnosticError } from '../model/diagnostic.ts'
import { Matcher } from '../contract/matcher.ts'
import { Secret } from '../contract/secret.ts'
import type { Value } from '../contract/value.ts'
import { playbookOf, load, tasksIn } from './load-playbook.fixture.ts'

const folder = mkdtempSync(join(tmpdir(), 'params-'))
writeFileSync(join(folder, 'file'), 'hello\n')
afterAll(() => rmSync(folder, { recursive: true }))

function written(params: string): string {
  return playbookOf(
    `- ensure: a\n  thing: { name: a, level: 1, ${/\b(?:src|tmpl|content):/.test(params) ? '' : 'content: x, '}${params} }`,
  )
}

function valueOf(tree: Tree): Value {
  if (tree.kind === 'constant') return tree.value
  if (tree.kind === 'list') return tree.items.map(valueOf)
  if (tree.kind === 'map')
    return Object.fromEntries(
      Object.entries(tree.entries).map(([key, entry]) => [key, valueOf(entry)]),
    )
  throw new Error('computed')
}

async function accepted(params: string, field: string): Promise<unknown> {
  const [task] = await tasksIn(written(params))
  const tree = task!.params!.fields[field]!
  return task!.params!.accept(field, valueOf(tree), tree.at)
}

describe('params', () => {
  it.each([
    ['mode: "644"', 'mode', '0644'],
    ['mode: "2775"', 'mode', '2775'],
    ['size: 1.5G', 'size', 1.5 * 2 ** 30],
    ['size: 4096', 'size', 4096],
    ['pause: 1h30m', 'pause', 5400],
    ['path: ~root/.ssh', 'path', '~root/.ssh'],
    ['node: X3000c0s01b1n0', 'node', 'x3000c0s1b1n0'],
    ['path: //var//tmp/./a/', 'path', '/var/tmp/a'],
    ['path: /./', 'path', '/'],
    ['path: ~root//a/', 'path', '~root/a'],
    ['names: a', 'names', ['a']],
    ['names: [a, b]', 'names', ['a', 'b']],
    ['flag: true', 'flag', true],
    ['options: { a: b }', 'options', { a: 'b' }],
    ['part: { number: 2 }', 'part', { number: 2, kind: 'ext4' }],
    ['data: [1, { a: null }]', 'data', [1, { a: null }]],
    ['free: 50G', 'free', 50 * 2 ** 30],
    ['free: { at_least: 50G }', 'free', new Matcher('at_least', 50 * 2 ** 30, 'size')],
    ['label: { one_of: [a, b] }', 'label', new Matcher('one_of', ['a', 'b'])],
    ['label: { matches: "^x" }', 'label', new Matcher('matches', '^x')],
    ['label: { not: a }', 'label', new Matcher('not', 'a')],
  ])('%s arrives in canonical form', async (params, field, expected) => {
    expect(await accepted(params, field)).toEqual(expected)
  })

  it('gives defaults, and wraps what is secret', async () => {
    const [task] = await tasksIn(written('password: pst'))
    expect(task!.params!.defaults).toEqual({ state: 'present' })
    const password = task!.params!.accept('password', 'pst', task!.at) as Secret
    expect(password).toBeInstanceOf(Secret)
    expect(password.equals('pst')).toBe(true)
    expect(String(password)).toBe('(secret thing.password)')
  })

  it.each([
    ['an integer for a mode', 'mode: 0644', 'param/type', 51, 'quote it: "0644"'],
    ['an octal integer', 'mode: 0o755', 'param/type', 51, 'quote it: "0755"'],
    [
      'a number with an exponent for a mode',
      'mode: 1e3',
      'param/type',
      51,
      'write octal digits in quotes: "0644"',
    ],
    ['symbolic modes', 'mode: u=rwX', 'param/mode', 51, expect.any(String)],
    ['a number for a text', 'owner: 1.10, group: x', 'param/type', 52, 'quote it: "1.10"'],
    [
      'an all-digit commit',
      'owner: 0012345678901234567890, group: x',
      'param/type',
      52,
      'quote it: "0012345678901234567890"',
    ],
    ['yes for a flag', 'flag: yes', 'param/type', 51, 'write true'],
    ['a text for an integer', 'part: { number: "2" }', 'param/type', 61, expect.any(String)],
    ['a fraction for an integer', 'part: { number: 1.5 }', 'param/type', 61, expect.any(String)],
    ['a size without sense', 'size: big', 'param/size', 51, expect.any(String)],
    ['a duration without a unit', 'pause: 30', 'param/type', 52, 'write a unit: 30s'],
    ['a relative path', 'path: etc/x', 'param/path', 51, expect.any(String)],
    ['a way up', 'path: /var/../etc//x', 'param/path', 51, 'write the path without it: /etc/x'],
    ['a home without a user', 'path: ~/x', 'param/path', 51, 'name the user: ~root/x'],
    [
      'a BMC where a node is meant',
      'node: x3000c0s1b1',
      'param/xname',
      51,
      "did you mean 'x3000c0s1b1n0'?",
    ],
    ['no xname', 'node: web1', 'param/xname', 51, expect.any(String)],
    ['an unknown value', 'state: presnt', 'param/value', 52, "did you mean 'present'?"],
    ['an empty value', 'mode:', 'param/empty', 45, expect.any(String)],
    ['an empty list', 'names: []', 'param/empty', 52, expect.any(String)],
    ['a map for a text', 'owner: { a: b }, group: x', 'param/type', 52, expect.any(String)],
    ['a text for a map', 'options: a', 'param/type', 54, expect.any(String)],
    ['a number in a map of texts', 'options: { a: 1 }', 'param/type', 59, 'quote it: "1"'],
    [
      'an unknown field of a map',
      'part: { number: 1, kin: x }',
      'param/unknown',
      64,
      "did you mean 'kind'?",
    ],
    ['a missing field of a map', 'part: { kind: x }', 'param/missing', 51, expect.any(String)],
    [
      'an unknown matcher',
      'free: { at_leest: 50G }',
      'param/matcher',
      53,
      "did you mean 'at_least'?",
    ],
    [
      'a matcher of the wrong type',
      'label: { at_least: a }',
      'param/matcher',
      64,
      expect.any(String),
    ],
    [
      'a matcher that is no regular expression',
      'label: { matches: "(" }',
      'param/matcher',
      63,
      expect.any(String),
    ],
    ['an expression that looks ahead', "find: '(?=a)'", 'param/pattern', 51, expect.any(String)],
    ['an expression that is not closed', "find: 'a('", 'param/pattern', 51, expect.any(String)],
    ['an expression with a line end', 'find: "^a=\\n"', 'param/line', 51, expect.any(String)],
    ['two that exclude each other', 'up: a, down: b', 'param/together', 52, expect.any(String)],
    ['one that needs another', 'owner: a', 'param/missing', 45, 'add `group:`'],
    ['a local file that is not there', 'src: nothing', 'param/local-file', 38, expect.any(String)],
    ['a template that is not there', 'tmpl: nothing', 'param/template', 39, expect.any(String)],
    [
      'a name that does not match',
      'up: x, data: 1, down: y',
      'param/together',
      61,
      expect.any(String),
    ],
    [
      'an integer from a fact',
      'owner: "{{ facts.sp }}", group: x',
      'param/type',
      52,
      'write !expr string(…)',
    ],
  ])('refuses %s', async (_, params, code, column, hint) => {
    const { diagnostics } = await load(written(params))
    expect(diagnostics).toMatchObject([{ code, at: { line: 7, column }, hint }])
  })

  it('asks read for the identity only', async () => {
    expect(
      (await load(playbookOf('- read: a\n  thing: { name: a }\n  register: r'))).diagnostics,
    ).toEqual([])
    expect(
      (await load(playbookOf('- read: a\n  thing: { level: 1 }\n  register: r'))).diagnostics,
    ).toMatchObject([{ code: 'param/missing' }])
  })

  it('checks again what was rendered, at the place where it is written', async () => {
    const [task] = await tasksIn(written('mode: "{{ site }}"'))
    const { accept, fields } = task!.params!
    const at = fields['mode']!.at
    expect(accept('mode', '755', at)).toBe('0755')
    for (const bad of [644, 'rwx', null, ['755'], new Secret('s', '0644')]) {
      let error: unknown = null
      try {
        accept('mode', bad as Value, at)
      } catch (thrown) {
        error = thrown
      }
      expect(error).toBeInstanceOf(DiagnosticError)
      expect((error as DiagnosticError).diagnostics).toMatchObject([
        { at: { line: 7, column: 51 } },
      ])
    }
  })

  it('takes a secret only where one may be', async () => {
    const [task] = await tasksIn(written('content: "{{ site }}", password: "{{ dns }}"'))
    const secret = new Secret('s', 'pst')
    const { accept } = task!.params!
    expect(accept('content', secret, task!.at)).toBe(secret)
    expect(accept('password', secret, task!.at)).toBe(secret)
    expect(accept('data', secret, task!.at)).toBe(secret)
    expect(() => accept('owner', secret, task!.at)).toThrow(DiagnosticError)
    expect(() => accept('names', [secret], task!.at)).toThrow(DiagnosticError)
    expect(() => accept('state', 'restarted', task!.at)).toThrow(DiagnosticError)
  })

  it('hashes a local file once, when the playbook is loaded', async () => {
    const path = join(folder, 'file')
    const sha256 = '5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03'
    const file = { path, size: 6, sha256, text: 'hello\n' }
    expect(await accepted(`src: ${path}`, 'src')).toEqual(file)
    const [task] = await tasksIn(written('src: "{{ site }}"'))
    expect(task!.params!.accept('src', path, task!.at)).toEqual(file)
    expect(() =>
      task!.params!.accept('src', { path: '/etc/shadow', size: 1, sha256 }, task!.at),
    ).toThrow(DiagnosticError)
  })

  it("compiles a template's file, and renders it as text", async () => {
    const files = {
      '/b/playbook.yaml': written('tmpl: t.conf'),
      '/b/t.conf': 'a\nsp={{ facts.sp }}\n',
    }
    const [task] = (await tasksIn(files)) as readonly [Task]
    const tree = task.params!.fields['tmpl'] as Extract<Tree, { kind: 'computed' }>
    expect(tree.computed.evaluate({ facts: { sp: 5 } })).toBe('a\nsp=5\n')
    expect(task.params!.accept('tmpl', 'a\nsp=5\n', tree.at)).toBe('a\nsp=5\n')
    const broken = await load({ ...files, '/b/t.conf': 'a\nsp={{ facts.spp }}\n' })
    expect(broken.diagnostics).toMatchObject([
      {
        code: 'template/unknown-field',
        at: { file: '/b/t.conf', line: 2, column: 7, width: 9, source: 'sp={{ facts.spp }}' },
      },
    ])
  })
})
