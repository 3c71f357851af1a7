import { describe, expect, it } from 'vitest'
import type { Task } from '../../model/playbook.ts'
import { command, setting, unit } from '../../../test/harness/toys.ts'
import {
  createWorld,
  execute,
  inventoryOf,
  machine,
  play,
  task,
  type Machine,
} from '../../../test/harness/fake-world.ts'

const one = inventoryOf(['n1'])
type Command = (argv: readonly string[]) => { exit: number; stdout?: string }
function withCommands(commands: Readonly<Record<string, Command>>): Machine {
  const held = machine()
  for (const [name, run] of Object.entries(commands)) held.commands.set(name, run)
  return held
}

describe('tasks', () => {
  it('run handlers before a task that asks for it, and again when they are notified again', async () => {
    let life = 1
    const order: string[] = []
    const n1 = withCommands({
      show: () => ({ exit: 0, stdout: `life ${life}` }),
      restart: (argv) => (order.push(`restart ${argv[1]}`), life++, { exit: 0 }),
      use: (argv) => (order.push(`use ${argv[1]}`), { exit: 0 }),
    })
    const handlers = [
      task('ensure', 'it is restarted', unit, { params: { name: 'it', state: 'restarted' } }),
      task('ensure', 'the other is', unit, { params: { name: 'other', state: 'restarted' } }),
    ]
    const change = (name: string, ...notify: string[]): Task =>
      task('ensure', name, setting, { params: { name, value: 'x' }, notify })
    const use = (name: string, more = {}): Task =>
      task('run', `use ${name}`, command, { params: { argv: ['use', name] }, ...more })
    const tasks = [
      change('/a', 'it is restarted'),
      use('first'),
      use('second', { flushHandlers: true }),
      change('/b', 'the other is', 'it is restarted'),
      use('third'),
      use('fourth', { flushHandlers: true }),
    ]
    const playbook = [play(tasks.slice(0, 5), { handlers })]
    expect((await execute(createWorld({ n1 }), playbook, one)).exit).toBe(0)
    expect(order).toEqual([
      'use first',
      'restart it',
      'use second',
      'use third',
      'restart it',
      'restart other',
    ])
    order.length = 0
    expect((await execute(createWorld({ n1 }), [play(tasks, { handlers })], one)).exit).toBe(0)
    // Nothing changed this time, so nothing is owed.
    expect(order).toEqual(['use first', 'use second', 'use third', 'use fourth'])
  })

  it('stop where a handler fails that was asked for, and do not try it again', async () => {
    const ran: string[] = []
    const n1 = withCommands({
      fail: () => (ran.push('fail'), { exit: 1 }),
      use: () => (ran.push('use'), { exit: 0 }),
    })
    const handlers = [task('run', 'it fails', command, { params: { argv: ['fail'] } })]
    const tasks = [
      task('ensure', 'a', setting, { params: { name: '/a', value: 'x' }, notify: ['it fails'] }),
      task('run', 'use it', command, { params: { argv: ['use'] }, flushHandlers: true }),
    ]
    expect((await execute(createWorld({ n1 }), [play(tasks, { handlers })], one)).exit).toBe(1)
    expect(ran).toEqual(['fail'])
  })

  it.each([
    [1, [5, 5, 5]],
    [2, [5, 10, 20]],
    [10, [5, 50, 500, 600]],
  ])('wait longer before each try with a backoff of %d', async (backoff, pauses) => {
    const n1 = withCommands({ flaky: () => ({ exit: 1 }) })
    const world = createWorld({ n1 })
    const slept: number[] = []
    const clock = {
      ...world.clock,
      sleep: (milliseconds: number) => (slept.push(milliseconds / 1000), Promise.resolve()),
    }
    await execute(
      { ...world, clock },
      [
        play([
          task('run', 'it works', command, {
            params: { argv: ['flaky'] },
            retries: pauses.length,
            delay: 5,
            backoff,
          }),
        ]),
      ],
      one,
    )
    expect(slept).toEqual(pauses)
  })
})

it('a handler that fails in front of a rescue is still owed at the end of the play', async () => {
  let tries = 0
  const n1 = withCommands({
    pay: () => ({ exit: ++tries > 1 ? 0 : 1 }),
    use: () => ({ exit: 0 }),
  })
  const first = task('ensure', 'it is so', setting, {
    params: { name: '/a', value: 'x' },
    notify: ['it is paid'],
  })
  const block = {
    kind: 'block' as const,
    at: first.at,
    when: [],
    block: [task('run', 'it is used', command, { params: { argv: ['use'] }, flushHandlers: true })],
    rescue: [task('run', 'it is used otherwise', command, { params: { argv: ['use'] } })],
    always: [],
  }
  const handlers = [task('run', 'it is paid', command, { params: { argv: ['pay'] } })]
  const told = await execute(createWorld({ n1 }), [play([first, block], { handlers })], one)
  expect(told.exit).toBe(0)
  expect(told.outcomes).toMatchObject({
    'n1: it is paid': 'changed',
    'n1: it is used otherwise': 'changed',
  })
  expect(tries).toBe(2)
})
