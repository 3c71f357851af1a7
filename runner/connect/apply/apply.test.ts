import { createHash } from 'node:crypto'
import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { stat } from '../../contract/probe.ts'
import { Secret } from '../../contract/secret.ts'
import { openSession } from '../batch/script-session.ts'
import { localTransport } from '../local.ts'
import type { ActionResult, WorldAction } from '../../model/session.ts'

const session = openSession(localTransport(), null)
const root = process.getuid?.() === 0
let dir = ''
beforeEach(() => {
  dir = mkdtempSync(`${tmpdir()}/apply-`)
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))

async function act(...actions: WorldAction[]): Promise<readonly ActionResult[]> {
  return (await session.exchange({ apply: { guards: [], actions }, probes: [] })).actions
}
const write = (path: string, content = 'new', more: object = {}): WorldAction => ({
  do: 'write',
  path,
  content,
  ...more,
})

describe('writing', () => {
  it('goes through a link that only we or root could have made, and leaves the link', async () => {
    mkdirSync(`${dir}/etc`)
    mkdirSync(`${dir}/run`)
    writeFileSync(`${dir}/run/target`, 'old', { mode: 0o600 })
    symlinkSync('../run/target', `${dir}/etc/link`)
    symlinkSync(`${dir}/etc`, `${dir}/alias`)
    expect(await act(write(`${dir}/alias/link`))).toMatchObject([{ ok: true }])
    expect(readFileSync(`${dir}/run/target`, 'utf8')).toBe('new')
    expect(lstatSync(`${dir}/etc/link`).isSymbolicLink()).toBe(true)
    expect(statSync(`${dir}/run/target`).mode & 0o777).toBe(0o600)
  })

  it('refuses a link that another may have aimed, be it the file or a folder on the way', async () => {
    writeFileSync(`${dir}/precious`, 'precious')
    mkdirSync(`${dir}/open`)
    chmodSync(`${dir}/open`, 0o777)
    symlinkSync('../precious', `${dir}/open/link`)
    symlinkSync('..', `${dir}/open/folder`)
    for (const path of [`${dir}/open/link`, `${dir}/open/folder/precious`]) {
      expect(await act(write(path)), path).toMatchObject([
        { ok: false, message: expect.stringContaining('others may write') },
      ])
    }
    expect(readFileSync(`${dir}/precious`, 'utf8')).toBe('precious')
  })

  it.runIf(root)('refuses as root a link in a folder of a user', async () => {
    mkdirSync(`${dir}/home`)
    chownSync(`${dir}/home`, 65534, 65534)
    symlinkSync('/etc/shadow', `${dir}/home/authorized_keys`)
    const before = readFileSync('/etc/shadow', 'utf8')
    expect(await act(write(`${dir}/home/authorized_keys`))).toMatchObject([{ ok: false }])
    expect(readFileSync('/etc/shadow', 'utf8')).toBe(before)
  })

  it('refuses what would never end: links in a circle, a FIFO', async () => {
    symlinkSync('b', `${dir}/a`)
    symlinkSync('a', `${dir}/b`)
    expect(await act(write(`${dir}/a`))).toMatchObject([
      { ok: false, message: expect.stringContaining('too many links') },
    ])
    expect(
      await act({ do: 'exec', argv: ['mkfifo', `${dir}/fifo`] }, write(`${dir}/fifo`)),
    ).toMatchObject([
      { ok: true },
      { ok: false, message: expect.stringContaining('not a regular file') },
    ])
  })

  it.runIf(root)(
    'gives owner, group and mode before the name, and keeps those of a file it replaces',
    async () => {
      expect(
        await act(write(`${dir}/mine`, 'x', { owner: 'nobody', group: '12', mode: '4750' })),
      ).toMatchObject([{ ok: true }])
      expect(statSync(`${dir}/mine`)).toMatchObject({ uid: 65534, gid: 12 })
      expect(statSync(`${dir}/mine`).mode & 0o7777).toBe(0o4750)
      expect(await act(write(`${dir}/mine`, 'y'))).toMatchObject([{ ok: true }])
      expect(statSync(`${dir}/mine`)).toMatchObject({ uid: 65534, gid: 12, size: 1 })
    },
  )

  it('leaves the old file, and nothing else, when it fails', async () => {
    writeFileSync(`${dir}/file`, 'old')
    expect(await act(write(`${dir}/file`, 'new', { owner: 'no-such-user-here' }))).toMatchObject([
      { ok: false, message: expect.stringContaining('no-such-user-here') },
    ])
    expect(readFileSync(`${dir}/file`, 'utf8')).toBe('old')
    expect(readdirSync(dir)).toEqual(['file'])
  })

  it.runIf(existsSync('/dev/full') && root)(
    'says when the disk is full, or read-only',
    async () => {
      mkdirSync(`${dir}/small`)
      const mounted = await act({
        do: 'exec',
        argv: ['mount', '-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', `${dir}/small`],
      })
      if (!mounted[0]!.ok) return
      try {
        const source = local('large', 300_000)
        const secret = new Secret('s', 'x'.repeat(100_000))
        for (const action of [
          write(`${dir}/small/a`, 'x'.repeat(65_536)),
          { do: 'upload', path: `${dir}/small/b`, source } as const,
          { do: 'write', path: `${dir}/small/c`, content: secret } as const,
        ]) {
          expect(await act(write(`${dir}/small/fill`, 'x'.repeat(30_000)), action)).toMatchObject([
            { ok: true },
            { ok: false, message: `no space left on ${dir}/small` },
          ])
        }
        expect(readdirSync(`${dir}/small`)).toEqual(['fill'])
        expect(
          await act(
            { do: 'exec', argv: ['mount', '-o', 'remount,ro', `${dir}/small`] },
            write(`${dir}/small/d`),
          ),
        ).toMatchObject([
          { ok: true },
          { ok: false, message: `${dir}/small lies on a read-only file system` },
        ])
        expect(await act({ do: 'remove', path: dir, recursive: true })).toMatchObject([
          { ok: false, message: expect.stringContaining('mount point') },
        ])
        expect(await act({ do: 'remove', path: `${dir}/small`, recursive: true })).toMatchObject([
          { ok: false, message: expect.stringContaining('mount point') },
        ])
      } finally {
        await act({ do: 'exec', argv: ['umount', `${dir}/small`] })
      }
    },
  )
})

