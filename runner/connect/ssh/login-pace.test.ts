import { describe, expect, it } from 'vitest'
import { createPace, type LoginEnd } from './login-pace.ts'
import { adaptiveWidth } from './concurrency.ts'

const looks = (
  width: { done(milliseconds: number): void },
  count: number,
  milliseconds: number,
): void => {
  for (let i = 0; i < count * 8; i++) width.done(milliseconds)
}

describe('a width', () => {
  it('grows to its most while answers stay as quick as they were', () => {
    const width = adaptiveWidth({ least: 2, first: 8, most: 30 })
    looks(width, 3, 50)
    expect(width.now).toBeGreaterThan(8)
    looks(width, 20, 60)
    expect(width.now).toBe(30)
  })

  it('shrinks when all slow down, grows again when they recover, and minds no single slow one', () => {
    const width = adaptiveWidth({ least: 2, first: 20, most: 20 })
    looks(width, 2, 50)
    looks(width, 5, 900)
    const slow = width.now
    expect(slow).toBeLessThan(10)
    looks(width, 40, 5000)
    expect(width.now).toBe(2)
    looks(width, 20, 55)
    expect(width.now).toBe(20)
    for (let i = 0; i < 80; i++) width.done(i % 8 === 0 ? 30_000 : 55)
    expect(width.now).toBe(20)
  })

  it('halves when it is refused, once for all that began before', () => {
    const width = adaptiveWidth({ least: 1, first: 16, most: 16 })
    for (let i = 0; i < 10; i++) width.refused(100, 200)
    expect(width.now).toBe(8)
    width.refused(250, 300)
    expect(width.now).toBe(4)
  })
})

describe('the pace of logins', () => {
  /** Logins that come at once; `end` ends the one that has waited longest inside. */
  function crowd(
    forks: number,
    ways: readonly { readonly through: string | null; readonly to: string }[],
    stop?: AbortSignal,
  ) {
    let time = 0
    const pace = createPace(forks, () => time)
    const inside: { to: string; leave: (end: LoginEnd) => void }[] = []
    const all = ways.map((way) =>
      pace.enter(way, stop).then((leave) => void inside.push({ to: way.to, leave })),
    )
    return {
      inside,
      all,
      async settle() {
        for (let i = 0; i < 5; i++) await new Promise((resolve) => setImmediate(resolve))
      },
      end(how: LoginEnd) {
        time += 50
        inside.shift()!.leave(how)
      },
    }
  }
  const hosts = (count: number, through: string | null = null) =>
    Array.from({ length: count }, (_, i) => ({ through, to: `n${i}:22` }))

  it('lets in no more than forks, and the next when one is done', async () => {
    const here = crowd(5, hosts(8))
    await here.settle()
    expect(here.inside).toHaveLength(5)
    here.end('in')
    here.end('other')
    await here.settle()
    expect(here.inside).toHaveLength(5)
    expect(here.inside.at(-1)!.to).toBe('n6:22')
  })

  it('keeps to fewer through one jump host and at one address, while others pass by', async () => {
    const jumped = crowd(50, [...hosts(30, 'jump:22'), { through: null, to: 'free:22' }])
    await jumped.settle()
    expect(jumped.inside).toHaveLength(11)
    expect(jumped.inside.at(-1)!.to).toBe('free:22')
    const one = crowd(
      50,
      Array.from({ length: 50 }, () => ({ through: null, to: 'same:22' })),
    )
    await one.settle()
    expect(one.inside).toHaveLength(8)
  })

  it('takes refusals of an address as the address being full, and lets everybody in at last', async () => {
    const here = crowd(
      50,
      Array.from({ length: 40 }, () => ({ through: null, to: 'same:22' })),
    )
    await here.settle()
    for (let i = 0; i < 8; i++) here.end('refused')
    await here.settle()
    expect(here.inside).toHaveLength(4)
    let most = 0
    while (here.inside.length > 0) {
      most = Math.max(most, here.inside.length)
      here.end('in')
      await here.settle()
    }
    await Promise.all(here.all)
    expect(most).toBeLessThanOrEqual(10)
  })

  it('holds nobody back who is to stop', async () => {
    const stop = new AbortController()
    const here = crowd(2, hosts(6), stop.signal)
    await here.settle()
    stop.abort()
    await Promise.all(here.all)
    expect(here.inside).toHaveLength(6)
  })
})
