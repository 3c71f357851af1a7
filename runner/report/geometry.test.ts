import { describe, expect, it } from 'vitest'
import { createPlaces } from './geometry.ts'

const all = [1000, 1001].flatMap((x) =>
  [0, 1, 2, 3, 4].flatMap((c) =>
    [0, 1, 2, 3, 4].flatMap((s) =>
      [0, 1].flatMap((b) => [0, 1].map((n) => `x${x}c${c}s${s}b${b}n${n}`)),
    ),
  ),
)
const where = (pattern: RegExp): readonly string[] => all.filter((host) => pattern.test(host))

describe('hosts by their place', () => {
  it.each([
    ['slot 3 of every chassis (40 hosts)', where(/s3b/)],
    ['slot 3 of every chassis (38 of 40 hosts)', where(/s3b/).slice(2)],
    ['node 1 of every board (100 hosts)', where(/n1$/)],
    ['cabinet x1001 (100 hosts)', where(/^x1001/)],
    ['chassis x1000c2 (20 hosts)', where(/^x1000c2/)],
    ['slot x1000c2s4 (4 hosts)', where(/^x1000c2s4/)],
    ['slot 3 of every chassis in cabinet x1000 (20 hosts)', where(/^x1000c.s3/)],
    ['chassis 0, 1 of every cabinet (80 hosts)', where(/c[01]s/)],
    ['all 200 hosts', all],
    ['all 200 hosts but x1000c0s0b0n[0-1]', all.slice(2)],
  ])('%s', (words, hosts) => {
    expect(createPlaces(all)(hosts)).toBe(words)
  })

  it.each([
    ['scattered hosts', ['x1000c0s0b0n0', 'x1001c3s2b1n1', 'x1000c4s1b0n1']],
    ['two hosts', all.slice(0, 2)],
    ['names that are not of nodes', ['a1', 'a2', 'a3', 'a4']],
  ])('says nothing of %s', (_what, hosts) => {
    expect(
      createPlaces(
        hosts.every((host) => all.includes(host))
          ? all
          : [...hosts, ...hosts.map((host) => `${host}b`)],
      )(hosts),
    ).toBeNull()
  })
})
