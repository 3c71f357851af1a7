import { afterAll, describe, expect, it } from 'vitest'
import type { Value } from '../../contract/value.ts'
import { answering, ask, cleanUp, folderOf, said } from './sources.fixture.ts'

afterAll(cleanUp)

const services = 'services:\n  hsm: { url: "https://gw/hsm" }\n  sls: { url: "https://gw/sls" }\n'
const component = (id: string, more: Record<string, Value> = {}): Value => ({
  ID: id,
  Type: 'Node',
  State: 'Ready',
  Flag: 'OK',
  Enabled: true,
  Role: 'Compute',
  NetType: 'Sling',
  Arch: 'X86',
  Class: 'River',
  ...more,
})
const hardware = (xname: string, extra: Record<string, Value>): Value => ({
  Xname: xname,
  Type: 'comptype_node',
  Class: 'River',
  TypeString: 'Node',
  ExtraProperties: extra,
})
const member = (label: string, ids: readonly string[], key = 'label'): Value => ({
  [key]: label,
  description: '',
  members: { ids },
})

const nodes = [
  component('x3000c0s1b0n0', { Role: 'Management', SubRole: 'Master', NID: 100001 }),
  component('x3000c0s19b1n0', { NID: 1, State: 'Off', Enabled: false }),
  component('x1000c2s0b0n1', { NID: 1001, Arch: 'ARM', Class: 'Mountain' }),
  component('x3000c0s25b0n0', { Role: 'Application', SubRole: 'UAN' }),
]
const table: Record<string, Value> = {
  'hsm /State/Components': { Components: nodes },
  'hsm /groups': [
    member('Blue Racks', ['x3000c0s19b1n0', 'X1000c02s0b0n1', 'x3000c0s99b0n0']),
    member('empty', []),
  ],
  'hsm /partitions': [member('p1.2', ['x1000c2s0b0n1'], 'name')],
  'sls /search/hardware': [
    hardware('x3000c0s1b0n0', { NID: 100001, Role: 'Management', Aliases: ['ncn-m001'] }),
    hardware('x3000c0s19b1n0', { NID: 1, Aliases: ['nid000001'] }),
    hardware('x1000c2s0b0n1', {
      Aliases: ['nid001001', 'bad name', '-x', 'all', 'localhost', 'failed'],
    }),
    hardware('x3000c0s25b0n0', { NID: 49168901, Aliases: ['uan01', 'uan01'] }),
  ],
}
const load = (
  text: string,
  more: Record<string, Value> = {},
  asked: string[] = [],
  others: Record<string, string> = {},
) => {
  const folder = folderOf({ 'csm.yaml': `${text}${services}`, ...others })
  return ask(folder, ['csm.yaml', ...Object.keys(others)], {
    connect: answering({ ...table, ...more }, asked),
  })
}

