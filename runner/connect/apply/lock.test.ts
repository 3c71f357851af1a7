import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ask, type Probe } from '../../contract/probe.ts'
import { Interrupted, type Answer, type WorldAction } from '../../model/session.ts'
import { openSession } from '../batch/script-session.ts'
import { localTransport } from '../local.ts'
import { lockHere } from './lock-here.ts'
import type { HostLocks, LockHeld } from './lock.ts'

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
    takeHere: (host, after) =>
      lockHere(host, {
        folder: join(dir, 'locks'),
        who,
        patience,
        after,
        waiting,
        unusable: (why) => void said.push(why),
      }),
    foreign: (_host, listed) => void said.push(`foreign ${listed}`),
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
/** An action that writes its begin and its end; with a gate it waits between them until the test has made that file. */
const note = (mark: string, gate = ''): WorldAction => ({
  do: 'exec',
  argv: [
    'sh',
    '-c',
    'echo begin >>"$1"; while [ -n "$2" ] && [ -e "$1" ] && [ ! -e "$2" ]; do sleep 0.1; done; echo end >>"$1"',
    'sh',
    mark,
    gate,
  ],
})
const hasBegun = (mark: string): boolean =>
  existsSync(mark) && readFileSync(mark, 'utf8') === 'begin\n'
const open = (gate: string): void => writeFileSync(gate, '')
const until = async (holds: () => boolean): Promise<void> => {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 10))
}

/** The lock is this machine's: tests that act here at the same time hold it for moments, too. */
const besidesOthers = (said: readonly string[]): readonly string[] =>
  said.filter((line) => !line.startsWith('waiting'))
/** Acts as the engine does: behind a change of another run it decides again, and then knows of that change. */
async function act(
  session: ReturnType<typeof openSession>,
  actions: readonly WorldAction[],
  probes: readonly Probe[] = [],
): Promise<Answer> {
  let after: readonly string[] = []
  for (;;) {
    const answer = await session.exchange({ apply: { guards: [], actions, after }, probes })
    if (answer.overtaken === undefined) return answer
    expect(answer.actions).toEqual([])
    after = [...after.slice(-1), answer.overtaken]
  }
}
async function meet(session: ReturnType<typeof openSession>): Promise<void> {
  for (let tries = 0; ; tries++) {
    const error = await act(session, []).then(
      () => null,
      (thrown: unknown) => thrown,
    )
    if (error === null) return
    if (tries >= 20) throw error as Error
  }
}

