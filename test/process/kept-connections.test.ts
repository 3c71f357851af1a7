import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { makeKey, startServer, type TestServer } from '../../runner/connect/ssh/sshd.fixture.ts'
import { isAlive, until } from '../harness/processes.ts'

// Connections that outlive a run: processes of their own, as an operator has them.

const root = join(import.meta.dirname, '../..')
const main = join(root, 'dist/bin/main.cjs')
const folder = mkdtempSync(join(tmpdir(), 'trueup-kept-'))
const key = makeKey()
const secret = 'sesame-7f3a9c'
let server: TestServer
let count = 0

beforeAll(async () => {
  expect(spawnSync(process.execPath, [join(root, 'tools/setup.mjs')]).status).toBe(0)
  server = await startServer({ authorized: [key.public] })
})
afterAll(async () => {
  await server.close()
  rmSync(folder, { recursive: true, force: true })
})

/** A place of its own for each test: files, state and keeper. */
interface Place {
  readonly at: string
  readonly playbook: string
  readonly inventory: string
}

function place(tasks: string): Place {
  const at = join(folder, `p${++count}`)
  mkdirSync(join(at, 'run'), { recursive: true, mode: 0o700 })
  const write = (name: string, text: string): string => {
    writeFileSync(join(at, name), text, { mode: 0o600 })
    return join(at, name)
  }
  write('id', key.private)
  write('known', `[127.0.0.1]:${server.port} ${server.hostKeyLine}\n`)
  write('sudo-password', secret)
  return {
    at,
    playbook: write(
      'playbook.yaml',
      `playbook: p\nplays:\n  - play: it\n    hosts: all\n    tasks:\n${tasks.replaceAll('AT', at)}`,
    ),
    inventory: write(
      'hosts.yaml',
      `hosts: { h: { address: 127.0.0.1, port: ${server.port}, user: root, key_files: [id], known_hosts_file: known, become_password: { file: sudo-password } } }\n`,
    ),
  }
}

const start = ({ at }: Place, argv: readonly string[]): ChildProcess =>
  spawn(process.execPath, [main, ...argv], {
    cwd: at,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: process.env['PATH'], HOME: at, XDG_RUNTIME_DIR: join(at, 'run') },
  })
const startRun = (it: Place, verb: string, ...more: readonly string[]): ChildProcess =>
  start(it, [verb, it.playbook, '-i', it.inventory, '--state-dir', join(it.at, 'state'), ...more])

async function endOf(child: ChildProcess): Promise<{ exit: number | null; said: string }> {
  let said = ''
  child.stdout!.on('data', (bytes: Buffer) => (said += bytes.toString()))
  child.stderr!.on('data', (bytes: Buffer) => (said += bytes.toString()))
  const exit = await new Promise<number | null>((resolve) => child.on('close', resolve))
  return { exit, said }
}
const run = (it: Place, verb: string, ...more: readonly string[]): ReturnType<typeof endOf> =>
  endOf(startRun(it, verb, ...more))

const card = ({ at }: Place): { readonly pid: number; readonly socket: string } | null => {
  const file = join(at, 'run/trueup-keeper/card')
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as never) : null
}
const closeAll = (it: Place): ReturnType<typeof endOf> =>
  endOf(start(it, ['connections', '--close']))

const oneFile = `      - ensure: the file is there\n        copy: { dest: "AT/file", content: "x" }\n`
const slowRead = `      - read: slowly\n        command: { argv: [sh, -c, "touch AT/began; sleep 2"] }\n`
const slowChange = `      - run: slowly\n        command: { argv: [sh, -c, "touch AT/began; sleep 300; touch AT/ended"] }\n`

