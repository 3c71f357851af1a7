import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { DiagnosticError, type Diagnostic } from '../model/diagnostic.ts'
import type { Inventory } from '../model/host.ts'
import { connectionWords } from './connection-words.ts'
import { buildInventory, localInventory } from './load-inventory.ts'
import { loadInventory } from './load-inventory.fixture.ts'

const folders: string[] = []
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
})

function folderOf(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'inventory-'))
  folders.push(folder)
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), text, { mode: 0o600 })
  }
  return folder
}

function read(...texts: readonly string[]): {
  inventory: Inventory | null
  diagnostics: readonly Diagnostic[]
} {
  const files = texts.map((text, i) => ({
    path: `/site/${i === 0 ? 'inventory' : `more${i}`}.yaml`,
    text,
    about: { kind: 'inventory' } as const,
  }))
  return buildInventory(files, { home: '/home/ada', environment: { SUDO: 'from the environment' } })
}

function good(...texts: readonly string[]): Inventory {
  const { inventory, diagnostics } = read(...texts)
  expect(diagnostics).toEqual([])
  return inventory!
}

function faults(text: string): string[] {
  const { inventory, diagnostics } = read(text)
  if (diagnostics.some((each) => each.severity !== 'warning')) expect(inventory).toBeNull()
  return diagnostics.map((each) => `${each.code} ${each.at?.line}:${each.at?.column}`)
}

const site = `
hosts:
  ncn-m001: { address: 10.252.1.4, user: admin, vars: { role: management } }
  'x3000c0s[21,19]b[1-2]n0':
groups:
  builders:
    hosts: x3000c0s19b[1-2]n0
    vars: { cache: 1000G, arch: x86 }
  nodes:
    children: [ builders, arm ]
    port: 2222
  arm:
    hosts: [ X3000C0S021B1N0 ]
    vars: { arch: arm }
vars: { site: hela, arch: unknown }
services:
  ims: { url: https://api-gw-service-nmn.local/apis/ims/, ca: certs/ca.crt, via: ncn-m001, token: { from: admin-client-auth, host: ncn-m001 } }
`