describe.runIf(hasFlock).each(usable)('the lock of a host, under %s', (_name, argv) => {
  const sessionOf = (locks: HostLocks) => openSession(localTransport({ shell: argv }), null, locks)

  it('lets the second run wait for the first, and says for whom', async () => {
    const [one, two] = [locksOf('run one'), locksOf('run two')]
    const [first, second] = [sessionOf(one), sessionOf(two)]
    // Both know by then that the host has `flock`: the lock of this controller is out of the game.
    for (const session of [first, second]) await meet(session)
    expect([one, two].map((each) => [...new Set(besidesOthers(each.said))])).toEqual([
      ['host'],
      ['host'],
    ])
    const [mark, gate] = [join(dir, 'mark'), join(dir, 'gate')]
    const running = act(first, [note(mark, gate)])
    await until(() => hasBegun(mark))
    // A run that only reads takes no lock.
    expect((await second.exchange({ probes: [ask(['cat', mark])] })).readings).toMatchObject([
      { stdout: 'begin\n' },
    ])
    const waits = act(second, [note(mark)], [ask(['cat', mark])])
    await until(() => two.said.includes('waiting localhost run one'))
    open(gate)
    const { actions, readings } = await waits
    expect(actions).toMatchObject([{ ok: true }])
    expect(readings).toMatchObject([{ stdout: 'begin\nend\nbegin\nend\n' }])
    await running
  })

  it('refuses when the first takes too long, and does nothing then', async () => {
    const [mark, gate] = [join(dir, 'mark'), join(dir, 'gate')]
    const first = sessionOf(locksOf('run one'))
    const second = sessionOf(locksOf('run two', 1))
    for (const session of [first, second]) await meet(session)
    const running = act(first, [note(mark, gate)])
    await until(() => hasBegun(mark))
    await expect(
      second.exchange({ apply: { guards: [], actions: [note(mark)] }, probes: [] }),
    ).rejects.toMatchObject({
      diagnostics: [{ code: 'connect/lock-busy', message: expect.stringContaining('run one') }],
    })
    open(gate)
    await running
    expect(readFileSync(mark, 'utf8')).toBe('begin\nend\n')
  })

  it('does nothing behind a change of another run that was not known, and says which it was', async () => {
    const mark = join(dir, 'mark')
    const [first, second] = [sessionOf(locksOf('run one')), sessionOf(locksOf('run two'))]
    for (const session of [first, second]) await meet(session)
    await act(first, [note(mark)])
    const decided = { apply: { guards: [], actions: [note(mark)] }, probes: [ask(['cat', mark])] }
    const overtaken = await second.exchange(decided)
    expect(overtaken).toMatchObject({ overtaken: expect.any(String), actions: [] })
    expect(overtaken.readings).toMatchObject([{ stdout: 'begin\nend\n' }])
    expect((await act(second, [note(mark)])).actions).toMatchObject([{ ok: true }])
    // Behind its own change a run need not decide again.
    const again = await second.exchange(decided)
    if (again.overtaken === undefined) expect(again.actions).toMatchObject([{ ok: true }])
  })

  it('does nothing behind a change of its own run of which no answer came', async () => {
    const mark = join(dir, 'mark')
    const [first, second] = [sessionOf(locksOf('run one')), sessionOf(locksOf('run one'))]
    const { mark: own } = await act(first, [note(mark)])
    expect(own).toMatch(/^[0-9a-f]{24}$/)
    const apply = { guards: [], actions: [note(mark)] }
    // The second does not know of it, as where the connection of the first was lost.
    const lost = await second.exchange({ apply, probes: [] })
    expect(lost).toMatchObject({ overtaken: expect.any(String), actions: [] })
    await act(first, [note(mark)])
  })

  it('acts behind its own last change without a second look', async () => {
    const mark = join(dir, 'mark')
    const session = sessionOf(locksOf('run one'))
    // Another program of this machine may change something in between.
    for (let tries = 0; ; tries++) {
      const { mark: own } = await act(session, [note(mark)])
      const apply = { guards: [], actions: [note(mark)], own: own! }
      const answer = await session.exchange({ apply, probes: [] })
      if (answer.overtaken !== undefined && tries < 20) continue
      expect(answer.actions).toMatchObject([{ ok: true }])
      return
    }
  })

  it('is waited for no longer when the run ends, and nothing is done then', async () => {
    const [mark, gate, other] = [join(dir, 'mark'), join(dir, 'gate'), join(dir, 'other')]
    const two = locksOf('run two', 60)
    const [first, second] = [sessionOf(locksOf('run one')), sessionOf(two)]
    for (const session of [first, second]) await meet(session)
    const running = act(first, [note(mark, gate)])
    await until(() => hasBegun(mark))
    const drain = new AbortController()
    const waiting = second.exchange({
      apply: { guards: [], actions: [{ do: 'write', path: other, content: 'x' }] },
      probes: [],
      drain: drain.signal,
    })
    const refused = expect(waiting).rejects.toBeInstanceOf(Interrupted)
    await until(() => two.said.includes('waiting localhost run one'))
    drain.abort()
    await refused
    // The other run is still at work, and the file never comes.
    expect(readFileSync(mark, 'utf8')).toBe('begin\n')
    open(gate)
    await running
    expect(existsSync(other)).toBe(false)
  })

  it('is not kept by a service that an action starts', async () => {
    const session = sessionOf(locksOf('run one', 10))
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
    await act(session, [daemon])
    try {
      expect((await act(session, [note(join(dir, 'mark'))])).actions).toMatchObject([{ ok: true }])
    } finally {
      process.kill(Number(readFileSync(join(dir, 'pid'), 'utf8')), 'SIGKILL')
    }
  })
})

describe('the lock on this controller', () => {
  it('waits, refuses in words, and passes over the lock of a dead run', async () => {
    const said: string[] = []
    const take = (who: string, patience: number): Promise<LockHeld> =>
      lockHere('n1', {
        folder: dir,
        who,
        patience,
        after: [],
        waiting: (host, holder) => void said.push(`${host} ${holder}`),
        unusable: () => undefined,
      })
    const one = await take('run one', 1)
    await expect(take('run two', 0)).rejects.toMatchObject({
      diagnostics: [{ code: 'connect/lock-busy' }],
    })
    expect(said).toEqual(['n1 run one'])
    const waits = take('run three', 30)
    one.release(true)
    const three = await waits
    // It decided before the first run had ended.
    expect(three.overtaken).toEqual(expect.any(String))
    three.release(false)
    const dead = spawnSync('true').pid
    writeFileSync(
      join(dir, 'n1.lock'),
      JSON.stringify({ pid: dead, controller: hostname(), who: 'run dead' }),
    )
    const four = await take('run four', 0)
    expect(four.overtaken).toBe('a run that died')
    four.release(true)
    const own = await take('run four', 0)
    expect(own.overtaken).toBe(null)
    own.release(true)
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
        after: [],
        waiting: () => undefined,
        unusable: (why) => void said.push(why),
      })
    ).release(true)
    expect(said).toHaveLength(1)
  })
})
