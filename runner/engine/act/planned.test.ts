import { describe, expect, it } from 'vitest'
import { exec } from '../../contract/change.ts'
import { text } from '../../contract/probe.ts'
import { defineResource } from '../../contract/resource.ts'
import { command, guarded, liar, setting, unit } from '../../../test/harness/toys.ts'
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
import type { Play } from '../../model/playbook.ts'
import type { PlannedEntry } from '../../model/plan.ts'

const one = inventoryOf(['n1'])

async function planned(world: World, plays: readonly Play[]): Promise<readonly PlannedEntry[]> {
  const entries: PlannedEntry[] = []
  await execute(world, plays, one, { mode: 'plan', record: (entry) => entries.push(entry) })
  // As a file would bring it back.
  return JSON.parse(JSON.stringify(entries)) as PlannedEntry[]
}

const keep = (entries: readonly PlannedEntry[]) => ({
  promise: {
    entry: (p: number, t: string, host: string, item: number | null) =>
      entries.find(
        (each) => each.play === p && each.task === t && each.host === host && each.item === item,
      ),
  },
})
const codes = (told: { events: readonly { type: string }[] }): string[] =>
  (told.events as readonly { type: string; error?: { code: string } }[]).flatMap((event) =>
    event.type === 'outcome' && event.error ? [event.error.code] : [],
  )

