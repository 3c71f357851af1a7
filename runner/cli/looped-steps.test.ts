import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { typed } from './io.fixture.ts'

const folder = mkdtempSync(join(tmpdir(), 'trueup-rounds-'))
const at = { cwd: folder, stateFolder: join(folder, 'state') }
afterAll(() => rmSync(folder, { recursive: true, force: true }))
writeFileSync(
  join(folder, 'inner.yaml'),
  `- read: parts
  command: { cmd: "echo {{ node }}:{{ item }}" }
  loop: "{{ parts }}"
  register: r
- read: shown
  print: { value: !expr 'r.map(e, e.state.stdout).join(" ")' }
`,
)

let files = 0
async function ran(tasks: string, top = '', argv: readonly string[] = ['run'], vars = '') {
  const file = join(folder, `playbook-${files++}.yaml`)
  writeFileSync(
    file,
    `playbook: t\n${top}plays:\n  - play: p\n    hosts: localhost\n${vars}    tasks:\n${tasks}`,
  )
  const [command, ...flags] = argv
  const { exit, out, err, events } = await typed([command!, file, ...flags], at)
  const labels = new Map(
    events.flatMap((event) =>
      event.type === 'play-started'
        ? event.tasks.map((label) => [label.id, label.sentence] as const)
        : [],
    ),
  )
  return {
    exit,
    out,
    err,
    said: events.flatMap((event) =>
      event.type === 'outcome'
        ? [
            `${labels.get(event.task)!}: ${event.shown === undefined ? event.outcome : String(event.shown)}`,
          ]
        : [],
    ),
  }
}
const block = (loop: string, more = ''): string => `      - block:
          - read: first
            print: { value: "{{ item }}" }
          - read: second
            print: { value: "{{ item }} {{ who }}" }
        vars: { who: "{{ item }}!" }
        loop: ${loop}
${more}`

