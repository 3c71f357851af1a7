import { describe, expect, it } from 'vitest'
import { types } from '../../runner/wiring/known-types.ts'
import { loadPlaybook } from '../../runner/playbook/load-playbook.ts'

// The mistakes of those who come from Ansible, and of everybody who types: each is one error, at its place, that says what to type.

/** The tasks of a playbook that begin in line 7, column 7. */
async function mistakesOf(tasks: string): Promise<readonly string[]> {
  const text = `playbook: b\ninputs: { size: { type: integer, default: 1, description: A size } }\nplays:\n  - play: p\n    hosts: all\n    tasks:\n${tasks
    .trimEnd()
    .split('\n')
    .map((line) => `      ${line}\n`)
    .join('')}`
  const { diagnostics } = await loadPlaybook({
    version: '0.1.0',
    file: '/b/playbook.yaml',
    types,
    inputs: {},
    knownVars: new Set(),
    readText: () => Promise.resolve(text),
  })
  return diagnostics.map(({ code, at, hint }) => `${at?.line}:${at?.column} ${code} ${hint}`)
}

describe('words of Ansible', () => {
  it.each([
    [
      '- ensure: a\n  lineinfile: { dest: /etc/x, line: a }',
      '8:17 param/unknown',
      "did you mean 'path'?",
    ],
    [
      '- run: a\n  command: { cmd: ls, creates: /x }',
      '8:23 param/unknown',
      'write `creates:` beside `command:`',
    ],
    ['- wait: a\n  port: { port: 22, timeout: 300 }', '8:21 param/unknown', '`for: 5m`'],
    ['- ensure: a\n  file: { path: /x, state: touch }', '8:28 param/value', '`copy`'],
    ['- ensure: a\n  mount: { path: /x, src: /y, state: present }', '8:38 param/value', 'fstab'],
    [
      '- ensure: a\n  package: name=foo state=present',
      '8:12 param/not-a-map',
      'write package: { name: foo, state: present }',
    ],
    ['- ensure: a\n  package:\n    - name: foo', '9:5 param/not-a-map', 'remove the dash'],
    ['- ensure: a\n  command: { cmd: ls }', '8:3 task/verb', '`run:`'],
    ['- ensure: a\n  ansible.builtin.shell: ls', '8:3 task/unknown-key', 'command: { cmd: … }'],
    ['- ensure: a\n  ansible.posix.synchronize: { src: a }', '8:3 task/unknown-key', '`copy:`'],
    ['- ensure: a\n  timezone: { name: UTC }', '8:3 task/unknown-key', '/etc/localtime'],
    [
      '- require: a\n  that: ansible_memtotal_mb > 1',
      '8:9 expression/unknown-name',
      'facts.os_version',
    ],
    ['- require: a\n  that: facts.distribution == "sles"', '8:9 expression/unknown-field', "'os'"],
    ['- require: a\n  that: facts.memory > 1', '8:9 expression/unknown-field', '`register:`'],
    ['- require: a\n  that: yes', '8:9 expression/unknown-name', 'write true'],
    ['- require: a\n  that: facts.os = "sles"', '8:18 expression/syntax', 'write =='],
    ['- require: a\n  that: facts.os == suse', '8:21 expression/unknown-name', '"suse"'],
    ['- require: a\n  that: len(facts.os) > 1', '8:9 expression/type', 'write size(x)'],
    ['- require: a\n  that: facts.os.startswith("s")', '8:9 expression/type', 'startsWith'],
    ['- read: a\n  print: { value: "{{ item }}" }', '8:23 template/unknown-name', '`loop:`'],
    [
      '- read: a\n  print: { value: "{{ facts[\'os\'] }}" }',
      '8:20 template/syntax',
      'write {{ facts.os }}',
    ],
    [
      '- read: a\n  print: { value: "{{ lookup(facts, \'os\') }}" }',
      '8:20 template/syntax',
      "write {{ lookup facts 'os' }}",
    ],
    [
      '- read: a\n  command: { cmd: ls }\n  register: ls\n- require: b\n  that: ls.stdout_lines.size() > 0',
      '11:9 expression/unknown-field',
      'ls.stdout.split("\\n")',
    ],
  ])('%j', async (tasks, place, hint) => {
    const found = await mistakesOf(tasks)
    expect(found).toHaveLength(1)
    const shifted = place.replace(
      /^(\d+):(\d+)/,
      (_, line: string, column: string) => `${line}:${Number(column) + 6}`,
    )
    expect(found[0]).toContain(shifted)
    expect(found[0]).toContain(hint)
  })
})

describe('what YAML makes of a slip', () => {
  it('params beside their type are said to belong inside', async () => {
    const found = await mistakesOf('- ensure: a\n  file:\n  path: /x\n  state: directory')
    expect(found.map((each) => each.split(' ').slice(0, 2).join(' '))).toEqual([
      '8:9 param/not-a-map',
      '9:9 task/unknown-key',
      '10:9 task/unknown-key',
    ])
    expect(found[1]).toContain('inside `file:`')
  })

  it('a comma in { } that begins another key', async () => {
    expect((await mistakesOf('- ensure: a\n  user: { name: ann, groups: a,b }'))[0]).toMatch(
      /^8:38 param\/unknown a comma inside \{ \}/,
    )
  })

  it('a key that stands too far in', async () => {
    expect(await mistakesOf('- ensure: a\n   file: { path: /x }')).toEqual([
      expect.stringMatching(/^8:10 yaml\/syntax .*same column/),
    ])
  })

  it.each([
    ['when: "sles" == facts.os', /^9:22 yaml\/syntax quote all of it: '"sles" == facts.os'$/],
    ["when: 'it's'", /^9:19 yaml\/syntax quote all of it: "it's"$/],
    ['when: > 4', /yaml\/syntax quote it$/],
    ['notify: [a, b', /yaml\/syntax close it/],
    ['retries: "3"', /^9:18 playbook\/value write retries: 3$/],
  ])('%s', async (line, mistake) => {
    expect(await mistakesOf(`- run: a\n  command: { cmd: ls }\n  ${line}`)).toEqual([
      expect.stringMatching(mistake),
    ])
  })

  it('a path that does not begin at the root', async () => {
    expect((await mistakesOf('- ensure: a\n  file: { path: ~/x }'))[0]).toMatch(
      /write the whole path: \/root\/x/,
    )
    expect((await mistakesOf('- ensure: a\n  copy: { dest: etc/x, content: a }'))[0]).toMatch(
      /write the whole path: \/etc\/x/,
    )
  })
})
