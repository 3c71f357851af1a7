import { expect, it } from 'vitest'
import { guarded, setting } from '../../../test/harness/toys.ts'
import {
  createWorld,
  execute,
  inventoryOf,
  machine,
  play,
  task,
  type World,
} from '../../../test/harness/fake-world.ts'

// A probe that takes longer than a reading is good for: a hash of a large file, a proof that a whole disk is empty.

const tenMinutes = 600_000

/** A host with settings and a disk whose proof takes ten minutes; `proofs` counts how often that was asked for. */
function slowWorld(): { world: World; proofs: () => number } {
  const host = machine({ '/a': 'x', '/b': 'x', '/c': 'x' })
  let formatted = false
  let asked = 0
  host.commands.set('blkid', () => (formatted ? { exit: 0, stdout: 'ext4' } : { exit: 2 }))
  host.commands.set('mkfs', () => ((formatted = true), { exit: 0 }))
  const world = createWorld({ n1: host })
  world.meddle = (_to, { probes }) => {
    if (!probes.some((probe) => probe.read === 'exec' && probe.argv[0] === 'blkid')) return
    asked++
    world.clock.advance(tenMinutes)
  }
  return { world, proofs: () => asked }
}
const set = (name: string): ReturnType<typeof task> =>
  task('ensure', `${name} is set`, setting, { params: { name, value: 'x' } })

it('counts for the task that asked for it, however long it took', async () => {
  const { world, proofs } = slowWorld()
  const told = await execute(
    world,
    [play([task('read', 'the disk', guarded, { params: { dev: '/dev/a' }, register: 'disk' })])],
    inventoryOf(['n1']),
  )
  expect(told.outcomes).toEqual({ 'n1: the disk': 'ok' })
  expect(proofs()).toBe(1)
})

it('is made once for the decision where nothing came between it and the change', async () => {
  const { world, proofs } = slowWorld()
  const told = await execute(
    world,
    [play([task('ensure', 'the disk is formatted', guarded, { params: { dev: '/dev/a' } })])],
    inventoryOf(['n1']),
  )
  expect(told.outcomes).toEqual({ 'n1: the disk is formatted': 'changed' })
  // The second one is the read-back.
  expect(proofs()).toBe(2)
})

it('is not asked ahead again when it has shown that it is slow', async () => {
  const { world, proofs } = slowWorld()
  const told = await execute(
    world,
    [
      play([
        set('/a'),
        set('/b'),
        set('/c'),
        task('read', 'the disk', guarded, { params: { dev: '/dev/a' }, register: 'disk' }),
      ]),
    ],
    inventoryOf(['n1']),
  )
  expect(Object.values(told.outcomes)).toEqual(['ok', 'ok', 'ok', 'ok'])
  // Once ahead, and once when its turn has come.
  expect(proofs()).toBe(2)
})
