import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { typed } from '../../runner/cli/io.fixture.ts'
import { readLog } from '../../runner/journal/read-log.ts'
import { makeKey, startServer } from '../../runner/connect/ssh/sshd.fixture.ts'
import { raiseLab } from '../../lab/lab.ts'
import { isAlive, says, until } from '../harness/processes.ts'

// What a run leaves when its controller is killed, ended or interrupted while it works over SSH, and what resume makes of it.

const root = join(import.meta.dirname, '../..')
const main = join(root, 'dist/bin/main.cjs')
const folder = mkdtempSync(join(tmpdir(), 'trueup-killed-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
beforeAll(() => {
  // As `npm test` does before: what is run here is what was compiled.
  expect(spawnSync(process.execPath, [join(root, 'tools/setup.mjs')]).status).toBe(0)
})

const start = (
  at: string,
  argv: readonly string[],
  stdio: 'ignore' | 'pipe' = 'ignore',
): ChildProcess =>
  spawn(process.execPath, [main, ...argv, '--state-dir', join(at, 'state')], {
    cwd: at,
    stdio,
    env: { ...process.env, HOME: at },
  })
const ended = (child: ChildProcess): Promise<number | null> =>
  new Promise((resolve) => child.on('close', resolve))
const pause = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, milliseconds))
const logs = (at: string): string[] =>
  existsSync(join(at, 'state/runs'))
    ? readdirSync(join(at, 'state/runs'))
        .sort()
        .map((name) => join(at, 'state/runs', name))
    : []
function fresh(name: string): string {
  const at = join(folder, name)
  mkdirSync(at)
  return at
}

/** A playbook whose tasks each owe a handler; the files lie in `at`. */
function playbookOf(at: string, target: string, tasks: number, more = ''): string {
  const each = (line: (i: number) => string): string =>
    Array.from({ length: tasks }, (_, i) => line(i)).join('')
  writeFileSync(
    join(at, 'playbook.yaml'),
    `playbook: many debts
plays:
  - play: all is paid
    hosts: all
    tasks:
${each((i) => `      - ensure: file ${i} is there\n        copy: { dest: "${target}/f${i}", content: "${i}" }\n        notify: handler ${i} is paid\n`)}${more}    handlers:
${each((i) => `      - run: handler ${i} is paid\n        command: { cmd: 'echo x >>${target}/h${i}' }\n`)}`,
  )
  return join(at, 'playbook.yaml')
}

describe('a controller that is killed while it works on the nodes of the lab', () => {
  it('resumes to the same end, with every handler paid on every node, wherever it was killed', async () => {
    const at = fresh('lab')
    const lab = await raiseLab({ folder: join(at, 'lab') })
    try {
      const nodes = ['x3000c0s19b1n0', 'x3000c0s19b2n0', 'x3000c0s19b3n0']
      const tasks = 6
      const playbook = playbookOf(at, '/root', tasks)
      const inventory = lab.inventoryFiles.flatMap((each) => ['-i', each])
      let random = 20261123
      const chance = (): number => (random = (random * 48271) % 2147483647) / 2147483647
      let midway = 0
      for (let kills = 0; kills < 10; kills++) {
        const before = logs(at).length
        const child = start(
          at,
          before > 0
            ? ['resume', 'last']
            : ['run', playbook, ...inventory, '--limit', nodes.join(',')],
        )
        const end = ended(child)
        const over = { yes: false }
        void end.then(() => (over.yes = true))
        // From when its log is there, so that the moment lies within the work however slow the machine is.
        while (!over.yes && logs(at).length === before) await pause(5)
        await pause(chance() * 250)
        child.kill('SIGKILL')
        if ((await end) === null) midway++
        for (const log of logs(at)) expect(readLog(log).header.type).toBe('header')
      }
      expect(midway).toBeGreaterThan(2)
      const last = await typed(['resume', 'last'], {
        cwd: at,
        stateFolder: join(at, 'state'),
        env: { HOME: at, PATH: process.env['PATH'] },
      })
      expect(last.exit, last.err + last.out).toBe(0)
      for (const name of nodes) {
        const node = lab.nodes.get(name)!
        const { stdout } = await node.run(
          `cd /root; for i in ${Array.from({ length: tasks }, (_, i) => i).join(' ')}; do cat f$i; test -s h$i && echo :paid; done`,
          { user: 'root' },
        )
        expect(stdout, name).toBe(Array.from({ length: tasks }, (_, i) => `${i}:paid\n`).join(''))
      }
      const plan = await typed(['plan', playbook, ...inventory, '--limit', nodes.join(',')], {
        cwd: at,
        stateFolder: join(at, 'state'),
        env: { HOME: at, PATH: process.env['PATH'] },
      })
      expect(plan.exit, plan.out).toBe(0)
    } finally {
      await lab.close()
    }
  })
})

/** A user that no other program of this machine is, so that the lock on the host is this test's alone; null where only root may be it. */
const uid = process.getuid?.() === 0 ? 1_600_000_000 + process.pid : null
const lockFolder = `/tmp/trueup-${uid ?? process.getuid?.()}`

