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
import type { Note } from '../../model/note.ts'

const two = inventoryOf(['n1', 'n2'])
const plain = task('ensure', 'the service is new', setting, {
  params: { name: '/service', value: 'new' },
})
const late = task('ensure', 'what was read is written', setting, {
  params: { name: '/copy', value: computed('first.value', (scope) => scope.first.value) },
})
const playbook = [
  play([task('require', 'the first holds', setting, { params: { name: '/a', value: 'x' } })]),
  play(
    [task('read', 'the pointer is read', setting, { params: { name: '/a' }, register: 'first' })],
    { handlers: [plain, late] },
  ),
]

describe('what an earlier run left owing', () => {
  it('is paid first, but for what reads a register', async () => {
    const world = createWorld({
      n1: machine({ '/a': 'x', '/service': 'old' }),
      n2: machine({ '/a': 'x', '/service': 'old' }),
    })
    const notes: Note[] = []
    const told = await execute(world, playbook, two, {
      note: (note) => notes.push(note),
      owed: (index, host) => (index === 1 && host === 'n1' ? [plain.sentence, late.sentence] : []),
    })
    const order = told.events.flatMap((event) =>
      event.type === 'outcome' && event.host === 'n1' ? [event.task] : [],
    )
    expect(told.exit).toBe(0)
    expect(order).toEqual(
      [plain.id, playbook[0]!.tasks[0], playbook[1]!.tasks[0], late].map((each) =>
        typeof each === 'string' ? each : (each as { id: string }).id,
      ),
    )
    expect(told.outcomes['n1: the service is new']).toBe('changed')
    expect(told.outcomes['n1: what was read is written']).toBe('changed')
    expect(told.outcomes['n2: the service is new']).toBeUndefined()
    // It is this run's debt now, should it be killed too.
    expect(notes[0]).toMatchObject({
      type: 'notified',
      play: 1,
      host: 'n1',
      handlers: [plain.sentence, late.sentence],
    })
    expect(notes.filter((note) => note.type === 'host-left')).toHaveLength(4)
  })

  it('is written down before it is done, and kept when the connection is lost meanwhile', async () => {
    const world = createWorld({ n1: machine({ '/a': 'old' }) })
    const notes: Note[] = []
    let begunFirst = false
    world.meddle = (_to, exchange) => {
      if (!exchange.apply) return
      begunFirst = notes.some((note) => note.type === 'acting')
      world.machines.get('n1')!.up = false
    }
    const changing = play(
      [
        task('ensure', 'it is new', setting, {
          params: { name: '/a', value: 'new' },
          notify: [plain.sentence],
        }),
      ],
      { handlers: [plain] },
    )
    const told = await execute(world, [changing], inventoryOf(['n1']), {
      note: (note) => notes.push(note),
    })
    expect(told.outcomes['n1: it is new']).toBe('unreachable')
    expect(begunFirst).toBe(true)
    expect(notes.filter((note) => note.type !== 'registered').map((note) => note.type)).toEqual([
      'acting',
      'host-left',
    ])
    expect(notes[0]).toMatchObject({ notify: [plain.sentence], on: { host: 'n1', user: null } })
  })
})
