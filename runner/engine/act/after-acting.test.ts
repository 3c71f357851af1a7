import { describe, expect, it } from 'vitest'
import { command, setting } from '../../../test/harness/toys.ts'
import {
  computed,
  createWorld,
  execute,
  inventoryOf,
  machine,
  play,
  task,
  type World,
} from '../../../test/harness/fake-world.ts'
import { exec, type Action } from '../../contract/change.ts'
import { ask, text } from '../../contract/probe.ts'
import { defineResource, type AnyResourceType } from '../../contract/resource.ts'
import { DiagnosticError } from '../../model/diagnostic.ts'
import type { Note } from '../../model/note.ts'
import { Unreachable, type Exchange } from '../../model/session.ts'

// Whatever is thrown after the first action of a task, what was done stays known: the handler is owed, and the words say it.

const thrown = (message: string): DiagnosticError =>
  new DiagnosticError({ code: 'connect/token-missing', message, hint: 'none' })

/** What a function of a type, or a session, may throw. */
const things: readonly (readonly [string, unknown])[] = [
  ['an error with a code', thrown('it broke')],
  ['a plain Error', new Error('it broke')],
  ['null', null],
]

interface Parts {
  /** Called by each function of the type, by its name and by how often it was called before. */
  readonly at?: (name: string, before: number) => void
  readonly actions?: readonly Action[]
  readonly settles?: boolean
  readonly state?: (word: string | null) => unknown
}

/** A file holds a word; what its functions throw is a test's to say. */
function wordType({ at, actions = [], settles, state }: Parts): AnyResourceType {
  const calls = new Map<string, number>()
  const come = (name: string): void => {
    const before = calls.get(name) ?? 0
    calls.set(name, before + 1)
    at?.(name, before)
  }
  return defineResource({
    name: 'word',
    summary: 'A file holds a word.',
    params: {
      type: 'object',
      required: ['file'],
      properties: { file: { type: 'string', identity: true, description: 'The file.' } },
    },
    state: { word: { type: 'string', description: 'The word.' } },
    probe: ({ file }) => (come('probe'), { show: text(file) }),
    observe: ({ show }) => {
      come('observe')
      const word = show.exists ? show.text : null
      return { word: (state ? state(word) : word) as string | null }
    },
    desire: () => (come('desire'), { word: 'hello' }),
    change: (_diff, { file }) => {
      come('change')
      return [
        {
          title: 'write the word',
          repairs: ['word'],
          actions: [{ do: 'write', path: file, content: 'hello' }, ...actions],
        },
      ]
    },
    ...(settles
      ? {
          settle: {
            for: () => (come('for'), 20),
            every: () => (come('every'), 5),
            progress: () => (come('progress'), 'under way'),
          },
        }
      : {}),
  })
}

const post = {
  do: 'http',
  service: 'words',
  method: 'POST',
  path: '/words',
  body: {},
  statuses: [200],
} as const satisfies Action

/** Runs one task with a handler behind it and says what came of both. */
async function told(
  type: AnyResourceType,
  prepare: (world: World) => void = () => undefined,
  more: Parameters<typeof task>[3] = {},
) {
  const world = createWorld({ n1: machine(), 'service words': machine() })
  prepare(world)
  const notes: Note[] = []
  const { events, outcomes, exit } = await execute(
    world,
    [
      play(
        [
          task('ensure', 'the word is there', type, {
            params: { file: '/w' },
            notify: ['it was read again'],
            ...more,
          }),
        ],
        {
          hosts: 'n1',
          handlers: [
            task('ensure', 'it was read again', setting, {
              params: { name: '/handled', value: 'yes' },
            }),
          ],
        },
      ),
    ],
    inventoryOf(['n1']),
    { note: (note) => void notes.push(note) },
  )
  const outcome = events.find((event) => event.type === 'outcome' && event.changes !== undefined)
  return {
    outcome: outcomes['n1: the word is there'],
    message: outcome?.type === 'outcome' ? outcome.error?.message : undefined,
    handled: world.machines.get('n1')!.files.get('/handled') === 'yes',
    owed: notes.some((note) => note.type === 'notified'),
    exit,
  }
}

/** Throws at one call of one function, counted from the read-back. */
function throwing(name: string, thing: unknown, from: number): NonNullable<Parts['at']> {
  return (called, before) => {
    if (called === name && before >= from) throw thing
  }
}

