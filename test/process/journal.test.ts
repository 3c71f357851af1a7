import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { typed } from '../../runner/cli/io.fixture.ts'
import { readLog } from '../../runner/journal/read-log.ts'
import { says, until } from '../harness/processes.ts'

const root = join(import.meta.dirname, '../..')
const main = join(root, 'dist/bin/main.cjs')
const folder = mkdtempSync(join(tmpdir(), 'trueup-journal-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
beforeAll(() => {
  // As `npm test` does before: what is run here is what was compiled.
  expect(spawnSync(process.execPath, [join(root, 'tools/setup.mjs')]).status).toBe(0)
})

interface Place {
  readonly at: string
  readonly state: string
  readonly playbook: string
  readonly cwd: { readonly cwd: string; readonly stateFolder: string }
}
/** A playbook whose every task owes a handler; so many seconds lie between the tasks, or the wait for the file `gate`. */
function place(name: string, tasks: number, pause: number | 'gate', more = ''): Place {
  const at = join(folder, name)
  mkdirSync(at)
  const pausing =
    pause === 'gate'
      ? `until [ -e ${at}/gate ] || [ ! -e ${at} ]; do sleep 0.05; done`
      : `sleep ${pause}`
  const playbook = join(at, 'playbook.yaml')
  const lines = Array.from(
    { length: tasks },
    (_, i) => `      - ensure: file ${i} is there
        copy: { dest: ${at}/f${i}, content: "${i}" }
        notify: handler ${i} is paid
      - run: pause ${i}
        command: { cmd: "${pausing}" }
`,
  )
  const handlers = Array.from(
    { length: tasks },
    (_, i) =>
      `      - run: handler ${i} is paid\n        command: { cmd: "echo x >>${at}/h${i}" }\n`,
  )
  writeFileSync(
    playbook,
    `playbook: many debts
inputs:
  token: { type: string, secret: true, required: false, description: A secret }
  word: { type: string, default: usual, description: A word }
plays:
  - play: all is paid
    hosts: localhost
    tasks:
${lines.join('')}${more}    handlers:
${handlers.join('')}`,
  )
  return {
    at,
    state: join(at, 'state'),
    playbook,
    cwd: { cwd: at, stateFolder: join(at, 'state') },
  }
}
const logs = ({ state }: Place): string[] =>
  existsSync(join(state, 'runs'))
    ? readdirSync(join(state, 'runs'))
        .sort()
        .map((name) => join(state, 'runs', name))
    : []
/** A log as a killed process would have left it. */
const leave = (log: string, lines: readonly string[]): void =>
  writeFileSync(
    log,
    lines
      .join('\n')
      .replace(
        /"pid":[0-9]+,"began":(?:null|"[^"]*")/,
        `"pid":${spawnSync('true').pid},"began":null`,
      ),
  )
const start = ({ at, state }: Place, argv: readonly string[]): ChildProcess =>
  spawn(process.execPath, [main, ...argv, '--state-dir', state], {
    cwd: at,
    stdio: ['ignore', 'ignore', 'pipe'],
  })
const ended = (child: ChildProcess): Promise<number | null> =>
  new Promise((resolve) => child.on('close', resolve))

describe('a run whose controller is killed', () => {
  it('resumes to the same end, with every handler paid, wherever it was killed', async () => {
    const tasks = 5
    const here = place('killed', tasks, 0.05)
    let random = 20261122
    const chance = (): number => (random = (random * 48271) % 2147483647) / 2147483647
    for (let kills = 0; kills < 6; kills++) {
      const child = start(here, logs(here).length > 0 ? ['resume', 'last'] : ['run', here.playbook])
      const end = ended(child)
      const before = logs(here).length
      // From when its log is there, so that the moment lies within the work however slow the machine is.
      const over = { yes: false }
      void end.then(() => (over.yes = true))
      while (!over.yes && logs(here).length === before)
        await new Promise((resolve) => setTimeout(resolve, 5))
      await new Promise((resolve) => setTimeout(resolve, chance() * 700))
      child.kill('SIGKILL')
      await end
      for (const log of logs(here)) expect(readLog(log).header.type).toBe('header')
    }
    const last = await typed(['resume', 'last'], here.cwd)
    expect(last.exit, last.err).toBe(0)
    for (let i = 0; i < tasks; i++) {
      expect(readFileSync(join(here.at, `f${i}`), 'utf8')).toBe(String(i))
      expect(readFileSync(join(here.at, `h${i}`), 'utf8').length, `handler ${i}`).toBeGreaterThan(0)
    }
    expect(await typed(['resume', 'last'], here.cwd)).toMatchObject({ exit: 0, events: [] })
  })

  it.each([
    ['once', 1],
    ['twice', 2],
  ])('or interrupted %s, leaves a log that says so', async (name, times) => {
    const here = place(`interrupted-${name}`, 1, 'gate')
    const child = start(here, ['run', here.playbook])
    const end = ended(child)
    await until(() => existsSync(join(here.at, 'f0')))
    const drains = says(child, 'nothing new begins')
    child.kill('SIGINT')
    await drains
    if (times === 2) child.kill('SIGINT')
    else writeFileSync(join(here.at, 'gate'), '')
    expect(await end).toBe(130)
    writeFileSync(join(here.at, 'gate'), '')
    expect(readLog(logs(here)[0]!).records.at(-1)).toMatchObject({
      type: 'run-ended',
      interrupted: true,
    })
    expect((await typed(['show', 'last'], here.cwd)).out).toContain(
      'owed          handler 0 is paid: localhost',
    )
    expect((await typed(['resume', 'last'], here.cwd)).exit).toBe(0)
    expect(existsSync(join(here.at, 'h0'))).toBe(true)
  })
})

describe('a run log', () => {
  it('is for its owner only, tells the run again, and holds no secret', async () => {
    const here = place(
      'shown',
      1,
      0,
      '      - ensure: the secret is written\n        copy: { dest: "{{ word }}", content: "{{ token }}", mode: "0600" }\n        register: written\n'.replace(
        '{{ word }}',
        join(folder, 'secret'),
      ),
    )
    expect((await typed(['run', here.playbook, '-e', 'token=canary-5523'], here.cwd)).exit).toBe(0)
    const [log] = logs(here)
    expect([statSync(log!).mode & 0o777, statSync(join(here.state, 'runs')).mode & 0o777]).toEqual([
      0o600, 0o700,
    ])
    expect(readFileSync(log!, 'utf8')).not.toContain('canary-5523')
    const { records } = readLog(log!)
    expect(records.map((record) => record.n)).toEqual(records.map((_, n) => n))
    for (const type of ['acting', 'notified', 'registered', 'host-left', 'outcome'])
      expect(
        records.some((record) => record.type === type),
        type,
      ).toBe(true)
    expect((await typed(['history'], here.cwd)).out).toContain('changed 4')
    const { out } = await typed(['show', '1', '--host', 'localhost'], here.cwd)
    expect(out).toContain('ensure: file 0 is there')
    expect(out).toContain('register      written')
    expect(
      (await typed(['show', 'last', '--json'], here.cwd)).out.trimEnd().split('\n'),
    ).toHaveLength(records.length)
    expect(await typed(['show', 'last', '--host', 'nobody'], here.cwd)).toMatchObject({
      exit: 3,
      err: expect.stringContaining('cli/one-host'),
    })
    expect(await typed(['show', '7'], here.cwd)).toMatchObject({
      exit: 3,
      err: expect.stringContaining('run/no-log'),
    })
  })

  it('reads when its last line was cut, and not when another was lost', async () => {
    const here = place('cut', 1, 0)
    await typed(['run', here.playbook], here.cwd)
    const [log] = logs(here)
    const lines = readFileSync(log!, 'utf8').split('\n')
    leave(log!, [...lines.slice(0, 7), lines[7]!.slice(0, 20)])
    expect((await typed(['show', 'last'], here.cwd)).out).toContain('not written whole')
    expect((await typed(['resume', 'last'], here.cwd)).exit).toBe(0)
    writeFileSync(logs(here).at(-1)!, [...lines.slice(0, 3), ...lines.slice(4)].join('\n'))
    expect((await typed(['show', 'last'], here.cwd)).err).toContain('run/log-damaged')
    expect((await typed(['run', here.playbook, '--no-log'], here.cwd)).exit).toBe(0)
    expect(logs(here)).toHaveLength(2)
  })

  it('that cannot be written is a warning, once', async () => {
    const here = place('full', 2, 0)
    mkdirSync(here.state)
    writeFileSync(join(here.state, 'runs'), '')
    const told = await typed(['run', here.playbook], here.cwd)
    expect(told.exit).toBe(0)
    // Other tests may be at work on this machine: that is another warning.
    expect(
      told.events.flatMap((event) =>
        event.type === 'warning' && event.diagnostic.code !== 'connect/lock-waiting'
          ? [event.diagnostic.code]
          : [],
      ),
    ).toEqual(['run/log-unwritten'])
  })
})

describe('resume', () => {
  it('says what changed in the playbook, goes on, and refuses with --strict', async () => {
    const here = place('changed', 2, 0, '      - require: a word\n        that: word == "right"\n')
    expect((await typed(['run', here.playbook], here.cwd)).exit).toBe(1)
    const text = readFileSync(here.playbook, 'utf8')
    writeFileSync(
      here.playbook,
      text
        .replace('that: word == "right"', 'that: word == "usual"')
        .replace('run: pause 1', 'run: pause longer'),
    )
    const strict = await typed(['resume', 'last', '--strict'], here.cwd)
    expect(strict).toMatchObject({
      exit: 3,
      events: [],
      err: expect.stringContaining('run/changed-since'),
    })
    for (const words of [
      'the playbook changed: ',
      'task added: run: pause longer',
      'task removed: run: pause 1',
      'task changed: require: a word',
    ])
      expect(strict.err).toContain(words)
    expect((await typed(['resume', 'last'], here.cwd)).exit).toBe(0)
    await typed(['plan', here.playbook], here.cwd)
    expect((await typed(['resume', '1'], here.cwd)).err).toContain('run/not-resumable')
  })

  it('leaves out again what --start-at left out', async () => {
    const here = place('begun', 2, 0, '      - require: a word\n        that: word == "right"\n')
    expect((await typed(['run', here.playbook, '--start-at', '3'], here.cwd)).exit).toBe(1)
    const mended = readFileSync(here.playbook, 'utf8').replace(
      'that: word == "right"',
      'that: word == "usual"',
    )
    writeFileSync(
      here.playbook,
      mended.replace(
        '    tasks:\n',
        `    tasks:\n      - ensure: another is there\n        copy: { dest: ${here.at}/other, content: x }\n`,
      ),
    )
    expect((await typed(['resume', 'last'], here.cwd)).exit).toBe(0)
    expect(['other', 'f0', 'f1'].map((name) => existsSync(join(here.at, name)))).toEqual([
      false,
      false,
      true,
    ])
  })

  it('says which debts nobody will pay', async () => {
    const here = place('lost', 1, 0)
    await typed(['run', here.playbook], here.cwd)
    const [log] = logs(here)
    const lines = readFileSync(log!, 'utf8').split('\n')
    const notified = lines.findIndex((line) => line.includes('"type":"notified"'))
    leave(log!, [...lines.slice(0, notified + 1), ''])
    writeFileSync(
      here.playbook,
      readFileSync(here.playbook, 'utf8').replaceAll('handler 0 is paid', 'another handler'),
    )
    expect((await typed(['resume', 'last'], here.cwd)).err).toContain('handler 0 is paid')
  })
})

describe('@failed and @changed', () => {
  it('are the hosts of the last run of the playbook', async () => {
    const here = place('limit', 1, 0)
    const inventory = join(here.at, 'hosts.yaml')
    writeFileSync(
      inventory,
      'hosts:\n  a1: { connection: { kind: local }, vars: { good: true } }\n  a2: { connection: { kind: local }, vars: { good: false } }\n  a3: { connection: { kind: local }, vars: { good: true } }\n'.replaceAll(
        'connection: { kind: local }, ',
        'ansible_connection: local, ',
      ),
    )
    writeFileSync(
      here.playbook,
      'playbook: some fail\nplays:\n  - play: one\n    hosts: all\n    tasks:\n      - require: it is good\n        that: host.vars.good\n',
    )
    const hosts = (told: Awaited<ReturnType<typeof typed>>): unknown =>
      told.events.flatMap((event) => (event.type === 'play-started' ? event.hosts : []))
    expect(
      (await typed(['run', here.playbook, '-i', inventory, '--limit', '@failed'], here.cwd)).err,
    ).toContain('run/no-log')
    expect((await typed(['run', here.playbook, '-i', inventory], here.cwd)).exit).toBe(1)
    expect(
      hosts(await typed(['plan', here.playbook, '-i', inventory, '--limit', '@failed'], here.cwd)),
    ).toEqual(['a2'])
    expect(
      hosts(
        await typed(['plan', here.playbook, '-i', inventory, '--limit', 'all!@failed'], here.cwd),
      ),
    ).toEqual(['a1', 'a3'])
    for (const [limit, names] of [
      ['a[1-2]&@failed', ['a2']],
      ['@failed,a3', ['a2', 'a3']],
      ['a[1,3],@failed!a1', ['a2', 'a3']],
      ['@failed^a[2-3]', ['a3']],
      ['all&@failed,a1', ['a1', 'a2']],
    ] as const) {
      expect(
        hosts(await typed(['plan', here.playbook, '-i', inventory, '--limit', limit], here.cwd)),
        limit,
      ).toEqual(names)
    }
    for (const limit of ['a1&@failed', '@failed!@failed', '@changed', 'a1!@changed'])
      expect(
        (await typed(['run', here.playbook, '-i', inventory, '--limit', limit], here.cwd)).err,
        limit,
      ).toContain('run/limit')
    // Only the host that failed is gone on with.
    expect(hosts(await typed(['resume', 'last'], here.cwd))).toEqual(['a2'])
  })
})
