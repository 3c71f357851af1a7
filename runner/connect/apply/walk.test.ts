import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  chownSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Answered, Probe } from '../../contract/probe.ts'
import { sha256, text } from '../../contract/probe.ts'
import type { ActionResult, WorldAction } from '../../model/session.ts'
import { openSession } from '../batch/script-session.ts'
import { localTransport } from '../local.ts'

// What root does in folders that another user can write to. The races of it are played by `npm run race`.

const session = openSession(localTransport(), null)
const isRoot = process.getuid?.() === 0
const other = 65_534
let dir = ''
let home = ''
let rootdir = ''
beforeEach(() => {
  dir = mkdtempSync(`${tmpdir()}/walk-`)
  chmodSync(dir, 0o755)
  rootdir = `${dir}/rootdir`
  mkdirSync(`${rootdir}/etc`, { recursive: true })
  writeFileSync(`${rootdir}/etc/passwd`, 'precious', { mode: 0o600 })
  mkdirSync(`${rootdir}/etc/full/deep`, { recursive: true })
  home = `${dir}/home`
  mkdirSync(home)
  if (isRoot) chownSync(home, other, other)
  else chmodSync(home, 0o777)
  symlinkSync(`${rootdir}/etc`, `${home}/cache`)
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))

async function act(action: WorldAction): Promise<ActionResult> {
  return (await session.exchange({ apply: { guards: [], actions: [action] }, probes: [] }))
    .actions[0]!
}
async function read(probe: Probe): Promise<Answered> {
  return (await session.exchange({ probes: [probe] })).readings[0]!
}
const refused = { ok: false, message: expect.stringContaining('folder that others may write to') }
const inode = (path: string): string => {
  const { dev, ino } = lstatSync(path)
  return `${dev}:${ino}`
}
const produce = (path: string, script: string, more: object = {}): WorldAction => ({
  do: 'produce',
  path,
  argv: ['sh', '-c', script],
  shown: 'make it',
  makes: 'file',
  ...more,
})

describe('a path that a user has aimed elsewhere', () => {
  const actions: readonly [string, (path: string) => WorldAction][] = [
    ['write', (path) => ({ do: 'write', path, content: 'x' })],
    ['produce', (path) => produce(path, 'echo x >f')],
    ['produce a folder', (path) => produce(path, 'mkdir f', { makes: 'directory' })],
    ['attributes', (path) => ({ do: 'attributes', path, mode: '0777' })],
    ['make', (path) => ({ do: 'attributes', path, make: true, mode: '0777' })],
    ['link', (path) => ({ do: 'link', path, target: '/nowhere' })],
    ['remove', (path) => ({ do: 'remove', path })],
    ['remove all', (path) => ({ do: 'remove', path, recursive: true })],
    [
      'fetch',
      (path) => ({
        do: 'fetch',
        path,
        size: 8,
        sha256: 'b'.repeat(64),
        folder: `${dir}/got`,
        to: 'it',
      }),
    ],
    ['exec inside', (inside) => ({ do: 'exec', argv: ['touch', 'x'], inside })],
  ]
  it.each(actions)('is refused by %s, and nothing is touched', async (_, action) => {
    const before = [readdirSync(`${rootdir}/etc`), statSync(`${rootdir}/etc`).mode]
    for (const name of ['passwd', 'full', 'new'])
      expect(await act(action(`${home}/cache/${name}`)), name).toMatchObject(refused)
    expect([readdirSync(`${rootdir}/etc`), statSync(`${rootdir}/etc`).mode]).toEqual(before)
    expect(readFileSync(`${rootdir}/etc/passwd`, 'utf8')).toBe('precious')
    expect(readdirSync(home)).toEqual(['cache'])
    expect(existsSync(`${dir}/got`)).toBe(false)
  })

  it('is refused by what reads a file, whatever the way', async () => {
    symlinkSync(`${rootdir}/etc/passwd`, `${home}/report`)
    for (const path of [`${home}/cache/passwd`, `${home}/report`])
      for (const probe of [text(path), sha256(path)])
        expect(await read(probe)).toMatchObject({
          failed: { message: expect.stringContaining('folder that others may write to') },
        })
    const many = [text(`${home}/report`), text('/etc/passwd'), text('/proc/self/mountinfo')]
    expect((await session.exchange({ probes: many })).readings).toMatchObject([
      { failed: { code: 'io' } },
      { exists: true },
      { exists: true },
    ])
  })
})

describe('a command that opens a path by its name', () => {
  const go = (byName: readonly string[]): WorldAction => ({
    do: 'exec',
    argv: ['touch', `${dir}/done`],
    byName,
  })

  it('runs where only root and this user can exchange a name on the way, a device and a shared folder too', async () => {
    symlinkSync(`${rootdir}/etc`, `${rootdir}/link`)
    chmodSync(`${rootdir}/etc/full`, 0o1777)
    for (const path of [`${rootdir}/etc/passwd`, `${rootdir}/link/full`, '/dev/null', '/tmp']) {
      expect(await act(go([path])), path).toMatchObject({ ok: true })
      expect(existsSync(`${dir}/done`)).toBe(true)
      rmSync(`${dir}/done`)
    }
  })

  it('is refused behind a folder of another user, however safe the last one looks', async () => {
    mkdirSync(`${home}/kept`)
    mkdirSync(`${home}/kept/mnt`)
    for (const paths of [
      [`${home}/cache`],
      [`${home}/kept/mnt`],
      [`${rootdir}/etc`, `${home}/kept`],
      ['/nowhere/at/all'],
    ]) {
      const { ok, message } = await act(go(paths))
      expect({ ok, message }).toEqual({
        ok: false,
        message: expect.stringContaining(
          `nothing was done: ${paths.at(-1)} does not exist, or lies where another user could exchange it`,
        ),
      })
      expect(existsSync(`${dir}/done`)).toBe(false)
    }
  })
})

