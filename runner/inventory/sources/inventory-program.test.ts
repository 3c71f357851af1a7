import {
  chmodSync,
  closeSync,
  existsSync,
  openSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, it, vi } from 'vitest'
import { isAlive } from '../../../test/harness/processes.ts'
import { ask, cleanUp, folderOf, said } from './sources.fixture.ts'

afterAll(cleanUp)

const printing = (json: string): string => `#!/bin/sh\ncat <<'END'\n${json}\nEND\n`
const site = `{
  "all": { "children": ["ungrouped", "builders"] },
  "builders": { "hosts": ["X3000c0s019b1n0", "b2"], "vars": { "cache": "1000G" }, "children": ["spares"] },
  "spares": ["b3"],
  "_meta": { "hostvars": { "x3000c0s19b1n0": { "ansible_host": "10.0.0.1", "motd": "{{ not.rendered }} {% no %}" }, "b3": { "nested": { "a": [1, null] } } } }
}`

describe('a program', () => {
  it("prints hosts, groups and vars in Ansible's form; its texts are data", async () => {
    const { inventory, diagnostics, reads } = await ask(folderOf({ 'hosts.sh': printing(site) }), [
      'hosts.sh',
    ])
    expect(diagnostics).toMatchObject([
      { code: 'inventory/template-text', message: expect.stringContaining("'motd'") },
    ])
    expect(Object.fromEntries(inventory!.groups)).toEqual({
      all: ['b2', 'b3', 'x3000c0s19b1n0'],
      builders: ['b2', 'b3', 'x3000c0s19b1n0'],
      spares: ['b3'],
      ungrouped: [],
    })
    expect(inventory!.hosts.get('x3000c0s19b1n0')).toMatchObject({
      connection: { address: '10.0.0.1' },
      vars: { cache: '1000G', motd: '{{ not.rendered }} {% no %}' },
    })
    expect(inventory!.hosts.get('b3')!.vars).toMatchObject({
      cache: '1000G',
      nested: { a: [1, null] },
    })
    expect(reads).toMatchObject([{ kind: 'program', cached: false }])
  })

  it('is the same as a file with what it printed', async () => {
    const folder = folderOf({ 'hosts.sh': printing(site), 'hosts.json': site })
    const [ran, read] = [await ask(folder, ['hosts.sh']), await ask(folder, ['hosts.json'])]
    expect(read.diagnostics.filter(({ severity }) => severity !== 'warning')).toEqual([])
    expect([...read.inventory!.hosts]).toEqual([...ran.inventory!.hosts])
    expect([...read.inventory!.groups]).toEqual([...ran.inventory!.groups])
  })

  it.each([
    [
      'a group',
      '{"web":{"hosts":["a"]},"web":{"hosts":["b"]}}',
      '{}',
      "'web' stands in this map already",
    ],
    ['a var', '{"web":{"hosts":["a"]}}', '{"v":1,"v":2}', "'v' stands in this map already"],
  ])('that prints no _meta and %s twice is not read', async (_what, list, host, message) => {
    const script = `#!/bin/sh\n[ "$1" = --list ] && echo '${list}' || echo '${host}'\n`
    const { inventory, diagnostics } = await ask(folderOf({ 'hosts.sh': script }), ['hosts.sh'])
    expect(inventory).toBeNull()
    expect(diagnostics).toMatchObject([{ message: expect.stringContaining(message) }])
  })

  it('takes what it left running with it', async () => {
    const folder = folderOf({
      'hosts.sh': '#!/bin/sh\nsleep 987 >/dev/null 2>&1 &\necho $! >left\necho "{}"\n',
    })
    await ask(folder, ['hosts.sh'])
    const left = Number(readFileSync(join(folder, 'left'), 'utf8'))
    await vi.waitFor(() => expect(() => process.kill(left, 0)).toThrow(), 5000)
  })

  it('is asked for each host where it prints no _meta', async () => {
    const script =
      '#!/bin/sh\necho "$@" >>asked\n[ "$1" = --list ] && echo \'{"web":{"hosts":["a","b"]}}\' || echo "{\\"name\\":\\"$2!\\"}"\n'
    const folder = folderOf({ 'hosts.sh': script })
    const { inventory } = await ask(folder, ['hosts.sh'])
    expect([...inventory!.hosts.values()].map((host) => host.vars['name'])).toEqual(['a!', 'b!'])
    expect(readFileSync(join(folder, 'asked'), 'utf8').trim().split('\n').sort()).toEqual([
      '--host a',
      '--host b',
      '--list',
    ])
  })

  it.each([
    [
      'its exit and its own words',
      '#!/bin/sh\necho "no route to netbox" >&2\nexit 4\n',
      'inventory/program-failed hosts.sh:1:1',
      /exit 4.*no route to netbox/s,
    ],
    [
      'what is not JSON, with its place',
      '#!/bin/sh\necho \'{"a": [}\'\n',
      'inventory/json hosts.sh --list:1:8',
      /not valid JSON/,
    ],
    [
      'what is no map',
      '#!/bin/sh\necho "[1]"\n',
      'inventory/shape hosts.sh --list:1:1',
      /map of groups/,
    ],
    [
      'an interpreter that is not there',
      '#!/nowhere/python\n',
      'inventory/program-failed hosts.sh:1:1',
      /cannot be started/,
    ],
    [
      'a name that is not a host',
      printing('{"web": {\n "hosts": ["ok", "-oProxyCommand=x"]}, "_meta": {}}'),
      'inventory/host-name hosts.sh --list:2:18',
      /dash/,
    ],
    [
      'a name with control characters',
      printing('{"web": ["a\\u001b[2J"], "_meta": {}}'),
      'inventory/host-name hosts.sh --list:1:10',
      /not a host name|characters/,
    ],
    [
      'a pattern in the place of a name',
      printing('{"web": ["n[1-3]"], "_meta": {}}'),
      'inventory/host-name hosts.sh --list:1:10',
      /not a host name/,
    ],
    [
      'a group that cannot be one',
      printing('{"a b": ["n1"], "_meta": {}}'),
      'inventory/group-name hosts.sh --list:1:2',
      /not a group name/,
    ],
    [
      'a key that reaches into objects',
      printing('{"__proto__": ["n1"], "_meta": {}}'),
      'inventory/json hosts.sh --list:1:2',
      /cannot be a key/,
    ],
    [
      'a host of the old form without its vars',
      '#!/bin/sh\n[ "$1" = --list ] && echo \'{"web":["a"]}\' || exit 3\n',
      'inventory/program-failed hosts.sh:1:1',
      /--host a.*exit 3/,
    ],
  ])('is wrong by %s', async (_what, script, where, words) => {
    const folder = folderOf({ 'hosts.sh': script })
    const loaded = await ask(folder, ['hosts.sh'])
    expect(loaded.inventory).toBeNull()
    expect(said(loaded)).toEqual([where])
    expect(loaded.diagnostics[0]!.message).toMatch(words)
    expect(loaded.diagnostics[0]!.hint).toBeTruthy()
    // What was wrong is not kept.
    expect(existsSync(join(folder, '.cache'))).toBe(false)
  })

  it('is asked only for hosts whose names can be handed over, and what it says about them stays short', async () => {
    const hosts = [
      'n1',
      'a\u0000b',
      'x'.repeat(200_000),
      ...Array.from({ length: 40 }, (_, i) => `m${i}`),
    ]
    const script = `#!/bin/sh\n[ "$1" = --list ] && cat list || { head -c 60000 /dev/zero | tr '\\0' x >&2; echo >&2; echo {}; }\n`
    const folder = folderOf({ 'hosts.sh': script, list: JSON.stringify({ web: hosts }) })
    const loaded = await ask(folder, ['hosts.sh'])
    expect(new Set(said(loaded).map((each) => each.split(' ')[0]))).toEqual(
      new Set(['inventory/program-said', 'inventory/host-name']),
    )
    expect(
      Math.max(
        ...loaded.diagnostics
          .filter(({ code }) => code === 'inventory/program-said')
          .map(({ message }) => message.length),
      ),
    ).toBeLessThan(8000)
  })

  it('is not waited for where it has ended and what it left running holds its output', async () => {
    const folder = folderOf({
      'hosts.sh': `#!/bin/sh\nsleep 300 & echo $! >child\necho '{"web":["n1"],"_meta":{}}'\n`,
    })
    const loaded = await ask(folder, ['hosts.sh'])
    process.kill(Number(readFileSync(join(folder, 'child'), 'utf8')), 'SIGKILL')
    expect([...loaded.inventory!.hosts.keys()]).toEqual(['n1'])
  })

  it('is ended with all that it started when its time is over', async () => {
    const folder = folderOf({ 'hosts.sh': '#!/bin/sh\nsleep 300 & echo $! >child; wait\n' })
    // On a machine with other work the program may take a while to begin: then it gets more time.
    for (let seconds = 0.5; !existsSync(join(folder, 'child')); seconds *= 4) {
      const source = `source: { kind: program, path: hosts.sh, timeout: ${seconds * 1000}ms }\n`
      writeFileSync(join(folder, 'slow.yaml'), source)
      const loaded = await ask(folder, ['slow.yaml'])
      expect(said(loaded)).toEqual(['inventory/program-failed slow.yaml:1:1'])
      expect(loaded.diagnostics[0]!.message).toContain(`${seconds} seconds`)
    }
    const child = Number(readFileSync(join(folder, 'child'), 'utf8'))
    await expect.poll(() => isAlive(child)).toBe(false)
  })

  it.skipIf(process.platform !== 'linux')(
    'is started again while it is still being written, as a deployment does it',
    async () => {
      const folder = folderOf({ 'hosts.sh': `#!/bin/sh\necho '{"web":["n1"],"_meta":{}}'\n` })
      const writer = openSync(join(folder, 'hosts.sh'), 'r+')
      const asked = ask(folder, ['hosts.sh'])
      await new Promise((resolve) => setTimeout(resolve, 200))
      closeSync(writer)
      const loaded = await asked
      expect(said(loaded)).toEqual([])
      expect([...loaded.inventory!.hosts.keys()]).toEqual(['n1'])
    },
  )

  it.skipIf(process.platform !== 'linux')(
    'that is written for long is given up, with its reason',
    async () => {
      const folder = folderOf({ 'hosts.sh': `#!/bin/sh\necho '{}'\n` })
      const writer = openSync(join(folder, 'hosts.sh'), 'r+')
      const loaded = await ask(folder, ['hosts.sh'])
      closeSync(writer)
      expect(loaded.diagnostics[0]!.code).toBe('inventory/program-failed')
      expect(loaded.diagnostics[0]!.message).toContain('another process is writing it')
    },
  )

  it('is heard, and leaves out vars that no playbook could name', async () => {
    const loaded = await ask(
      folderOf({
        'hosts.sh': `#!/bin/sh\necho careful >&2\necho '{"web":["a"],"_meta":{"hostvars":{"a":{"in":1,"a-b":2,"host":3,"good":4},"ghost":{}}}}'\n`,
      }),
      ['hosts.sh'],
    )
    expect(loaded.inventory!.hosts.get('a')!.vars).toEqual({ good: 4 })
    expect(said(loaded).map((each) => each.split(' ')[0])).toEqual([
      'inventory/program-said',
      'inventory/not-read',
      'inventory/not-read',
      'inventory/not-read',
      'inventory/not-read',
    ])
    expect(loaded.diagnostics.every((each) => each.severity === 'warning')).toBe(true)
  })

  it('without its bit is run by its first line where it was named, and not in a folder', async () => {
    const folder = folderOf({
      'plain.sh': printing('{"web": ["a"], "_meta": {}}'),
      'hosts.yaml': 'hosts: { b: }\n',
    })
    expect([...(await ask(folder, ['plain.sh'])).inventory!.hosts.keys()]).toEqual(['a'])
    expect([...(await ask(folder, ['.'])).inventory!.hosts.keys()]).toEqual(['b'])
  })

  it('is never run for its bit alone where its name says data, nor in a folder that nobody named', async () => {
    const touch = '#!/bin/sh\ntouch ran\n'
    const folder = folderOf({ 'README.md': touch, 'hosts.yaml': 'hosts: { b: }\n' })
    chmodSync(join(folder, 'hosts.yaml'), 0o700)
    expect((await ask(folder, ['.'])).diagnostics).toEqual([])
    writeFileSync(join(folder, 'hosts.sh'), touch, { mode: 0o700 })
    expect(said(await ask(folder, ['.'], { isNamed: false }))).toEqual([
      'inventory/program-unnamed hosts.sh:1:1',
    ])
    expect(existsSync(join(folder, 'ran'))).toBe(false)
  })
})

