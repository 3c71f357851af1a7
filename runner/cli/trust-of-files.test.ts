import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { typed, type Ended } from './io.fixture.ts'

// A user that this machine need not know: files can belong to it all the same.
const alice = 61_001
const isRoot = process.getuid!() === 0
let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'trueup-trust-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

function file(name: string, text: string, mode = 0o644): string {
  const path = join(folder, name)
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, text)
  chmodSync(path, mode)
  return path
}
const trueup = (...argv: readonly string[]): Promise<Ended> =>
  typed(argv, {
    stateFolder: join(folder, 'state'),
    cwd: folder,
    env,
    systemConfig: join(folder, 'none'),
  })
// Nothing is wrapped, so that a message is one line.
const env = { PATH: process.env['PATH'], HOME: process.env['HOME'], COLUMNS: '2000' }

let made = 0
/** A type that leaves a mark when its code is loaded. */
function marked(name: string): string {
  return `import { defineResource, text } from 'trueup/contract'
globalThis.ranWith = '${name} ${made++}'
export default defineResource({
  name: '${name}',
  summary: 'A word is there.',
  params: { type: 'object', properties: { word: { type: 'string', identity: true, description: 'It.' } } },
  state: { there: { type: 'string', information: true, description: 'It.' } },
  probe: () => ({ file: text('/etc/hostname') }),
  observe: () => ({ there: 'yes' }),
})
`
}
const ran = (): boolean => {
  const seen = (globalThis as { ranWith?: string }).ranWith !== undefined
  delete (globalThis as { ranWith?: string }).ranWith
  return seen
}
const playbook = (task: string): string => `playbook: p
plays:
  - play: p
    hosts: localhost
    tasks:
      - read: a word
        ${task}
`
const hello = playbook('print: { value: hello }')
const named = playbook('site.word: { word: a }')

describe('a type beside a playbook', () => {
  const commands = ['validate', 'docs', 'plan', 'run']

  it.each(commands)('is not loaded by %s where the playbook does not name it', async (command) => {
    const path = file('hello.yaml', hello)
    file('other.resource.js', marked('site.other'))
    file('types/more.resource.js', marked('site.more'))
    expect(await trueup(command, path)).toMatchObject({ exit: 0 })
    expect(ran()).toBe(false)
  })

  it.each(commands)('is loaded by %s where the playbook names it', async (command) => {
    const path = file('named.yaml', named)
    file('types/anything.resource.js', marked('site.word'))
    expect(await trueup(command, path)).toMatchObject({ exit: 0 })
    expect(ran()).toBe(true)
  })

  it('is what an unknown type may have meant', async () => {
    const path = file('named.yaml', named.replace('site.word', 'site.wort'))
    file('types/word.resource.js', marked('site.word'))
    expect(await trueup('validate', path)).toMatchObject({
      exit: 3,
      err: expect.stringContaining("did you mean 'site.word'?"),
    })
    expect(ran()).toBe(false)
  })

  it('is named by a file that the playbook includes', async () => {
    const path = file(
      'outer.yaml',
      playbook('print: { value: x }').concat('      - include: tasks/inner.yaml\n'),
    )
    file('tasks/inner.yaml', '- read: a word\n  site.word: { word: a }\n')
    file('types/word.resource.js', marked('site.word'))
    expect(await trueup('validate', path)).toMatchObject({ exit: 0 })
    expect(ran()).toBe(true)
  })

  describe.each([
    ['of another user', (path: string) => chownSync(path, alice, alice), isRoot],
    ['that others may write to', (path: string) => chmodSync(path, 0o666), true],
    [
      'in a folder that others may write to',
      (path: string) => chmodSync(dirname(path), 0o777),
      true,
    ],
  ] as const)('%s', (_what, open, can) => {
    it.runIf(can).each(commands)(
      'is refused by %s, with owner, mode and what to type',
      async (command) => {
        const path = file('named.yaml', named)
        for (const form of ['js', 'ts', 'yaml']) {
          const type = file(`types/word.resource.${form}`, marked('site.word'))
          open(type)
          const said = await trueup(command, path)
          expect(said.exit).toBe(3)
          expect(said.err).toMatch(
            /the resource type \S+word\.resource\.\w+ is not used: .*belongs to .* and has mode 0\d{3}/,
          )
          expect(said.err).toMatch(/hint: .*(?:chown|chmod) /)
          expect(said.err).not.toContain('unknown')
          rmSync(type)
          chmodSync(dirname(type), 0o755)
        }
        expect(ran()).toBe(false)
      },
    )

    it.runIf(can)('is passed over where the playbook does not name it', async () => {
      const path = file('hello.yaml', hello)
      open(file('types/word.resource.js', marked('site.word')))
      expect(await trueup('validate', path)).toMatchObject({ exit: 0, err: '' })
      expect(ran()).toBe(false)
    })

    it.runIf(can)('is not tested, nor is its manual shown', async () => {
      open(file('types/word.resource.js', marked('site.word')))
      expect(await trueup('test', 'types')).toMatchObject({ exit: 3 })
      expect(await trueup('types', 'site.word')).toMatchObject({ exit: 3 })
      expect(ran()).toBe(false)
    })
  })
})

