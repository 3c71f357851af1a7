import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { Ajv } from 'ajv'
import { afterAll, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { typed, type Ended } from '../../runner/cli/io.fixture.ts'
import { inventorySchema } from '../../runner/inventory/inventory-schema.ts'
import {
  answering,
  ask,
  cleanUp,
  folderOf,
} from '../../runner/inventory/sources/sources.fixture.ts'

// docs/inventory.md is run: its examples load and make the hosts that stand beside them, editors' schema agrees, and each row of
// the table of what wins is stronger than the rows above it.

afterAll(cleanUp)
const page = readFileSync(join(import.meta.dirname, '../../docs/inventory.md'), 'utf8')
const section = (title: string): string =>
  new RegExp(`^## ${title}\\n([\\s\\S]*?)(?=^## |$(?![\\s\\S]))`, 'm').exec(page)![1]!
const blocks = (title: string): readonly string[] =>
  [...section(title).matchAll(/^```(?:yaml|sh)\n([\s\S]*?)^```$/gm)].map((match) => match[1]!)
const rows = (title: string): readonly (readonly string[])[] =>
  [...section(title).matchAll(/^\| (?!-)(.*) \|$/gm)].map((match) =>
    match[1]!.split(' | ').map((cell) => cell.trim().replace(/^`|`$/g, '')),
  )
const valid = new Ajv({ strict: false }).compile(inventorySchema())

const services = 'services:\n  hsm: { url: "https://gw/hsm" }\n  sls: { url: "https://gw/sls" }\n'
const node = (xname: string, nid: number, role: string): object => ({
  ID: xname,
  Type: 'Node',
  State: 'Ready',
  Enabled: true,
  Role: role,
  NID: nid,
  Arch: 'X86',
  Class: 'River',
})
const connect = answering({
  'hsm /State/Components': {
    Components: [
      node('x3000c0s1b0n0', 100001, 'Management'),
      node('x3000c0s19b4n0', 4, 'Compute'),
    ] as never,
  },
  'hsm /groups': [],
  'hsm /partitions': [],
  'sls /search/hardware': [{ Xname: 'x3000c0s1b0n0', ExtraProperties: { Aliases: ['ncn-m001'] } }],
})

describe('the page about inventories', () => {
  it('has examples that editors find right', () => {
    const examples = [...page.matchAll(/^```yaml\n([\s\S]*?)^```$/gm)].map((match) => match[1]!)
    expect(examples.length).toBeGreaterThan(4)
    for (const example of examples)
      expect({ example, errors: valid(parse(example)) ? null : valid.errors }).toEqual({
        example,
        errors: null,
      })
  })

  it('has a first file that loads', async () => {
    const loaded = await ask(folderOf({ 'site.yaml': blocks('A file')[0]! }), ['site.yaml'])
    expect(loaded.diagnostics).toEqual([])
    expect(loaded.inventory!.groups.get('builders')).toHaveLength(3)
  })

  it('has groups by condition with the hosts that its table says', async () => {
    const { inventory, diagnostics } = await ask(
      folderOf({ 'site.yaml': blocks('Groups by condition')[0]! }),
      ['site.yaml'],
    )
    expect(diagnostics).toEqual([])
    const told = rows('Groups by condition').filter(([group]) => group !== 'group')
    expect(told.length).toBe(inventory!.groups.size - 1)
    for (const [group, hosts] of told)
      expect([group, inventory!.groups.get(group!)]).toEqual([group, hosts!.split(',')])
  })

  it('has files that ask HSM and SLS', async () => {
    const [plain, narrow] = blocks('HSM and SLS') as [string, string]
    const first = await ask(folderOf({ 'csm.yaml': plain }), ['csm.yaml'], { connect })
    expect(first.diagnostics).toEqual([])
    expect(first.inventory!.hosts.get('ncn-m001')).toMatchObject({
      name: 'x3000c0s1b0n0',
      connection: { address: '10.252.1.4' },
    })
    expect([...first.inventory!.groups.keys()]).toEqual(
      expect.arrayContaining([
        'role_compute',
        'role_management',
        'arch_x86',
        'class_river',
        'cabinet_x3000',
        'chassis_x3000c0',
      ]),
    )
    const second = await ask(folderOf({ 'csm.yaml': narrow + services }), ['csm.yaml'], { connect })
    expect(second.diagnostics).toEqual([])
    expect(second.inventory!.groups.get('csm_role_compute')).toEqual(['x3000c0s19b4n0'])
  })

  it('has a program, and a file that names it', async () => {
    const [program, file] = blocks('Programs') as [string, string]
    const folder = folderOf({ 'racks.sh': program, 'racks.yaml': file })
    for (const name of ['racks.sh', 'racks.yaml']) {
      const { inventory, diagnostics } = await ask(folder, [name])
      expect(diagnostics).toEqual([])
      expect(inventory!.hosts.get('x3000c0s19b1n0')).toMatchObject({
        connection: { address: '10.252.1.19' },
        vars: { cache: '1000G', rack: 'A1' },
      })
      expect(inventory!.groups.get('spares')).toEqual(['x3000c0s21b1n0'])
    }
  })
})

/** What each row of the table says, set to the row's own number; further rows are added one by one. */
const layers: Readonly<Record<string, Readonly<Record<string, string>> | readonly string[]>> = {
  '1': { '10-top.yaml': 'hosts: { n1: { connection: local } }\nvars: { v: "1" }\n' },
  '2': { 'group_vars/all.yaml': 'v: "2"\n' },
  '3': {
    '20-group.yaml':
      'groups: { outer: { children: [inner], vars: { v: "3" } }, inner: { hosts: n1 } }\n',
  },
  '4': { '30-host.yaml': 'hosts: { n1: { vars: { v: "4" } } }\n' },
  '5': { 'host_vars/n1.yaml': 'v: "5"\n' },
  '6': ['vars: { v: "6" }'],
  '7': ['inputs: { v: { type: string, default: "7", description: x } }'],
  '8': ['vars: { v: "8" }'],
}

describe('what wins', () => {
  const table = rows('What wins').filter(([number]) => /^\d$/.test(number!))
  const base = { '10-top.yaml': 'hosts: { n1: { connection: local } }\n' }
  let made = 0
  const folder = folderOf({})

  type Parts = {
    readonly inputs?: string
    readonly play?: string
    readonly task?: string
    readonly argv?: readonly string[]
    readonly paths?: readonly string[]
  }
  async function run(files: Readonly<Record<string, string>>, playbook: Parts): Promise<Ended> {
    const at = join(folder, `${++made}`)
    const text = `playbook: v\n${playbook.inputs ?? ''}\nplays:\n  - play: v\n    hosts: n1\n    ${playbook.play ?? ''}\n    tasks:\n      - read: v\n        print: { value: "{{ v }}" }\n        ${playbook.task ?? ''}\n`
    for (const [name, content] of Object.entries({ ...files, '../playbook.yaml': text })) {
      mkdirSync(dirname(join(at, 'inventory', name)), { recursive: true })
      writeFileSync(join(at, 'inventory', name), content)
    }
    const paths = playbook.paths ?? ['inventory']
    return typed(
      [
        'run',
        join(at, 'playbook.yaml'),
        ...paths.flatMap((path) => ['-i', join(at, path)]),
        ...(playbook.argv ?? []),
      ],
      { cwd: at, stateFolder: join(at, 'state') },
    )
  }
  /** The value of `v` for n1, as a task of a playbook sees it. */
  async function valueIn(
    files: Readonly<Record<string, string>>,
    playbook: Parts = {},
  ): Promise<string> {
    const { exit, events, err, out } = await run(files, playbook)
    expect({ exit, err, out }).toMatchObject({ exit: 0 })
    return String(events.flatMap((event) => (event.type === 'outcome' ? [event.shown] : []))[0])
  }
  async function refused(playbook: Parts): Promise<string> {
    const { exit, err } = await run(base, playbook)
    expect(exit).toBe(3)
    return err
  }

  it('is a table of which every row is tested', () => {
    expect(table.map(([number]) => number)).toEqual(Object.keys(layers))
  })

  it.each(Object.keys(layers))('row %s is stronger than all above it', async (row) => {
    const upTo = Object.entries(layers).filter(([number]) => number <= row)
    const files = Object.assign(
      {},
      ...upTo.map(([, layer]) => (Array.isArray(layer) ? {} : layer)),
    ) as Record<string, string>
    const [play, inputs, task] = ['6', '7', '8'].map((number) =>
      number <= row ? (layers[number] as readonly string[])[0] : undefined,
    )
    if (inputs) expect(await refused({ play: play!, inputs })).toContain('playbook/name')
    expect(
      await valueIn(files, {
        ...(inputs ? { inputs } : play ? { play } : {}),
        ...(task ? { task } : {}),
      }),
    ).toBe(row)
  })

  it.each<
    readonly [string, string, Readonly<Record<string, string>>, Parameters<typeof valueIn>[1]]
  >([
    [
      '1: the later file',
      'late',
      { 'a.yaml': 'vars: { v: early }', 'b.yaml': 'vars: { v: late }' },
      {},
    ],
    [
      '1: the later -i',
      'early by name',
      { 'a.yaml': 'vars: { v: early by name }', 'b.yaml': 'vars: { v: late }' },
      { paths: ['inventory/10-top.yaml', 'inventory/b.yaml', 'inventory/a.yaml'] },
    ],
    [
      '2: the later file',
      'late',
      { 'group_vars/all/a.yaml': 'v: early', 'group_vars/all/b.yaml': 'v: late' },
      {},
    ],
    [
      '3: an inner group',
      'inner',
      {
        'a.yaml':
          'groups: { z: { children: [a], vars: { v: outer } }, a: { hosts: n1, vars: { v: inner } } }',
      },
      {},
    ],
    [
      '3: the inner group, also over group_vars of the outer',
      'inner',
      {
        'a.yaml': 'groups: { z: { children: [a] }, a: { hosts: n1, vars: { v: inner } } }',
        'group_vars/z.yaml': 'v: outer',
      },
      {},
    ],
    [
      '3: at one depth by name',
      'b',
      {
        'a.yaml': 'groups: { b: { hosts: n1, vars: { v: b } }, a: { hosts: n1, vars: { v: a } } }',
      },
      {},
    ],
    [
      '3: group_vars over what the group says itself',
      'file',
      {
        'a.yaml': 'groups: { a: { hosts: n1, vars: { v: inline } } }',
        'group_vars/a.yaml': 'v: file',
      },
      {},
    ],
    [
      '4: the later file',
      'late',
      {
        'a.yaml': 'hosts: { n1: { vars: { v: early } } }',
        'b.yaml': 'hosts: { n1: { vars: { v: late } } }',
      },
      {},
    ],
    [
      '4: the later line',
      'late',
      { 'a.yaml': "hosts: { 'n[1-2]': { vars: { v: early } }, n1: { vars: { v: late } } }" },
      {},
    ],
    [
      '4: a source where it stands, weaker than a later file',
      'late',
      {
        '20.json': '{"_meta": {"hostvars": {"n1": {"v": "early"}}}, "web": ["n1"]}',
        '30.yaml': 'hosts: { n1: { vars: { v: late } } }',
      },
      {},
    ],
    [
      '4: … and stronger than an earlier one',
      'source',
      {
        '05.yaml': 'hosts: { n1: { vars: { v: early } } }',
        '20.json': '{"_meta": {"hostvars": {"n1": {"v": "source"}}}, "web": ["n1"]}',
      },
      {},
    ],
    [
      '5: the later file',
      'late',
      { 'host_vars/n1/a.yaml': 'v: early', 'host_vars/n1/b.yaml': 'v: late' },
      {},
    ],
    [
      '7: -e before the default',
      'given',
      {},
      {
        inputs: 'inputs: { v: { type: string, default: usual, description: x } }',
        argv: ['-e', 'v=given'],
      },
    ],
    [
      '7: the last -e',
      'second',
      {},
      {
        inputs: 'inputs: { v: { type: string, default: usual, description: x } }',
        argv: ['-e', 'v=first', '-e', 'v=second'],
      },
    ],
    [
      '6: vars_files of the play',
      'file',
      { 'group_vars/all.yaml': 'v: weak', '../more.yaml': 'v: file' },
      { play: 'vars: { v: play }\n    vars_files: [more.yaml]' },
    ],
  ])('%s', async (_what, value, files, playbook) => {
    expect(await valueIn({ ...base, ...files }, playbook)).toBe(value)
  })
})
