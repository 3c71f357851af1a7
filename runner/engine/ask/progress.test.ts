import { expect, it } from 'vitest'
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

it('how far a probe is shows at the host whose task asked for it', async () => {
  const world = createWorld({ n1: machine(), n2: machine() })
  world.meddle = (to, { probes, progress }) => {
    if (to !== 'n1') return
    for (const probe of probes) progress?.(probe, '42 %')
  }
  const { events } = await execute(
    world,
    [
      play(
        [
          task('ensure', 'its file is there', setting, {
            params: { name: computed('host.name', (scope) => `/${scope.host.name}`), value: 'x' },
          }),
        ],
        { hosts: 'n1,n2' },
      ),
    ],
    inventoryOf(['n1', 'n2']),
    {},
  )
  const told = events.flatMap((event) =>
    event.type === 'task-progress' && !event.queued ? [`${event.host}: ${event.text}`] : [],
  )
  expect(told.filter((text) => text.includes('42 %'))[0]).toBe('n1: text: 42 %')
  expect(told.some((text) => text.includes('n2'))).toBe(false)
})

it('shows at each host that waits for the same probe, while it is decided what to do', async () => {
  const world = createWorld({ n1: machine(), n2: machine(), hub: machine({ '/x': 'x' }) })
  world.meddle = (_to, { probes, progress }) => {
    for (const probe of probes) progress?.(probe, '42 %')
  }
  const { events } = await execute(
    world,
    [
      play(
        [
          task('read', 'the setting', setting, {
            params: { name: '/x' },
            delegateTo: 'hub',
            register: 'found',
          }),
        ],
        { hosts: 'n1,n2' },
      ),
    ],
    inventoryOf(['n1', 'n2', 'hub']),
    {},
  )
  expect(
    events.flatMap((event) =>
      event.type === 'task-progress' && !event.queued ? [`${event.host}: ${event.text}`] : [],
    ),
  ).toEqual(['n1: text: 42 %', 'n2: text: 42 %'])
})
