import { execFileSync, spawn, spawnSync, type SpawnSyncReturns } from 'node:child_process'
import {
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  write,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const root = join(import.meta.dirname, '../..')
const main = join(root, 'dist/bin/main.cjs')
const folder = mkdtempSync(join(tmpdir(), 'trueup-files-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
beforeAll(() => {
  const setup = join(root, 'tools/setup.mjs')
  expect(spawnSync(process.execPath, [setup]).status).toBe(0)
})

function file(name: string, text: string): string {
  const path = join(folder, name)
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, text)
  return path
}
// Nothing is wrapped, so that a message is one line.
const env = { ...process.env, HOME: folder, XDG_STATE_HOME: folder, COLUMNS: '2000' }
const trueup = (argv: readonly string[]): SpawnSyncReturns<string> =>
  spawnSync(process.execPath, [main, ...argv], {
    cwd: folder,
    encoding: 'utf8',
    timeout: 20_000,
    killSignal: 'SIGKILL',
    env,
  })
const playbook = (task: string, hosts = 'localhost'): string =>
  `playbook: p\nplays:\n  - play: p\n    hosts: ${hosts}\n    tasks:\n      - ensure: it is so\n        ${task}\n`

const kinds: readonly (readonly [string, (path: string) => void])[] = [
  ['a pipe', (path) => void execFileSync('mkfifo', [path])],
  ['an endless device', (path) => symlinkSync('/dev/zero', path)],
  ['a folder', (path) => mkdirSync(path)],
]

describe.each(kinds)('%s in the place of a file', (kind, make) => {
  const here = join(folder, kind.replaceAll(' ', '-'))
  const bad = join(here, 'bad')
  beforeAll(() => {
    mkdirSync(here, { recursive: true })
    make(bad)
    // Files that trueup finds by their names.
    for (const name of ['x.resource.js', 'hosts/group_vars/all.yml']) {
      mkdirSync(dirname(join(here, name)), { recursive: true })
      make(join(here, name))
    }
  })
  const at = (name: string, text: string): string =>
    file(join(kind.replaceAll(' ', '-'), name), text)

  it.each<readonly [string, () => readonly string[]]>([
    ['the playbook', () => ['run', bad]],
    ['the playbook that is validated', () => ['validate', bad]],
    ['the playbook that is shown', () => ['docs', bad]],
    ['a saved plan', () => ['apply', bad]],
    [
      'the file of inputs',
      () => ['run', at('a.yaml', playbook('command_exists: { name: sh }')), '-e', `@${bad}`],
    ],
    [
      'an include',
      () => [
        'validate',
        at(
          'b.yaml',
          playbook('command_exists: { name: sh }').replace(
            '- ensure: it is so\n        command_exists: { name: sh }',
            '- include: bad',
          ),
        ),
      ],
    ],
    [
      'a file of vars',
      () => [
        'validate',
        at(
          'c.yaml',
          playbook('command_exists: { name: sh }').replace(
            '    tasks:',
            '    vars_files: [bad]\n    tasks:',
          ),
        ),
      ],
    ],
    [
      'the source of a copy',
      () => ['run', at('d.yaml', playbook('copy: { src: bad, dest: /nowhere/x }'))],
    ],
    [
      'the source of a template',
      () => ['run', at('e.yaml', playbook('template: { src: bad, dest: /nowhere/x }'))],
    ],
    ['a type', () => ['validate', at('f.yaml', playbook('x: {}'))]],
    [
      'a secret of the inventory',
      () => [
        'run',
        at('g.yaml', playbook('command_exists: { name: sh }', 'a')),
        '-i',
        at('g-hosts.yaml', 'hosts: { a: { address: 127.0.0.1, password: { file: bad } } }\n'),
      ],
    ],
  ])('is refused as %s, and keeps nothing waiting', (_what, argv) => {
    const said = trueup(argv())
    expect(said.signal).toBeNull()
    expect(said.status, said.stderr).toBe(3)
    expect(said.stderr).toMatch(/it is a (?:pipe|device|folder)|the file \/dev\/zero belongs to/)
    expect(said.stderr).not.toMatch(/^\s+at /m)
  })

  it('is refused as an inventory', () => {
    if (kind === 'a folder') return
    const said = trueup(['inventory', '-i', bad])
    expect([said.status, said.signal], said.stderr).toEqual([3, null])
  })
})

describe('a file that is too large', () => {
  it('is refused as a playbook', () => {
    const path = file('large.yaml', '')
    truncateSync(path, 2 ** 31)
    const said = trueup(['validate', path])
    expect(said.status).toBe(3)
    expect(said.stderr).toContain('it has more than 16 MiB')
  })
})

describe('a signal while files are read', () => {
  it.each(['SIGTERM', 'SIGINT', 'SIGHUP'] as const)('ends the process: %s', async (signal) => {
    const path = file('s.yaml', playbook('command_exists: { name: sh }'))
    // A pipe that the user handed over is waited for; this one never ends, for the test holds it open.
    const pipe = join(folder, `pipe-${signal}`)
    execFileSync('mkfifo', [pipe])
    const open = openSync(pipe, 'r+')
    const child = spawn(process.execPath, [main, 'run', path, '-e', '@/dev/stdin'], {
      cwd: folder,
      env,
      stdio: [open, 'ignore', 'ignore'],
    })
    const end = new Promise<NodeJS.Signals | null>((resolve) =>
      child.on('close', (_code, by) => resolve(by)),
    )
    // More than a pipe holds: it is taken by a process that then waits for the rest.
    await new Promise((resolve) => write(open, Buffer.alloc(1 << 18, ' '), resolve))
    child.kill(signal)
    expect(await end).toBe(signal)
    closeSync(open)
  })
})

describe('output that cannot be written', () => {
  const full = openSync('/dev/full', 'w')
  const path = (): string =>
    file(
      'k.yaml',
      playbook('copy: { dest: made, content: "x" }').replace('made', join(folder, 'made')),
    )

  it.each([[[]], [['--output', 'json']]])('ends a run in good order, and is said: %j', (flags) => {
    rmSync(join(folder, 'trueup'), { recursive: true, force: true })
    const said = spawnSync(process.execPath, [main, 'run', path(), ...flags], {
      cwd: folder,
      encoding: 'utf8',
      env,
      stdio: ['ignore', full, 'pipe'],
    })
    expect(said.stderr).toContain('the output cannot be written: no space is left there')
    expect(said.stderr).not.toMatch(/^\s+at /m)
    expect(said.status).not.toBe(0)
    const runs = join(folder, 'trueup', 'runs')
    const log = readFileSync(join(runs, readdirSync(runs)[0]!), 'utf8')
    expect(log).toContain('"type":"run-ended"')
    expect(log).toContain('run/output-lost')
  })

  it('is an error of every other command', () => {
    const said = spawnSync(process.execPath, [main, 'types'], {
      cwd: folder,
      encoding: 'utf8',
      env,
      stdio: ['ignore', full, 'pipe'],
    })
    expect([said.status, said.stderr]).toEqual([
      1,
      'the output cannot be written: no space is left there\n',
    ])
  })

  it('is no matter where it is standard error', () => {
    const said = spawnSync(process.execPath, [main, 'types'], {
      cwd: folder,
      encoding: 'utf8',
      env,
      stdio: ['ignore', 'pipe', full],
    })
    expect(said.status).toBe(0)
    expect(existsSync('/dev/full')).toBe(true)
  })
})
