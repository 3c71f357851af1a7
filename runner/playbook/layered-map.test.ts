import { expect, it } from 'vitest'
import { layered } from './layered-map.ts'

it('is in every answer the map that copies would give, however many layers it has', () => {
  let plain = new Map<string, number>([
    ['a', -1],
    ['b', -2],
  ])
  let map: ReadonlyMap<string, number> = plain
  for (let i = 0; i < 100; i++) {
    const added = new Map([[`n${i % 40}`, i]])
    const hidden =
      i % 3 === 0 ? new Set([`n${(i * 7) % 40}`, ...(i === 60 ? ['a'] : [])]) : new Set<string>()
    map = layered(map, added, hidden)
    plain = new Map([...plain].filter(([key]) => !hidden.has(key)))
    for (const [key, value] of added) plain.set(key, value)
    for (const key of ['a', 'b', 'c', ...plain.keys(), 'n39'])
      expect([map.has(key), map.get(key)]).toEqual([plain.has(key), plain.get(key)])
    expect([...map]).toEqual([...plain])
    expect([...map.keys()]).toEqual([...plain.keys()])
    expect([...map.values()]).toEqual([...plain.values()])
    expect(map.size).toBe(plain.size)
    const visited: [string, number][] = []
    map.forEach((value, key) => visited.push([key, value]))
    expect(visited).toEqual([...plain])
  }
})
