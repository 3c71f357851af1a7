import { describe, expect, it } from 'vitest'
import { command, job, setting } from '../../../test/harness/toys.ts'
import {
  computed,
  createWorld,
  execute,
  inventoryOf,
  machine,
  play,
  task,
  tree,
  type Told,
  type World,
} from '../../../test/harness/fake-world.ts'
import type { Note } from '../../model/note.ts'
import type { RunOptions } from '../model.ts'

// The first Ctrl-C and SIGTERM drain a run: what was begun is finished, and no action begins after it, wherever a host waits.

const names = Array.from({ length: 8 }, (_, i) => `n${i + 1}`)

interface Drained extends Told {
  readonly actions: number
  readonly atDrain: number
  readonly left: Readonly<Record<string, string>>
  readonly end: Record<string, unknown>
}

/** Runs plays and drains when the first action has been done. */
async function drained(
  world: World,
  plays: Parameters<typeof execute>[1],
  more: Partial<RunOptions> = {},
): Promise<Drained> {
  const drain = new AbortController()
  let actions = 0
  let atDrain = 0
  const notes: Note[] = []
  world.meddle = (_to, { apply }) => {
    if (!apply) return
    actions += apply.actions.length
    atDrain ||= actions
    drain.abort()
  }
  const told = await execute(world, plays, inventoryOf([...names, 'hub']), {
    ...more,
    drain: drain.signal,
    note: (note) => void notes.push(note),
  })
  return {
    ...told,
    actions,
    atDrain,
    left: Object.fromEntries(
      notes.flatMap((note) => (note.type === 'host-left' ? [[note.host, note.how]] : [])),
    ),
    end: told.events.find((event) => event.type === 'run-ended') as never,
  }
}

function worldOfMany(): World {
  const world = createWorld({
    hub: machine(),
    ...Object.fromEntries(names.map((name) => [name, machine()])),
  })
  world.machines.get('hub')!.commands.set('register', () => ({ exit: 0 }))
  return world
}

describe('no action begins after the end of a run was asked for', () => {
  it('by hosts that wait for a connection that another host acts through', async () => {
    const world = worldOfMany()
    const ran = await drained(world, [
      play(
        [
          task('run', 'it is registered', command, {
            params: { argv: ['register'] },
            delegateTo: 'hub',
          }),
        ],
        { hosts: names.join() },
      ),
    ])
    expect(ran.actions).toBe(1)
    expect(ran.exit).toBe(130)
    expect(Object.values(ran.outcomes)).toEqual(['changed'])
    expect(ran.end).toMatchObject({ interrupted: true, cutShortHosts: [], notBegun: 7 })
    expect(Object.values(ran.left).filter((how) => how === 'stopped')).toHaveLength(7)
  })

  it('by a repair that waits in the same way', async () => {
    const world = worldOfMany()
    const ran = await drained(world, [
      play(
        [
          task('ensure', 'it is noted', setting, {
            params: { name: '/note', value: 'x' },
            delegateTo: 'hub',
          }),
          task('ensure', 'it is noted again', setting, {
            params: { name: '/other', value: 'y' },
            delegateTo: 'hub',
          }),
        ],
        { hosts: names.join() },
      ),
    ])
    expect(ran.actions).toBe(1)
    expect(ran.exit).toBe(130)
  })

  it('by hosts that wait for a place among the forks', async () => {
    const world = worldOfMany()
    const ran = await drained(
      world,
      [
        play([task('ensure', 'it is noted', setting, { params: { name: '/note', value: 'x' } })], {
          hosts: names.join(),
        }),
      ],
      { forks: 1 },
    )
    expect(ran.actions).toBe(1)
    expect(ran.end).toMatchObject({ notBegun: 7 })
  })

  it('by the further items of a loop', async () => {
    const world = worldOfMany()
    const ran = await drained(world, [
      play(
        [
          task('run', 'all are registered', command, {
            loop: ['a', 'b', 'c'],
            params: { argv: ['register'] },
            delegateTo: 'hub',
            notify: ['they are told'],
          }),
        ],
        {
          hosts: 'n1',
          handlers: [
            task('ensure', 'they are told', setting, { params: { name: '/told', value: 'x' } }),
          ],
        },
      ),
    ])
    expect(ran.actions).toBe(1)
    expect(ran.outcomes).toEqual({ 'n1: all are registered': 'interrupted' })
    expect(ran.end).toMatchObject({ cutShortHosts: ['n1'], failedHosts: [], notBegun: 0 })
  })

  it('by another try of a task that failed', async () => {
    const world = worldOfMany()
    world.machines.get('hub')!.commands.set('register', () => ({ exit: 1 }))
    const ran = await drained(world, [
      play(
        [
          task('run', 'it is registered', command, {
            params: { argv: ['register'] },
            delegateTo: 'hub',
            retries: 5,
            delay: 60,
          }),
        ],
        { hosts: 'n1' },
      ),
    ])
    expect(ran.actions).toBe(1)
    expect(ran.outcomes).toEqual({ 'n1: it is registered': 'failed' })
  })

  it('by a handler: it stays owed', async () => {
    const world = worldOfMany()
    const ran = await drained(world, [
      play(
        [
          task('ensure', 'it is noted', setting, {
            params: { name: '/note', value: 'x' },
            notify: ['it is told'],
          }),
        ],
        {
          hosts: 'n1',
          handlers: [task('ensure', 'it is told', setting, { params: { name: '/t', value: 'x' } })],
        },
      ),
    ])
    expect(ran.outcomes).toEqual({ 'n1: it is noted': 'changed' })
    expect(ran.left).toEqual({ n1: 'stopped' })
  })
})