describe.runIf(isRoot)('a saved plan', () => {
  it('of another user, or that others may write to, is refused before it is read', async () => {
    const path = file('named.yaml', named)
    file('types/word.resource.js', marked('site.word'))
    const plan = join(folder, 'a.plan')
    expect(await trueup('plan', path, '-o', plan)).toMatchObject({ exit: 0 })
    expect(ran()).toBe(true)
    expect(await trueup('apply', plan)).toMatchObject({ exit: 0 })
    ran()
    chmodSync(plan, 0o666)
    expect(await trueup('apply', plan)).toMatchObject({
      exit: 3,
      err: expect.stringContaining(
        `the plan ${plan} is not used: it belongs to root:root and has mode 0666`,
      ),
    })
    chmodSync(plan, 0o600)
    chownSync(plan, alice, alice)
    expect(await trueup('apply', plan)).toMatchObject({
      exit: 3,
      err: expect.stringContaining('chown root'),
    })
    expect(ran()).toBe(false)
  })
})

describe('an inventory', () => {
  const program = `#!/bin/sh\ntouch "$(dirname "$0")/mark"\necho '{"all": {"hosts": ["localhost"]}, "_meta": {"hostvars": {}}}'\n`

  it('is not run where others could have written the program', async () => {
    const path = file('hosts', program, 0o777)
    const said = await trueup('inventory', '-i', path)
    expect(said).toMatchObject({ exit: 3, err: expect.stringContaining('the inventory program') })
    expect(existsSync(join(folder, 'mark'))).toBe(false)
    chmodSync(path, 0o755)
    expect(await trueup('inventory', '-i', path)).toMatchObject({ exit: 0 })
    expect(existsSync(join(folder, 'mark'))).toBe(true)
  })

  it('names no program where others could have written it', async () => {
    file('hosts', program, 0o755)
    const path = file('site.yaml', 'source: { kind: program, path: ./hosts }\n', 0o666)
    expect(await trueup('inventory', '-i', path)).toMatchObject({ exit: 3 })
    expect(existsSync(join(folder, 'mark'))).toBe(false)
    chmodSync(path, 0o644)
    expect(await trueup('inventory', '-i', path)).toMatchObject({ exit: 0 })
  })

  it.runIf(isRoot)('of another user is not used where nobody named it', async () => {
    const path = file('all.yaml', hello.replace('localhost', 'all'))
    file('inventory/hosts.yaml', 'hosts: { a: { connection: local } }\n')
    expect(await trueup('plan', path)).toMatchObject({ exit: 0 })
    chownSync(join(folder, 'inventory'), alice, alice)
    expect(await trueup('plan', path)).toMatchObject({
      exit: 3,
      err: expect.stringMatching(/the inventory \S+ is not used.*\n.*or name it: -i \.\/inventory/),
    })
    expect(await trueup('plan', path, '-i', 'inventory')).toMatchObject({ exit: 0 })
  })
})

describe('the state folder', () => {
  it('is refused where others may write to it, and so are its parts', async () => {
    const path = file('hello.yaml', hello)
    const state = join(folder, 'kept')
    expect(await trueup('run', path, '--state-dir', state)).toMatchObject({ exit: 0 })
    expect(readdirSync(state)).toContain('runs')
    for (const part of ['', 'runs']) {
      const opened = join(state, part)
      chmodSync(opened, 0o777)
      for (const command of [
        ['run', path],
        ['resume', 'last'],
      ])
        expect(await trueup(...command, '--state-dir', state)).toMatchObject({
          exit: 3,
          err: expect.stringContaining('has mode 0777'),
        })
      chmodSync(opened, 0o700)
    }
    const [log] = readdirSync(join(state, 'runs'))
    chmodSync(join(state, 'runs', log!), 0o666)
    expect(await trueup('resume', 'last', '--state-dir', state)).toMatchObject({
      exit: 3,
      err: expect.stringContaining('the run log'),
    })
  })
})

describe("the system's configuration", () => {
  const typedWith = (config: string): Promise<Ended> =>
    typed(['validate', join(folder, 'named.yaml')], {
      stateFolder: join(folder, 'state'),
      cwd: folder,
      env,
      systemConfig: config,
    })

  it.runIf(isRoot)('names groups that may write', async () => {
    file('named.yaml', named)
    const type = file('types/word.resource.js', marked('site.word'), 0o664)
    chownSync(type, 0, 61_003)
    expect(await typedWith(join(folder, 'none'))).toMatchObject({ exit: 3 })
    const config = file('config.yaml', 'trusted_groups: [61003]\n')
    expect(await typedWith(config)).toMatchObject({ exit: 0 })
    chmodSync(config, 0o666)
    expect(await typedWith(config)).toMatchObject({
      exit: 3,
      err: expect.stringContaining('the configuration'),
    })
  })

  it.each([
    ['trusted_groups: wheel\n', 'wants a list'],
    ['trusted_groups: ["a b"]\n', 'is not the name'],
    ['trusted_groups: [\n', 'config.yaml:'],
  ])('is refused with its place: %j', async (text, words) => {
    file('named.yaml', named)
    file('types/word.resource.js', marked('site.word'))
    const said = await typedWith(file('config.yaml', text))
    expect(said).toMatchObject({ exit: 3, err: expect.stringContaining(words) })
  })
})