describe('a loop over a block', () => {
  it('keeps the order in which the keys of a map are written, also of those that look like numbers', async () => {
    const { said } = await ran(`      - block:
          - read: ports
            print: { value: "{{#each m}}{{@key}} {{/each}}" }
        vars: { m: { b: 1, "10": "{{ item }}", "2": x } }
        loop: [one]
`)
    expect(said).toEqual([expect.stringContaining('b 10 2')])
  })

  it('does all steps of an item before those of the next, each named by its item', async () => {
    const { said } = await ran(block('[a, b]'))
    expect(said).toEqual(['first (a): a', 'second (a): a a!', 'first (b): b', 'second (b): b b!'])
  })

  it('takes inputs, vars and maps, and label names the rounds', async () => {
    const inputs = 'inputs: { nodes: { type: list, default: [n1], description: Nodes } }\n'
    expect((await ran(block('"{{ nodes }}"'), inputs)).said[0]).toBe('first (n1): n1')
    const given = ['run', '-e', '{"nodes": ["n7"]}']
    expect((await ran(block('"{{ nodes }}"'), inputs, given)).said[0]).toBe('first (n7): n7')
    const vars = '    vars: { sizes: { small: 1 } }\n'
    const map = `      - block:\n          - read: it\n            print: { value: "{{ item.key }}={{ item.value }}" }\n        loop: "{{ sizes }}"\n        label: "size {{ item.key }}"\n`
    expect((await ran(map, '', ['run'], vars)).said).toEqual(['it (size small): small=1'])
  })

  it('has the item in its conditions and in all that it hands down', async () => {
    const tasks = `      - block:
          - read: it
            print: { value: "{{ item }}" }
          - read: other loop
            command: { cmd: "echo $WHO {{ item }}" }
            loop: [1, 2]
            register: r
          - read: shown
            print: { value: !expr 'r.map(e, e.state.stdout).join(" ")' }
        environment: { WHO: "{{ item }}" }
        loop: [a, b]
        when: item != "b"
`
    const { said } = await ran(tasks)
    expect(said).toEqual([
      'it (a): a',
      'other loop (a): ok',
      'shown (a): a 1 a 2',
      'it (b): skipped',
      'other loop (b): skipped',
      'shown (b): skipped',
    ])
  })

  it('may stand in another, whose item its list may use', async () => {
    const tasks = `      - block:
          - block:
              - read: it
                print: { value: "{{ slot }} {{ item }}" }
            loop: "{{ item.nodes }}"
        vars: { slot: "{{ item.name }}" }
        loop: [{ name: s1, nodes: [a, b] }, { name: s2, nodes: [c] }]
`
    expect((await ran(tasks)).said).toEqual([
      'it (s1, a): s1 a',
      'it (s1, b): s1 b',
      'it (s2, c): s2 c',
    ])
  })

  it('keeps its item in plain blocks and includes inside', async () => {
    writeFileSync(
      join(folder, 'plain.yaml'),
      '- read: included\n  print: { value: "{{ item }}" }\n',
    )
    const tasks = `      - block:
          - block:
              - read: it
                print: { value: "{{ item }}" }
              - include: plain.yaml
            when: item != "x"
        loop: [a]
`
    expect((await ran(tasks)).said).toEqual(['it (a): a', 'included (a): a'])
  })

  it('fails at one item, and rescue is of that round', async () => {
    const tasks = `      - block:
          - require: it
            that: item != "b"
        rescue:
          - read: rescued
            print: { value: "{{ item }}" }
        loop: [a, b, c]
`
    const { said, exit } = await ran(tasks)
    expect(exit).toBe(0)
    expect(said).toEqual(['it (a): ok', 'it (b): failed', 'rescued (b): b', 'it (c): ok'])
  })

  it('is in a plan, in --list-tasks and on its page what it is in a run', async () => {
    expect((await ran(block('[a, b]'), '', ['plan'])).said).toHaveLength(4)
    expect((await ran(block('[a, b]'), '', ['run', '--list-tasks'])).out).toContain(
      '3  read: first (b)',
    )
    expect((await ran(block('[a, b]'), '', ['docs'])).out).toContain('### 4. second (b)')
  })

  it('of an empty list does nothing', async () => {
    expect(
      await ran(`${block('[]')}      - read: it\n        print: { value: 1 }\n`),
    ).toMatchObject({ exit: 0, said: ['it: 1'] })
  })
})

describe('a loop over an include', () => {
  it('gives each round its inputs, whatever loops are inside', async () => {
    const { said } = await ran(
      `      - include: inner.yaml
        inputs: { node: "{{ item.name }}", parts: "{{ item.parts }}" }
        loop: [{ name: n1, parts: [x, y] }, { name: n2, parts: [z] }]
`,
    )
    expect(said).toEqual([
      'parts (n1): ok',
      'shown (n1): n1:x n1:y',
      'parts (n2): ok',
      'shown (n2): n2:z',
    ])
  })
})

describe('what is refused', () => {
  it.each([
    ['"{{ facts.os }}"', 'must be known before anything runs'],
    ["!expr '[host.name]'", 'must be known before anything runs'],
    ['"text"', 'loop wants a list or a map'],
    [
      `!expr '[1, 2, 3, 4, 5, 6].map(a, [1, 2, 3, 4, 5, 6].map(b, [1, 2, 3, 4, 5, 6].map(c, a))).flatten().flatten()'`,
      'written out for 200 at most',
    ],
  ])('a loop of %s', async (loop, message) => {
    const { exit, err } = await ran(block(loop))
    expect(exit).toBe(3)
    expect(err.replace(/\s+/g, ' ')).toContain(message)
  })

  it('a label without a loop, and an unknown name of an item', async () => {
    expect(
      (
        await ran(
          '      - block:\n          - read: it\n            print: { value: 1 }\n        label: x\n',
        )
      ).err,
    ).toContain('no effect without a loop')
    const { exit, err } = await ran(
      '      - block:\n          - read: it\n            print: { value: "{{ itm }}" }\n        loop: [a]\n',
    )
    expect(exit).toBe(3)
    expect(err).toContain("unknown name 'itm'")
  })
})