describe.runIf(process.platform === 'linux')('a run over SSH with real processes', () => {
  beforeAll(() => chmodSync(folder, 0o711))
  afterAll(() => {
    if (uid !== null) rmSync(lockFolder, { recursive: true, force: true })
  })
  async function withServer(
    name: string,
    test: (at: string, target: string, inventory: readonly string[]) => Promise<void>,
  ): Promise<void> {
    const at = fresh(name)
    const key = makeKey()
    const server = await startServer({ authorized: [key.public], ...(uid === null ? {} : { uid }) })
    const target = join(at, 'on-host')
    mkdirSync(target)
    if (uid !== null) chownSync(target, uid, uid)
    try {
      writeFileSync(join(at, 'id'), key.private, { mode: 0o600 })
      writeFileSync(join(at, 'known'), `[127.0.0.1]:${server.port} ${server.hostKeyLine}\n`)
      writeFileSync(
        join(at, 'hosts.yaml'),
        `hosts:\n  n1: { address: 127.0.0.1, port: ${server.port}, user: root, key_files: ${at}/id, known_hosts_file: ${at}/known }\n`,
      )
      await test(at, target, ['-i', join(at, 'hosts.yaml')])
    } finally {
      await server.close()
    }
  }
  /** Until the test makes the file `gate`, or is over. */
  const wait = (at: string): string =>
    `until [ -e ${at}/gate ] || [ ! -e ${at}/began ]; do sleep 0.1; done`
  const slow = (at: string): string =>
    `      - run: it takes its time\n        command: { cmd: "echo $$ >${at}/pid; mv ${at}/pid ${at}/began; ${wait(at)}; touch ${at}/ended" }\n      - run: what comes after\n        command: { argv: [touch, ${at}/after] }\n`
  const here = (
    at: string,
  ): { readonly cwd: string; readonly stateFolder: string; readonly env: NodeJS.ProcessEnv } => ({
    cwd: at,
    stateFolder: join(at, 'state'),
    env: { HOME: at, PATH: process.env['PATH'] },
  })

  it('drains on SIGTERM: what was begun ends, its log has an end, and resume does the rest', async () => {
    await withServer('term', async (at, target, inventory) => {
      const child = start(
        at,
        ['run', playbookOf(at, target, 1, slow(target)), ...inventory],
        'pipe',
      )
      const end = ended(child)
      await until(() => existsSync(join(target, 'began')))
      const drains = says(child, 'nothing new begins')
      child.kill('SIGTERM')
      await drains
      writeFileSync(join(target, 'gate'), '')
      expect(await end).toBe(130)
      expect([
        existsSync(join(target, 'ended')),
        existsSync(join(target, 'after')),
        existsSync(join(target, 'h0')),
      ]).toEqual([true, false, false])
      expect(readLog(logs(at)[0]!).records.at(-1)).toMatchObject({
        type: 'run-ended',
        interrupted: true,
        exit: 130,
      })
      expect((await typed(['resume', 'last'], here(at))).exit).toBe(0)
      expect([existsSync(join(target, 'after')), readFileSync(join(target, 'h0'), 'utf8')]).toEqual(
        [true, 'x\n'],
      )
    })
  })

  it('stops on the second Ctrl-C: the command on the host is killed, the log has an end', async () => {
    await withServer('twice', async (at, target, inventory) => {
      const child = start(
        at,
        ['run', playbookOf(at, target, 1, slow(target)), ...inventory],
        'pipe',
      )
      const end = ended(child)
      await until(() => existsSync(join(target, 'began')))
      const command = Number(readFileSync(join(target, 'began'), 'utf8'))
      const drains = says(child, 'nothing new begins')
      child.kill('SIGINT')
      await drains
      child.kill('SIGINT')
      expect(await end).toBe(130)
      expect(readLog(logs(at)[0]!).records.at(-1)).toMatchObject({
        type: 'run-ended',
        interrupted: true,
      })
      await until(() => !isAlive(command))
      expect(existsSync(join(target, 'ended'))).toBe(false)
    })
  })

  it('waits before it resumes for an apply that still runs there', async () => {
    await withServer('waits', async (at, target, inventory) => {
      const child = start(at, ['run', playbookOf(at, target, 1, slow(target)), ...inventory])
      const end = ended(child)
      await until(() => existsSync(join(target, 'began')))
      child.kill('SIGKILL')
      await end
      // What the killed run began is still at work, as far as the host can tell: its lock is held.
      const holder = spawn(
        'sh',
        [
          '-c',
          `mkdir -p -m 700 ${lockFolder}; flock ${lockFolder}/lock sh -c 'touch ${target}/held; until [ -e ${at}/go ]; do sleep 0.1; done; touch ${target}/released'`,
        ],
        { stdio: 'ignore', ...(uid === null ? {} : { uid, gid: uid }) },
      )
      const released = ended(holder)
      await until(() => existsSync(join(target, 'held')))
      writeFileSync(
        join(at, 'playbook.yaml'),
        readFileSync(join(at, 'playbook.yaml'), 'utf8').replace(
          wait(target),
          `test -e ${target}/released`,
        ),
      )
      const resumed = start(at, ['resume', 'last', '--output', 'plain'], 'pipe')
      let told = ''
      for (const stream of [resumed.stdout!, resumed.stderr!])
        stream.on('data', (bytes: Buffer) => (told += bytes.toString()))
      const exit = ended(resumed)
      // However long that takes: it is still waiting when the lock is let go.
      await until(() => /warning: \S+: waiting for another run/.test(told))
      writeFileSync(join(at, 'go'), '')
      expect(await exit, told).toBe(0)
      expect(existsSync(join(target, 'released'))).toBe(true)
      expect(readFileSync(join(target, 'h0'), 'utf8')).toBe('x\n')
      await released
    })
  })
})
