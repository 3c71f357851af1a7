import { describe, expect, it } from 'vitest'
import { setting } from '../../../test/harness/toys.ts'
import {
  createWorld,
  execute,
  inventoryOf,
  machine,
  play,
  task,
  type Told,
} from '../../../test/harness/fake-world.ts'
import type { Play, Task } from '../../model/playbook.ts'
import type { Host } from '../../model/host.ts'
import { overBudget, passesOf, passLabels } from './rolling.ts'

const nodes = (chassis: string, count: number): string[] =>
  Array.from({ length: count }, (_, slot) => `${chassis}s${slot}b0n0`)
const hosts = (names: readonly string[]): readonly Host[] => [...inventoryOf(names).hosts.values()]
const names = (
  serial: readonly (number | string)[],
  of: readonly string[],
): readonly (readonly string[])[] =>
  passesOf(serial, hosts(of)).map((pass) => pass.map((host) => host.name))

describe('the passes of a rolling play', () => {
  it('are numbers and percentages of hosts, the last repeated', () => {
    expect(names([1, 2], ['a', 'b', 'c', 'd', 'e', 'f'])).toEqual([
      ['a'],
      ['b', 'c'],
      ['d', 'e'],
      ['f'],
    ])
    expect(names(['33%'], ['a', 'b'])).toEqual([['a'], ['b']])
    expect(names(['100%'], ['a', 'b'])).toEqual([['a', 'b']])
    expect(names([9], ['a', 'b'])).toEqual([['a', 'b']])
    expect(names([1], [])).toEqual([])
    expect(names([], ['a', 'b'])).toEqual([['a', 'b']])
  })

  it('are cabinets, chassis or slots, wherever their hosts stand in the list', () => {
    const mixed = [
      'x1000c0s0b0n0',
      'x1001c0s0b0n0',
      'x1000c1s0b0n0',
      'x1000c0s0b0n1',
      'x1000c0s1b0n0',
    ]
    expect(names(['cabinet'], mixed)).toEqual([
      ['x1000c0s0b0n0', 'x1000c1s0b0n0', 'x1000c0s0b0n1', 'x1000c0s1b0n0'],
      ['x1001c0s0b0n0'],
    ])
    expect(names(['chassis'], mixed)).toEqual([
      ['x1000c0s0b0n0', 'x1000c0s0b0n1', 'x1000c0s1b0n0'],
      ['x1001c0s0b0n0'],
      ['x1000c1s0b0n0'],
    ])
    expect(names(['slot'], mixed)[0]).toEqual(['x1000c0s0b0n0', 'x1000c0s0b0n1'])
  })

  it('have a number, a place, and the hosts that are done before them', () => {
    const fleet = hosts([...nodes('x1000c0', 3), ...nodes('x1000c1', 2)])
    expect(passLabels([1, 'chassis'], passesOf([1, 'chassis'], fleet))).toEqual([
      { number: 1, of: 3, done: 0, hosts: 5 },
      { number: 2, of: 3, place: 'chassis x1000c0', done: 1, hosts: 5 },
      { number: 3, of: 3, place: 'chassis x1000c1', done: 3, hosts: 5 },
    ])
    expect(passLabels([], [fleet])).toEqual([undefined])
    expect(passLabels(['100%'], [fleet])).toEqual([undefined])
  })

  it('may send one ahead, and then go by place', () => {
    const all = [...nodes('x1000c0', 3), ...nodes('x1000c1', 2)]
    expect(names([1, 'chassis'], all)).toEqual([all.slice(0, 1), all.slice(1, 3), all.slice(3)])
  })

  it('know where a host lies by its var xname, and take those alone that nobody can place', () => {
    const [first, second, third] = hosts(['nid000001', 'nid000002', 'ncn-m001'])
    const placed = [
      { ...first!, vars: { xname: 'x1000c0s0b0n0' } },
      { ...second!, vars: { xname: 'x1000c0s7b0n0' } },
      third!,
    ]
    expect(passesOf(['cabinet'], placed).map((pass) => pass.length)).toEqual([2, 1])
  })
})

describe('the budget of a pass', () => {
  const of = (more: Partial<Play>, failed: number, unreachable: number): boolean =>
    overBudget(
      play([], more),
      [
        ...Array<'failed'>(failed).fill('failed'),
        ...Array<'unreachable'>(unreachable).fill('unreachable'),
        'done',
      ],
      10,
    ) !== null

  it('counts unreachable hosts as failed, unless they have a budget of their own', () => {
    expect(of({ maxFailPercentage: 30 }, 2, 1)).toBe(false)
    expect(of({ maxFailPercentage: 30 }, 2, 2)).toBe(true)
    expect(of({ maxFailPercentage: 30, maxUnreachable: 2 }, 2, 2)).toBe(false)
    expect(of({ maxFailPercentage: 30, maxUnreachable: 1 }, 0, 2)).toBe(true)
    expect(of({ maxFailPercentage: 30, maxUnreachable: '50%' }, 4, 1)).toBe(true)
  })

  it('may be nothing at all, and everything', () => {
    expect(of({ maxFailPercentage: 0 }, 0, 0)).toBe(false)
    expect(of({ maxFailPercentage: 0 }, 1, 0)).toBe(true)
    expect(of({ maxUnreachable: 0 }, 5, 0)).toBe(false)
    expect(of({ maxUnreachable: '0%' }, 0, 1)).toBe(true)
    expect(of({ maxFailPercentage: 100 }, 10, 0)).toBe(false)
  })
})