describe('HSM and SLS', () => {
  it('are asked once, together, for what is wanted', async () => {
    const asked: string[] = []
    await load(
      'source: { kind: csm, only: { role: [Compute, Application], state: "!Off", enabled: true } }\n',
      {},
      asked,
    )
    expect(asked.sort()).toEqual([
      'hsm /State/Components?type=Node&role=Compute&role=Application&state=%21Off&enabled=true',
      'hsm /groups',
      'hsm /partitions',
      'sls /search/hardware?type=comptype_node',
    ])
  })

  it('make hosts, vars and groups', async () => {
    const { inventory, diagnostics } = await load('source: csm\n')
    expect(diagnostics).toEqual([])
    expect([...inventory!.hosts.keys()]).toEqual([
      'x1000c2s0b0n1',
      'x3000c0s1b0n0',
      'x3000c0s19b1n0',
      'x3000c0s25b0n0',
    ])
    expect(inventory!.hosts.get('x3000c0s25b0n0')!.vars).toEqual({
      xname: 'x3000c0s25b0n0',
      nid: 49168901,
      role: 'Application',
      subrole: 'UAN',
      arch: 'X86',
      class: 'River',
      state: 'Ready',
      enabled: true,
      aliases: ['uan01', 'nid49168901'],
    })
    expect(
      Object.fromEntries([...inventory!.groups].map(([name, hosts]) => [name, hosts.length])),
    ).toEqual({
      all: 4,
      role_management: 1,
      role_compute: 2,
      role_application: 1,
      subrole_master: 1,
      subrole_uan: 1,
      arch_x86: 3,
      arch_arm: 1,
      class_river: 3,
      class_mountain: 1,
      cabinet_x1000: 1,
      cabinet_x3000: 3,
      chassis_x1000c2: 1,
      chassis_x3000c0: 3,
      group_blue_racks: 2,
      group_empty: 0,
      'partition_p1.2': 1,
    })
  })

  it('make conditions on what most nodes lack', async () => {
    const { inventory, diagnostics } = await load(
      'source: csm\ngroups:\n  uans: { where: subrole == "UAN" }\n  plain: { where: host.vars.subrole == null }\n  sub: { by: host.vars.subrole }\n',
    )
    expect(diagnostics).toEqual([])
    expect(
      ['uans', 'plain', 'sub', 'sub_uan'].map((name) => inventory!.groups.get(name)!.length),
    ).toEqual([1, 2, 2, 1])
    // Also where not one node has it.
    const { diagnostics: none } = await load(
      'source: { kind: csm, only: { role: Compute } }\ngroups:\n  uans: { where: subrole == "UAN" }\n',
    )
    expect(none).toEqual([])
  })

  it.each([
    ['only: { group: Blue Racks }', ['x1000c2s0b0n1', 'x3000c0s19b1n0']],
    ['only: { group: "!Blue Racks" }', ['x3000c0s1b0n0', 'x3000c0s25b0n0']],
    ['only: { partition: p1.2 }', ['x1000c2s0b0n1']],
    ['only: { subrole: [uan, Master], class: River }', ['x3000c0s1b0n0', 'x3000c0s25b0n0']],
    ['only: { enabled: false }', ['x3000c0s19b1n0']],
  ])('are narrowed by %s, although the service did not do it', async (only, names) => {
    const { inventory } = await load(`source: { kind: csm, ${only} }\n`)
    expect([...inventory!.hosts.keys()]).toEqual(names)
  })

  it('know a node by its other names wherever hosts are named', async () => {
    const others = {
      'more.yaml': `hosts: { ncn-m001: { address: 10.252.1.4 } }
groups:
  builders: { hosts: 'nid00[1000-1001],uan01', vars: { cache: 1T } }
  kept: { hosts: '@builders!nid001001' }
services: { ims: { url: "https://gw/ims", via: ncn-m001, token: { from: admin-client-auth, host: ncn-m001 } } }
`,
    }
    const folder = folderOf({
      'csm.yaml': `source: csm\n${services}`,
      ...others,
      'host_vars/uan01.yaml': 'motd: hello\n',
    })
    const { inventory, diagnostics } = await ask(folder, ['csm.yaml', 'more.yaml'], {
      connect: answering(table),
    })
    expect(diagnostics).toEqual([])
    // A name that no node has is a host of its own, as ever.
    expect(inventory!.groups.get('builders')).toEqual([
      'nid001000',
      'x1000c2s0b0n1',
      'x3000c0s25b0n0',
    ])
    expect(inventory!.groups.get('kept')).toEqual(['nid001000', 'x3000c0s25b0n0'])
    expect(inventory!.hosts.get('ncn-m001')).toMatchObject({
      name: 'x3000c0s1b0n0',
      connection: { address: '10.252.1.4' },
    })
    expect(inventory!.hosts.get('uan01')!.vars).toMatchObject({ motd: 'hello', cache: '1T' })
    expect(inventory!.services.get('ims')).toMatchObject({
      via: 'x3000c0s1b0n0',
      token: { host: 'x3000c0s1b0n0' },
    })
    expect(inventory!.select('uan*,nid001001!ncn-m001').map((host) => host.name)).toEqual([
      'x1000c2s0b0n1',
      'x3000c0s25b0n0',
    ])
    expect([...inventory!.hosts.keys()]).not.toContain('uan01')
    expect(() => inventory!.select('uan02')).toThrow(
      expect.objectContaining({
        diagnostics: [
          expect.objectContaining({ code: 'inventory/no-host', hint: "did you mean 'uan01'?" }),
        ],
      }),
    )
  })

  it('take no name that means something else', async () => {
    const { inventory, diagnostics } = await load('source: csm\n')
    expect(diagnostics).toEqual([])
    for (const name of ['bad name', '-x', 'localhost', 'failed'])
      expect(inventory!.hosts.has(name)).toBe(false)
    expect(inventory!.select('all')).toHaveLength(4)
  })

  it('leave an alias that two nodes have to the first, and say so', async () => {
    const loaded = await load('source: csm\n', {
      'sls /search/hardware': [
        hardware('x3000c0s1b0n0', { Aliases: ['twice'] }),
        hardware('x3000c0s25b0n0', { Aliases: ['twice', 'x3000c0s19b1n0'] }),
      ],
    })
    expect(said(loaded)).toEqual(['inventory/alias csm.yaml:1:1', 'inventory/alias csm.yaml:1:1'])
    expect(loaded.inventory!.hosts.get('twice')!.name).toBe('x3000c0s1b0n0')
    expect(loaded.inventory!.hosts.get('x3000c0s19b1n0')!.name).toBe('x3000c0s19b1n0')
  })

  it('stand where their file stands: what comes later is stronger', async () => {
    const strong = await load('source: csm\n', {}, [], {
      'later.yaml': 'hosts: { uan01: { vars: { role: Other } } }\n',
    })
    expect(strong.inventory!.hosts.get('uan01')!.vars['role']).toBe('Other')
    const folder = folderOf({
      'earlier.yaml': 'hosts: { uan01: { vars: { role: Other, mine: 1 } } }\n',
      'csm.yaml': `source: csm\n${services}`,
    })
    const weak = await ask(folder, ['earlier.yaml', 'csm.yaml'], { connect: answering(table) })
    expect(weak.inventory!.hosts.get('uan01')!.vars).toMatchObject({ role: 'Application', mine: 1 })
  })

  it('may be HSM alone', async () => {
    const asked: string[] = []
    const { inventory } = await load('source: { kind: csm, sls: false }\n', {}, asked)
    expect(asked.some((each) => each.startsWith('sls'))).toBe(false)
    expect(inventory!.hosts.get('nid001001')!.name).toBe('x1000c2s0b0n1')
    expect(inventory!.hosts.get('uan01')).toBeUndefined()
  })

  it.each<readonly [string, Record<string, Value>]>([
    ['no list', { 'hsm /State/Components': { Comp: [] } }],
    ['a component without a name', { 'hsm /State/Components': { Components: [{ Type: 'Node' }] } }],
    ['groups that are none', { 'hsm /groups': { groups: [] } }],
    ['partitions that are none', { 'hsm /partitions': 'x' }],
  ])('that answer %s are an error', async (_what, more) => {
    const loaded = await load('source: csm\n', more)
    expect(loaded.inventory).toBeNull()
    expect(said(loaded)).toEqual(['inventory/source-failed csm.yaml:1:1'])
  })

  it('that name as a node what is none leave it out with a warning', async () => {
    const loaded = await load('source: csm\n', {
      'hsm /State/Components': {
        Components: [...nodes, component('x3000c0s19b1'), component('\u001b[31mx')],
      },
    })
    expect(said(loaded)).toEqual(['inventory/not-a-node csm.yaml:1:1'])
    expect(loaded.inventory!.hosts.size).toBe(4)
  })

  it('are not asked while a file is wrong', async () => {
    const asked: string[] = []
    const loaded = await load('source: csm\nhosts: { a: { prot: 22 } }\n', {}, asked)
    expect(said(loaded)).toEqual(['inventory/unknown-key csm.yaml:2:15'])
    expect(asked).toEqual([])
  })

  it('bring groups that files may name before anybody was asked', async () => {
    const { inventory, diagnostics } = await load(
      'source: csm\ngroups:\n  some: { hosts: "@role_compute!@group_empty", vars: { n: 1 } }\n  above: { children: [ subrole_uan ] }\n',
    )
    expect(diagnostics).toEqual([])
    expect(inventory!.groups.get('some')).toHaveLength(2)
    expect(inventory!.groups.get('above')).toEqual(['x3000c0s25b0n0'])
    expect(said(await load('source: csm\ngroups:\n  some: { hosts: "@role_nobody" }\n'))).toEqual([
      'inventory/no-group csm.yaml:3:19',
    ])
  })

  it('may have ten thousand nodes', async () => {
    const xnames = Array.from(
      { length: 10_000 },
      (_, i) =>
        `x${1000 + Math.floor(i / 256)}c${Math.floor(i / 32) % 8}s${Math.floor(i / 4) % 8}b${Math.floor(i / 2) % 2}n${i % 2}`,
    )
    const { inventory } = await load(
      'source: csm\ngroups:\n  high: { where: host.vars.nid > 9990 }\n',
      {
        'hsm /State/Components': {
          Components: xnames.map((xname, i) => component(xname, { NID: i + 1 })),
        },
        'sls /search/hardware': xnames.map((xname, i) =>
          hardware(xname, { NID: i + 1, Aliases: [`nid${String(i + 1).padStart(6, '0')}`] }),
        ),
        'hsm /groups': [member('half', xnames.slice(0, 5000))],
      },
    )
    expect(inventory!.hosts.size).toBe(10_000)
    expect(inventory!.groups.get('group_half')).toHaveLength(5000)
    expect(inventory!.groups.get('high')).toHaveLength(10)
    expect(inventory!.select('nid[000001-000100]')).toHaveLength(100)
  })
})