describe.each(things)('what throws %s after the first action', (_name, thing) => {
  const failedAfter = (done: number, of: number) => ({
    outcome: 'failed',
    message: expect.stringContaining(`done before it: ${done} of ${of}`),
    handled: true,
    owed: true,
    exit: 1,
  })

  it('the probe, when its repair is read back', async () => {
    let acted = false
    const type = wordType({
      at: (name) => {
        if (name === 'probe' && acted) throw thing
      },
    })
    const acts = (world: World): void => {
      world.meddle = (_to, { apply }) => void (acted ||= apply !== undefined)
    }
    expect(await told(type, acts)).toEqual(failedAfter(1, 1))
  })

  it('observe, when its repair is read back', async () => {
    const after: Parts['state'] = (word) => {
      if (word !== null) throw thing
      return word
    }
    expect(await told(wordType({ state: after }))).toEqual(failedAfter(1, 1))
  })

  it('the second exchange of two', async () => {
    const breaks = (world: World): void => {
      world.meddle = (to) => {
        if (to === 'service words') throw thing
      }
    }
    expect(await told(wordType({ actions: [post] }), breaks)).toEqual(failedAfter(1, 2))
  })

  it('the session that the second exchange needs', async () => {
    const breaks = (world: World): void => {
      const { session } = world.connections
      Object.assign(world.connections, {
        session: (endpoint: never, become: never) => {
          if ('service' in endpoint) throw thing
          return session(endpoint, become)
        },
      })
    }
    expect(await told(wordType({ actions: [post] }), breaks)).toEqual(failedAfter(1, 2))
  })

  it.each(['for', 'every'])('settle, when it says %s', async (name) => {
    expect(await told(wordType({ settles: true, at: throwing(name, thing, 0) }))).toEqual(
      failedAfter(1, 1),
    )
  })

  it('settle, when it says how far it is', async () => {
    const type = wordType({
      settles: true,
      at: throwing('progress', thing, 0),
      state: () => 'never as wanted',
    })
    expect(await told(type)).toEqual(failedAfter(1, 1))
  })

  it('change, when the read-back finds a difference', async () => {
    const seen: string[] = []
    const type = wordType({
      settles: true,
      at: (name) => {
        if (name === 'change' && seen.includes('written')) throw thing
      },
      state: (word) => (word !== null && seen.push('written'), 'never as wanted'),
    })
    expect(await told(type)).toEqual(failedAfter(1, 1))
  })

  it('a register that cannot be built', async () => {
    const type = wordType({
      state: (word) => ({
        toString: () => 'hello',
        get part() {
          if (word !== null) throw thing
          return 1
        },
      }),
    })
    const found = await told(type, undefined, { register: 'w' })
    expect(found).toMatchObject({ outcome: 'failed', handled: true, owed: true, exit: 1 })
  })

  it('desire, when an earlier task of the same thing is judged once more', async () => {
    let isSecond = false
    const base = wordType({
      at: (name) => {
        if (name === 'desire' && isSecond) throw thing
      },
    })
    const world = createWorld({ n1: machine() })
    const other = defineResource({
      ...(base as object),
      desire: () => ({ word: 'another' }),
      change: (_diff: unknown, { file }: { file: string }) => {
        isSecond = true
        return [
          {
            title: 'write another',
            repairs: ['word'],
            actions: [{ do: 'write', path: file, content: 'another' }],
          },
        ]
      },
    } as never)
    const { outcomes } = await execute(
      world,
      [
        play(
          [
            task('ensure', 'the word is there', base, { params: { file: '/w' } }),
            task('ensure', 'another is there', other, {
              params: { file: '/w' },
              notify: ['it was read again'],
            }),
          ],
          {
            hosts: 'n1',
            handlers: [
              task('ensure', 'it was read again', setting, {
                params: { name: '/handled', value: 'yes' },
              }),
            ],
          },
        ),
      ],
      inventoryOf(['n1']),
    )
    expect(outcomes['n1: it was read again']).toBe('changed')
  })

  it.each(['failedWhen', 'changedWhen'] as const)('%s of a call', async (name) => {
    const world = createWorld({ n1: machine() })
    world.machines.get('n1')!.commands.set('send', () => ({ exit: 0, stdout: 'no json' }))
    const { outcomes, events } = await execute(
      world,
      [
        play(
          [
            task('run', 'it is sent', command, {
              params: { argv: ['send'] },
              notify: ['it was read again'],
              [name]: [
                computed('stdout', () => {
                  throw thing
                }),
              ],
            }),
          ],
          {
            hosts: 'n1',
            handlers: [
              task('ensure', 'it was read again', setting, {
                params: { name: '/handled', value: 'yes' },
              }),
            ],
          },
        ),
      ],
      inventoryOf(['n1']),
    )
    expect(outcomes).toEqual({ 'n1: it is sent': 'failed', 'n1: it was read again': 'changed' })
    const outcome = events.find((event) => event.type === 'outcome')
    expect(outcome).toMatchObject({ changes: [{ title: 'run send' }] })
  })
})

