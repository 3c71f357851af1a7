import { expect, it } from 'vitest'
import { command, guarded, setting } from '../../../test/harness/toys.ts'
import {
  createWorld,
  execute,
  inventoryOf,
  machine,
  play,
  task,
  type World,
} from '../../../test/harness/fake-world.ts'
import type { Exchange } from '../../model/session.ts'

// A decision is as old as its lock: where another run has made a change since, nothing is done before the task is read again.

/** Lets another run come between the decision and the first action, so many times. */
function overtake(world: World, times: number, meanwhile: (time: number) => void): void {
  const { session } = world.connections
  let time = 0
  Object.assign(world.connections, {
    session: async (endpoint: never, become: never) => ({
      async exchange(exchange: Exchange) {
        const held = await session(endpoint, become)
        const known = exchange.apply?.after ?? []
        const isKnown = Number.isFinite(times) && known.includes(`mark ${time}`)
        if (!exchange.apply || time >= times || isKnown) return held.exchange(exchange)
        meanwhile(++time)
        const { apply: _, ...reads } = exchange
        return { ...(await held.exchange(reads)), overtaken: `mark ${time}` }
      },
    }),
  })
}

const one = inventoryOf(['n1'])

it('finds what another run has made true, and does nothing', async () => {
  const world = createWorld({ n1: machine() })
  overtake(world, 1, () => world.machines.get('n1')!.files.set('/a', 'x'))
  const { outcomes, sent } = await execute(
    world,
    [
      play([
        task('ensure', 'it is so', setting, { params: { name: '/a', value: 'x' } }),
        task('run', 'it is made', command, { params: { argv: ['make'] }, creates: '/a' }),
      ]),
    ],
    one,
  )
  expect(outcomes).toEqual({ 'n1: it is so': 'ok', 'n1: it is made': 'ok' })
  expect(sent.flatMap(({ actions }) => actions)).toEqual([])
})

it('asks `creates` again before a call', async () => {
  const world = createWorld({ n1: machine() })
  let made = 0
  world.machines.get('n1')!.commands.set('make', () => (made++, { exit: 0 }))
  overtake(world, 1, () => world.machines.get('n1')!.files.set('/a', 'x'))
  const { outcomes } = await execute(
    world,
    [play([task('run', 'it is made', command, { params: { argv: ['make'] }, creates: '/a' })])],
    one,
  )
  expect({ outcomes, made }).toEqual({ outcomes: { 'n1: it is made': 'ok' }, made: 0 })
})

it('acts where the other run has changed something else', async () => {
  const world = createWorld({ n1: machine() })
  overtake(world, 3, (time) => world.machines.get('n1')!.files.set('/other', String(time)))
  const { outcomes } = await execute(
    world,
    [play([task('ensure', 'it is so', setting, { params: { name: '/a', value: 'x' } })])],
    one,
  )
  expect(outcomes).toEqual({ 'n1: it is so': 'changed' })
  expect(world.machines.get('n1')!.files.get('/a')).toBe('x')
})

it('refuses a format that another run has made needless or dangerous', async () => {
  const node = machine()
  let signature = { exit: 2, stdout: '' }
  node.commands.set('blkid', () => signature)
  const world = createWorld({ n1: node })
  overtake(world, 1, () => (signature = { exit: 0, stdout: 'xfs\n' }))
  const { outcomes, sent } = await execute(
    world,
    [play([task('ensure', 'it is formatted', guarded, { params: { dev: '/dev/x' } })])],
    one,
  )
  expect(outcomes).toEqual({ 'n1: it is formatted': 'failed' })
  expect(sent.flatMap(({ actions }) => actions)).toEqual([])
})

it('gives up where other runs never leave the host alone', async () => {
  const world = createWorld({ n1: machine() })
  overtake(world, Number.POSITIVE_INFINITY, () => undefined)
  const { events, outcomes } = await execute(
    world,
    [play([task('ensure', 'it is so', setting, { params: { name: '/a', value: 'x' } })])],
    one,
  )
  expect(outcomes).toEqual({ 'n1: it is so': 'failed' })
  expect(events.find((event) => event.type === 'outcome')).toMatchObject({
    error: { code: 'connect/lock-busy' },
  })
})

it('asks again within one run: hosts that delegate to one host make its call once', async () => {
  const hub = machine()
  let made = 0
  hub.commands.set('make', () => {
    made++
    hub.files.set('/made', 'x')
    return { exit: 0 }
  })
  const names = ['n1', 'n2', 'n3', 'n4']
  const world = createWorld({ hub, ...Object.fromEntries(names.map((name) => [name, machine()])) })
  const { outcomes } = await execute(
    world,
    [
      play(
        [
          task('run', 'it is made', command, {
            params: { argv: ['make'] },
            creates: '/made',
            delegateTo: 'hub',
          }),
        ],
        { hosts: names.join() },
      ),
    ],
    inventoryOf([...names, 'hub']),
  )
  expect(made).toBe(1)
  expect(Object.values(outcomes).sort()).toEqual(['changed', 'ok', 'ok', 'ok'])
})

it('decides again where the connection of its change stood late', async () => {
  const world = createWorld({ n1: machine() })
  const { session } = world.connections
  let times = 0
  Object.assign(world.connections, {
    async session(endpoint: never, become: never) {
      // The controller sleeps between the decision and the change, and another run makes it meanwhile.
      if (++times === 2) {
        await world.clock.sleep(120_000)
        world.machines.get('n1')!.files.set('/a', 'x')
      }
      return session(endpoint, become)
    },
  })
  const { outcomes, sent } = await execute(
    world,
    [play([task('ensure', 'it is so', setting, { params: { name: '/a', value: 'x' } })])],
    one,
  )
  expect(outcomes).toEqual({ 'n1: it is so': 'ok' })
  expect(sent.flatMap(({ actions }) => actions)).toEqual([])
})
