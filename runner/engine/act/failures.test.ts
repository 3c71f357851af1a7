import { describe, expect, it } from 'vitest'
import type { Block } from '../../model/playbook.ts'
import { exec } from '../../contract/change.ts'
import { DiagnosticError } from '../../model/diagnostic.ts'
import { get, text } from '../../contract/probe.ts'
import { defineResource } from '../../contract/resource.ts'
import { command, entry, liar, setting } from '../../../test/harness/toys.ts'
import {
  computed,
  createWorld,
  execute,
  inventoryOf,
  machine,
  play,
  task,
  type Told,
} from '../../../test/harness/fake-world.ts'

// What fails: how often it is tried, what it owes, and that it is not lost.

const one = inventoryOf(['n1'])
const errorsOf = (told: Told): readonly string[] =>
  told.events.flatMap((event) =>
    event.type === 'outcome' && event.error ? [event.error.code] : [],
  )

describe('a task that is tried again', () => {
  it('does not repeat the items of its loop that succeeded', async () => {
    const n1 = machine()
    const did: string[] = []
    n1.commands.set(
      'do',
      ([, item]) => (
        did.push(item!),
        { exit: item === 'b' && did.filter((each) => each === 'b').length < 3 ? 1 : 0 }
      ),
    )
    const each = task('run', 'each is done', command, {
      params: { argv: computed('item', (scope) => ['do', scope.item]) },
      loop: ['a', 'b', 'c'],
      retries: 3,
    })
    const told = await execute(createWorld({ n1 }), [play([each])], one)
    expect(told.exit).toBe(0)
    expect(did).toEqual(['a', 'b', 'b', 'b', 'c'])
  })

  it('has changed what an earlier try did, although the last finds nothing left to do', async () => {
    const n1 = machine()
    let tries = 0
    n1.commands.set('make', () => (n1.files.set('/x', ''), { exit: 0 }))
    n1.commands.set('flaky', () => ({ exit: ++tries < 2 ? 1 : 0 }))
    const made = defineResource({
      ...(liar as object),
      name: 'made',
      change: () => [
        { title: 'make it', repairs: ['there'], actions: [exec(['make']), exec(['flaky'])] },
      ],
    } as never)
    const tasks = [
      task('ensure', 'x is there', made as never, {
        params: { name: '/x' },
        retries: 2,
        register: 'it',
      }),
      task('run', 'what follows', command, {
        params: { argv: ['make'] },
        when: computed('it.changed', (scope) => scope.it.changed),
      }),
    ]
    const told = await execute(createWorld({ n1 }), [play(tasks)], one)
    expect(told.outcomes).toEqual({ 'n1: x is there': 'changed', 'n1: what follows': 'changed' })
  })

  it('is not tried again when the run is drained meanwhile', async () => {
    const n1 = machine()
    const drain = new AbortController()
    let tries = 0
    n1.commands.set('fail', () => (tries++, drain.abort(), { exit: 1 }))
    const told = await execute(
      createWorld({ n1 }),
      [
        play([
          task('run', 'it works', command, { params: { argv: ['fail'] }, retries: 5, delay: 600 }),
        ]),
      ],
      one,
      { drain: drain.signal },
    )
    expect([told.exit, tries]).toEqual([130, 1])
  })
})

describe('a block', () => {
  it('is not rescued by tasks that the tags leave out', async () => {
    const failing = task('run', 'it works', command, { params: { argv: ['missing'] }, tags: ['x'] })
    const block: Block = {
      kind: 'block',
      at: failing.at,
      when: [],
      block: [failing],
      rescue: [task('read', 'the rest', setting, { params: { name: '/a' } })],
      always: [],
    } as never
    expect(
      (await execute(createWorld({ n1: machine() }), [play([block])], one, { tags: ['x'] })).exit,
    ).toBe(1)
    expect((await execute(createWorld({ n1: machine() }), [play([block])], one)).exit).toBe(0)
  })
})

