import { execFileSync } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import {
  chmodSync,
  closeSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { createConnections } from '../../runner/connect/connections.ts'
import type { Action } from '../../runner/contract/change.ts'
import { isFailed, type Answered, type Seen } from '../../runner/contract/probe.ts'
import { ruleFaults } from '../../runner/contract/param-rules.ts'
import type { AnyResourceType } from '../../runner/contract/resource.ts'
import type { Connections, Session, WorldAction } from '../../runner/model/session.ts'
import {
  compare,
  isEmpty,
  type AnyDiff,
  type State,
  type WantedState,
} from '../../runner/contract/state.ts'
import type { ValueMap } from '../../runner/contract/value.ts'
import { paramsOfCase } from '../../runner/manifest/case-params.ts'
import { builtinTypes } from '../../runner/resources/index.generated.ts'

// The types against this machine's own programs, by the probes and actions that a run would send; only below a temporary folder.

let dir = ''
let connections: Connections
let session: Session

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'trueup-types-'))
  const host = { name: 'here', groups: [], vars: {}, connection: { kind: 'local' as const } }
  const inventory = {
    hosts: new Map([['here', host]]),
    groups: new Map(),
    services: new Map(),
    select: () => [host],
  }
  connections = createConnections({ inventory, env: process.env, warn: () => undefined })
  session = await connections.session({ host }, null)
})
afterAll(async () => {
  vi.unstubAllEnvs()
  await connections.closeAll()
  rmSync(dir, { recursive: true, force: true })
})

interface Converged {
  readonly diff: AnyDiff
  readonly state: State
  readonly actions: readonly Action[]
}

/** Reads, compares, repairs and reads back, as a run does; throws when it is still not true. */
async function ensure(name: string, written: ValueMap): Promise<Converged> {
  const type = builtinTypes.find((each) => each.name === name)!
  const { params, faults } = paramsOfCase(type.params, written)
  expect(faults).toEqual([])
  const before = await read(type, params)
  const wanted = type.desire!(params, before.state) as WantedState
  const diff = compare(wanted, before.state)
  if (isEmpty(diff)) return { diff, state: before.state, actions: [] }
  const changes = type.change!(diff, params, before.state)
  const actions = changes.flatMap((change) => change.actions)
  const refusal = actions.find((action) => action.do === 'refuse')
  if (refusal) throw new Error(refusal.because)
  for (const change of changes) {
    const guards = (change.guard ?? []).map((probe) => ({
      probe: type.probe(params, before.readings as Seen)[probe]!,
      expected: before.readings[probe]!,
    }))
    const answer = await session.exchange({
      apply: { guards, actions: change.actions as WorldAction[] },
      probes: [],
    })
    expect(answer.moved).toBeUndefined()
    const failed = answer.actions.find((result) => !result.ok)
    if (failed) throw new Error(failed.message)
  }
  const after = await read(type, params)
  expect(compare(wanted, after.state)).toEqual({})
  return { diff, state: after.state, actions }
}

async function read(
  type: AnyResourceType,
  params: object,
): Promise<{ readonly state: State; readonly readings: Readonly<Record<string, Answered>> }> {
  const readings: Record<string, Answered> = {}
  for (;;) {
    const wanted = Object.entries(type.probe(params, readings as Seen)).filter(
      ([name, probe]) => probe && !(name in readings),
    )
    if (wanted.length === 0) return { state: type.observe(readings, params) as State, readings }
    const answer = await session.exchange({ probes: wanted.map(([, probe]) => probe!) })
    for (const [i, [name]] of wanted.entries()) {
      const reading = answer.readings[i]!
      if (isFailed(reading)) throw new Error(`${name}: ${reading.failed.code}`)
      readings[name] = reading
    }
  }
}

/** Makes it true, and finds it true the second time. */
async function ensureTwice(name: string, params: ValueMap): Promise<Converged> {
  const first = await ensure(name, params)
  expect(Object.keys(first.diff)).not.toEqual([])
  expect((await ensure(name, params)).actions).toEqual([])
  return first
}

const modeOf = (path: string): string => (lstatSync(path).mode & 0o7777).toString(8)

