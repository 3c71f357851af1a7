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
} from '../../../test/harness/fake-world.ts'

const write = (more: object): ReturnType<typeof task> =>
  task('ensure', 'its file is there', setting, {
    params: { name: computed('host.name', (scope) => `/${scope.host.name}`), value: 'x' },
    ...more,
  })

describe('the time in the queue', () => {
  it.each([
    ['for one of the places', ['n1', 'n2', 'n3', 'n4'], {}],
    ['for a connection that others use', ['n1', 'n2', 'n3', 'n4', 'hub'], { delegateTo: 'hub' }],
  ])('is counted apart from the work, %s', async (_where, names, more) => {
    const world = createWorld(Object.fromEntries(names.map((name) => [name, machine()])))
    world.latency = 1000
    const { events } = await execute(
      world,
      [play([write(more)], { hosts: 'n1,n2,n3,n4' })],
      inventoryOf(names),
      { forks: 1, batch: false },
    )
    const started = events.find((event) => event.type === 'run-started')!.at
    const outcomes = events.filter((event) => event.type === 'outcome')
    const work = outcomes.map(({ seconds }) => seconds)
    expect(outcomes.map(({ outcome }) => outcome)).toEqual(Array(4).fill('changed'))
    // Each host takes as long as any other, however long it waited before.
    expect(Math.max(...work)).toBeLessThanOrEqual(Math.min(...work) + 2)
    const queued = outcomes.map((event) => event.queued ?? 0)
    expect(queued.filter((each) => each > 0)).toHaveLength(3)
    for (const event of outcomes)
      expect(event.at).toBeCloseTo(started + (event.seconds + (event.queued ?? 0)) * 1000, 0)
    const waiting = events.filter((event) => event.type === 'task-progress' && event.queued)
    expect(new Set(waiting.map((event) => (event as { host: string }).host)).size).toBe(3)
  })
})