describe('a call', () => {
  const noJson = computed('json.done', () => {
    throw new DiagnosticError({ code: 'expression/failed', message: 'no such key' })
  })
  const called = (exit: number): Promise<Told> => {
    const n1 = machine()
    n1.commands.set('do', () => ({ exit }))
    n1.commands.set('restart', () => ({ exit: 0 }))
    const handlers = [task('run', 'it is restarted', command, { params: { argv: ['restart'] } })]
    return execute(
      createWorld({ n1 }),
      [
        play(
          [
            task('run', 'it is done', command, {
              params: { argv: ['do'] },
              changedWhen: [noJson],
              notify: ['it is restarted'],
            }),
          ],
          { handlers },
        ),
      ],
      one,
    )
  }

  it('that failed says so, also where its answer is not what changed_when reads', async () => {
    expect(errorsOf(await called(1))).toEqual(['action/failed'])
  })

  it('whose meaning cannot be told owes what it notifies', async () => {
    const told = await called(0)
    expect(errorsOf(told)).toEqual(['expression/failed'])
    expect(told.outcomes['n1: it is restarted']).toBe('changed')
  })
})

describe('a guard of another connection', () => {
  it.each([2, 3])(
    'is asked again where the act of another host has voided its reading meanwhile (%d)',
    async (pauses) => {
      const other = machine()
      const names = ['n1', 'n2', 'n3', 'n4', 'n5', 'n6', 'n7']
      const world = createWorld({
        'service other': other,
        ...Object.fromEntries(names.map((name) => [name, machine()])),
      })
      let exchanges = 0
      Object.defineProperty(world, 'latency', { get: () => 100 + ((exchanges++ * 170) % 500) })
      const taken = defineResource({
        ...(entry as object),
        name: 'taken',
        probe: () => ({ free: text('/free'), mine: get('other', '/mine') }),
        observe: ({ mine }: any) => ({ listed: mine.json === true }),
        change: () => [
          {
            title: 'take it',
            repairs: ['listed'],
            effect: 'destroys',
            guard: ['free'],
            actions: [
              {
                do: 'http',
                service: 'other',
                method: 'POST',
                path: '/mine',
                body: true,
                statuses: [201],
              },
            ],
          },
        ],
      } as never)
      other.files.set('/mine', 'false')
      const isFirst = (first: boolean) =>
        computed('host.name', (scope) => (scope.host.name === 'n1') === first)
      const others = task('run', 'others act', command, {
        params: { argv: ['true'] },
        loop: [1, 2, 3, 4, 5, 6, 7, 8],
        delegateTo: 'n7',
        when: isFirst(false),
      })
      const take = task('ensure', 'it is taken', taken as never, {
        params: { name: 'x' },
        when: isFirst(true),
        delegateTo: 'n7',
      })
      const pause = Array.from({ length: pauses }, (_, at) =>
        task('run', `pause ${at}`, command, { params: { argv: ['true'] }, when: isFirst(true) }),
      )
      for (const name of names) world.machines.get(name)!.commands.set('true', () => ({ exit: 0 }))
      const told = await execute(
        world,
        [play([...pause, take, others], { hosts: 'n1,n2,n3,n4,n5,n6' })],
        inventoryOf(names),
      )
      expect(errorsOf(told)).toEqual([])
      expect(told.outcomes['n1: it is taken']).toBe('changed')
    },
  )
})

