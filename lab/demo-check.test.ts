import { describe, expect, it } from 'vitest'
import type { Event } from '../runner/model/event.ts'
import { factsOf } from './demo-check.ts'

const exchange = (play: number, connection: string, user: string, scripts: number): Event => ({
  type: 'exchange',
  at: 0,
  play,
  connection,
  user,
  scripts,
  probes: 1,
  actions: 0,
  requests: 0,
  bytesSent: 0,
  bytesReceived: 0,
  seconds: 0,
})
const outcome = (task: string, host: string, is: 'ok' | 'changed' | 'would change'): Event => ({
  type: 'outcome',
  at: 0,
  play: 0,
  task,
  host,
  outcome: is,
  basis: 'known',
  seconds: 0,
})

describe('what the demo reads from a run', () => {
  it('takes the most scripts of one connection and user in one play', () => {
    const facts = factsOf([
      exchange(0, 'a', 'root', 1),
      exchange(0, 'a', 'root', 1),
      exchange(0, 'a', 'admin', 1),
      exchange(1, 'a', 'root', 1),
      exchange(0, 'b', 'root', 1),
    ])
    expect(facts.scripts).toBe(2)
    expect(factsOf([]).scripts).toBe(0)
  })

  it('names what drifted by host, in the words of the playbook', () => {
    const task = {
      id: 't1',
      verb: 'ensure',
      sentence: 'Podman is installed',
      type: 'package',
      at: 'playbook.yaml:1:1',
      handler: false,
    } as const
    const facts = factsOf([
      { type: 'play-started', at: 0, play: 0, name: 'p', hosts: ['a', 'b'], tasks: [task] },
      outcome('t1', 'a', 'would change'),
      outcome('t1', 'b', 'ok'),
    ])
    expect([...facts.drift]).toEqual([['a', ['Podman is installed']]])
  })
})
