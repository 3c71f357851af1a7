import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ask } from '../../contract/probe.ts'
import type { WorldAction } from '../../model/session.ts'
import { openSession } from '../batch/session.ts'
import { localTransport } from '../local.ts'
import { lockHere } from './lock-here.ts'
import type { HostLocks } from './lock.ts'

let dir = ''
beforeEach(() => {
  dir = mkdtempSync(`${tmpdir()}/lock-`)
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))

interface Told extends HostLocks {
  readonly said: string[]
}
function locksOf(who: string, patience = 20): Told {
  const said: string[] = []
  const waiting = (host: string, holder: string): void =>
    void said.push(`waiting ${host} ${holder}`)
  return {
    who,
    patience,
    said,
    waiting,
    takeHere: (host) =>
      lockHere(host, {
        folder: join(dir, 'locks'),
        who,
        patience,
        waiting,
        unusable: (why) => void said.push(why),
      }),
    locked: (_host, where) => void said.push(where),
  }
}
const hasFlock = spawnSync('flock', ['--version']).status === 0
const shells: [string, [string, ...string[]]][] = [
  ['sh', ['/bin/sh', '-c']],
  ['dash', ['dash', '-c']],
  ['bash', ['bash', '-c']],
  ['busybox', ['busybox', 'sh', '-c']],
]
const usable = shells.filter(
  ([, argv]) => spawnSync(argv[0], [...argv.slice(1), 'true']).status === 0,
)
const nap = (seconds: number, mark: string): WorldAction => ({
  do: 'exec',
  argv: ['sh', '-c', 'echo begin >>"$1"; sleep "$2"; echo end >>"$1"', 'sh', mark, String(seconds)],
})
const until = async (holds: () => boolean): Promise<void> => {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 10))
}

/** The lock is this machine's: tests that act here at the same time hold it for moments, too. */
const besidesOthers = (said: readonly string[]): readonly string[] =>
  said.filter((line) => !line.startsWith('waiting'))
async function meet(session: ReturnType<typeof openSession>): Promise<void> {
  for (let tries = 0; ; tries++) {
    const error = await session.exchange({ apply: { guards: [], actions: [] }, probes: [] }).then(
      () => null,
      (thrown: unknown) => thrown,
    )
    if (error === null) return
    if (tries >= 20) throw error as Error
  }
}

describe.runIf(hasFlock).each(usable)('the lock of a host, under %s', (_name, argv) => {
  const open = (locks: HostLocks) => openSession(localTransport({ shell: argv }), null, locks)

  it('lets the second run wait for the first, and says for whom', async () => {
    const [one, two] = [locksOf('run one'), locksOf('run two')]
    const [first, second] = [open(one), open(two)]
    // Both know by then that the host has `flock`: the lock of this controller is out of the game.
    for (const session of [first, second]) await meet(session)
    expect([one, two].map((each) => besidesOthers(each.said))).toEqual([['host'], ['host']])
    const mark = join(dir, 'mark')
    const running = first.exchange({ apply: { guards: [], actions: [nap(1, mark)] }, probes: [] })
    await until(() => existsSync(mark))
    // Who only reads takes no lock.
    expect((await second.exchange({ probes: [ask(['cat', mark])] })).readings).toMatchObject([
      { stdout: 'begin\n' },
    ])
    const { actions, readings } = await second.exchange({
      apply: { guards: [], actions: [nap(0, mark)] },
      probes: [ask(['cat', mark])],
    })
    expect(two.said).toContain('waiting localhost run one')
    expect(actions).toMatchObject([{ ok: true }])
    expect(readings).toMatchObject([{ stdout: 'begin\nend\nbegin\nend\n' }])
    await running
  })

  it('refuses when the first takes too long, and does nothing then', async () => {
    const mark = join(dir, 'mark')
    const first = open(locksOf('run one'))
    const second = open(locksOf('run two', 1))
    for (const session of [first, second]) await meet(session)
    const running = first.exchange({ apply: { guards: [], actions: [nap(4, mark)] }, probes: [] })
    await until(() => existsSync(mark))
    await expect(
      second.exchange({ apply: { guards: [], actions: [nap(0, mark)] }, probes: [] }),
    ).rejects.toMatchObject({
      diagnostics: [{ code: 'connect/lock-busy', message: expect.stringContaining('run one') }],
    })
    await running
    expect(readFileSync(mark, 'utf8')).toBe('begin\nend\n')
  })

  it('is not kept by a service that an action starts', async () => {
    const session = open(locksOf('run one', 10))
    const daemon: WorldAction = {
      do: 'exec',
      argv: [
        'sh',
        '-c',
        'setsid sleep 20 </dev/null >/dev/null 2>&1 & echo $! >"$1"',
        'sh',
        join(dir, 'pid'),
      ],
    }
    await session.exchange({ apply: { guards: [], actions: [daemon] }, probes: [] })
    try {
      expect(
        (
          await session.exchange({
            apply: { guards: [], actions: [nap(0, join(dir, 'mark'))] },
            probes: [],
          })
        ).actions,
      ).toMatchObject([{ ok: true }])
    } finally {
      process.kill(Number(readFileSync(join(dir, 'pid'), 'utf8')), 'SIGKILL')
    }
  })
})

describe('the lock on this controller', () => {
  it('waits, refuses in words, and passes over the lock of a dead run', async () => {
    const said: string[] = []
    const take = (who: string, patience: number): Promise<() => void> =>
      lockHere('n1', {
        folder: dir,
        who,
        patience,
        waiting: (host, holder) => void said.push(`${host} ${holder}`),
        unusable: () => undefined,
      })
    const release = await take('run one', 1)
    await expect(take('run two', 0)).rejects.toMatchObject({
      diagnostics: [{ code: 'connect/lock-busy' }],
    })
    expect(said).toEqual(['n1 run one'])
    const waits = take('run three', 30)
    release()
    ;(await waits)()
    const dead = spawnSync('true').pid
    writeFileSync(
      join(dir, 'n1.lock'),
      JSON.stringify({ pid: dead, controller: hostname(), who: 'run dead' }),
    )
    ;(await take('run four', 0))()
    expect(existsSync(join(dir, 'n1.lock'))).toBe(false)
  })

  it('goes on without a lock where the folder cannot be used, and says so', async () => {
    writeFileSync(join(dir, 'file'), '')
    const said: string[] = []
    ;(
      await lockHere('n1', {
        folder: join(dir, 'file'),
        who: 'run one',
        patience: 0,
        waiting: () => undefined,
        unusable: (why) => void said.push(why),
      })
    )()
    expect(said).toHaveLength(1)
  })
})