describe('an inventory in our shape', () => {
  it('has its hosts by number, with groups, vars and connection', () => {
    const inventory = good(site)
    expect([...inventory.hosts.keys()]).toEqual([
      'ncn-m001',
      'x3000c0s19b1n0',
      'x3000c0s19b2n0',
      'x3000c0s21b1n0',
      'x3000c0s21b2n0',
    ])
    expect([...inventory.groups]).toEqual([
      ['all', [...inventory.hosts.keys()]],
      ['arm', ['x3000c0s21b1n0']],
      ['builders', ['x3000c0s19b1n0', 'x3000c0s19b2n0']],
      ['nodes', ['x3000c0s19b1n0', 'x3000c0s19b2n0', 'x3000c0s21b1n0']],
    ])
    expect(inventory.hosts.get('ncn-m001')).toEqual({
      name: 'ncn-m001',
      groups: [],
      vars: { site: 'hela', arch: 'unknown', role: 'management' },
      connection: { kind: 'ssh', address: '10.252.1.4', user: 'admin' },
    })
    expect(inventory.hosts.get('x3000c0s19b2n0')).toEqual({
      name: 'x3000c0s19b2n0',
      groups: ['nodes', 'builders'],
      vars: { site: 'hela', cache: '1000G', arch: 'x86' },
      connection: { kind: 'ssh', port: 2222 },
    })
    expect(inventory.hosts.get('x3000c0s21b1n0')?.vars).toEqual({ site: 'hela', arch: 'arm' })
    expect(inventory.hosts.get('x3000c0s21b2n0')).toMatchObject({
      groups: [],
      connection: { kind: 'ssh' },
    })
  })

  it('has services whose tokens know where they come from', () => {
    expect(good(site).services.get('ims')).toEqual({
      name: 'ims',
      url: 'https://api-gw-service-nmn.local/apis/ims',
      ca: '/site/certs/ca.crt',
      via: 'ncn-m001',
      token: {
        from: 'admin-client-auth',
        host: 'ncn-m001',
        url: 'https://api-gw-service-nmn.local/keycloak/realms/shasta/protocol/openid-connect/token',
        clientId: 'admin-client',
      },
    })
  })

  it('has tokens and keys that Kubernetes secrets hold', () => {
    const { services } = good(`hosts: { ncn-m001: }
services:
  vault: { url: https://v, via: ncn-m001, token: { from: k8s-secret, namespace: vault, secret: unseal, key: root } }
  s3: { url: https://s, token: { from: s3-keys, host: ncn-m001, secret: ims-s3 } }
  other: { url: https://s, token: { from: s3-keys, path: keys.json, region: us-east-1 } }
`)
    expect(services.get('vault')?.token).toEqual({
      from: 'k8s-secret',
      host: 'ncn-m001',
      namespace: 'vault',
      secret: 'unseal',
      key: 'root',
    })
    expect(services.get('s3')?.token).toEqual({
      from: 's3-keys',
      host: 'ncn-m001',
      namespace: 'services',
      secret: 'ims-s3',
      region: 'default',
    })
    expect(services.get('other')?.token).toMatchObject({
      path: '/site/keys.json',
      region: 'us-east-1',
    })
  })

  it('selects hosts in its own order', () => {
    const inventory = good(site)
    expect(inventory.select('x3000c0s21b1n0,@builders').map((host) => host.name)).toEqual([
      'x3000c0s19b1n0',
      'x3000c0s19b2n0',
      'x3000c0s21b1n0',
    ])
    expect(inventory.select('nodes!@arm').map((host) => host.name)).toEqual([
      'x3000c0s19b1n0',
      'x3000c0s19b2n0',
    ])
    expect(inventory.select('X3000C0S19B1N0')[0]?.name).toBe('x3000c0s19b1n0')
  })

  it.each([
    ['builders&@arm', 'inventory/no-match'],
    ['x3000c0s19b3n0', 'inventory/no-host'],
    ['@biulders', 'inventory/no-group'],
    ['', 'inventory/pattern'],
  ])('%j selects nothing and never everything: %s', (pattern, code) => {
    const inventory = good(site)
    let thrown: unknown
    try {
      inventory.select(pattern)
    } catch (error) {
      thrown = error
    }
    expect(thrown).toBeInstanceOf(DiagnosticError)
    expect((thrown as DiagnosticError).diagnostics[0]?.code).toBe(code)
  })

  it('makes groups of patterns over other groups, whose vars reach the hosts', () => {
    const inventory = good(`
groups:
  late: { hosts: '@early!n2,extra', vars: { late: true } }
  early: { hosts: 'n[1-3]' }
  some: { hosts: [ 'n*&@early', n9 ] }
`)
    expect(inventory.groups.get('late')).toEqual(['extra', 'n1', 'n3'])
    expect(inventory.groups.get('some')).toEqual(['n1', 'n2', 'n3', 'n9'])
    expect(inventory.hosts.get('n3')).toMatchObject({
      groups: ['early', 'late', 'some'],
      vars: { late: true },
    })
    expect(inventory.hosts.get('n2')).toMatchObject({ groups: ['early', 'some'], vars: {} })
  })

  it('merges what ranges say of the same host, the later word being stronger', () => {
    const { connection, vars } = good(
      "hosts: { 'n[1-3]': { port: 22, user: root, vars: { a: 1, b: 1 } }, n2: { port: 23, vars: { b: 2 } } }",
    ).hosts.get('n2')!
    expect(connection).toEqual({ kind: 'ssh', port: 23, user: 'root' })
    expect(vars).toEqual({ a: 1, b: 2 })
  })

  it('lets the stronger word win: all, parents, children by name, the host', () => {
    const text = (drop: readonly string[]): string => `
vars: { v: all }
groups:
  parent: { children: [ a, b ], vars: { v: parent } }
  a: { hosts: h, ${drop.includes('a') ? '' : 'vars: { v: a }'} }
  b: { hosts: h, ${drop.includes('b') ? '' : 'vars: { v: b }'} }
hosts: { h: { ${drop.includes('h') ? '' : 'vars: { v: host }'} } }
`
    const v = (...drop: readonly string[]): unknown => good(text(drop)).hosts.get('h')!.vars['v']
    expect([v(), v('h'), v('h', 'b'), v('h', 'a', 'b')]).toEqual(['host', 'b', 'a', 'parent'])
  })

  it('knows connection words and where their files lie', () => {
    const host = good(`
hosts:
  h: { connection: local, port: '2222', key_files: [ keys/a, ~/b, /c ], jump: [ 'root@bastion:2022', '[fe80::1]:22' ], host_keys: new-after-boot, known_hosts_file: known, connect_timeout: 1m, become_password: { env: SUDO } }
`).hosts.get('h')!
    expect(host.connection).toMatchObject({
      kind: 'local',
      port: 2222,
      keyFiles: ['/site/keys/a', '/home/ada/b', '/c'],
      jump: 'root@bastion:2022,[fe80::1]:22',
      hostKeys: 'new-after-boot',
      knownHostsFile: '/site/known',
      connectTimeout: 60,
    })
    expect(host.connection.becomePassword?.equals('from the environment')).toBe(true)
    expect(host.vars).toEqual({})
  })

  it('takes odd names as names', () => {
    const inventory = good(
      "hosts: { 'fe80::1%eth0': , toString: , nid000004: , '10.0.0.1': , x1: { vars: { toString: 1 } } }\ngroups: { toString_: { hosts: toString }, valueOf: { hosts: x1 } }",
    )
    expect([...inventory.hosts.keys()]).toEqual([
      '10.0.0.1',
      'fe80::1%eth0',
      'nid000004',
      'toString',
      'x1',
    ])
    expect(inventory.select('valueOf').map((host) => host.name)).toEqual(['x1'])
    expect(inventory.hosts.get('x1')!.vars['hasOwnProperty']).toBeUndefined()
  })

  it('is one of several files, each stronger than those before it', () => {
    const inventory = good(
      site,
      "all:\n  hosts: { x3000c0s19b1n0: { ansible_port: 40001 } }\n  vars: { ansible_host: 127.0.0.1 }\nservices: { ims: { url: 'https://127.0.0.1:9000', via: } }",
    )
    expect(inventory.hosts.get('x3000c0s19b1n0')?.connection).toEqual({
      kind: 'ssh',
      port: 40001,
      address: '127.0.0.1',
    })
    expect(inventory.services.get('ims')).toMatchObject({
      url: 'https://127.0.0.1:9000',
      ca: '/site/certs/ca.crt',
    })
    expect(inventory.services.get('ims')?.via).toBeUndefined()
  })
})