describe('a folder', () => {
  it('is read in the order of its names, without what editors leave', async () => {
    const leftovers = Object.fromEntries(
      ['a.yaml~', 'a.yaml.bak', '.a.yaml.swp', '#a.yaml#', 'b.sh.orig', 'c.pyc'].map((name) => [
        name,
        '#!/bin/sh\nexit 1\n',
      ]),
    )
    const folder = folderOf({
      ...leftovers,
      '1.json':
        '{"web": {"hosts": ["a"], "vars": {"from": "json"}}, "_meta": {"hostvars": {"a": {"last": "json"}}}}',
      '2.sh': printing(
        '{"web": {"hosts": ["a"], "vars": {"from": "program"}}, "_meta": {"hostvars": {"a": {"last": "program"}}}}',
      ),
      '3.yaml': 'groups: { web: { vars: { from: yaml } } }\n',
    })
    const { inventory, diagnostics } = await ask(folder, ['.'])
    expect(diagnostics).toEqual([])
    expect(inventory!.hosts.get('a')!.vars).toEqual({ from: 'yaml', last: 'program' })
  })
})

describe('an answer', () => {
  const counting = `#!/bin/sh\necho x >>asked\n[ -e down ] && { echo "is down" >&2; exit 1; }\necho '{"web":["a"],"_meta":{}}'\n`
  const file = (age: string): string =>
    `source: { kind: program, path: hosts.sh, max_age: ${age} }\n`
  const count = (folder: string): number =>
    readFileSync(join(folder, 'asked'), 'utf8').trim().split('\n').length

  it('is used again while it is young, and asked for when it is old or when told so', async () => {
    const folder = folderOf({ 'hosts.sh': counting, 'a.yaml': file('10m') })
    const start = Date.now()
    await ask(folder, ['a.yaml'], { now: () => start })
    const again = await ask(folder, ['a.yaml'], { now: () => start + 599_000 })
    expect(again.reads).toEqual([
      { path: join(folder, 'a.yaml'), kind: 'program', at: start, cached: true },
    ])
    expect(count(folder)).toBe(1)
    expect((await ask(folder, ['a.yaml'], { now: () => start + 601_000 })).reads).toMatchObject([
      { cached: false },
    ])
    expect(
      (await ask(folder, ['a.yaml'], { now: () => start + 602_000, use: 'asked' })).reads,
    ).toMatchObject([{ cached: false }])
    expect(count(folder)).toBe(3)
  })

  it('that is too old is never used unasked, also when the source is down', async () => {
    const folder = folderOf({ 'hosts.sh': counting })
    const start = Date.now()
    expect((await ask(folder, ['hosts.sh'], { now: () => start })).inventory).not.toBeNull()
    writeFileSync(join(folder, 'down'), '')
    const later = { now: (): number => start + 720_000 }
    const down = await ask(folder, ['hosts.sh'], later)
    expect(down.inventory).toBeNull()
    expect(down.diagnostics[0]!.message).toContain('12m 00s ago is kept')
    expect(down.diagnostics[0]!.hint).toContain('--cached-inventory')
    expect(await ask(folder, ['hosts.sh'], { ...later, use: 'cached' })).toMatchObject({
      diagnostics: [],
      reads: [{ cached: true, at: start }],
    })
  })

  it('that holds a secret is not kept; one that says where it comes from is', async () => {
    const open = folderOf({
      'hosts.sh': printing(
        '{"web":["a"],"_meta":{"hostvars":{"a":{"ansible_password":"hunter2"}}}}',
      ),
      'a.yaml': file('1h'),
    })
    const loaded = await ask(open, ['a.yaml'])
    expect(said(loaded)).toEqual(['inventory/not-cached a.yaml:1:1'])
    expect(existsSync(join(open, '.cache'))).toBe(false)
    expect(loaded.inventory!.hosts.get('a')!.connection.password!.equals('hunter2')).toBe(true)
    const shut = folderOf({
      'hosts.sh': printing(
        '{"web":["a"],"_meta":{"hostvars":{"a":{"ansible_private_key_file":"~/.ssh/id"}}}}',
      ),
      'a.yaml': file('1h'),
    })
    expect((await ask(shut, ['a.yaml'])).diagnostics).toEqual([])
    expect(readdirSync(join(shut, '.cache'))).toHaveLength(1)
  })

  it('that is not whole is as if it were not there', async () => {
    const folder = folderOf({ 'hosts.sh': counting, 'a.yaml': file('1h') })
    await ask(folder, ['a.yaml'])
    const [kept] = readdirSync(join(folder, '.cache'))
    writeFileSync(
      join(folder, '.cache', kept!),
      readFileSync(join(folder, '.cache', kept!), 'utf8').slice(0, -20),
    )
    expect((await ask(folder, ['a.yaml'])).reads).toMatchObject([{ cached: false }])
  })
})

describe('a source', () => {
  it.each([
    ['source: cms\n', 'inventory/value a.yaml:1:9'],
    ['source: { path: x }\n', 'inventory/source a.yaml:1:9'],
    ['source: { kind: program }\n', 'inventory/source a.yaml:1:9'],
    ['source: { kind: program, path: nowhere }\n', 'inventory/source a.yaml:1:32'],
    ['source: { kind: csm, olny: {} }\n', 'inventory/unknown-key a.yaml:1:22'],
    ['source: { kind: csm, only: { roel: Compute } }\n', 'inventory/unknown-key a.yaml:1:30'],
    ['source: { kind: csm, only: { enabled: yes } }\n', 'inventory/value a.yaml:1:39'],
    ['source: { kind: csm, max_age: 10 minutes }\n', 'inventory/value a.yaml:1:31'],
    ['source: { kind: csm, prefix: "@x" }\n', 'inventory/group-name a.yaml:1:30'],
  ])('written %j is wrong', async (text, where) => {
    const loaded = await ask(folderOf({ 'a.yaml': text }), ['a.yaml'])
    expect(loaded.inventory).toBeNull()
    expect(said(loaded)).toContain(where)
  })
})