describe.runIf(isRoot)('what stands in a folder of a user', () => {
  it('is written, made, linked, given away and removed as itself', async () => {
    writeFileSync(`${home}/f`, 'old', { mode: 0o4755 })
    chmodSync(`${home}/f`, 0o4755)
    expect(
      await act({ do: 'write', path: `${home}/f`, content: 'new', backup: 'f.old' }),
    ).toMatchObject({ ok: true })
    expect(readFileSync(`${home}/f.old`, 'utf8')).toBe('old')
    // The upper bits of a file that a user could have put there are not handed on.
    expect(statSync(`${home}/f`).mode & 0o7777).toBe(0o755)
    expect(
      await act({
        do: 'attributes',
        path: `${home}/f`,
        owner: 'nobody',
        mode: '4711',
        inode: inode(`${home}/f`),
      }),
    ).toMatchObject({ ok: true })
    expect(statSync(`${home}/f`)).toMatchObject({ uid: other })
    expect(statSync(`${home}/f`).mode & 0o7777).toBe(0o4711)
    expect(
      await act({
        do: 'attributes',
        path: `${home}/a/b`,
        make: true,
        owner: 'nobody',
        mode: '2700',
      }),
    ).toMatchObject({ ok: true })
    expect(statSync(`${home}/a/b`)).toMatchObject({ uid: other })
    expect(statSync(`${home}/a/b`).mode & 0o7777).toBe(0o2700)
    for (const target of ['one', 'two'])
      expect(await act({ do: 'link', path: `${home}/l`, target })).toMatchObject({ ok: true })
    expect(readlinkSync(`${home}/l`)).toBe('two')
    expect(await act(produce(`${home}/p`, 'echo made >f'))).toMatchObject({ ok: true })
    expect(readFileSync(`${home}/p`, 'utf8')).toBe('made\n')
    for (const name of ['a', 'f', 'f.old', 'l', 'p'])
      expect(
        await act({
          do: 'remove',
          path: `${home}/${name}`,
          recursive: true,
          inode: inode(`${home}/${name}`),
        }),
      ).toMatchObject({ ok: true })
    expect(readdirSync(home)).toEqual(['cache'])
  })

  it('is not given away or emptied when it is another than was read', async () => {
    writeFileSync(`${home}/f`, 'x')
    mkdirSync(`${home}/d/deep`, { recursive: true })
    for (const name of ['f', 'd']) {
      expect(
        await act({ do: 'attributes', path: `${home}/${name}`, mode: '0777', inode: '1:1' }),
      ).toMatchObject(refused)
      expect(statSync(`${home}/${name}`).mode & 0o777).not.toBe(0o777)
    }
    expect(
      await act({ do: 'remove', path: `${home}/d`, recursive: true, inode: '1:1' }),
    ).toMatchObject(refused)
    expect(readdirSync(home)).toEqual(['cache', 'd', 'f'])
    expect(readdirSync(`${home}/d`)).toEqual(['deep'])
  })

  it("is not given away when it is a second name of root's file", async () => {
    linkSync(`${rootdir}/etc/passwd`, `${home}/f`)
    expect(
      await act({
        do: 'attributes',
        path: `${home}/f`,
        owner: 'nobody',
        inode: inode(`${home}/f`),
      }),
    ).toMatchObject(refused)
    expect(statSync(`${rootdir}/etc/passwd`).uid).toBe(0)
  })

  it('is read where it is a plain file', async () => {
    writeFileSync(`${home}/f`, 'mine')
    execFileSync('mkfifo', [`${home}/fifo`])
    expect(await read(text(`${home}/f`))).toEqual({ exists: true, text: 'mine' })
    expect(await read(sha256(`${home}/f`))).toMatchObject({ exists: true })
    expect(await read(text(`${home}/fifo`))).toMatchObject({ failed: { code: 'io' } })
    expect(await read(text(`${home}/none`))).toEqual({ exists: false })
  })
})

describe('attributes', () => {
  it('take the upper bits from a folder, and set them behind a change of owner', async () => {
    mkdirSync(`${dir}/g`)
    chmodSync(`${dir}/g`, 0o2755)
    expect(await act({ do: 'attributes', path: `${dir}/g`, mode: '0755' })).toMatchObject({
      ok: true,
    })
    expect(statSync(`${dir}/g`).mode & 0o7777).toBe(0o755)
    chmodSync(`${dir}/g`, 0o2755)
    await act({ do: 'attributes', path: `${dir}/g/new`, make: true, mode: '0700' })
    expect(statSync(`${dir}/g/new`).mode & 0o7777).toBe(0o700)
  })

  it.runIf(isRoot)('are kept when a file is replaced: those of the file system too', async () => {
    const path = `${dir}/f`
    writeFileSync(path, 'old')
    try {
      execFileSync('setfattr', ['-n', 'user.x', '-v', '1', path], { stdio: 'ignore' })
    } catch {
      return
    }
    await act({ do: 'write', path, content: 'new' })
    expect(execFileSync('getfattr', ['-n', 'user.x', '--only-values', path]).toString()).toBe('1')
  })
})