describe('a saved plan', () => {
  it('is kept: what it shows is done, and nothing is left to do', async () => {
    const world = createWorld({ n1: machine({ '/a': 'old', '/b': 'x' }) })
    const plays = [
      play([
        task('ensure', 'a', setting, { params: { name: '/a', value: 'new' } }),
        task('ensure', 'b', setting, { params: { name: '/b', value: 'x' } }),
        task('ensure', 'items', setting, {
          loop: ['/c', '/d'],
          params: { name: computed('item', (scope) => scope.item), value: '1' },
        }),
      ]),
    ]
    const entries = await planned(world, plays)
    expect(entries.map(({ outcome, item, identity }) => [outcome, item, identity['name']])).toEqual(
      [
        ['would change', null, '/a'],
        ['ok', null, '/b'],
        ['would change', 0, '/c'],
        ['would change', 1, '/d'],
      ],
    )
    const told = await execute(world, plays, one, keep(entries))
    expect(told.exit).toBe(0)
    expect(Object.fromEntries(world.machines.get('n1')!.files)).toEqual({
      '/a': 'new',
      '/b': 'x',
      '/c': '1',
      '/d': '1',
    })
  })

  it('refuses a host whose state moved, and skips what has become true', async () => {
    const plays = [play([task('ensure', 'a', setting, { params: { name: '/a', value: 'new' } })])]
    const moved = createWorld({ n1: machine({ '/a': 'old' }) })
    const entries = await planned(moved, plays)
    moved.machines.get('n1')!.files.set('/a', 'something else')
    expect(codes(await execute(moved, plays, one, keep(entries)))).toEqual(['plan/moved'])
    expect(moved.machines.get('n1')!.files.get('/a')).toBe('something else')
    moved.machines.get('n1')!.files.set('/a', 'new')
    expect((await execute(moved, plays, one, keep(entries))).outcomes).toEqual({ 'n1: a': 'ok' })
  })

  it('refuses what it found right and is no longer, also where errors are ignored', async () => {
    const plays = [
      play([
        task('ensure', 'a', setting, { params: { name: '/a', value: 'x' }, ignoreErrors: true }),
      ]),
    ]
    const world = createWorld({ n1: machine({ '/a': 'x' }) })
    const entries = await planned(world, plays)
    world.machines.get('n1')!.files.delete('/a')
    const told = await execute(world, plays, one, keep(entries))
    expect(codes(told)).toEqual(['plan/moved'])
    expect(told.exit).toBe(1)
  })

  it('plans at its turn what was unknown, but destroys nothing that it does not show', async () => {
    const n1 = machine()
    n1.commands.set('ask', () => ({ exit: 0, stdout: '/dev/x' }))
    n1.commands.set('blkid', (argv) =>
      argv[1] === '/dev/x' && n1.files.has('fs') ? { exit: 0, stdout: 'ext4' } : { exit: 2 },
    )
    n1.commands.set('mkfs', () => (n1.files.set('fs', ''), { exit: 0 }))
    const world = createWorld({ n1 })
    const asks = task('run', 'a device is chosen', command, {
      params: { argv: ['ask'] },
      register: 'out',
    })
    const harmless = [
      play([
        asks,
        task('ensure', 'its name is kept', setting, {
          params: { name: '/kept', value: computed('out.stdout', (scope) => scope.out.stdout) },
        }),
      ]),
    ]
    const told = await execute(world, harmless, one, keep(await planned(world, harmless)))
    expect(told.outcomes).toEqual({
      'n1: a device is chosen': 'changed',
      'n1: its name is kept': 'changed',
    })
    const destructive = [
      play([
        asks,
        task('ensure', 'it has a file system', guarded, {
          params: { dev: computed('out.stdout', (scope) => scope.out.stdout) },
        }),
      ]),
    ]
    expect(
      codes(await execute(world, destructive, one, keep(await planned(world, destructive)))),
    ).toEqual(['plan/unseen-destruction'])
    expect(n1.files.has('fs')).toBe(false)
  })

  it('keeps nothing of what no_log hides, and keeps its word all the same', async () => {
    const world = createWorld({ n1: machine() })
    const plays = [
      play([
        task('ensure', 'hidden', setting, {
          params: { name: '/canary-a', value: 'canary-b' },
          noLog: true,
        }),
      ]),
    ]
    const entries = await planned(world, plays)
    expect(JSON.stringify(entries)).not.toContain('canary')
    expect((await execute(world, plays, one, keep(entries))).outcomes).toEqual({
      'n1: hidden': 'changed',
    })
    world.machines.get('n1')!.files.set('/canary-a', 'moved')
    expect(codes(await execute(world, plays, one, keep(entries)))).toEqual(['plan/moved'])
  })

  it('holds no digest of what a no_log task read, unless something is destroyed by it', async () => {
    const observed = async (noLog: boolean, value: string, type = setting): Promise<unknown> => {
      const world = createWorld({ n1: machine({ '/a': value }) })
      const tasks = [
        task('ensure', 'it is set', type, { params: { name: '/a', value: 'new' }, noLog }),
      ]
      return (await planned(world, [play(tasks)]))[0]!.observed
    }
    expect(await observed(true, '1234')).toBe(await observed(true, '9999'))
    expect(await observed(false, '1234')).not.toBe(await observed(false, '9999'))
    const destroying = {
      ...setting,
      destroys: true,
      change: (...given: Parameters<NonNullable<typeof setting.change>>) =>
        setting.change!(...given).map((change) => ({
          ...change,
          effect: 'destroys' as const,
          guard: Object.keys(setting.probe(given[1], {})),
        })),
    } as unknown as typeof setting
    expect(await observed(true, '1234', destroying)).not.toBe(
      await observed(true, '9999', destroying),
    )
  })

  it('says why a task failed that was tried again, and not that its own first try moved the state', async () => {
    const n1 = machine()
    n1.commands.set('begin', () => (n1.files.set('/half', ''), { exit: 0 }))
    const world = createWorld({ n1 })
    const half = defineResource({
      ...(liar as object),
      name: 'half',
      state: {
        there: { type: 'boolean', description: 'There.' },
        half: { type: 'boolean', information: true, description: 'Half.' },
      },
      probe: ({ name }: { name: string }) => ({ file: text(name), half: text('/half') }),
      observe: (seen: any) => ({ there: seen.file.exists, half: seen.half.exists }),
      change: () => [
        { title: 'make it', repairs: ['there'], actions: [exec(['begin']), exec(['missing'])] },
      ],
    } as never)
    const plays = [
      play([task('ensure', 'it is there', half as never, { params: { name: '/x' }, retries: 2 })]),
    ]
    expect(codes(await execute(world, plays, one, keep(await planned(world, plays))))).toEqual([
      'action/failed',
    ])
  })

  it('shows and pays the handlers', async () => {
    let life = 1
    const n1 = machine()
    n1.commands.set('show', () => ({ exit: 0, stdout: `life ${life}` }))
    n1.commands.set('restart', () => (life++, { exit: 0 }))
    const world = createWorld({ n1 })
    const plays = [
      play(
        [
          task('ensure', 'a', setting, {
            params: { name: '/a', value: 'x' },
            notify: ['u is restarted'],
          }),
        ],
        {
          handlers: [
            task('ensure', 'u is restarted', unit, { params: { name: 'u', state: 'restarted' } }),
          ],
        },
      ),
    ]
    const entries = await planned(world, plays)
    life = 7
    const told = await execute(world, plays, one, keep(entries))
    expect(told.outcomes).toEqual({ 'n1: a': 'changed', 'n1: u is restarted': 'changed' })
  })
})
