import { describe, expect, it } from 'vitest'
import { refuse } from '../contract/change.ts'
import { text } from '../contract/probe.ts'
import { defineResource } from '../contract/resource.ts'
import type { Task } from '../model/playbook.ts'
import { command, entry, guarded, pointed, setting, unit } from '../../test/harness/toys.ts'
import {
  computed,
  createWorld,
  execute,
  inventoryOf,
  machine,
  play,
  task,
  type Told,
} from '../../test/harness/fake-world.ts'

const one = inventoryOf(['n1'])
const plan = { mode: 'plan' as const }
const reasons = (told: Told): Record<string, string | undefined> => {
  const labels = new Map(
    told.events.flatMap((event) =>
      event.type === 'play-started'
        ? event.tasks.map((label) => [label.id, label.sentence] as const)
        : [],
    ),
  )
  return Object.fromEntries(
    told.events.flatMap((event) =>
      event.type === 'outcome' ? [[labels.get(event.task)!, event.reason] as const] : [],
    ),
  )
}

describe('a plan', () => {
  it('sends no action and names what would change; exit 2, and 0 when nothing would', async () => {
    const world = createWorld({ n1: machine({ '/a': 'old', '/b': 'x' }) })
    const tasks = [
      task('ensure', 'a', setting, { params: { name: '/a', value: 'new' } }),
      task('ensure', 'b', setting, { params: { name: '/b', value: 'x' } }),
      task('run', 'call', command, { params: { argv: ['x'] } }),
    ]
    const told = await execute(world, [play(tasks)], one, plan)
    expect(told.outcomes).toEqual({
      'n1: a': 'would change',
      'n1: b': 'ok',
      'n1: call': 'would change',
    })
    expect(told.exit).toBe(2)
    expect(told.sent).toHaveLength(1)
    expect(told.sent.flatMap((each) => each.actions)).toEqual([])
    expect((await execute(world, [play([tasks[1]!])], one, plan)).exit).toBe(0)
  })

  it('says what is read behind a pending change', async () => {
    const world = createWorld({ n1: machine({ '/b': 'x' }) })
    const told = await execute(
      world,
      [
        play([
          task('ensure', 'a', setting, { params: { name: '/a', value: 'new' } }),
          task('ensure', 'b', setting, { params: { name: '/b', value: 'x' } }),
        ]),
      ],
      one,
      plan,
    )
    const bases = told.events.flatMap((event) => (event.type === 'outcome' ? [event.basis] : []))
    expect(bases).toEqual(['known', 'as read now'])
  })

  it('knows the wanted fields of a pending change, and not its information', async () => {
    const world = createWorld({ n1: machine({ '/known': 'x', '3': 'y' }) })
    const tasks = [
      task('ensure', 'a is written', setting, {
        params: { name: '/a', value: '/known' },
        register: 'a',
      }),
      task('ensure', 'by value', setting, {
        params: { name: computed('a.value', (scope) => scope.a.value), value: 'x' },
      }),
      task('ensure', 'by length', setting, {
        params: { name: computed('a.length', (scope) => String(scope.a.length)), value: 'x' },
      }),
      task('ensure', 'behind a condition', setting, {
        params: { name: '/known', value: 'x' },
        when: computed('a.length > 1', (scope) => scope.a.length > 1),
      }),
      task('ensure', 'skipped by what was changed', setting, {
        params: { name: '/known', value: 'x' },
        when: computed('!a.changed', (scope) => !scope.a.changed),
      }),
    ]
    const told = await execute(world, [play(tasks)], one, plan)
    expect(told.outcomes).toEqual({
      'n1: a is written': 'would change',
      'n1: by value': 'ok',
      'n1: by length': 'unknown',
      'n1: behind a condition': 'unknown',
      'n1: skipped by what was changed': 'skipped',
    })
    expect(reasons(told)['by length']).toBe('unknown until "a is written"')
  })

  it('tells nothing known of a pending run', async () => {
    const world = createWorld({ n1: machine() })
    const tasks = [
      task('run', 'it is asked', command, { params: { argv: ['x'] }, register: 'out' }),
      task('ensure', 'by output', setting, {
        params: { name: computed('out.stdout', (scope) => scope.out.stdout), value: 'x' },
      }),
      task('ensure', 'in a loop', setting, {
        loop: computed('out.stdout', (scope) => scope.out.stdout),
        params: { name: computed('item', (scope) => scope.item), value: 'x' },
      }),
    ]
    const told = await execute(world, [play(tasks)], one, plan)
    expect(told.outcomes).toMatchObject({ 'n1: by output': 'unknown', 'n1: in a loop': 'unknown' })
  })

  it('does not fail on what a pending change may mend, and fails on what none could', async () => {
    const n1 = machine()
    n1.broken.add('/locked')
    n1.commands.set('blkid', () => ({ exit: 0, stdout: 'xfs' }))
    const doubtful = [
      task('require', 'required', setting, { params: { name: '/r', value: 'x' } }),
      task('read', 'locked', setting, { params: { name: '/locked' } }),
      task('ensure', 'formatted', guarded, { params: { dev: '/dev/x' } }),
    ]
    const alone = await execute(
      createWorld({ n1 }),
      [play(doubtful.map((each) => ({ ...each, ignoreErrors: true })))],
      one,
      plan,
    )
    expect(alone.outcomes).toEqual({
      'n1: required': 'failed',
      'n1: locked': 'failed',
      'n1: formatted': 'failed',
    })
    const behind = await execute(
      createWorld({ n1 }),
      [
        play([
          task('ensure', 'first', setting, { params: { name: '/a', value: 'x' } }),
          ...doubtful,
        ]),
      ],
      one,
      plan,
    )
    expect(behind.outcomes).toEqual({
      'n1: first': 'would change',
      'n1: required': 'unknown',
      'n1: locked': 'unknown',
      'n1: formatted': 'unknown',
    })
    expect(behind.exit).toBe(2)
  })

  it('knows nothing behind a boot of which it cannot tell whether it is to come', async () => {
    const world = createWorld({ n1: machine({ '/b': 'x' }) })
    const tasks = [
      task('run', 'it is asked', command, { params: { argv: ['x'] }, register: 'out' }),
      task('ensure', 'b holds', setting, { params: { name: '/b', value: 'x' } }),
      task(
        'ensure',
        'it runs that',
        { ...setting, boots: true },
        { params: { name: '/a', value: computed('out.stdout', (scope) => scope.out.stdout) } },
      ),
      task('ensure', 'b still holds', setting, { params: { name: '/b', value: 'x' } }),
    ]
    const told = await execute(world, [play(tasks), play([tasks[1]!])], one, plan)
    expect(told.outcomes).toEqual({
      'n1: it is asked': 'would change',
      'n1: b holds': 'unknown',
      'n1: it runs that': 'unknown',
      'n1: b still holds': 'unknown',
    })
    expect(reasons(told)['b still holds']).toBe('unknown until "it runs that"')
  })

  it('shows the actions behind a pending change where that may take the refusal away', async () => {
    const refusing = (name: string, mendable: boolean) =>
      defineResource({
        name: `site.${name}`,
        summary: 'A file stands in a folder.',
        params: {
          type: 'object',
          required: ['path'],
          properties: { path: { type: 'string', identity: true, description: 'Path.' } },
        },
        state: { value: { type: 'string', description: 'Content.' } },
        probe: ({ path }) => ({ file: text(path) }),
        observe: ({ file }) => ({ value: file.exists ? file.text : null }),
        desire: () => ({ value: 'x' }),
        change: (_diff, { path }) => [
          {
            title: `write ${path}`,
            repairs: ['value'],
            actions: [
              refuse('the folder does not exist', 'make it', mendable ? { mendable } : {}),
              { do: 'write', path, content: 'x' },
            ],
          },
        ],
      })
    const before = task('ensure', 'before', setting, { params: { name: '/a', value: 'new' } })
    const outcomes = async (mendable: boolean, ...first: readonly Task[]): Promise<unknown> => {
      const type = refusing(mendable ? 'mendable' : 'hard', mendable)
      const tasks = [...first, task('ensure', 'file', type, { params: { path: '/b' } })]
      const told = await execute(createWorld({ n1: machine({}) }), [play(tasks)], one, plan)
      return told.outcomes['n1: file']
    }
    expect(await outcomes(true)).toBe('failed')
    expect(await outcomes(true, before)).toBe('would change')
    expect(await outcomes(false, before)).not.toBe('would change')
  })

  it('compares a wait once', async () => {
    const world = createWorld({ n1: machine({ '/a': 'x' }), n2: machine() })
    world.machines.get('n2')!.up = false
    const told = await execute(
      world,
      [
        play([
          task('wait', 'a', setting, { params: { name: '/a', value: 'x' } }),
          task('wait', 'b', setting, { params: { name: '/b', value: 'x' } }),
        ]),
      ],
      inventoryOf(['n1', 'n2']),
      plan,
    )
    expect(told.outcomes).toEqual({
      'n1: a': 'ok',
      'n1: b': 'unknown',
      'n2: a': 'unknown',
      'n2: b': 'unknown',
    })
  })

  it('shows the handlers that would run', async () => {
    const n1 = machine()
    n1.commands.set('show', () => ({ exit: 0, stdout: 'life 1' }))
    const handlers = [
      task('ensure', 'u is restarted', unit, { params: { name: 'u', state: 'restarted' } }),
    ]
    const told = await execute(
      createWorld({ n1 }),
      [
        play(
          [
            task('ensure', 'a', setting, {
              params: { name: '/a', value: 'x' },
              notify: ['u is restarted'],
            }),
          ],
          { handlers },
        ),
      ],
      one,
      plan,
    )
    expect(told.outcomes).toEqual({ 'n1: a': 'would change', 'n1: u is restarted': 'would change' })
  })

  it('says what the run then does', async () => {
    const world = createWorld({
      n1: machine({ '/a': 'old', '/p': '/t', '/t': 'x' }),
      'service registry': machine({ '/list': '[]' }),
    })
    const added = { ...entry }
    const tasks = [
      task('ensure', 'a', setting, { params: { name: '/a', value: 'new' } }),
      task('ensure', 't', pointed, { params: { pointer: '/p', value: 'x' } }),
      task('ensure', 'listed', added, { params: { name: 'n1' } }),
    ]
    world.meddle = (to, exchange) =>
      void (
        to === 'service registry' &&
        exchange.apply &&
        world.machines.get(to)!.files.set('/list', '["n1"]')
      )
    const planned = await execute(world, [play(tasks)], one, plan)
    const ran = await execute(world, [play(tasks)], one)
    const verdicts = Object.fromEntries(
      Object.entries(planned.outcomes).map(([name, outcome]) => [
        name,
        outcome === 'would change' ? 'changed' : outcome,
      ]),
    )
    expect(ran.outcomes).toEqual(verdicts)
    const diffs = (told: Told): unknown[] =>
      told.events.flatMap((event) => (event.type === 'outcome' ? [event.diff] : []))
    expect(diffs(ran)).toEqual(diffs(planned))
    expect((await execute(world, [play(tasks)], one, plan)).exit).toBe(0)
  })
})
