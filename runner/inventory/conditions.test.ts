import { describe, expect, it } from 'vitest'
import { buildInventory, type LoadedInventory } from './load-inventory.ts'

const build = (...texts: readonly string[]): LoadedInventory =>
  buildInventory(
    texts.map((text, i) => ({ path: `/site/${i}.yaml`, text, about: { kind: 'inventory' } })),
    { home: '/home/ada', environment: {} },
  )
const hosts = `hosts:
  n1: { vars: { nid: 1, rack: A1, tags: [gpu, big] } }
  n2: { vars: { nid: 1001, rack: a 1, tags: [big] } }
  n3: { address: 10.0.0.3, vars: { nid: 1002, rack: 7 } }
  n4:
`
function groupsOf(groups: string): Record<string, readonly string[]> {
  const { inventory, diagnostics } = build(`${hosts}groups:\n${groups}`)
  expect(diagnostics).toEqual([])
  const { all: _, ...rest } = Object.fromEntries(inventory!.groups)
  return rest
}
const faults = (groups: string): readonly string[] =>
  build(`${hosts}groups:\n${groups}`).diagnostics.map(
    ({ code, at }) => `${code} ${at?.line}:${at?.column}`,
  )

describe('groups by condition', () => {
  it.each([
    ['host.vars.nid >= 1000', ['n2', 'n3']],
    ['nid >= 1000 && host.name != "n2"', ['n3']],
    ['host.address == "10.0.0.3"', ['n3']],
    ['host.name.startsWith("n") && !has(host.vars.nid)', ['n4']],
    ['"gpu" in host.vars.tags', ['n1']],
    ['"base" in host.groups', ['n1', 'n2']],
    ['default(host.vars.nid, 0) < 2', ['n1', 'n4']],
    ['host.vars.nid < 0', []],
  ])('where %s', (condition, names) => {
    expect(
      groupsOf(`  base: { hosts: [n1, n2] }\n  big: { where: '${condition}' }\n`)['big'],
    ).toEqual(names)
  })

  it('are made by the values of an expression, each in the group that asks for them', () => {
    expect(groupsOf('  rack: { by: host.vars.rack }\n  tag: { by: host.vars.tags }\n')).toEqual({
      rack: ['n1', 'n2', 'n3'],
      rack_a1: ['n1'],
      rack_a_1: ['n2'],
      rack_7: ['n3'],
      tag: ['n1', 'n2'],
      tag_gpu: ['n1'],
      tag_big: ['n1', 'n2'],
    })
    const { inventory } = build(`${hosts}groups:\n  rack: { by: host.vars.rack }\n`)
    expect(inventory!.children.get('rack')).toEqual(['rack_7', 'rack_a1', 'rack_a_1'])
    expect(inventory!.select('@rack_a*').map((host) => host.name)).toEqual(['n1', 'n2'])
  })

  it('are parts of other groups, and of patterns', () => {
    expect(
      groupsOf(
        '  big: { where: host.vars.nid >= 1000 }\n  rack: { by: host.vars.rack }\n  rest: { hosts: "all!@big" }\n  row: { children: [rack_a1, rest] }\n  one: { hosts: "@row&@rack_a1" }\n',
      ),
    ).toMatchObject({
      big: ['n2', 'n3'],
      rest: ['n1', 'n4'],
      row: ['n1', 'n4'],
      one: ['n1'],
    })
  })

  it('have vars like any other group, which no condition sees', () => {
    const { inventory, diagnostics } = build(`${hosts}groups:
  big: { where: host.vars.nid >= 1000, port: 2222, vars: { size: big, nid: 0 } }
  rack: { by: host.vars.rack, vars: { row: one } }
  rack_a1: { vars: { row: first } }
  sized: { where: has(host.vars.size) }
  plain: { vars: { size: none }, hosts: [n4] }
`)
    expect(diagnostics).toEqual([])
    expect(inventory!.hosts.get('n2')).toMatchObject({
      connection: { port: 2222 },
      vars: { size: 'big', nid: 1001, row: 'one' },
      groups: ['big', 'rack', 'rack_a_1'],
    })
    expect(inventory!.hosts.get('n1')!.vars['row']).toBe('first')
    expect(inventory!.groups.get('sized')).toEqual(['n4'])
  })

  it('add to the hosts that are named beside them', () => {
    expect(groupsOf('  some: { hosts: [n4], where: host.vars.nid == 1 }\n')).toEqual({
      some: ['n1', 'n4'],
    })
  })

  it.each([
    ['  big: { where: host.vars.nidd > 1 }\n', ['expression/unknown-field 7:17']],
    ['  big: { where: facts.sp > 1 }\n', ['expression/unknown-name 7:17']],
    ['  big: { where: host.vars.nid }\n', ['expression/not-boolean 7:17']],
    ['  big: { where: "host.vars.nid >" }\n', ['expression/syntax 7:17']],
    ['  big: { where: "{{ host.vars.nid }} > 1" }\n', ['expression/braces 7:18']],
    ['  big: { where: host.vars.rack > 1 }\n', ['expression/failed 7:17']],
    ['  big: { where: true }\n', ['inventory/value 7:17']],
    ['  big: { where: [a] }\n', ['inventory/value 7:17']],
    ['  rack: { by: host.vars }\n', ['inventory/by 7:15']],
    [
      '  rack: { by: host.vars.rack }\n  row: { children: [rack_b9] }\n',
      ['inventory/no-group 8:21'],
    ],
    ['  big: { wher: host.vars.nid > 1 }\n', ['inventory/unknown-key 7:10']],
    [
      '  a: { where: nid > 1, children: [b] }\n  b: { children: [a] }\n',
      ['inventory/group-cycle 8:19'],
    ],
  ])('%j is wrong', (groups, found) => {
    expect(faults(groups)).toEqual(found)
  })

  it('say a mistake of ten thousand hosts once, with the first of them', () => {
    const { diagnostics } = build(
      "hosts: { 'n[1-10000]': { vars: { rack: x } } }\ngroups: { big: { where: host.vars.rack > 1 } }\n",
    )
    expect(diagnostics).toEqual([
      expect.objectContaining({ code: 'expression/failed', host: 'n1' }),
    ])
  })
})
