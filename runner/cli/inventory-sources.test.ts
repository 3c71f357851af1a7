import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { typed, type Ended } from './io.fixture.ts'

const root = mkdtempSync(join(tmpdir(), 'trueup-sources-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))
let made = 0

/** A folder with these files, in which commands are typed. Paths that begin with ./ lie in it. */
function folderOf(files: Readonly<Record<string, string>>): {
  readonly cwd: string
  type(line: string): Promise<Ended>
} {
  const cwd = join(root, `${++made}`)
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(cwd, path)), { recursive: true })
    writeFileSync(join(cwd, path), text, { mode: text.startsWith('#!') ? 0o700 : 0o600 })
  }
  return {
    cwd,
    type: (line) =>
      typed(
        line.split(' ').map((word) => (word.startsWith('./') ? join(cwd, word) : word)),
        { cwd, stateFolder: join(cwd, 'state') },
      ),
  }
}

const printing = (vars: string): string =>
  `#!/bin/sh\necho '{"web":{"hosts":["n1","n2"]},"_meta":{"hostvars":{"n1":${vars}}}}'\n`
const playbook =
  'playbook: It is so\nplays:\n  - play: it is so\n    hosts: web\n    tasks:\n      - require: the size is known\n        that: default(size, 1) > 0\n'

describe('sources of an inventory, in commands', () => {
  it('are taken by every command that takes an inventory', async () => {
    const { type } = folderOf({ 'hosts.sh': printing('{"size": 3}'), 'playbook.yaml': playbook })
    expect(await type('inventory -i ./hosts.sh --limit web')).toMatchObject({
      exit: 0,
      out: 'n1\nn2\n',
    })
    expect(await type('inventory -i ./hosts.sh')).toMatchObject({
      exit: 0,
      out: expect.stringMatching(/sources\n {2}hosts\.sh {2}program {2}read now/),
    })
    expect(await type('validate ./playbook.yaml -i ./hosts.sh')).toMatchObject({ exit: 0 })
    for (const verb of ['plan', 'run'])
      expect(await type(`${verb} ./playbook.yaml -i ./hosts.sh`)).toMatchObject({
        exit: 0,
        events: expect.arrayContaining([
          expect.objectContaining({
            type: 'run-started',
            hosts: 2,
            sources: [expect.objectContaining({ cached: false })],
          }),
        ]),
      })
    expect(await type('run ./playbook.yaml -i ./hosts.sh --list-hosts')).toMatchObject({
      exit: 0,
      out: expect.stringContaining('n2'),
    })
  })

  it('are checked like files: a name of a var that no host has is found before anything runs', async () => {
    const { type } = folderOf({
      'hosts.sh': printing('{"sise": 3}'),
      'playbook.yaml': playbook.replace('default(size, 1)', 'size'),
    })
    expect(await type('validate ./playbook.yaml -i ./hosts.sh')).toMatchObject({
      exit: 3,
      err: expect.stringContaining("did you mean 'sise'?"),
    })
  })

  it('that are programs are not run where nobody named them', async () => {
    const { cwd, type } = folderOf({
      'inventory/hosts.sh': '#!/bin/sh\ntouch ran\n',
      'playbook.yaml': playbook,
    })
    expect(await type('run ./playbook.yaml')).toMatchObject({
      exit: 3,
      err: expect.stringContaining('inventory/program-unnamed'),
    })
    expect(() => readFileSync(join(cwd, 'ran'))).toThrow()
  })

  it('are held by a saved plan, unless what they answered holds a secret', async () => {
    const { cwd, type } = folderOf({
      'hosts.sh': printing('{"size": 3}'),
      'open.sh': printing('{"size": 3, "ansible_password": "hunter2"}'),
      'playbook.yaml': playbook,
    })
    expect((await type('plan ./playbook.yaml -i ./hosts.sh -o ./site.plan')).exit).toBe(0)
    rmSync(join(cwd, 'hosts.sh'))
    expect(await type('apply ./site.plan')).toMatchObject({
      exit: 0,
      out: expect.stringContaining('inventory of hosts.sh read'),
    })
    const refused = await type('plan ./playbook.yaml -i ./open.sh -o ./open.plan')
    expect(refused).toMatchObject({
      exit: 3,
      err: expect.stringContaining('inventory/plain-secret'),
    })
    expect(refused.out + refused.err).not.toContain('hunter2')
    expect(() => readFileSync(join(cwd, 'open.plan'))).toThrow()
  })

  it('are asked or not as the command says, but not both', async () => {
    const { type } = folderOf({ 'hosts.sh': printing('{}') })
    expect(await type('inventory -i ./hosts.sh --cached-inventory')).toMatchObject({
      exit: 0,
      out: expect.stringContaining('read now'),
    })
    expect(await type('inventory -i ./hosts.sh --cached-inventory')).toMatchObject({
      exit: 0,
      out: expect.stringContaining('from the cache'),
    })
    expect(await type('inventory -i ./hosts.sh --refresh-inventory')).toMatchObject({
      exit: 0,
      out: expect.stringContaining('read now'),
    })
    expect(
      (await type('inventory -i ./hosts.sh --refresh-inventory --cached-inventory')).exit,
    ).toBe(3)
  })

  it('print no control characters on the terminal', async () => {
    const { type } = folderOf({
      'hosts.sh': `#!/bin/sh\nprintf 'red \\033[31m' >&2\nprintf '{"web":["n1"],"_meta":{"hostvars":{"n1":{"motd":"\\\\u001b[2J"}}}}'\n`,
    })
    const { exit, out, err } = await type('inventory -i ./hosts.sh --host n1')
    expect(exit).toBe(0)
    expect(out).toContain('motd')
    expect(err).toContain('red')
    expect(out + err).not.toContain('\u001b')
  })
})

describe('an inventory of ten thousand mistakes', () => {
  it('shows twenty of them to a person, and all to a program', async () => {
    const { type } = folderOf({
      'hosts.yaml': `hosts:\n${Array.from({ length: 10_000 }, (_, i) => `  n${i}: { prot: 22 }\n`).join('')}`,
      'playbook.yaml': playbook,
    })
    const short = await type('run ./playbook.yaml -i ./hosts.yaml')
    expect(short.exit).toBe(3)
    expect(short.err.split('inventory/unknown-key').length - 1).toBe(21)
    expect(short.err).toContain('and 9980 more of the same')
    expect(short.err).toContain('10000 errors')
    expect(
      (await type('run ./playbook.yaml -i ./hosts.yaml --output json')).err.split(
        'inventory/unknown-key',
      ).length - 1,
    ).toBe(10_000)
  })
})