describe('what was done stays known', () => {
  it('where the lock of the host is busy before the second exchange', async () => {
    const type = defineResource({
      ...(wordType({}) as object),
      probe: ({ file }: { file: string }) => ({ show: text(file), sign: ask(['sign']) }),
      change: (_diff: unknown, { file }: { file: string }) => [
        {
          title: 'write the word',
          repairs: ['word'],
          actions: [{ do: 'write', path: file, content: 'hello' }],
        },
        { title: 'seal it', repairs: [], guard: ['sign'], actions: [exec(['seal'])] },
      ],
    } as never)
    const busy = (world: World): void => {
      world.machines.get('n1')!.commands.set('sign', () => ({ exit: 0, stdout: 'x' }))
      world.meddle = (_to, exchange) => {
        if (exchange.apply?.actions.some((action) => action.do === 'exec'))
          throw new DiagnosticError({
            code: 'connect/lock-busy',
            message: 'another run is at work on this host',
            hint: 'wait',
          })
      }
    }
    expect(await told(type, busy)).toMatchObject({
      outcome: 'failed',
      message: expect.stringContaining('done before it: 1 of 2'),
      handled: true,
    })
    const moves = (world: World): void => {
      let times = 0
      world.machines.get('n1')!.commands.set('sign', () => ({ exit: 0, stdout: 'x' }))
      world.meddle = (_to, exchange) => {
        if (exchange.apply?.actions.some((action) => action.do === 'exec'))
          world.machines
            .get('n1')!
            .commands.set('sign', () => ({ exit: 0, stdout: `moved ${times++}` }))
      }
    }
    const moved = await told(type, moves)
    expect(moved).toMatchObject({ outcome: 'failed', handled: true })
    expect(moved.message).toMatch(/done before it: 1 of 2/)
    expect(moved.message).not.toMatch(/nothing was done/)
  })

  it('where the host is lost behind its first exchange: it is unreachable, and owes its handler', async () => {
    const lost = (world: World): void => {
      let acted = false
      world.meddle = (to, exchange) => {
        if (acted && to === 'n1') throw new Unreachable('n1', 'connection lost')
        if (exchange.apply) acted = true
      }
    }
    // The read-back needs another round, so that the host is asked once more.
    const type = defineResource({
      ...(wordType({}) as object),
      probe: ({ file }: { file: string }, seen: Record<string, unknown>) => ({
        show: text(file),
        ...(seen['show'] && (seen['show'] as { exists: boolean }).exists
          ? { more: text('/more') }
          : {}),
      }),
    } as never)
    expect(await told(type, lost)).toMatchObject({
      outcome: 'unreachable',
      message: expect.stringContaining('done before it: 1 of 1'),
      owed: true,
    })
  })

  it('where an exchange breaks behind its first action', async () => {
    const breaks = (world: World): void => {
      const { session: open } = world.connections
      Object.assign(world.connections, {
        session: async (endpoint: never, become: never) => ({
          async exchange(exchange: Exchange) {
            const answer = await (await open(endpoint, become)).exchange(exchange)
            return exchange.apply ? { ...answer, readings: [], broken: null } : answer
          },
        }),
      })
    }
    expect(await told(wordType({ actions: [exec(['true'])] }), breaks)).toMatchObject({
      outcome: 'failed',
      handled: true,
      owed: true,
    })
  })

  it('in a loop, for each of its items', async () => {
    const world = createWorld({ n1: machine() })
    const type = wordType({
      state: (word) => {
        if (word !== null) throw new Error('it broke')
        return word
      },
    })
    const { outcomes, events } = await execute(
      world,
      [
        play(
          [
            task('ensure', 'the words are there', type, {
              loop: ['/a', '/b'],
              params: { file: computed('item', ({ item }) => item) },
              notify: ['it was read again'],
            }),
          ],
          {
            hosts: 'n1',
            handlers: [
              task('ensure', 'it was read again', setting, {
                params: { name: '/handled', value: 'yes' },
              }),
            ],
          },
        ),
      ],
      inventoryOf(['n1']),
    )
    expect(outcomes['n1: it was read again']).toBe('changed')
    expect(
      events.find((event) => event.type === 'outcome' && event.items !== undefined),
    ).toMatchObject({
      items: [
        { outcome: 'failed', changes: [{ title: 'write the word' }] },
        { outcome: 'failed', changes: [{ title: 'write the word' }] },
      ],
    })
  })
})
