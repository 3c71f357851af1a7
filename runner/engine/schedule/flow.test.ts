import { describe, expect, it } from 'vitest'
import { setting } from '../../../test/harness/toys.ts'
import {
  computed,
  createWorld,
  execute,
  inventoryOf,
  machine,
  play,
  task,
  type Told,
  type World,
} from '../../../test/harness/fake-world.ts'
import { DiagnosticError } from '../../model/diagnostic.ts'
import type { Note } from '../../model/note.ts'
import { Unreachable, type Connections } from '../../model/session.ts'

const at = { file: 'test.yaml', line: 1, column: 1 }
const goingOn = { goesOn: at }
const write = (path: string, more: object = {}): ReturnType<typeof task> =>
  task('ensure', path, setting, { params: { name: path, value: 'x' }, ...more })

interface End {
  readonly host: string
  readonly play: number
  readonly at: number
}

/** When the last task of each play ended on each host. */
function endsIn({ events }: Told): readonly End[] {
  const ends = new Map<string, End>()
  for (const event of events)
    if (event.type === 'outcome')
      ends.set(`${event.play} ${event.host}`, {
        host: event.host,
        play: event.play,
        at: event.at,
      })
  return [...ends.values()]
}

const bad = {
  hung: 'n007',
  blackHole: 'n120',
  slow: 'n201',
  wrongKey: 'n299',
}
const isBad = (host: string): boolean => Object.values(bad).includes(host)
const names = Array.from({ length: 300 }, (_, i) => `n${String(i).padStart(3, '0')}`)

/** 300 hosts, of which one never logs in, one falls silent at its first change, one takes 30 s an exchange, one has a wrong key. */
function troubledWorld(): { readonly world: World; readonly connections: Connections } {
  const world = createWorld(Object.fromEntries(names.map((name) => [name, machine()])))
  world.latency = 100
  const { clock } = world
  const connections: Connections = {
    ...world.connections,
    async session(endpoint, become) {
      const to = 'host' in endpoint ? endpoint.host.name : ''
      if (to === bad.wrongKey)
        throw new DiagnosticError({
          code: 'connect/host-key-changed',
          host: to,
          message: 'changed',
        })
      if (to === bad.hung) {
        await clock.sleep(20_000)
        throw new Unreachable(to, 'no login within 20 seconds')
      }
      const session = await world.connections.session(endpoint, become)
      return {
        async exchange(exchange) {
          if (to === bad.slow) await clock.sleep(30_000)
          if (to === bad.blackHole && exchange.apply) {
            await clock.sleep(36_000)
            throw new Unreachable(to, 'no sign of life', { midway: true })
          }
          return session.exchange(exchange)
        },
      }
    },
  }
  return { world, connections }
}

const two = (more: object = {}): ReturnType<typeof play>[] => [
  play([write('/a'), write('/b')], more),
  play([write('/c')]),
]

describe('300 hosts, of which one hangs, one falls silent, one is slow and one has a wrong key', () => {
  it('make no other host wait within a play', async () => {
    const { world, connections } = troubledWorld()
    const told = await execute(world, two(), inventoryOf(names), { connections })
    const ends = endsIn(told).filter(({ play: index }) => index === 0)
    const firstBad = Math.min(
      ...ends.filter(({ host }) => isBad(host) && host !== bad.wrongKey).map((end) => end.at),
    )
    const waited = ends.filter((end) => !isBad(end.host) && end.at >= firstBad)
    expect(waited).toEqual([])
    expect(ends).toHaveLength(300)
    expect(told.exit).toBe(1)
    expect(told.outcomes[`${bad.hung}: /a`]).toBe('unreachable')
    expect(told.outcomes[`${bad.blackHole}: /a`]).toBe('unreachable')
    expect(told.outcomes[`${bad.wrongKey}: /a`]).toBe('failed')
    expect(told.outcomes[`${bad.slow}: /b`]).toBe('changed')
  })

  it('make no other host wait between two plays where hosts do not meet', async () => {
    const { world, connections } = troubledWorld()
    const told = await execute(world, two(goingOn), inventoryOf(names), { connections })
    const ends = endsIn(told)
    const slowEnd = ends.find((end) => end.host === bad.slow && end.play === 0)!.at
    const late = ends.filter((end) => end.play === 1 && !isBad(end.host) && end.at >= slowEnd)
    expect(late).toEqual([])
    expect(ends.filter((end) => end.play === 1)).toHaveLength(297)
  })

  it('hold all others back between two plays where hosts do meet', async () => {
    const { world, connections } = troubledWorld()
    const ends = endsIn(await execute(world, two(), inventoryOf(names), { connections }))
    const slowEnd = ends.find((end) => end.host === bad.slow && end.play === 0)!.at
    expect(ends.filter((end) => end.play === 1 && end.at < slowEnd)).toEqual([])
  })
})