describe.runIf(process.platform === 'linux')('on a host', () => {
  it('copy writes a text, keeps the old one, and mends the mode alone', async () => {
    const dest = join(dir, "it's a file")
    await ensureTwice('copy', { dest, content: 'one\n', mode: '0600' })
    await ensureTwice('copy', { dest, content: 'two: $HOME `id`\n', mode: '0600', backup: 'kept' })
    expect([
      readFileSync(dest, 'utf8'),
      readFileSync(join(dir, 'kept'), 'utf8'),
      modeOf(dest),
    ]).toEqual(['two: $HOME `id`\n', 'one\n', '600'])
    const { actions } = await ensureTwice('copy', {
      dest,
      content: 'two: $HOME `id`\n',
      mode: '640',
    })
    expect(actions).toMatchObject([{ do: 'attributes', path: dest, mode: '0640' }])
    expect(modeOf(dest)).toBe('640')
  })

  it('copy and template replace what is not a text, or too large', async () => {
    const dest = join(dir, 'motd')
    for (const [type, given] of [
      ['copy', { content: 'Welcome\n' }],
      ['template', { src: 'Welcome\n' }],
    ] as const)
      for (const old of [Buffer.from('Bienvenue \xe0 tous\n', 'latin1'), 'x'.repeat(2 ** 20 + 1)]) {
        writeFileSync(dest, old)
        const hash = createHash('sha256').update(old).digest('hex')
        const { diff } = await ensureTwice(type, { dest, ...given, backup: 'motd.old' })
        expect(diff['content']!.from).toContain(hash)
        expect(readFileSync(dest, 'utf8')).toBe('Welcome\n')
        expect(readFileSync(join(dir, 'motd.old')).equals(Buffer.from(old))).toBe(true)
      }
  })

  it('copy streams a local file that is not a text', async () => {
    const bytes = Buffer.alloc(300_000, Buffer.from([0, 255, 10, 39]))
    const path = join(dir, 'source.bin')
    writeFileSync(path, bytes)
    const src = {
      path,
      size: bytes.length,
      sha256: createHash('sha256').update(bytes).digest('hex'),
    }
    await ensureTwice('copy', { dest: join(dir, 'sent.bin'), src, mode: '0755' })
    expect(readFileSync(join(dir, 'sent.bin')).equals(bytes)).toBe(true)
    writeFileSync(join(dir, 'sent.bin'), 'spoiled')
    await ensureTwice('copy', { dest: join(dir, 'sent.bin'), src, mode: '0755' })
  })

  it('copy refuses a link, and does not touch what it points to', async () => {
    writeFileSync(join(dir, 'pointed'), 'mine')
    symlinkSync('pointed', join(dir, 'pointer'))
    await expect(ensure('copy', { dest: join(dir, 'pointer'), content: 'x' })).rejects.toThrow(
      'is a link',
    )
    expect(readFileSync(join(dir, 'pointed'), 'utf8')).toBe('mine')
  })

  it('a secret reaches its file and nothing else', async () => {
    const dest = join(dir, 'keyring')
    const { diff, actions } = await ensureTwice('copy', {
      dest,
      content: { secret: 'canary-5150\n' },
    })
    expect(readFileSync(dest, 'utf8')).toBe('canary-5150\n')
    expect(modeOf(dest)).toBe('600')
    expect(JSON.stringify([diff, actions])).not.toContain('canary')
  })

  it('file makes folders and links, and removes them again', async () => {
    const folder = join(dir, 'a/b/c')
    await ensureTwice('file', { path: folder, state: 'directory', mode: '1777' })
    expect(modeOf(folder)).toBe('1777')
    await ensureTwice('file', { path: join(dir, 'link'), state: 'link', src: 'a/b' })
    await ensureTwice('file', { path: join(dir, 'link'), state: 'link', src: 'a/b/c' })
    expect(readlinkSync(join(dir, 'link'))).toBe('a/b/c')
    await ensureTwice('file', { path: join(dir, 'link'), state: 'absent', recurse: true })
    expect(existsSync(folder)).toBe(true)
    await expect(ensure('file', { path: join(dir, 'a'), state: 'absent' })).rejects.toThrow()
    await ensureTwice('file', { path: join(dir, 'a'), state: 'absent', recurse: true })
    expect(existsSync(join(dir, 'a'))).toBe(false)
  })

  it('file sees in a plan what else would go, and what came since', async () => {
    const type = builtinTypes.find(({ name }) => name === 'file')!
    const path = join(dir, 'goes')
    mkdirSync(join(path, 'a'), { recursive: true })
    const { params } = paramsOfCase(type.params, { path, state: 'absent', recurse: true })
    const before = (await read(type, params)).state
    expect((await read(type, params)).state).toEqual(before)
    writeFileSync(join(path, 'a/precious'), '')
    // What a saved plan keeps is a digest of this state.
    expect((await read(type, params)).state).not.toEqual(before)
    await expect(ensure('file', { path, state: 'absent' })).rejects.toThrow('it holds a')
    await ensureTwice('file', { path, state: 'absent', recurse: true })
  })

  it('file sees that a file which goes has other content of the same size by now', async () => {
    const type = builtinTypes.find(({ name }) => name === 'file')!
    const path = join(dir, 'goes')
    writeFileSync(path, 'aaaa')
    const { params } = paramsOfCase(type.params, { path, state: 'absent' })
    const before = (await read(type, params)).state
    expect((await read(type, params)).state).toEqual(before)
    await vi.waitFor(async () => {
      writeFileSync(path, 'bbbb')
      expect((await read(type, params)).state).not.toEqual(before)
    })
    await ensureTwice('file', { path, state: 'absent' })
  })

  it.each([
    { state: 'directory', recurse: true, mode: '0755' },
    { state: 'directory', src: '/x' },
    { state: 'absent', owner: 'root' },
    { state: 'link', src: '/x', mode: '0644' },
    { state: 'link' },
  ])('file refuses params that mean nothing, and asks for those that it needs: %j', (given) => {
    const type = builtinTypes.find(({ name }) => name === 'file')!
    const all: ValueMap = { path: '/x', ...given }
    const faults = ruleFaults(
      type,
      {
        given: (name) => name in all,
        value: (name) => all[name] ?? type.params.properties[name]!.default,
      },
      true,
    )
    expect(faults).not.toEqual([])
  })

  it('template and lineinfile edit texts', async () => {
    const dest = join(dir, 'app.conf')
    await ensureTwice('template', { dest, src: 'port = 1\nhost = a\n' })
    chmodSync(dest, 0o640)
    await ensureTwice('lineinfile', { path: dest, regexp: '^port', line: 'port = 2' })
    await ensureTwice('lineinfile', { path: dest, line: '# top', insertbefore: 'BOF' })
    await ensureTwice('lineinfile', { path: dest, search_string: 'host', state: 'absent' })
    expect([readFileSync(dest, 'utf8'), modeOf(dest)]).toEqual(['# top\nport = 2\n', '640'])
  })

  it('authorized_key keeps what it does not know', async () => {
    const path = join(dir, 'keys')
    const user = userInfo().username
    writeFileSync(
      path,
      '# by hand\nfrom="10.0.0.0/8, x" ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAII1OEugmocN/+b/VR1L+X3WRCHa3ubkZitf8tu4eqarr old',
    )
    await ensureTwice('authorized_key', {
      user,
      path,
      key: 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAICXH441HmSKpVpvks2bAHQNGEkuNqCM3ENBaKbOf0sEu ims\n',
    })
    expect(readFileSync(path, 'utf8')).toBe(
      '# by hand\nfrom="10.0.0.0/8, x" ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAII1OEugmocN/+b/VR1L+X3WRCHa3ubkZitf8tu4eqarr old\nssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAICXH441HmSKpVpvks2bAHQNGEkuNqCM3ENBaKbOf0sEu ims\n',
    )
    await ensureTwice('authorized_key', {
      user,
      path,
      key: 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAII1OEugmocN/+b/VR1L+X3WRCHa3ubkZitf8tu4eqarr',
      state: 'absent',
    })
    expect(readFileSync(path, 'utf8')).toBe(
      '# by hand\nssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAICXH441HmSKpVpvks2bAHQNGEkuNqCM3ENBaKbOf0sEu ims\n',
    )
  })

  it('the read-only types and facts of the host are read', async () => {
    mkdirSync(join(dir, 'room'))
    expect((await ensure('command_exists', { name: 'sh' })).state).toMatchObject({ exists: true })
    const missing = builtinTypes.find((each) => each.name === 'command_exists')!
    expect((await read(missing, { name: 'no-such-command' })).state).toEqual({
      exists: false,
      path: null,
    })
    expect((await ensure('disk_space', { path: join(dir, 'room'), free: '1K' })).diff).toEqual({})
    expect(
      (await ensure('command', { cmd: 'printf \'{"a": 1}\'; exit 3', rc: 3 })).state,
    ).toMatchObject({ rc: 3, json: { a: 1 } })
    expect((await ensure('group', { name: 'root', gid: 0 })).state).toMatchObject({
      exists: true,
      gid: 0,
    })
    expect((await ensure('user', { name: 'root', uid: 0, home: '/root' })).state).toMatchObject({
      exists: true,
      group: 'root',
    })
    const account = builtinTypes.find((each) => each.name === 'user')!
    expect((await read(account, { name: 'no-such-user', state: 'present' })).state).toMatchObject({
      exists: false,
      uid: null,
    })
  })

  it('blockinfile replaces its own lines and no others', async () => {
    const path = join(dir, 'blocks')
    writeFileSync(path, 'first\nlast\n')
    await ensureTwice('blockinfile', { path, block: 'a\nb', insertafter: '^first' })
    await ensureTwice('blockinfile', { path, block: 'c', marker: '; {mark} other' })
    await ensureTwice('blockinfile', { path, block: 'a\n' })
    expect(readFileSync(path, 'utf8')).toBe(
      'first\n# BEGIN trueup block\na\n# END trueup block\nlast\n; BEGIN other\nc\n; END other\n',
    )
    await ensureTwice('blockinfile', { path, state: 'absent' })
    expect(readFileSync(path, 'utf8')).toBe('first\nlast\n; BEGIN other\nc\n; END other\n')
  })

  it.runIf(has('curl'))(
    'download fetches what is not there, checks it, and keeps the old file when it is wrong',
    async () => {
      const asked: (string | undefined)[] = []
      const server = createServer((request, response) => {
        asked.push(request.headers.authorization)
        if (request.headers.authorization !== 'Bearer "t\\o' || request.headers['x-site'] !== 'one')
          response.statusCode = 403
        response.end('new\n')
      })
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
      const dest = join(dir, 'fetched')
      const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/tool`
      const right = {
        url,
        dest,
        authorization: 'Bearer "t\\o',
        headers: { 'X-Site': 'one' },
        checksum: `sha256:${createHash('sha256').update('new\n').digest('hex')}`,
      }
      writeFileSync(dest, 'old\n')
      chmodSync(dest, 0o640)
      await expect(
        ensure('download', { ...right, checksum: `sha256:${'0'.repeat(64)}` }),
      ).rejects.toThrow()
      await expect(ensure('download', { ...right, authorization: 'nothing' })).rejects.toThrow()
      expect(readFileSync(dest, 'utf8')).toBe('old\n')
      await ensureTwice('download', right)
      expect([readFileSync(dest, 'utf8'), modeOf(dest)]).toEqual(['new\n', '640'])
      expect(asked).toHaveLength(3)
      expect(readdirSync(dir).filter((name) => name.startsWith('fetched.'))).toEqual([])
      server.close()
    },
  )

  it('unpack extracts once, and writes nothing of an archive that leads outside', async () => {
    const from = join(dir, 'packed')
    const dest = join(dir, 'opt')
    for (const folder of [from, dest]) mkdirSync(folder)
    writeFileSync(join(from, 'a'), 'a')
    writeFileSync(join(from, 'z'), 'z')
    execFileSync('tar', ['-czf', join(dir, 'good.tar.gz'), '-C', from, 'a', 'z'])
    execFileSync('tar', [
      '-cPf',
      join(dir, 'bad.tar'),
      '--transform',
      's,^a,../escaped,',
      '-C',
      from,
      'z',
      'a',
    ])
    await expect(
      ensure('unpack', { src: join(dir, 'bad.tar'), dest, creates: join(dest, 'z') }),
    ).rejects.toThrow()
    expect([existsSync(join(dest, 'z')), existsSync(join(dir, 'escaped'))]).toEqual([false, false])
    await ensureTwice('unpack', { src: join(dir, 'good.tar.gz'), dest, creates: join(dest, 'z') })
    expect(readFileSync(join(dest, 'a'), 'utf8')).toBe('a')
  })

  describe('unpack', () => {
    let from = ''
    let dest = ''
    let archive = ''
    let count = 0
    beforeEach(() => {
      const at = join(dir, `unpack-${count++}`)
      from = join(at, 'from')
      dest = join(at, 'dest')
      archive = join(at, 'a.tar')
      for (const folder of [at, from, dest]) mkdirSync(folder)
    })
    const pack = (...words: readonly string[]): void => {
      execFileSync('tar', ['-cPf', archive, '-C', from, ...words], { stdio: 'pipe' })
    }
    const unpack = (mark: string): Promise<Converged> =>
      ensure('unpack', { src: archive, dest, creates: join(dest, mark) })

    it('leaves nothing of an archive that is cut off, and fails again', async () => {
      writeFileSync(join(from, 'foo'), randomBytes(100_000))
      execFileSync('tar', ['-czf', archive, '-C', from, 'foo'])
      truncateSync(archive, 50_000)
      for (const _ of [1, 2]) {
        await expect(unpack('foo')).rejects.toThrow(/cannot be listed/)
        expect(readdirSync(dest)).toEqual([])
      }
    })

    it('takes no bit that gives rights away', async () => {
      mkdirSync(join(from, 'a'))
      writeFileSync(join(from, 'a/suid'), 'x')
      chmodSync(join(from, 'a/suid'), 0o6777)
      chmodSync(join(from, 'a'), 0o3777)
      pack('a')
      await unpack('a/suid')
      expect([modeOf(join(dest, 'a/suid')), modeOf(join(dest, 'a'))]).toEqual(['755', '755'])
    })

    it('writes through no link that lies there already', async () => {
      mkdirSync(join(from, 'a/ln/etc'), { recursive: true })
      mkdirSync(join(dest, 'a'))
      const target = mkdtempSync(join(dir, 'target-'))
      symlinkSync(target, join(dest, 'a/ln'))
      writeFileSync(join(from, 'a/ln/etc/planted'), 'x')
      pack('a/ln/etc/planted')
      await expect(unpack('a/ln/etc/planted')).rejects.toThrow(/is a link/)
      expect(readdirSync(target)).toEqual([])
      rmSync(join(from, 'a/ln'), { recursive: true })
      writeFileSync(join(from, 'a/ln'), 'file')
      pack('a/ln')
      execFileSync('rm', ['-f', join(dest, 'a/mark')])
      writeFileSync(join(from, 'a/mark'), '')
      pack('a')
      await unpack('a/mark')
      expect([readFileSync(join(dest, 'a/ln'), 'utf8'), readdirSync(target)]).toEqual(['file', []])
    })

    it.each([
      ['an absolute target', '/etc'],
      ['a target above', '../../x'],
      ['a target above that comes back', 'b/../../../x'],
    ])('refuses a link with %s', async (_, target) => {
      mkdirSync(join(from, 'a'))
      symlinkSync(target, join(from, 'a/l'))
      writeFileSync(join(from, 'z'), '')
      pack('a', 'z')
      await expect(unpack('z')).rejects.toThrow(/leads? outside|outside its folder/)
      expect(readdirSync(dest)).toEqual([])
    })

    it('takes links that stay inside, of both kinds', async () => {
      mkdirSync(join(from, 'a/b'), { recursive: true })
      writeFileSync(join(from, 'f'), 'f')
      linkSync(join(from, 'f'), join(from, 'a/hard'))
      symlinkSync('../../f', join(from, 'a/b/soft'))
      pack('a', 'f')
      await unpack('f')
      expect(readlinkSync(join(dest, 'a/b/soft'))).toBe('../../f')
      expect(lstatSync(join(dest, 'f')).nlink).toBe(2)
    })

    it('refuses a FIFO, a device, an absolute member, and a hard link to what lies outside', async () => {
      execFileSync('mkfifo', [join(from, 'fifo')])
      pack('fifo')
      await expect(unpack('fifo')).rejects.toThrow(/FIFO/)
      writeFileSync(join(from, 'f'), '')
      pack('f', '--transform', `s,^,${dir}/absolute-,`)
      await expect(unpack('f')).rejects.toThrow(/outside/)
      linkSync(join(from, 'f'), join(from, 'g'))
      pack('f', 'g', '--transform', 'flags=h;s,^,/etc/,')
      await expect(unpack('g')).rejects.toThrow(/outside|cannot be extracted/)
      expect([
        readdirSync(dest),
        readdirSync(dir).filter((name) => name.startsWith('absolute')),
      ]).toEqual([[], []])
    })

    it('puts the mark in place last, also where its folders are there', async () => {
      mkdirSync(join(from, 'a'))
      mkdirSync(join(dest, 'a/z'), { recursive: true })
      for (const name of ['a/mark', 'a/z', 'b']) writeFileSync(join(from, name), '')
      pack('a', 'b')
      await expect(unpack('a/mark')).rejects.toThrow(
        `${dest}/a/z is a folder in the place of a file`,
      )
      expect(existsSync(join(dest, 'a/mark'))).toBe(false)
    })

    it.runIf(has('unzip') && has('zip'))('takes a zip in the same way', async () => {
      mkdirSync(join(from, 'a'))
      writeFileSync(join(from, 'a/f'), 'f')
      symlinkSync('/etc', join(from, 'a/out'))
      archive = join(from, '../a.zip')
      execFileSync('zip', ['-qry', archive, 'a/f'], { cwd: from })
      await unpack('a/f')
      expect(readFileSync(join(dest, 'a/f'), 'utf8')).toBe('f')
      execFileSync('zip', ['-qry', archive, 'a'], { cwd: from })
      await expect(unpack('a/new')).rejects.toThrow(/outside/)
    })
  })

  describe.runIf(hasLoopDevices())('filesystem', () => {
    const image = (): string => join(dir, 'disk.img')
    const onDevice = async (
      lay: (dev: string) => void,
      fstype = 'ext4',
      chosen: (dev: string) => string = (dev) => dev,
    ): Promise<unknown> => {
      rmSync(image(), { force: true })
      writeFileSync(image(), '')
      truncateSync(image(), 2 ** 26)
      const dev = execFileSync('losetup', ['-f', '--show', image()], { encoding: 'utf8' }).trim()
      try {
        lay(dev)
        const { diff, state } = await ensure('filesystem', { dev: chosen(dev), fstype })
        return [diff, state]
      } finally {
        // One that is still in use goes with what uses it.
        execFileSync('losetup', ['-d', dev])
      }
    }
    const put = (dev: string, bytes: Buffer, at: number): void => {
      const file = openSync(dev, 'r+')
      writeSync(file, bytes, 0, bytes.length, at)
      closeSync(file)
    }

    it('formats what has no blocks, or reads as zeros to its end', async () => {
      const made = [
        { fstype: { from: null, to: 'ext4' } },
        expect.objectContaining({ fstype: 'ext4' }),
      ]
      expect(await onDevice(() => undefined)).toEqual(made)
      expect(await onDevice((dev) => put(dev, Buffer.alloc(2 ** 20), 2 ** 25))).toEqual(made)
    })

    it.each([
      ['in its middle', 2 ** 25],
      ['in its last byte', 2 ** 26 - 1],
      ['in its first', 0],
    ])('refuses one byte %s, which no signature tells of', async (_, at) => {
      await expect(onDevice((dev) => put(dev, Buffer.from([1]), at))).rejects.toThrow(
        `data at byte ${at}`,
      )
    })

    it('refuses a loop device on another block device, which has no blocks of its own', async () => {
      let upper = ''
      try {
        await expect(
          onDevice(
            (lower) => {
              put(lower, Buffer.from('precious'), 2 ** 25)
              upper = execFileSync('losetup', ['-f', '--show', lower], { encoding: 'utf8' }).trim()
              execFileSync('sync')
            },
            'ext4',
            () => upper,
          ),
        ).rejects.toThrow(`data at byte ${2 ** 25}`)
      } finally {
        if (upper !== '') execFileSync('losetup', ['-d', upper])
      }
    })

    it('refuses a file system whose beginning was lost', async () => {
      await expect(
        onDevice((dev) => {
          execFileSync('mkfs.ext4', ['-q', dev])
          put(dev, Buffer.alloc(4096), 0)
        }),
      ).rejects.toThrow('data at byte')
    })
  })

  it.runIf(has('git'))('git clones, follows a branch, and discards nothing', async () => {
    const repo = join(dir, 'origin')
    const dest = join(dir, 'clone')
    const at = (folder: string, ...words: string[]): string =>
      execFileSync('git', ['-C', folder, '-c', 'user.name=t', '-c', 'user.email=t@t', ...words], {
        encoding: 'utf8',
        stdio: 'pipe',
      }).trim()
    const commit = (text: string): string => {
      writeFileSync(join(repo, 'file'), text)
      at(repo, 'add', 'file')
      at(repo, 'commit', '-qm', text)
      return at(repo, 'rev-parse', 'HEAD')
    }
    mkdirSync(repo)
    execFileSync('git', ['init', '-q', '-b', 'main', repo])
    const first = commit('one')
    at(repo, 'tag', '-a', 'v1', '-m', 'v1')
    expect((await ensureTwice('git', { repo, dest, version: 'v1' })).state).toMatchObject({
      commit: first,
    })
    const second = commit('two')
    expect((await ensureTwice('git', { repo, dest, version: 'main' })).state).toMatchObject({
      commit: second,
    })
    writeFileSync(join(dest, 'file'), 'by hand')
    await expect(ensure('git', { repo, dest, version: first })).rejects.toThrow('changed by hand')
    at(dest, 'commit', '-qam', 'mine')
    await expect(ensure('git', { repo, dest, version: first })).rejects.toThrow('would be lost')
    at(dest, 'branch', 'mine')
    await ensureTwice('git', { repo, dest, version: first })
    expect(readFileSync(join(dest, 'file'), 'utf8')).toBe('one')
    writeFileSync(join(dest, 'file'), 'by hand')
    await expect(ensure('git', { repo, dest, version: first })).rejects.toThrow('changed by hand')
    at(dest, 'checkout', '-q', '--', 'file')

    // A folder that is there and empty keeps its owner and mode.
    const empty = join(dir, 'empty')
    mkdirSync(empty, { mode: 0o750 })
    await ensureTwice('git', { repo, dest: empty, version: first })
    expect(modeOf(empty)).toBe('750')
  })

  it.runIf(has('git'))('git fetches submodules with the commit', async () => {
    const [repo, sub, dest] = ['super', 'sub', 'with-sub'].map((name) => join(dir, name)) as [
      string,
      string,
      string,
    ]
    // git takes submodules of this machine only where it is told so.
    vi.stubEnv('GIT_ALLOW_PROTOCOL', 'file')
    const git = (folder: string, ...words: string[]): string =>
      execFileSync('git', ['-C', folder, '-c', 'user.name=t', '-c', 'user.email=t@t', ...words], {
        encoding: 'utf8',
        stdio: 'pipe',
      }).trim()
    for (const folder of [repo, sub]) execFileSync('git', ['init', '-q', '-b', 'main', folder])
    writeFileSync(join(sub, 'f'), 'sub')
    git(sub, 'add', 'f')
    git(sub, 'commit', '-qm', 'f')
    git(repo, 'submodule', '--quiet', 'add', sub, 'part')
    git(repo, 'commit', '-qm', 'part')
    expect((await ensureTwice('git', { repo, dest, version: 'main' })).state).toMatchObject({
      submodules: true,
    })
    expect(readFileSync(join(dest, 'part/f'), 'utf8')).toBe('sub')
    git(dest, 'submodule', '--quiet', 'deinit', '--force', 'part')
    await ensureTwice('git', { repo, dest, version: 'main' })
    expect(readFileSync(join(dest, 'part/f'), 'utf8')).toBe('sub')
  })
})

function has(program: string): boolean {
  return (process.env['PATH'] ?? '').split(':').some((folder) => existsSync(join(folder, program)))
}

function hasLoopDevices(): boolean {
  if (process.getuid?.() !== 0 || !has('losetup') || !has('mkfs.ext4') || !has('cmp')) return false
  const file = join(mkdtempSync(join(tmpdir(), 'trueup-loop-')), 'f')
  try {
    writeFileSync(file, '')
    truncateSync(file, 2 ** 20)
    const dev = execFileSync('losetup', ['-f', '--show', file], { encoding: 'utf8', stdio: 'pipe' })
    execFileSync('losetup', ['-d', dev.trim()])
    return true
  } catch {
    return false
  } finally {
    rmSync(join(file, '..'), { recursive: true, force: true })
  }
}
