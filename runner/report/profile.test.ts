import { describe, expect, it } from 'vitest'
import type { Event } from '../model/event.ts'
import { createProfile } from './profile.ts'

const exchange = (connection: string, more: Partial<Event & { type: 'exchange' }> = {}): Event => ({
  type: 'exchange',
  at: 0,
  play: 0,
  connection,
  user: '-',
  probes: 1,
  actions: 0,
  scripts: 1,
  requests: 0,
  bytesSent: 100,
  bytesReceived: 200,
  seconds: 2,
  connecting: 0.5,
  ...more,
})

describe('a profile', () => {
  it('tells the phases apart, and what each connection cost', () => {
    let time = 1000
    const profile = createProfile(0, () => time)
    const shown: string[] = []
    const slow = (event: Event): void => {
      shown.push(event.type)
      time += 250
    }
    profile.hear(
      {
        type: 'run-started',
        at: 0,
        run: 'r',
        playbook: 'b',
        file: 'b.yaml',
        mode: 'run',
        hosts: 2,
      },
      slow,
    )
    profile.hear(exchange('host a'), slow)
    profile.hear(exchange('host b', { seconds: 4, connecting: 1 }), slow)
    profile.hear(exchange('host b', { actions: 2, connecting: 0, seconds: 6 }), slow)
    profile.hear(
      {
        type: 'outcome',
        at: 0,
        play: 0,
        task: 't',
        host: 'b',
        outcome: 'ok',
        basis: 'known',
        seconds: 1,
        queued: 7,
      },
      () => undefined,
    )
    expect(shown).toHaveLength(4)
    const lines = Object.fromEntries(
      profile
        .text()
        .split('\n')
        .slice(1, -1)
        .map((line) => [line.slice(2, 15).trim(), line.slice(16).trim().split(/\s+/)]),
    )
    expect(lines).toEqual({
      load: ['1s'],
      queue: ['7s', '7s', '7s', '(1)'],
      connect: ['1s', '1s', '1.5s', '(2)'],
      probes: ['3s', '3s', '4.5s', '(2)'],
      apply: ['6s', '6s', '6s', '(1)'],
      report: ['1s'],
      whole: ['2s'],
      scripts: ['2', '2', '3', '(2)'],
      'round trips': ['6', '6', '9', '(2)'],
      'bytes sent': ['200', '200', '300', '(2)'],
      'bytes read': ['400', '400', '600', '(2)'],
    })
  })

  it('says so where nothing was asked', () => {
    expect(createProfile(0, () => 5).text()).toContain('none')
  })
})