describe("an inventory in Ansible's shape", () => {
  it('is read as Ansible reads it', () => {
    const inventory = good(`
all:
  vars: { ansible_user: root, ansible_python_interpreter: /usr/bin/python3 }
  hosts:
    mail: { ansible_host: 10.0.0.9, color: red }
  children:
    web:
      hosts: { 'web[01-02]': { ansible_port: 2222 } }
      vars: { http_port: 80 }
      children:
        east: { hosts: { web03: } }
    empty:
`)
    expect(inventory.groups.get('web')).toEqual(['web01', 'web02', 'web03'])
    expect(inventory.groups.get('empty')).toEqual([])
    expect(inventory.hosts.get('web03')).toEqual({
      name: 'web03',
      groups: ['web', 'east'],
      vars: { http_port: 80 },
      connection: { kind: 'ssh', user: 'root' },
    })
    expect(inventory.hosts.get('mail')).toEqual({
      name: 'mail',
      groups: [],
      vars: { color: 'red' },
      connection: { kind: 'ssh', user: 'root', address: '10.0.0.9' },
    })
  })

  it('may name its groups at the top', () => {
    expect([...good('web: { hosts: { a: , b: } }\ndb: { hosts: { b: } }').groups]).toEqual([
      ['all', ['a', 'b']],
      ['db', ['b']],
      ['web', ['a', 'b']],
    ])
  })

  it('says by SSH arguments what our words say', () => {
    const args =
      '-C -o ControlPersist=60s -J root@bastion -o "StrictHostKeyChecking=accept-new" -oUserKnownHostsFile=./known -i ~/key'
    expect(
      good(`all: { hosts: { h: { ansible_ssh_common_args: '${args}' } } }`).hosts.get('h')
        ?.connection,
    ).toEqual({
      kind: 'ssh',
      jump: 'root@bastion',
      hostKeys: 'accept-new',
      knownHostsFile: '/site/known',
      keyFiles: ['/home/ada/key'],
    })
    expect(
      faults("all: { hosts: { h: { ansible_ssh_common_args: '-o ProxyCommand=nc' } } }"),
    ).toEqual(['inventory/ssh-arguments 1:47'])
  })

  it('warns of what is not read', () => {
    expect(faults('all: { hosts: { h: { ansible_become: true } } }')).toEqual([
      'inventory/not-read 1:22',
    ])
  })
})

