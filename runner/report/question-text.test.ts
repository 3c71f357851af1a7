import { describe, expect, it } from 'vitest'
import { cells } from './screen-text.ts'
import { confirmText, stepText } from './question-text.ts'
import { label } from './events.fixture.ts'

const hosts = [0, 1, 2, 3, 4].flatMap((s) => [0, 1].map((n) => `x1000c1s${s}b0n${n}`))
const scattered = [...hosts.slice(0, 3), 'x1002c7s7b1n0', 'x1003c1s2b0n1', 'x1004c0s0b0n0']

const plain = { texts: [], attended: false }

describe('a question', () => {
  it('stands on one line with its hosts where they fit', () => {
    expect(confirmText({ ...plain, sentence: 'go on?', hosts: ['localhost'] }, 80)).toBe(
      'go on? [y/n] ',
    )
    expect(confirmText({ ...plain, sentence: 'go on?', hosts }, 80)).toBe(
      'go on? (x1000c1s[0-4]b0n[0-1]) [y/n] ',
    )
  })

  it.each([40, 60, 80])('breaks between names and never inside one, at %i columns', (width) => {
    const text = confirmText(
      {
        ...plain,
        sentence: 'the fabric may be restarted on these nodes, one after the other',
        hosts: scattered,
      },
      width,
    )
    const lines = text.split('\n')
    for (const line of lines) expect(cells(line)).toBeLessThanOrEqual(width)
    const names = lines
      .filter((line) => /^ {2}x/.test(line))
      .join('')
      .replace(/\s/g, '')
    expect(names).toBe('x1000c1s0b0n[0-1],x1000c1s1b0n0,x1002c7s7b1n0,x1003c1s2b0n1,x1004c0s0b0n0')
    for (const line of lines.slice(0, -2)) expect(line).not.toMatch(/[\d-]$/)
    expect(lines.at(-1)).toBe('[y/n] ')
  })

  it('says which pass it is for, and takes an answer for the rest', () => {
    const pass = { number: 3, of: 11, place: 'chassis x1000c1', done: 20, hosts: 200 }
    expect(confirmText({ ...plain, sentence: 'go on?', hosts, pass }, 80)).toBe(
      'go on?\n  pass 3 of 11, chassis x1000c1, 20 of 200 hosts done; now 10 hosts:\n  x1000c1s[0-4]b0n[0-1]\n[y/n/a(ll passes)/?] ',
    )
  })

  it('of a step says how many hosts would change', () => {
    const outcome = (host: string, of: 'ok' | 'would change' | 'failed') =>
      ({
        type: 'outcome',
        at: 0,
        play: 0,
        task: 't',
        host,
        outcome: of,
        basis: 'known',
        seconds: 0,
      }) as const
    const outcomes = [outcome('a', 'would change'), outcome('b', 'ok'), outcome('c', 'failed')]
    expect(stepText({ task: label('the note is there'), outcomes }, 100)).toBe(
      'ensure: the note is there (3 hosts, 1 would fail, 1 would change, 1 true already) [y/n/d(iff)/a(ll)/q(uit)/?] ',
    )
  })
})
