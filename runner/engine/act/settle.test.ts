import { expect, it } from 'vitest'
import { job } from '../../../test/harness/toys.ts'
import {
  computed,
  createWorld,
  execute,
  inventoryOf,
  machine,
  play,
  task,
} from '../../../test/harness/fake-world.ts'

// Jobs of many hosts that one service does, each of which takes its time.

const minute = 60_000

it('lets the jobs of many hosts take their time at once', async () => {
  const started = new Map<string, number>()
  const service = machine()
  const world = createWorld({ service })
  service.commands.set('start', ([, name]) => (started.set(name!, world.clock.now()), { exit: 0 }))
  service.commands.set('job', ([, name]) => {
    const began = started.get(name!)
    if (began === undefined) return { exit: 1 }
    return { exit: 0, stdout: world.clock.now() - began >= 2 * minute ? 'success' : 'running' }
  })
  const began = world.clock.now()
  const tasks = [
    task('ensure', 'the job has succeeded', job, {
      params: { name: computed('host.name', (scope) => scope.host.name) },
      delegateTo: 'service',
      for: 600,
    }),
  ]
  const told = await execute(
    world,
    [play(tasks, { hosts: 'n1,n2,n3' })],
    inventoryOf(['n1', 'n2', 'n3', 'service']),
  )
  expect(told.outcomes).toEqual({
    'n1: the job has succeeded': 'changed',
    'n2: the job has succeeded': 'changed',
    'n3: the job has succeeded': 'changed',
  })
  expect(world.clock.now() - began).toBeLessThan(3 * minute)
})

it('starts one job where several hosts want the same, and all wait for it', async () => {
  let count = 0
  let began = 0
  const service = machine()
  const world = createWorld({ service })
  service.commands.set('start', () => (count++, (began = world.clock.now()), { exit: 0 }))
  service.commands.set('job', () =>
    count === 0
      ? { exit: 1 }
      : { exit: 0, stdout: world.clock.now() - began >= 2 * minute ? 'success' : 'running' },
  )
  const tasks = [
    task('ensure', 'the job has succeeded', job, {
      params: { name: 'shared' },
      delegateTo: 'service',
      for: 600,
    }),
  ]
  const told = await execute(
    world,
    [play(tasks, { hosts: 'n1,n2,n3' })],
    inventoryOf(['n1', 'n2', 'n3', 'service']),
  )
  expect(told.exit).toBe(0)
  expect(count).toBe(1)
})

it.each([
  [60_000, 'changed', []],
  [Infinity, 'failed', ['read/exit']],
])(
  'asks on where a poll fails for a while (%d ms), and says why where it does so for long',
  async (trouble, outcome, codes) => {
    const service = machine()
    const world = createWorld({ service, n1: machine() })
    let began = Infinity
    service.commands.set('start', () => ((began = world.clock.now()), { exit: 0 }))
    service.commands.set('job', () => {
      const age = world.clock.now() - began
      if (age === -Infinity) return { exit: 1 }
      // As a gateway that is restarted: no answer for a while.
      if (age > 10_000 && age < 10_000 + trouble)
        return { exit: 503, stderr: 'no healthy upstream' }
      return { exit: 0, stdout: age >= 2 * minute ? 'success' : 'running' }
    })
    const tasks = [
      task('ensure', 'the job has succeeded', job, {
        params: { name: 'one' },
        delegateTo: 'service',
        for: 36_000,
      }),
    ]
    const told = await execute(
      world,
      [play(tasks, { hosts: 'n1' })],
      inventoryOf(['n1', 'service']),
    )
    expect(told.outcomes).toEqual({ 'n1: the job has succeeded': outcome })
    expect(
      told.events.flatMap((event) =>
        event.type === 'outcome' && event.error ? [event.error.code] : [],
      ),
    ).toEqual(codes)
    expect(world.clock.now() - began).toBeLessThan(20 * minute)
  },
)