describe('kept connections', () => {
  it('serve plan, run and run with one login, are listed and closed, and show no secret', async () => {
    const it = place(oneFile)
    const before = server.connections.length
    expect((await run(it, 'plan', '--keep', '1m')).exit).toBe(2)
    expect((await run(it, 'run', '--keep', '1m')).exit).toBe(0)
    expect((await run(it, 'run', '--keep', '1m')).exit).toBe(0)
    expect(server.connections.length - before).toBe(1)
    const listed = await endOf(start(it, ['connections']))
    expect(listed.said).toMatch(/^h +root@127\.0\.0\.1:\d+ +\d/m)
    const { pid } = card(it)!
    expect(readFileSync(`/proc/${pid}/cmdline`, 'utf8')).not.toContain(secret)
    expect(readFileSync(`/proc/${pid}/environ`, 'utf8')).not.toContain(secret)
    expect((await closeAll(it)).said).toContain('1 connection closed')
    await until(() => !isAlive(pid))
    expect(card(it)).toBeNull()
  })

  it('are not made where a run has no terminal and nothing asks for them', async () => {
    const it = place(oneFile)
    expect((await run(it, 'run')).exit).toBe(0)
    expect((await run(it, 'plan', '--keep', '0')).exit).toBe(0)
    expect(existsSync(join(it.at, 'run/trueup-keeper'))).toBe(false)
  })

  it('start no keeper for a play on this machine alone', async () => {
    const it = place(oneFile)
    writeFileSync(
      it.playbook,
      readFileSync(it.playbook, 'utf8').replace('hosts: all', 'hosts: localhost'),
    )
    expect((await run(it, 'run', '--keep', '1m')).exit).toBe(0)
    expect(existsSync(join(it.at, 'run/trueup-keeper'))).toBe(false)
  })

  it('end by themselves, and leave nothing', async () => {
    const it = place(oneFile)
    await run(it, 'run', '--keep', '1s')
    const { pid, socket } = card(it)!
    await until(() => !isAlive(pid))
    expect(existsSync(socket)).toBe(false)
    expect(card(it)).toBeNull()
  })

  it('survive a keeper that is killed while a task reads, and the next run starts another', async () => {
    const it = place(slowRead)
    const running = startRun(it, 'run', '--keep', '1m')
    const end = endOf(running)
    await until(() => existsSync(join(it.at, 'began')))
    const { pid } = card(it)!
    process.kill(pid, 'SIGKILL')
    expect(await end).toMatchObject({ exit: 0 })
    expect((await run(it, 'run', '--keep', '1m')).exit).toBe(0)
    expect(card(it)!.pid).not.toBe(pid)
    await closeAll(it)
  })

  it('tell what may have been done when the keeper is killed while a task acts, and leave no lock', async () => {
    const it = place(slowChange)
    const end = endOf(startRun(it, 'run', '--keep', '1m'))
    await until(() => existsSync(join(it.at, 'began')))
    process.kill(card(it)!.pid, 'SIGKILL')
    const { exit, said } = await end
    expect(exit).toBe(1)
    expect(said).toMatch(/process that keeps connections ended/)
    writeFileSync(it.playbook, readFileSync(it.playbook, 'utf8').replace('sleep 300', 'true'))
    expect(await run(it, 'run', '--keep', '1m')).toMatchObject({ exit: 0 })
    await closeAll(it)
  })

  it('end the commands of a run that is killed, and free its lock', async () => {
    const it = place(slowChange)
    const killed = startRun(it, 'run', '--keep', '1m')
    await until(() => existsSync(join(it.at, 'began')))
    killed.kill('SIGKILL')
    await endOf(killed)
    writeFileSync(it.playbook, readFileSync(it.playbook, 'utf8').replace('sleep 300', 'true'))
    expect(await run(it, 'run', '--keep', '1m')).toMatchObject({ exit: 0 })
    await closeAll(it)
  })

  it('are shared by two runs, of which one waits for the other on the host', async () => {
    const it = place(
      `      - run: once\n        command: { argv: [sh, -c, "echo x >>AT/log; sleep 1"] }\n        creates: AT/log\n`,
    )
    const before = server.connections.length
    await run(it, 'plan', '--keep', '1m')
    const both = await Promise.all([run(it, 'run', '--keep', '1m'), run(it, 'run', '--keep', '1m')])
    expect(both.map(({ exit }) => exit)).toEqual([0, 0])
    expect(readFileSync(join(it.at, 'log'), 'utf8')).toBe('x\n')
    expect(server.connections.length - before).toBe(1)
    await closeAll(it)
  })
})
