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

const hosts = ['n1', 'n2', 'n3']
const write = (path: string, more: object = {}): ReturnType<typeof task> =>
  task('ensure', path, setting, { params: { name: path, value: 'x' }, ...more })
const onlyOn = (...names: readonly string[]): object => ({
  when: computed('host.name', (scope) => names.includes(scope.host.name)),
})

describe('hosts that wait for others and hold all the places', () => {
  it.each([
    ['at a barrier', [write('/late', onlyOn('n1')), write('/behind', { barrier: true })]],
    ['at a task that one host runs for all', [write('/once', { runOnce: true })]],
  ])('let in the host that they wait for, %s', async (_where, last) => {
    const world = createWorld(
      Object.fromEntries([...hosts, 'ncn'].map((name) => [name, machine()])),
    )
    world.latency = 5
    const steps = [
      // n1 is busy elsewhere while n2 and n3 take both places.
      write('/elsewhere', { delegateTo: 'ncn', loop: ['1', '2', '3'], ...onlyOn('n1') }),
      write('/here', onlyOn('n2', 'n3')),
      ...last,
    ]
    const { exit } = await execute(
      world,
      [play(steps, { hosts: hosts.join(',') })],
      inventoryOf([...hosts, 'ncn']),
      // Unbatched: a look-ahead would have taken a place for n1 before.
      { forks: 2, batch: false },
    )
    expect(exit).toBe(0)
    const path = steps.at(-1)!.sentence
    expect(world.machines.get('n1')!.files.get(path)).toBe('x')
  })
})