const check = task('require', 'it is so', setting, { params: { name: '/a', value: 'x' } })
const next = task('ensure', 'the next is done', setting, { params: { name: '/b', value: 'y' } })
const world = (all: readonly string[], bad: readonly string[], away: readonly string[] = []) => {
  const made = createWorld(
    Object.fromEntries(
      all.map((name) => [name, machine({ '/a': bad.includes(name) ? 'wrong' : 'x' })]),
    ),
  )
  for (const name of away) made.machines.get(name)!.up = false
  return made
}
const warnings = (told: Told): readonly string[] =>
  told.events.flatMap((event) => (event.type === 'warning' ? [event.diagnostic.code] : []))
const reached = (told: Told): number =>
  new Set(Object.keys(told.outcomes).map((key) => key.split(':')[0])).size

describe('a rolling play', () => {
  it('stops when its failures gather in one chassis, and says which', async () => {
    const all = [...nodes('x1000c0', 4), ...nodes('x1000c1', 8), ...nodes('x1000c2', 4)]
    const told = await execute(
      world(all, nodes('x1000c1', 4)),
      [play([check], { serial: ['chassis'], hosts: 'all' })],
      inventoryOf(all),
    )
    expect(warnings(told)).toEqual(['run/failures-gather'])
    const said = told.events.find((event) => event.type === 'warning')!
    expect(said).toMatchObject({ diagnostic: { message: expect.stringContaining('x1000c1') } })
    expect(reached(told)).toBe(12)
    expect(told.exit).toBe(1)
  })

  it('goes on when failures are spread, or few', async () => {
    const all = [...nodes('x1000c0', 4), ...nodes('x1001c0', 4), ...nodes('x1002c0', 4)]
    const bad = ['x1000c0s1b0n0', 'x1000c0s2b0n0', 'x1001c0s1b0n0', 'x1001c0s3b0n0']
    const told = await execute(
      world(all, bad),
      [play([check], { serial: ['cabinet'] })],
      inventoryOf(all),
    )
    expect(warnings(told)).toEqual([])
    expect(reached(told)).toBe(12)
  })

  it('stops after a canary that failed', async () => {
    const all = nodes('x1000c0', 6)
    const told = await execute(
      world(all, all.slice(0, 1)),
      [play([check], { serial: [1, 'chassis'] })],
      inventoryOf(all),
    )
    expect(reached(told)).toBe(1)
    expect(warnings(told)).toEqual(['run/budget'])
  })

  it('counts nobody as failed whom a block has rescued, and begins no task beyond its budget', async () => {
    const all = nodes('x1000c0', 4)
    const block = {
      kind: 'block' as const,
      at: check.at,
      when: [],
      block: [check],
      rescue: [task('read', 'it is looked at', setting, { params: { name: '/a' } })],
      always: [],
    }
    const rescued = await execute(
      world(all, all.slice(0, 3)),
      [play([block, next], { maxFailPercentage: 0 })],
      inventoryOf(all),
    )
    expect(Object.values(rescued.outcomes).filter((outcome) => outcome === 'changed')).toHaveLength(
      4,
    )
    expect([rescued.exit, rescued.events.at(-1)]).toMatchObject([0, { failedHosts: [] }])
    expect(
      rescued.events.filter((event) => event.type === 'outcome' && event.rescued === true),
    ).toHaveLength(3)
    const told = await execute(
      world(all, [], all.slice(0, 2)),
      [play([check, next], { maxFailPercentage: 0, maxUnreachable: 1 })],
      inventoryOf(all),
    )
    expect(told.outcomes).not.toHaveProperty(`${all[3]}: the next is done`)
    expect(warnings(told)).toEqual(['run/budget'])
    const within = await execute(
      world(all, [], all.slice(0, 2)),
      [play([check, next], { maxFailPercentage: 0, maxUnreachable: '50%' })],
      inventoryOf(all),
    )
    expect(within.outcomes).toHaveProperty(`${all[3]}: the next is done`)
  })

  it('counts apart inside blocks, too: nobody rescues an unreachable host, and who fails in a rescue has failed', async () => {
    const all = nodes('x1000c0', 6)
    const looked = task('read', 'it is looked at', setting, { params: { name: '/a' } })
    const block = (rescue: readonly Task[]) => ({
      kind: 'block' as const,
      at: check.at,
      when: [],
      block: [
        { kind: 'block' as const, at: check.at, when: [], block: [check], rescue: [], always: [] },
      ],
      rescue,
      always: [],
    })
    const away = await execute(
      world(all, all.slice(2, 4), all.slice(0, 2)),
      [play([block([looked]), next], { maxFailPercentage: 0, maxUnreachable: 2 })],
      inventoryOf(all),
    )
    expect(away.events.at(-1)).toMatchObject({
      failedHosts: [],
      unreachableHosts: all.slice(0, 2),
      exit: 1,
    })
    expect(away.outcomes).not.toHaveProperty(`${all[0]}: it is looked at`)
    expect(away.outcomes).toHaveProperty(`${all[2]}: the next is done`)
    const more = await execute(
      world(all, [], all.slice(0, 3)),
      [play([block([looked]), next], { maxFailPercentage: 50, maxUnreachable: 2 })],
      inventoryOf(all),
    )
    expect([warnings(more), reached(more)]).toEqual([['run/budget'], 6])
    expect(more.outcomes).not.toHaveProperty(`${all[5]}: the next is done`)
    const worse = task('require', 'it is worse', setting, {
      params: { name: '/a', value: 'another' },
    })
    const failed = await execute(
      world(all, all.slice(0, 1)),
      [play([block([worse]), next], { maxFailPercentage: 0 })],
      inventoryOf(all),
    )
    expect(failed.events.at(-1)).toMatchObject({ failedHosts: all.slice(0, 1), exit: 1 })
    expect(warnings(failed)).toEqual(['run/budget'])
  })
})
