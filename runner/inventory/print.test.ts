import { describe, expect, it } from 'vitest'
import { checkLocated } from '../schema/check-located.ts'
import { parseYaml } from '../source/located-yaml.ts'
import { buildInventory, type GroupedInventory } from './load-inventory.ts'
import { inventorySchema } from './inventory-schema.ts'
import { graphText, hostData, hostText, inventoryData, listText } from './print.ts'

const canary = 'canary-77aa'
const site = `
hosts:
  ncn-m001: { address: 10.252.1.4, become_password: { env: SUDO }, vars: { motd: "a\\e[2Jb", numbers: [ 1, 2 ] } }
  'x3000c0s[19-20]b[1-2]n0':
groups:
  builders: { hosts: 'x3000c0s19b[1-2]n0' }
  nodes: { children: [ builders, spares ], hosts: 'x3000c0s20b1n0' }
  spares: { hosts: 'x3000c0s20b2n0' }
  tested: { children: [ builders ] }
  empty: {}
services:
  ims: { url: 'https://api.local/apis/ims', via: ncn-m001, token: { from: craycli } }
  lab: { url: 'http://127.0.0.1:80', insecure: true }
`
function load(text: string): GroupedInventory {
  const { inventory, diagnostics } = buildInventory(
    [{ path: '/site/i.yaml', text, about: { kind: 'inventory' } }],
    { home: '/home/ada', environment: { SUDO: canary } },
  )
  expect(diagnostics).toEqual([])
  return inventory!
}

describe('views of an inventory', () => {
  it('lists groups with folded hosts', () => {
    expect(listText(load(site)).split('\n')).toEqual([
      'all        5 hosts  ncn-m001,x3000c0s[19-20]b[1-2]n0',
      '@builders  2 hosts  x3000c0s19b[1-2]n0',
      '@empty     0 hosts',
      '@nodes     4 hosts  x3000c0s[19-20]b[1-2]n0',
      '@spares    1 host  x3000c0s20b2n0',
      '@tested    2 hosts  x3000c0s19b[1-2]n0',
      '',
      'services',
      '  ims  https://api.local/apis/ims  via ncn-m001  token from craycli',
      '  lab  http://127.0.0.1:80  certificates NOT verified',
      '',
    ])
  })

  it('draws groups as they lie in each other', () => {
    expect(graphText(load(site)).split('\n')).toEqual([
      '@all',
      '  @empty',
      '  @nodes',
      '    @builders',
      '      x3000c0s19b[1-2]n0',
      '    @spares',
      '      x3000c0s20b2n0',
      '    x3000c0s20b1n0',
      '  @tested',
      '    @builders (as above)',
      '  ncn-m001',
      '',
    ])
  })

  it('shows a host without its secrets, and nothing that moves a cursor', () => {
    const host = load(site).hosts.get('ncn-m001')!
    expect(hostText(host).split('\n')).toEqual([
      'ncn-m001',
      '  connection:',
      '    address: 10.252.1.4',
      '    become_password: (secret)',
      '    connection: ssh',
      '  groups: none',
      '  vars:',
      '    motd: "a\\u001b[2Jb"',
      '    numbers: [1,2]',
      '',
    ])
    expect(hostData(host)).toMatchObject({
      name: 'ncn-m001',
      connection: { becomePassword: '(secret)' },
      vars: { numbers: [1, 2] },
    })
  })

  it('is data that holds no secret', () => {
    const text = JSON.stringify(inventoryData(load(site)))
    expect(text).not.toContain(canary)
    expect(JSON.parse(text)).toMatchObject({
      groups: { builders: ['x3000c0s19b1n0', 'x3000c0s19b2n0'] },
      services: { ims: { token: { from: 'craycli' } } },
    })
  })
})

describe('the schema of inventories', () => {
  const check = (text: string): string[] =>
    checkLocated(parseYaml('i.yaml', text).value!, inventorySchema()).map((each) => each.code)

  it.each([
    site,
    'all: { hosts: { a: { ansible_host: 10.0.0.1 } }, children: { web: { hosts: { b: } }, none: } }',
    'hosts: { a: { password: { file: p }, key_files: k, connect_timeout: 30s, jump: [ b ] } }',
    'hosts: n[1-3]\nuser: root',
    "hosts: { a: }\nservices: { s: { url: 'https://x', token: { from: admin-client-auth, host: a } } }",
  ])('accepts what is loaded: %s', (text) => {
    expect(check(text)).toEqual([])
    expect(
      buildInventory(
        [
          {
            path: '/i.yaml',
            text: text.replace('file: p', 'env: SUDO'),
            about: { kind: 'inventory' },
          },
        ],
        { environment: { SUDO: 'x' } },
      ).inventory,
    ).not.toBeNull()
  })

  it.each([
    'hosts: { a: { port: 0 } }',
    'hosts: { a: { host_keys: maybe } }',
    'groups: { g: { host: a } }',
    'groups: { g: { hosts: 3 } }',
    'services: { s: { url: x } }',
    'services: { s: { token: { from: nowhere } } }',
    'hots: [ a ]',
  ])('refuses what is not: %s', (text) => {
    expect(check(text)).not.toEqual([])
    expect(
      buildInventory([{ path: '/i.yaml', text, about: { kind: 'inventory' } }]).inventory,
    ).toBeNull()
  })
})
