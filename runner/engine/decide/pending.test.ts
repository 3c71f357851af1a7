import { expect, it } from 'vitest'
import { guarded, setting } from '../../../test/harness/toys.ts'
import {
  computed,
  createWorld,
  execute,
  inventoryOf,
  machine,
  play,
  task,
} from '../../../test/harness/fake-world.ts'

const reasonsOf = async (tasks: Parameters<typeof play>[0]) => {
  const node = machine()
  node.broken.add('blkid /dev/rbd/pool/image')
  node.broken.add('/srv/data/b.conf')
  node.commands.set('blkid', () => ({ exit: 0, stdout: 'xfs\n' }))
  const { events } = await execute(
    createWorld({ n1: node }),
    [play(tasks, { hosts: 'n1' })],
    inventoryOf(['n1']),
    { mode: 'plan' },
  )
  return events.flatMap((event) => (event.type === 'outcome' ? [event.reason] : []))
}
const wants = (sentence: string, name: string): ReturnType<typeof task> =>
  task('ensure', sentence, setting, { params: { name, value: 'x' } })

it('names the pending change that a task is about, not the first one', async () => {
  expect(
    await reasonsOf([
      wants('unrelated', '/tmp/x/un'),
      wants('the image is mapped', '/dev/rbd/pool/image'),
      wants('unrelated, too', '/tmp/x/other'),
      task('ensure', 'the image holds a file system', guarded, {
        params: { dev: '/dev/rbd/pool/image' },
      }),
    ]),
  ).toEqual([undefined, undefined, undefined, 'unknown until "the image is mapped"'])
})

it('names the folder rather than a neighbour in it', async () => {
  expect(
    await reasonsOf([
      wants('the folder is there', '/srv/data'),
      wants('a neighbour is there', '/srv/data/neighbour'),
      wants('it is configured', '/srv/data/b.conf'),
    ]),
  ).toEqual([undefined, undefined, 'unknown until "the folder is there"'])
})

it('names the last one where it shares nothing with any: behind that, all is known', async () => {
  expect(
    await reasonsOf([
      wants('one', '/tmp/x/one'),
      wants('two', '/tmp/x/two'),
      wants('it is configured', '/srv/data/b.conf'),
    ]),
  ).toEqual([undefined, undefined, 'unknown until "two"'])
})

it('says where a change that is not known yet may destroy something', async () => {
  const destroying = { ...guarded, destroys: true } as typeof guarded
  const node = machine()
  node.broken.add('blkid /dev/x')
  const { events } = await execute(
    createWorld({ n1: node }),
    [
      play(
        [
          wants('it is mapped', '/map'),
          task('ensure', 'it is formatted', destroying, { params: { dev: '/dev/x' } }),
          task('ensure', 'both are formatted', destroying, {
            params: { dev: computed('item', ({ item }) => item) },
            loop: ['/dev/x', '/dev/x'],
          }),
        ],
        { hosts: 'n1' },
      ),
    ],
    inventoryOf(['n1']),
    { mode: 'plan' },
  )
  const told = events.filter((event) => event.type === 'outcome')
  expect(told.map(({ outcome, mayDestroy }) => [outcome, mayDestroy])).toEqual([
    ['would change', undefined],
    ['unknown', true],
    ['unknown', undefined],
  ])
  expect(told[2]!.items).toMatchObject([{ mayDestroy: true }, { mayDestroy: true }])
})

it('says what would be refused as things are, for the pending change may have nothing to do with it', async () => {
  expect(
    await reasonsOf([
      wants('one', '/tmp/x/one'),
      task('ensure', 'the disk holds a file system', guarded, { params: { dev: '/dev/full' } }),
    ]),
  ).toEqual([undefined, 'unknown until "one"; as things are: /dev/full holds xfs'])
})