describe('mistakes', () => {
  it.each<[string, ...string[]]>([
    ['', 'inventory/empty undefined:undefined'],
    ['- a', 'inventory/shape 1:1'],
    ['hots: { a: }', 'inventory/unknown-key 1:1'],
    ['adm: example0\nio: "example[2-3]"\nall: "@adm,@io"', 'inventory/shape 1:1'],
    ['roles: { adm: example0, compute: "node[1-100]!node7" }', 'inventory/shape 1:10'],
    ['playbook: p\nplays: []', 'inventory/shape 1:1'],
    ['hosts: { a: { adress: x } }', 'inventory/unknown-key 1:15'],
    ['hosts: { a: { role: x } }', 'inventory/unknown-key 1:15'],
    ['groups: { g: { host: a } }', 'inventory/unknown-key 1:16'],
    ['hosts: 7', 'inventory/value 1:8'],
    ['groups: { g: { hosts: [ 101 ] } }', 'inventory/value 1:25'],
    ['hosts: { a: 7 }', 'inventory/value 1:13'],
    ['hosts: { a: { port: 70000 } }', 'inventory/value 1:21'],
    ['hosts: { a: { user: 1000 } }', 'inventory/value 1:21'],
    ['hosts: { a: { address: 10.2 } }', 'inventory/value 1:24'],
    ['hosts: { a: { address: -oProxyCommand=id } }', 'inventory/address 1:24'],
    ['hosts: { a: { host_keys: accept_new } }', 'inventory/value 1:26'],
    ['hosts: { a: { connection: docker } }', 'inventory/value 1:27'],
    ['hosts: { a: { jump: "b;c" } }', 'inventory/jump 1:21'],
    ['hosts: { a: { connect_timeout: soon } }', 'inventory/value 1:32'],
    ['hosts: { a: { become_password: { env: NONE } } }', 'inventory/secret 1:39'],
    ['hosts: { a: { become_password: { vault: x } } }', 'inventory/secret 1:34'],
    ['hosts: { a: { password_file: none } }', 'inventory/secret 1:30'],
    ['hosts: { a: { vars: { x: "{{ y }}" } } }', 'inventory/template 1:26'],
    ['hosts: { a: { vars: { x: !expr y } } }', 'inventory/template 1:32'],
    ['hosts: { a: { vars: { in: 1 } } }', 'inventory/var-name 1:23'],
    ['hosts: { a: { vars: { facts: 1 } } }', 'inventory/var-name 1:23'],
    ['hosts: { a: { vars: { a-b: 1 } } }', 'inventory/var-name 1:23'],
    ['hosts: { "n[3-1]": }', 'inventory/range-reversed 1:13'],
    ['hosts: { "n[1-60000]": , "m[1-60000]": , "k[1-60000]": }', 'inventory/range-too-large 1:27'],
    ['web: { hosts: { a: } , var: { b: 1 } }', 'inventory/unknown-key 1:24'],
    ['hosts: { "n[1-3]!n2": }', 'inventory/host-name 1:18'],
    ['hosts: { "-oProxyCommand=x": }', 'inventory/host-name 1:11'],
    ['hosts: { "a b": }', 'inventory/host-name 1:11'],
    ['hosts: { all2: , all: }', 'inventory/host-name 1:18'],
    ['hosts: "all"', 'inventory/host-name 1:9'],
    ['hosts: { x3000c0s19b4: }', 'inventory/not-a-node 1:10'],
    ['hosts: { "x3000c0s[19-21]b[1-4]": , a: }', 'inventory/not-a-node 1:11'],
    ['hosts: { x3000: }', 'inventory/not-a-node 1:10'],
    ['groups: { g: { hosts: [ a, x3000c0s19b4n0, X3000c0w14 ] } }', 'inventory/not-a-node 1:44'],
    ['groups: { all: { hosts: a } }', 'inventory/group-name 1:11'],
    ['groups: { failed: { hosts: a } }', 'inventory/group-name 1:11'],
    ['groups: { "a b": { hosts: a } }', 'inventory/group-name 1:11'],
    ['hosts: { a: }\ngroups: { a: { hosts: a } }', 'inventory/name-twice 1:10'],
    ['hosts: { a: }\ngroups: { __proto__: { hosts: a } }', 'yaml/forbidden-key 2:11'],
    ['hosts: { a: }\ngroups: { prototype: { hosts: a } }', 'yaml/forbidden-key 2:11'],
    ['hosts: { a: }\ngroups: { g: { children: [ h ] } }', 'inventory/no-group 2:28'],
    ['hosts: { a: }\ngroups: { g: { hosts: "@h" } }', 'inventory/no-group 2:24'],
    ['hosts: { a: }\ngroups: { g: { hosts: "a!b" } }', 'inventory/no-host 2:26'],
    ['hosts: { a: }\ngroups: { g: { children: [ g ] } }', 'inventory/group-cycle 2:28'],
    [
      'hosts: { a: }\ngroups: { g: { children: [ h ] }, h: { children: [ i ] }, i: { hosts: "a,@g" } }',
      'inventory/group-cycle 2:74',
    ],
    ['all: { children: { g: { children: { g: } } } }', 'inventory/group-cycle 1:37'],
    ['hosts: { a: }\nservices: { s: { ca: x } }', 'inventory/service-url 2:13'],
    ['hosts: { a: }\nservices: { s: { url: ftp://x } }', 'inventory/service-url 2:23'],
    ['hosts: { a: }\nservices: { s: { url: https://x, via: b } }', 'inventory/no-host 2:39'],
    ['hosts: { a: }\nservices: { s: { url: https://x, tokn: b } }', 'inventory/unknown-key 2:34'],
    ['hosts: { a: }\nservices: { s: { url: https://x, token: abcdef } }', 'inventory/token 2:41'],
    [
      'hosts: { a: }\nservices: { s: { url: https://x, token: { from: file } } }',
      'inventory/token 2:41',
    ],
    [
      'hosts: { a: }\nservices: { s: { url: https://x, token: { from: craycly } } }',
      'inventory/value 2:49',
    ],
    [
      'hosts: { a: }\nservices: { s: { url: https://x, token: { from: admin-client-auth } } }',
      'inventory/token 2:41',
    ],
    [
      'hosts: { a: }\nservices: { s: { url: https://x, via: a, token: { from: k8s-secret, key: k } } }',
      'inventory/token 2:49',
    ],
    [
      'hosts: { a: }\nservices: { s: { url: https://x, token: { from: s3-keys, secret: k } } }',
      'inventory/token 2:41',
    ],
    [
      'hosts: { a: }\nservices: { s: { url: https://x, token: { from: s3-keys, path: k, secret: k } } }',
      'inventory/token 2:67',
    ],
    [
      'hosts: { a: }\nservices: { s: { url: http://x, token: { from: craycli } } }',
      'inventory/clear-token 2:23',
    ],
    ['hosts: { a: { host_keys: off } }', 'inventory/host-keys-off 1:10'],
  ])('%j', (text, ...expected) => {
    expect(faults(text)).toEqual(expected)
  })

  it('are said all at once', () => {
    expect(
      faults(
        "hosts: { 'n[2-1]': , a: { prt: 1, user: 3 } }\ngroups: { g: { children: [ nosuch ] } }\nservices: { s: { } }\nvar: {}",
      ),
    ).toEqual([
      'inventory/range-reversed 1:13',
      'inventory/unknown-key 1:27',
      'inventory/value 1:41',
      'inventory/unknown-key 4:1',
      'inventory/service-url 3:13',
      'inventory/no-group 2:28',
    ])
  })

  it.each([
    ['hosts: { x3000c0s19b4: }', /x3000c0s19b4n0/],
    ['hosts: { X3000C0S19: }', /x3000c0s19b0n0/],
    ['hosts: { x3000c0s19b4n0i1: }', /x3000c0s19b4n0/],
    ['hosts: { a: { adress: x } }', /'address'/],
    ['hosts: { a: { role: x } }', /under vars/],
    ['hosts: { a: }\ngroups: { spare: { hosts: a }, g: { children: [ spares ] } }', /'spare'/],
    ['hosts: { "web[01:50]": }', /\[01-50\]/],
    ['hosts: { a: { user: 0100 } }', /"0100"/],
  ])('%j hints at %s', (text, hint) => {
    expect(read(text).diagnostics[0]?.hint).toMatch(hint)
  })
})