describe('a wait', () => {
  it('ends when the run is drained', async () => {
    const drain = new AbortController()
    const world = createWorld({ n1: machine() })
    let asked = 0
    world.meddle = () => void (++asked === 3 && drain.abort())
    const told = await execute(
      world,
      [
        play([
          task('wait', 'a holds', setting, {
            params: { name: '/a', value: 'x' },
            for: 3600,
            every: 10,
          }),
        ]),
      ],
      one,
      { drain: drain.signal },
    )
    expect([told.exit, errorsOf(told), asked]).toEqual([130, ['run/interrupted'], 3])
  })

  it('ends at its deadline, and says why nothing could be read', async () => {
    const n1 = machine()
    n1.broken.add('/a')
    const world = createWorld({ n1 })
    const began = world.clock.now()
    const told = await execute(
      world,
      [
        play([
          task('wait', 'a holds', setting, {
            params: { name: '/a', value: 'x' },
            for: 10,
            every: 60,
          }),
        ]),
      ],
      one,
    )
    expect(
      told.events.flatMap((event) =>
        event.type === 'outcome' && event.error ? [event.error.message] : [],
      ),
    ).toEqual([expect.stringContaining('no permission to read /a')])
    expect(world.clock.now() - began).toBe(10_000)
  })
})

describe('a repair that became another one while it waited', () => {
  it('holds also the way that it now needs', async () => {
    const shared = machine()
    const hosts = ['n1', 'n2', 'n3']
    const world = createWorld({
      shared,
      'service other': machine(),
      ...Object.fromEntries(hosts.map((name) => [name, machine()])),
    })
    let exchanges = 0
    Object.defineProperty(world, 'latency', { get: () => 100 + ((exchanges++ * 170) % 300) })
    shared.commands.set('move', () => (shared.files.set('/mode', 'service'), { exit: 0 }))
    // Whoever comes first moves what is shared; from then on the service does it.
    const moving = defineResource({
      ...(liar as object),
      name: 'moving',
      probe: ({ name }: { name: string }) => ({
        mode: text('/mode'),
        mine: get('other', name, [200, 404]),
      }),
      observe: ({ mode }: any, { name }: { name: string }) => ({
        there: mode.exists && shared.files.has(name),
      }),
      change: (_diff: unknown, { name }: { name: string }) => {
        if (!shared.files.has('/mode'))
          return [{ title: 'move', repairs: ['there'], actions: [exec(['move'])] }]
        return [
          {
            title: 'ask',
            repairs: ['there'],
            actions: [
              {
                do: 'http',
                service: 'other',
                method: 'POST',
                path: name,
                body: true,
                statuses: [201],
              },
            ],
          },
        ]
      },
    } as never)
    let now = 0
    let most = 0
    const connections: typeof world.connections = {
      ...world.connections,
      async session(endpoint, become) {
        const session = await world.connections.session(endpoint, become)
        return {
          async exchange(asked) {
            const acts = asked.apply !== undefined && 'service' in endpoint
            if (acts) most = Math.max(most, ++now)
            try {
              return await session.exchange(asked)
            } finally {
              if (acts) now--
            }
          },
        }
      },
    }
    world.machines.get('service other')!.files.set('/mine', 'true')
    const isThird = (third: boolean) =>
      computed('host.name', (scope) => (scope.host.name === 'n3') === third)
    const tasks = [
      task('ensure', 'it is there', moving as never, {
        params: { name: '/mine' },
        delegateTo: 'shared',
        when: isThird(false),
        ignoreErrors: true,
      }),
      task(
        'ensure',
        'it is asked for',
        defineResource({
          ...(entry as object),
          name: 'asked',
          probe: () => ({ list: get('other', '/mine') }),
          observe: () => ({ listed: false }),
          change: () => [
            {
              title: 'ask',
              repairs: ['listed'],
              actions: [
                {
                  do: 'http',
                  service: 'other',
                  method: 'POST',
                  path: '/mine',
                  body: true,
                  statuses: [201],
                },
              ],
            },
          ],
        } as never),
        {
          params: { name: 'x' },
          loop: [1, 2, 3, 4, 5, 6, 7, 8, 9],
          when: isThird(true),
          ignoreErrors: true,
        },
      ),
    ]
    await execute(
      { ...world, connections },
      [play(tasks, { hosts: hosts.join(',') })],
      inventoryOf([...hosts, 'shared']),
    )
    expect(
      world.sent.filter((each) => each.to === 'service other' && each.actions.length > 0).length,
    ).toBeGreaterThan(6)
    expect(most).toBe(1)
  })
})
