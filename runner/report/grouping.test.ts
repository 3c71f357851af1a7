import { describe, expect, it } from 'vitest'
import type { Event } from '../model/event.ts'
import { label, storyOf, type Said } from './events.fixture.ts'
import { createPlainReport } from './plain.ts'
import { createPaint } from './screen-text.ts'
import type { View } from './task-lines.ts'

const view: View = {
  paint: createPaint(false),
  color: false,
  width: 120,
  diff: true,
  verbosity: 0,
  outputs: 'none',
  mode: 'run',
  folder: '/playbooks',
}

function textOf(events: readonly Event[], more: Partial<View> = {}): string {
  let text = ''
  const report = createPlainReport({
    write: (part) => (text += part),
    view: { ...view, ...more },
    again: { command: (verb) => `trueup ${verb} b.yaml` },
  })
  for (const event of events) report(event)
  return text
}

const dead = (address: string): Said => ({
  outcome: 'unreachable',
  error: {
    code: 'run/unreachable',
    message: `root@${address}: nothing listens there (connection refused)`,
    hint: 'is sshd running, and is the port right?',
    at: { file: '/playbooks/b.yaml', line: 7, column: 9, source: '      - require: room' },
  },
})
const warning = (host: string, pid: number): Event => ({
  type: 'warning',
  at: 1_000_050,
  diagnostic: {
    code: 'connect/lock-waiting',
    host,
    message: `waiting for another run that works on this host: run 2026-${pid} of root@vm, pid ${pid}`,
    hint: 'trueup waits for 30s',
  },
})

describe('hosts that share a cause', () => {
  const hosts = Array.from({ length: 30 }, (_, i) => `x3000c0s${i + 1}b0n0`)
  const room = label('room', { verb: 'require' })

  it('are one block when they are dead, wherever each is, without a line of the playbook', () => {
    const text = textOf(
      storyOf({ hosts, tasks: [room] }, [
        ...hosts.map((host) => [host, 'room', 'starts'] as const),
        ...hosts.map((host, i) => [host, 'room', dead(`127.0.0.${i + 2}:1`)] as const),
      ]),
    )
    expect(text.match(/nothing listens there/g)).toHaveLength(2)
    expect(text).toContain('unreachable   require: room: all 30 hosts')
    expect(text).toContain('<address>: nothing listens there')
    expect(text).not.toContain('7 |')
    expect(text.split('\n').length).toBeLessThan(16)
  })

  it('are named by where they are, and by who is not among them', () => {
    const fleet = [1000, 1001].flatMap((x) =>
      [0, 1].flatMap((c) =>
        [0, 1, 2, 3].flatMap((s) => [0, 1].map((n) => `x${x}c${c}s${s}b0n${n}`)),
      ),
    )
    const slot = textOf(
      storyOf(
        { hosts: fleet, tasks: [room] },
        fleet.map((host) => [host, 'room', { outcome: host.includes('s3') ? 'changed' : 'ok' }]),
      ),
    )
    expect(slot).toContain('changed       require: room: slot 3 of every chassis (8 hosts)')
    const but = textOf(
      storyOf(
        { hosts: fleet, tasks: [room] },
        fleet.map((host, i) => [host, 'room', { outcome: i === 4 ? 'ok' : 'changed' }]),
      ),
    )
    expect(but).toContain('changed       require: room: all 32 hosts but x1000c0s2b0n0')
  })

  it('share a warning, whatever numbers stand in it', () => {
    const [started, begun, ...rest] = storyOf({ hosts, tasks: [room] }, [
      ...hosts.map((host) => [host, 'room', { outcome: 'ok' }] as const),
    ])
    const text = textOf([started!, begun!, ...hosts.map((host, i) => warning(host, i)), ...rest])
    expect(text.match(/waiting for another run/g)).toHaveLength(1)
    expect(text).toContain('warning: the same on x3000c0s[2-30]b0n0 (29) [connect/lock-waiting]')
  })
})

describe('two plans of one state', () => {
  const hosts = ['b1', 'b2', 'b3', 'b4', 'b10']
  const plan = (order: readonly number[], seconds: number): string => {
    const [first, second] = ['it is there', 'it is right']
    const steps = (task: string): Parameters<typeof storyOf>[1] =>
      order.map((i) => [
        hosts[i]!,
        task,
        i === 4
          ? {
              outcome: 'failed',
              error: { code: 'run/required', message: `no room on ${hosts[i]!}` },
            }
          : i === 2
            ? {
                outcome: 'failed',
                error: { code: 'run/required', message: `no disk in ${hosts[i]!}` },
              }
            : {
                outcome: 'would change',
                changes: [{ title: `write /etc/${i % 2}`, effect: 'replaces', actions: [] }],
              },
      ])
    const events = storyOf({ hosts, tasks: [label(first!), label(second!)], mode: 'plan' }, [
      ...steps(first!),
      ...steps(second!),
    ])
    const [started, begun, ...rest] = events
    const all = [started!, begun!, ...order.map((i) => warning(hosts[i]!, i)), ...rest]
    return textOf(
      all.map((event) => (event.type === 'run-ended' ? { ...event, seconds } : event)),
      { mode: 'plan' },
    )
  }

  it('are the same text, whichever host answers first and however long it takes', () => {
    const one = plan([0, 1, 2, 3, 4], 2)
    expect(plan([4, 2, 3, 1, 0], 31)).toBe(one)
    expect(plan([2, 4, 0, 3, 1], 1)).toBe(one)
    expect(one).toContain('first failure b3: it is there')
  })
})

describe('a play that every host leaves out', () => {
  const hosts = ['a1', 'a2']
  const tasks = [label('one'), label('two')]
  const skipped: Said = { outcome: 'skipped', reason: 'image is "own"' }

  it('is one line with its reason', () => {
    const steps = hosts.flatMap((host) => [
      [host, 'one', skipped] as const,
      [host, 'two', skipped] as const,
    ])
    const text = textOf(storyOf({ hosts, tasks }, steps))
    expect(text).toContain('play: the play (2 hosts): left out, 2 tasks: image is "own"\n')
    expect(text).not.toContain('ensure: one')
    expect(textOf(storyOf({ hosts, tasks }, steps), { verbosity: 1 })).toContain('ensure: one')
  })

  it('keeps what was left out when something else was done', () => {
    const text = textOf(
      storyOf({ hosts, tasks }, [
        ['a1', 'one', skipped],
        ['a2', 'one', skipped],
        ['a1', 'two', { outcome: 'changed' }],
        ['a2', 'two', { outcome: 'changed' }],
      ]),
    )
    expect(text).toMatch(
      /play: the play \(2 hosts\)\nskipped +ensure: one: all 2 hosts\nchanged +ensure: two/,
    )
  })
})