describe('secrets', () => {
  const canary = 'canary-8c1f'

  it('come from files beside the inventory and are kept as secrets', async () => {
    const folder = folderOf({
      'site.yaml':
        'vars: { become_password: { file: secrets/sudo } }\nhosts: { "n[1-3]": { password_file: secrets/sudo } }',
      'secrets/sudo': `${canary}\n`,
    })
    const { inventory, diagnostics } = loadInventory([join(folder, 'site.yaml')])
    expect(diagnostics).toEqual([])
    const { connection } = inventory!.hosts.get('n2')!
    expect([
      connection.becomePassword?.equals(canary),
      connection.password?.equals(canary),
    ]).toEqual([true, true])
    expect(JSON.stringify([...inventory!.hosts])).not.toContain(canary)
  })

  it('are warned of where others can read them', async () => {
    const folder = folderOf({
      'site.yaml': 'hosts: { a: { password_file: p }, b: { password_file: p } }',
      p: canary,
    })
    chmodSync(join(folder, 'p'), 0o644)
    const { diagnostics } = loadInventory([folder])
    expect(diagnostics.map((each) => [each.code, each.severity])).toEqual([
      ['inventory/open-secret', 'warning'],
    ])
  })

  it.each([
    `hosts: { a: { password: ${canary} } }`,
    `hosts: { a: { password: ${canary}, prt: 1 } }`,
    `hosts: { a: { become_password: [ ${canary} ] } }`,
    `hosts: { a: { key_passphrase: "${canary} {{ x }}" } }`,
    `all: { hosts: { a: { ansible_become_pass: ${canary}, ansible_port: x } } }`,
    `hosts: { a: }\nservices: { s: { url: https://x, token: ${canary} } }`,
    `hosts: { a: }\nservices: { s: { url: https://x, tokn: 1, token: ${canary} } }`,
    `hosts: { a: }\nservices: { s: { url: https://ada:${canary}@x } }`,
  ])('never show in a diagnostic: %s', (text) => {
    const { diagnostics } = read(text)
    expect(diagnostics.length).toBeGreaterThan(0)
    expect(JSON.stringify(diagnostics)).not.toContain(canary)
  })

  it('in plain text are accepted with a warning', () => {
    const { inventory, diagnostics } = read(`hosts: { a: { password: ${canary} } }`)
    expect(diagnostics).toMatchObject([{ code: 'inventory/plain-secret', severity: 'warning' }])
    expect(inventory!.hosts.get('a')!.connection.password?.equals(canary)).toBe(true)
  })

  it('are never shown when a number stands for one', () => {
    expect(JSON.stringify(read('hosts: { a: { password: 90210 } }').diagnostics)).not.toContain(
      '90210',
    )
  })
})