describe('plays where hosts do not meet at the end', () => {
  it('tell each exchange and outcome as one of its own play, and end after their last host', async () => {
    const world = createWorld({ n1: machine(), n2: machine() })
    const first = play([write('/a', onlyOn('n1')), write('/b', onlyOn('n1'))], goingOn)
    const told = await execute(world, [first, play([write('/c')])], inventoryOf(['n1', 'n2']))
    const order = told.events.flatMap((event) =>
      event.type === 'play-started' || event.type === 'play-ended' || event.type === 'exchange'
        ? [`${event.type === 'exchange' ? event.connection : event.type} ${event.play}`]
        : [],
    )
    expect(order.indexOf('play-started 1')).toBeLessThan(order.indexOf('play-ended 0'))
    expect(order.at(-1)).toBe('play-ended 1')
    expect(order.filter((each) => each.startsWith('host n2'))).toEqual(['host n2 1', 'host n2 1'])
    expect(new Set(order.filter((each) => each.startsWith('host n1')))).toEqual(
      new Set(['host n1 0', 'host n1 1']),
    )
  })

  it('are passed by a failed host only as far as it failed', async () => {
    const broken = machine()
    broken.broken.add('/a')
    const world = createWorld({ n1: broken, n2: machine() })
    const notes: Note[] = []
    const told = await execute(world, two(goingOn), inventoryOf(['n1', 'n2']), {
      note: (note) => notes.push(note),
    })
    expect(told.outcomes).toEqual({
      'n1: /a': 'failed',
      'n2: /a': 'changed',
      'n2: /b': 'changed',
      'n2: /c': 'changed',
    })
    const left = notes.flatMap((note) =>
      note.type === 'host-left' ? [`${note.play} ${note.host} ${note.how}`] : [],
    )
    expect(left.sort()).toEqual(['0 n1 failed', '0 n2 done', '1 n2 done'])
    expect(told.events.filter((event) => event.type === 'play-ended')).toHaveLength(2)
  })

  it('pay the handlers of a play before the next one begins on that host', async () => {
    const world = createWorld({ n1: machine() })
    const handler = write('/restarted')
    const first = play([write('/a', { notify: [handler.sentence] })], {
      ...goingOn,
      handlers: [handler],
    })
    const told = await execute(world, [first, play([write('/c')])], inventoryOf(['n1']))
    expect(Object.keys(told.outcomes)).toEqual(['n1: /a', 'n1: /restarted', 'n1: /c'])
  })

  it('carry what is pending in a plan from play to play', async () => {
    const world = createWorld({ n1: machine(), n2: machine() })
    const seen = task('require', 'it is written', setting, { params: { name: '/a', value: 'x' } })
    const plan = (more: object): Promise<Told> =>
      execute(world, [play([write('/a')], more), play([seen])], inventoryOf(['n1', 'n2']), {
        mode: 'plan',
      })
    const meeting = await plan({})
    const goes = await plan(goingOn)
    expect(goes.outcomes).toEqual(meeting.outcomes)
    expect(goes.exit).toBe(meeting.exit)
    expect(goes.outcomes['n1: it is written']).toBe('unknown')
  })

  it('come to the same outcomes and states as plays where hosts meet', async () => {
    const run = async (more: object): Promise<readonly unknown[]> => {
      const world = createWorld(
        Object.fromEntries(['n1', 'n2', 'n3'].map((name) => [name, machine({ '/a': name })])),
      )
      const plays = [
        play([write('/a', onlyOn('n2')), write('/b')], more),
        play([write('/c', onlyOn('n1', 'n3'))], more),
        play([write('/a'), write('/c')]),
      ]
      const told = await execute(world, plays, inventoryOf(['n1', 'n2', 'n3']), { forks: 2 })
      return [
        told.exit,
        told.outcomes,
        [...world.machines].map(([, { files }]) => [...files].sort()),
      ]
    }
    expect(sorted(await run(goingOn))).toEqual(sorted(await run({})))
  })

  it('begin no further play when the run is drained', async () => {
    const world = createWorld({ n1: machine(), n2: machine() })
    const drain = new AbortController()
    const told = await execute(
      world,
      two(goingOn),
      inventoryOf(['n1', 'n2']),
      { drain: drain.signal },
      (event) => void (event.type === 'outcome' && drain.abort()),
    )
    expect(told.exit).toBe(130)
    expect(told.events.some((event) => event.type === 'outcome' && event.play === 1)).toBe(false)
  })

  it('are plays with a meeting when a person is asked before each task', async () => {
    const world = createWorld({ n1: machine(), n2: machine() })
    const told = await execute(world, two(goingOn), inventoryOf(['n1', 'n2']), {
      step: () => Promise.resolve(true),
    })
    const order = told.events.flatMap((event) =>
      event.type === 'play-started' || event.type === 'play-ended'
        ? [`${event.type} ${event.play}`]
        : [],
    )
    expect(order).toEqual(['play-started 0', 'play-ended 0', 'play-started 1', 'play-ended 1'])
  })
})

function onlyOn(...hosts: readonly string[]): object {
  return { when: computed('host.name', (scope) => hosts.includes(scope.host.name)) }
}

function sorted([exit, outcomes, states]: readonly unknown[]): unknown {
  return [exit, Object.entries(outcomes as object).sort(), states]
}