function local(name: string, size: number): { path: string; size: number; sha256: string } {
  const bytes = Buffer.alloc(size, 'abcdefg')
  writeFileSync(`${dir}/${name}`, bytes)
  return { path: `${dir}/${name}`, size, sha256: createHash('sha256').update(bytes).digest('hex') }
}

describe('uploading', () => {
  it('refuses a file that changed after it was hashed, whatever its size', async () => {
    for (const size of [100, 1_000_000]) {
      const source = local('source', size)
      writeFileSync(source.path, Buffer.alloc(size, 'x'))
      expect(
        await act({ do: 'upload', path: `${dir}/target`, source }),
        String(size),
      ).toMatchObject([{ ok: false }])
      truncateSync(source.path, size - 1)
      expect(
        await act({ do: 'upload', path: `${dir}/target`, source }),
        String(size),
      ).toMatchObject([{ ok: false, message: expect.stringContaining('changed') }])
      rmSync(source.path)
      expect(
        await act({ do: 'upload', path: `${dir}/target`, source }),
        String(size),
      ).toMatchObject([{ ok: false }])
    }
    expect(existsSync(`${dir}/target`)).toBe(false)
  })

  it('sends nothing of a large file when an action before it failed', async () => {
    const source = local('source', 5_000_000)
    const { actions, cost } = await session.exchange({
      apply: {
        guards: [],
        actions: [
          { do: 'exec', argv: ['false'] },
          { do: 'upload', path: `${dir}/target`, source },
        ],
      },
      probes: [stat(`${dir}/target`)],
    })
    expect(actions).toMatchObject([{ ok: false }])
    expect(cost.bytesSent).toBeLessThan(20_000)
  })

  it('sends several in turn, with commands between them', async () => {
    const [one, two] = [local('one', 400_000), local('two', 65_536 * 3)]
    const actions = await act(
      { do: 'upload', path: `${dir}/1`, source: one },
      { do: 'exec', argv: ['sh', '-c', 'sleep 0.3; cat'], stdin: new Secret('s', 'hush') },
      { do: 'upload', path: `${dir}/2`, source: two, backup: '2.old' },
      { do: 'upload', path: `${dir}/2`, source: one, backup: '2.old' },
    )
    expect(actions).toMatchObject([
      { ok: true, stderr: '' },
      { ok: true, stdout: 'hush' },
      { ok: true },
      { ok: true },
    ])
    expect([
      statSync(`${dir}/1`).size,
      statSync(`${dir}/2`).size,
      statSync(`${dir}/2.old`).size,
    ]).toEqual([one.size, one.size, two.size])
  })
})

describe('a command', () => {
  it('keeps the end of an output that is too long, and says so', async () => {
    const [result] = await act({
      do: 'exec',
      argv: [
        'sh',
        '-c',
        'i=0; while [ $i -lt 30000 ]; do echo "line $i ----------------------------------------"; i=$((i+1)); done',
      ],
    })
    expect(result).toMatchObject({ ok: true, stdout: expect.stringMatching(/^\[only the end/) })
    expect(
      String(result!.stdout).endsWith('line 29999 ----------------------------------------\n'),
    ).toBe(true)
  })

  it('that cannot be is refused in its turn', async () => {
    const actions = await act(
      write(`${dir}/first`),
      { do: 'exec', argv: ['echo', 'a\0b'] },
      write(`${dir}/third`),
    )
    expect(actions).toMatchObject([
      { ok: true },
      { ok: false, message: expect.stringContaining('NUL') },
    ])
    expect(readdirSync(dir)).toEqual(['first'])
  })

  it('gets its environment and its folder, and no word of it is read by a shell', async () => {
    expect(
      await act({
        do: 'exec',
        argv: ['sh', '-c', 'pwd; echo "$V $1"', 'x', '$(id)`id`;*'],
        chdir: dir,
        environment: { V: "it's", M: 'x', a: '1' },
      }),
    ).toMatchObject([{ ok: true, stdout: `${dir}\nit's $(id)\`id\`;*\n` }])
    expect(await act({ do: 'exec', argv: ['pwd'], chdir: `${dir}/no` })).toMatchObject([
      { ok: false, message: expect.stringContaining(`${dir}/no`) },
    ])
  })
})