describe('folders', () => {
  it('merge their files by name, with group_vars and host_vars', async () => {
    const folder = folderOf({
      '10-hosts.yaml':
        "hosts: { 'n[1-2]': { vars: { v: host } } }\ngroups: { g: { hosts: n1, vars: { g: inline, h: inline } } }",
      '20-more.yml': 'hosts: { n3: }\ngroups: { g: { hosts: n3 } }',
      'group_vars/all.yaml': 'site: hela\nansible_user: root',
      'group_vars/g.yaml': 'g: file\nkey_files: [ ../keys/id ]',
      'group_vars/g/notes.txt': 'not read',
      'host_vars/n1.yaml': 'v: file',
      'host_vars/n3/a.yaml': 'a: 1',
      'host_vars/n3/b.yaml': 'a: 2',
      'readme.md': '# not read',
    })
    const { inventory, diagnostics } = loadInventory([folder])
    expect(diagnostics).toEqual([])
    expect(inventory!.hosts.get('n1')).toMatchObject({
      vars: { site: 'hela', g: 'file', h: 'inline', v: 'file' },
      connection: { user: 'root', keyFiles: [join(folder, 'keys/id')] },
    })
    expect(inventory!.hosts.get('n2')?.vars).toEqual({ site: 'hela', v: 'host' })
    expect(inventory!.hosts.get('n3')?.vars).toEqual({ site: 'hela', g: 'file', h: 'inline', a: 2 })
  })

  it('read the vars of an Ansible site as vars, and say where a name means something else beside a host', async () => {
    const folder = folderOf({
      'hosts.yaml':
        'hosts: { app1: { address: 127.0.0.9 } }\ngroups: { tomcat: { hosts: app1 } }\n',
      'group_vars/tomcat.yml': 'user: tomcat\npassword: s3cret\nport: 8080\n',
      'host_vars/app1': 'ansible_user: ops\n',
    })
    const { inventory, diagnostics } = loadInventory([folder])
    expect(inventory!.hosts.get('app1')).toMatchObject({
      vars: { user: 'tomcat', password: 's3cret', port: 8080 },
      connection: { address: '127.0.0.9', user: 'ops' },
    })
    expect(inventory!.hosts.get('app1')!.connection).not.toHaveProperty('password')
    expect(inventory!.hosts.get('app1')!.connection).not.toHaveProperty('port')
    expect(diagnostics).toMatchObject(
      ['user', 'password', 'port'].map((word) => ({
        code: 'inventory/site-var',
        severity: 'warning',
        message: expect.stringContaining(`'${word}' is a var here`),
        hint: expect.stringContaining(`ansible_${word}`),
      })),
    )
    expect(JSON.stringify(diagnostics)).not.toContain('s3cret')
  })

  it('read vars in files without an ending, and in JSON', async () => {
    const folder = folderOf({
      'hosts.yaml': 'hosts: { web1.example.org: }\ngroups: { web: { hosts: web1.example.org } }\n',
      'group_vars/all': 'ntp: one\nx: 0\n',
      'group_vars/web/main': 'z: 1\n',
      'group_vars/web/more.json': '{"j": 1}',
      'group_vars/web.yml.bak': 'z: 2\n',
      'host_vars/web1.example.org': 'x: 1\n',
    })
    for (const paths of [[folder], [join(folder, 'hosts.yaml')]]) {
      const { inventory, diagnostics } = loadInventory(paths)
      expect(diagnostics).toEqual([])
      expect(inventory!.hosts.get('web1.example.org')!.vars).toEqual({
        ntp: 'one',
        x: 1,
        z: 1,
        j: 1,
      })
    }
  })

  it('name what ansible-vault has encrypted, and the way out', async () => {
    const folder = folderOf({
      'hosts.yaml': 'hosts: { a: }\n',
      'group_vars/all.yml': '$ANSIBLE_VAULT;1.1;AES256\n6162\n',
      'host_vars/a.yml': 'pw: !vault |\n  $ANSIBLE_VAULT;1.1;AES256\n  6162\n',
    })
    const { diagnostics } = loadInventory([folder])
    expect(diagnostics).toMatchObject([
      { code: 'yaml/vault', hint: expect.stringContaining('ansible-vault view') },
      { code: 'yaml/vault', hint: expect.stringContaining('ansible-vault view') },
    ])
    expect(JSON.stringify(diagnostics)).not.toMatch(/quote/)
  })

  it('let a group say more than group_vars/all, its group_vars more than itself, and the inner more than the outer', async () => {
    const files = {
      'a.yaml':
        'vars: { v: 1 }\ngroups: { outer: { children: [ inner ], vars: { v: 3 } }, inner: { hosts: h, vars: { v: 5 } } }\nhosts: { h: { vars: { v: 7 } } }',
      'group_vars/all.yaml': 'v: 2',
      'group_vars/outer.yaml': 'v: 4',
      'group_vars/inner.yaml': 'v: 6',
      'host_vars/h.yaml': 'v: 8',
    }
    const v = async (rank: number): Promise<unknown> => {
      const weaker = Object.entries(files).map(([name, text]) => [
        name,
        text.replace(/v: (\d)/g, (said, level) => (Number(level) > rank ? `w: ${level}` : said)),
      ])
      return loadInventory([folderOf(Object.fromEntries(weaker))]).inventory!.hosts.get('h')!.vars[
        'v'
      ]
    }
    expect(await Promise.all([1, 2, 3, 4, 5, 6, 7, 8].map(v))).toEqual([1, 2, 3, 4, 5, 6, 7, 8])
  })

  it('say which file is about nothing that is there; beside a single file it may belong to another', async () => {
    const folder = folderOf({
      'a.yaml': 'hosts: { n1: }',
      'group_vars/gruop.yaml': 'a: 1',
      'host_vars/n2.yaml': 'a: 1',
    })
    expect(loadInventory([folder]).diagnostics.map((each) => [each.code, each.at?.file])).toEqual([
      ['inventory/no-group', join(folder, 'group_vars/gruop.yaml')],
      ['inventory/no-host', join(folder, 'host_vars/n2.yaml')],
    ])
    expect(loadInventory([join(folder, 'a.yaml')]).diagnostics).toEqual([])
  })

  it.each<[string, Record<string, string>, string]>([
    ['nosuch.yaml', {}, 'inventory/no-file'],
    ['', {}, 'inventory/empty-folder'],
    ['hosts', { hosts: '# ours\n[web]\nweb1 ansible_host=1.2.3.4\n' }, 'inventory/ini'],
    ['a.yaml', { 'a.yaml': 'hosts: [ a' }, 'yaml/syntax'],
    ['a.yaml', { 'a.yaml': 'hosts: { a: , a: }' }, 'yaml/duplicate-key'],
  ])('%j of %j is refused: %s', async (path, files, code) => {
    const { inventory, diagnostics } = loadInventory([join(folderOf(files), path)])
    expect(inventory).toBeNull()
    expect(diagnostics[0]).toMatchObject({ code })
    expect(diagnostics[0]?.hint).toBeTruthy()
  })
})

