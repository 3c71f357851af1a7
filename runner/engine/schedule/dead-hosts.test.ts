import { describe, expect, it } from 'vitest'
import { setting } from '../../../test/harness/toys.ts'
import {
  createWorld,
  execute,
  inventoryOf,
  machine,
  play,
  task,
  type World,
} from '../../../test/harness/fake-world.ts'

const names = ['a0', 'h1', 'h2', 'h3']
const write = (path: string): ReturnType<typeof task> =>
  task('ensure', path, setting, { params: { name: path, value: 'x' } })

/** Hosts of which the first dies while it is asked, and whose connection never says goodbye. */
function worldOfOneDead(): World {
  const world = createWorld(Object.fromEntries(names.map((name) => [name, machine()])))
  world.latency = 5
  world.meddle = (to) => {
    if (to === 'a0') world.machines.get('a0')!.up = false
  }
  Object.assign(world.connections, {
    release: (host: { readonly name: string }) =>
      host.name === 'a0' ? new Promise<void>(() => undefined) : Promise.resolve(),
  })
  return world
}

describe('a host that dies', () => {
  it.each([1, 2, 50])('gives its place at once: with %i places all others go on', async (forks) => {
    const world = worldOfOneDead()
    const { exit, outcomes } = await execute(
      world,
      [play([write('/one')]), play([write('/two')])],
      inventoryOf(names),
      { forks },
    )
    expect(exit).toBe(1)
    expect(outcomes).toEqual({
      'a0: /one': 'unreachable',
      ...Object.fromEntries(
        ['h1', 'h2', 'h3'].flatMap((name) => [
          [`${name}: /one`, 'changed'],
          [`${name}: /two`, 'changed'],
        ]),
      ),
    })
  })

  it('gives it at once also where hosts go on to the next play by themselves', async () => {
    const world = worldOfOneDead()
    const { outcomes } = await execute(
      world,
      [play([write('/one')], { goesOn: { file: 'f', line: 1, column: 1 } }), play([write('/two')])],
      inventoryOf(names),
      { forks: 1 },
    )
    expect(Object.values(outcomes).filter((each) => each === 'changed')).toHaveLength(6)
  })
})