describe('a wait ends when the run ends', () => {
  it('for what a service was told to do: interrupted, its change stays known', async () => {
    const world = worldOfMany()
    let status = 'none'
    world.machines
      .get('n1')!
      .commands.set('job', () => (status === 'none' ? { exit: 1 } : { exit: 0, stdout: status }))
      .set('start', () => ((status = 'running'), { exit: 0 }))
    const ran = await drained(world, [
      play(
        [
          task('ensure', 'the job has succeeded', job, {
            params: { name: 'a' },
            notify: ['it is told'],
          }),
        ],
        {
          hosts: 'n1',
          handlers: [task('ensure', 'it is told', setting, { params: { name: '/t', value: 'x' } })],
        },
      ),
    ])
    expect(ran.outcomes).toEqual({ 'n1: the job has succeeded': 'interrupted' })
    expect(ran.events.find((event) => event.type === 'outcome')).toMatchObject({
      changes: [{ title: 'start a' }],
      error: { code: 'run/interrupted', message: expect.stringContaining('1 of 1') },
    })
    expect(ran.end).toMatchObject({
      exit: 130,
      failedHosts: [],
      unreachableHosts: [],
      changedHosts: [],
      cutShortHosts: ['n1'],
    })
  })

  it('of `wait`, and the host has not failed', async () => {
    const world = worldOfMany()
    const drain = new AbortController()
    const { outcomes, events, exit } = await execute(
      world,
      [
        play([task('wait', 'it is so', setting, { params: { name: '/never', value: 'x' } })], {
          hosts: 'n1',
        }),
      ],
      inventoryOf(names),
      { drain: drain.signal },
      (event) => {
        if (event.type === 'task-progress') drain.abort()
      },
    )
    expect(outcomes).toEqual({ 'n1: it is so': 'interrupted' })
    expect(exit).toBe(130)
    expect(events.find((event) => event.type === 'run-ended')).toMatchObject({
      failedHosts: [],
      unreachableHosts: [],
    })
  })

  it.each([
    ['ensure', 'for', 7],
    ['ensure', 'timeout', 7],
    ['wait', 'timeout', 7],
  ] as const)('of %s after its `%s`', async (verb, keyword, seconds) => {
    const world = worldOfMany()
    world.machines
      .get('n1')!
      .commands.set('job', () => ({ exit: 0, stdout: 'running' }))
      .set('start', () => ({ exit: 0 }))
    const before = world.clock.now()
    const { outcomes } = await execute(
      world,
      [
        play(
          [task(verb, 'the job has succeeded', job, { params: { name: 'a' }, [keyword]: seconds })],
          { hosts: 'n1' },
        ),
      ],
      inventoryOf(names),
    )
    expect(outcomes).toEqual({ 'n1: the job has succeeded': 'failed' })
    expect(world.clock.now() - before).toBeLessThan(20_000)
  })
})

it('calls hosts whose connection was ended with the run interrupted, not unreachable', async () => {
  const world = worldOfMany()
  const [drain, stop] = [new AbortController(), new AbortController()]
  world.meddle = (to, { apply }) => {
    if (!apply) return
    drain.abort()
    stop.abort()
    world.machines.get(to)!.up = false
  }
  const { outcomes, events } = await execute(
    world,
    [
      play([task('ensure', 'it is noted', setting, { params: { name: '/note', value: 'x' } })], {
        hosts: 'n1',
      }),
    ],
    inventoryOf(names),
    { drain: drain.signal, stop: stop.signal },
  )
  expect(outcomes).toEqual({ 'n1: it is noted': 'interrupted' })
  expect(events.find((event) => event.type === 'outcome')).toMatchObject({
    error: { message: expect.stringContaining('may have been made') },
  })
  expect(events.find((event) => event.type === 'run-ended')).toMatchObject({
    unreachableHosts: [],
    cutShortHosts: ['n1'],
    exit: 130,
  })
})

it.each([
  ['run', 'is left after a few seconds', 600_000, 'interrupted'],
  ['plan', 'is left after a few seconds', 600_000, 'interrupted'],
  ['run', 'is heard where its answer is near', 1000, 'ok'],
] as const)('in a %s a reading %s', async (mode, _says, takes, outcome) => {
  const world = worldOfMany()
  const drain = new AbortController()
  world.latency = takes
  world.meddle = () => drain.abort()
  const before = world.clock.now()
  const { outcomes } = await execute(
    world,
    [play([task('read', 'the note', setting, { params: { name: '/note' } })], { hosts: 'n1' })],
    inventoryOf(names),
    { mode, drain: drain.signal },
  )
  expect(outcomes).toEqual({ 'n1: the note': outcome })
  expect(world.clock.now() - before).toBeLessThan(10_000)
})

const arch = tree(computed('facts.arch', (scope) => scope.facts.arch))
const item = computed('item', (scope) => scope.item)
it.each([
  [
    'the name of an item',
    task('read', 'it', setting, { loop: ['/note'], label: arch, params: { name: item } }),
  ],
  ['the text of a question', task('confirm', 'it', null, { text: arch })],
])('leaves a reading that is made for %s', async (_what, asks) => {
  const world = worldOfMany()
  const drain = new AbortController()
  world.latency = 600_000
  world.meddle = () => drain.abort()
  const before = world.clock.now()
  const { outcomes } = await execute(world, [play([asks], { hosts: 'n1' })], inventoryOf(names), {
    drain: drain.signal,
    confirm: () => Promise.resolve(true),
  })
  expect(outcomes).toEqual({ 'n1: it': 'interrupted' })
  expect(world.clock.now() - before).toBeLessThan(10_000)
})