describe('the manual', () => {
  it('shows an inventory that loads', () => {
    const manual = readFileSync(new URL('../../docs/inventory.md', import.meta.url), 'utf8')
    const inventory = good(/```yaml\n([^]*?)```/.exec(manual)![1]!)
    expect(inventory.hosts.size).toBe(13)
    expect(inventory.select('@builders').map((host) => [host.name, host.connection.user])).toEqual([
      ['x3000c0s19b1n0', 'root'],
      ['x3000c0s20b1n0', 'root'],
      ['x3000c0s21b1n0', 'root'],
    ])
  })

  it('names every connection word', () => {
    const manual = readFileSync(new URL('../../docs/inventory.md', import.meta.url), 'utf8')
    for (const word of Object.keys(connectionWords)) expect(manual).toContain(`\`${word}\``)
  })
})

describe('size', () => {
  it('is no obstacle: ten thousand nodes, groups in groups, a chain of three hundred', () => {
    const chain = Array.from(
      { length: 300 },
      (_, i) => `  g${i}: { hosts: 'n${i}', children: [ g${i + 1} ] }`,
    )
    const inventory = good(
      [
        "hosts: { 'x[1000-1019]c[0-7]s[0-7]b[0-1]n[0-3]': }",
        'groups:',
        ...chain,
        "  g300: { hosts: 'x1000*' }",
      ].join('\n'),
    )
    expect(inventory.hosts.size).toBe(10_540)
    expect(inventory.groups.get('g0')).toHaveLength(300 + 512)
    expect(inventory.hosts.get('x1000c0s0b0n0')?.groups).toHaveLength(301)
    expect([...inventory.hosts.keys()].slice(300, 305)).toEqual([
      'x1000c0s0b0n0',
      'x1000c0s0b0n1',
      'x1000c0s0b0n2',
      'x1000c0s0b0n3',
      'x1000c0s0b1n0',
    ])
  })

  it('without any file is this machine', () => {
    expect(localInventory().select('localhost')).toMatchObject([
      { name: 'localhost', connection: { kind: 'local' } },
    ])
  })
})
