import { describe, expect, it } from 'vitest'
import type { Event } from '../model/event.ts'
import { Secret } from '../contract/secret.ts'
import { label, storyOf, type Said } from './events.fixture.ts'
import { createPlainReport } from './plain.ts'
import type { Again } from './recap.ts'
import { createPaint } from './screen-text.ts'
import type { View } from './task-lines.ts'

const plainView: View = {
  paint: createPaint(false),
  color: false,
  width: 80,
  diff: false,
  verbosity: 0,
  outputs: 'none',
  mode: 'run',
  folder: '/playbooks',
}

const usualAgain: Again = {
  command: (verb, limit) =>
    `trueup ${verb} b.yaml${limit === undefined ? '' : ` --limit ${limit}`}`,
}

function told(events: readonly Event[], view: Partial<View> = {}, again = usualAgain): string {
  let text = ''
  const hear = createPlainReport({
    write: (more) => (text += more),
    view: { ...plainView, ...view },
    again,
  })
  for (const event of events) hear(event)
  return text
}
const linesOf = (text: string, word: string): readonly string[] =>
  text.split('\n').filter((line) => line.startsWith(word))

const ok: Said = { outcome: 'ok' }
const changed: Said = {
  outcome: 'changed',
  changes: [{ title: 'install podman', effect: 'none', actions: ['zypper install podman'] }],
}
const failed: Said = {
  outcome: 'failed',
  error: {
    code: 'action/failed',
    message: 'exit 4\nno provider of podman',
    at: { file: '/playbooks/b.yaml', line: 3, column: 9, width: 6, source: '      - ensure: one' },
    hint: 'add the repository',
  },
}

describe('a plain report', () => {
  it('says one line for each group of hosts that fared alike, in the order of the tasks', () => {
    const text = told(
      storyOf({ hosts: ['a1', 'a2', 'a3'], tasks: [label('one'), label('two')] }, [
        ['a1', 'one', 'starts'],
        ['a1', 'one', ok],
        ['a1', 'two', 'starts'],
        ['a1', 'two', ok],
        ['a2', 'one', 'starts'],
        ['a3', 'one', 'starts'],
        ['a3', 'one', changed],
        ['a2', 'one', ok],
        ['a2', 'two', 'starts'],
        ['a3', 'two', 'starts'],
        ['a3', 'two', ok],
        ['a2', 'two', ok],
      ]),
    )
    expect(text.split('\n').filter((line) => /^(ok|changed) /.test(line))).toEqual([
      'ok            ensure: one: a[1-2] (2)',
      'changed       ensure: one: a3',
      'ok            ensure: two: all 3 hosts',
    ])
  })

  it('never has a line for each of thousands of hosts, whatever each of them says', () => {
    const hosts = Array.from({ length: 10_000 }, (_, i) => `n${i}`)
    const text = told(
      storyOf(
        { hosts, tasks: [label('one')] },
        hosts.flatMap((host, i) => [
          [host, 'one', 'starts'] as const,
          [
            host,
            'one',
            i % 2 === 0
              ? changed
              : { outcome: 'failed', error: { code: 'action/failed', message: `exit ${i}` } },
          ] as const,
        ]),
      ),
    )
    expect(text.split('\n').length).toBeLessThan(300)
    expect(text.length).toBeLessThan(60_000)
  })

  it('tells hosts as one whose changes and errors differ in nothing but their own name', () => {
    const hosts = ['n1', 'n2', 'n10']
    const text = told(
      storyOf({ hosts, tasks: [label('one'), label('two')], mode: 'plan' }, [
        ...hosts.map(
          (host) =>
            [
              host,
              'one',
              {
                outcome: 'would change',
                changes: [{ title: `register ${host} with IMS`, effect: 'none', actions: [] }],
              } satisfies Said,
            ] as const,
        ),
        ...hosts.map(
          (host) =>
            [
              host,
              'two',
              {
                outcome: 'failed',
                error: {
                  code: 'action/failed',
                  message: host === 'n10' ? 'n1 is in the way' : `${host}: no route`,
                },
              } satisfies Said,
            ] as const,
        ),
      ]),
    )
    expect(text).toMatch(/would change {2}ensure: one: all 3 hosts\n +register <host> with IMS\n/)
    expect(text).toMatch(/ensure: two: n\[1-2\] \(2\)\n +<host>: no route/)
    expect(text).toMatch(/ensure: two: n10\n +n1 is in the way/)
  })

  it('tells plays that hosts go through without waiting one after the other, and failures at once', () => {
    const hosts = ['n1', 'n2']
    const events = storyOf({ hosts, tasks: [label('one')] }, [
      ['n1', 'one', 'starts'],
      ['n2', 'one', 'starts'],
      ['n1', 'one', ok],
      ['n2', 'one', ok],
    ])
    const second = storyOf({ hosts, tasks: [label('two')] }, [
      ['n1', 'two', 'starts'],
      ['n1', 'two', failed],
      ['n2', 'two', 'starts'],
      ['n2', 'two', ok],
    ])
      .filter(({ type }) => type !== 'run-started' && type !== 'run-ended' && type !== 'exchange')
      .map((event) => ({ ...event, play: 1, ...('name' in event ? { name: 'the next' } : {}) }))
    // n1 begins the second play, and fails there, before n2 is done with the first.
    const mixed = [
      ...events.slice(0, 5),
      ...second.slice(0, 3),
      ...events.slice(5, -1),
      ...second.slice(3),
      events.at(-1)!,
    ] as readonly Event[]
    const text = told(mixed)
    expect(text.split('\n').filter((line) => /^(ok|failed|play) ?/.test(line))).toEqual([
      'play: the play (2 hosts)',
      'failed        n1 at ensure: two: exit 4\\nno provider of podman',
      'ok            ensure: one: all 2 hosts',
      'play: the next (2 hosts)',
      'ok            ensure: two: n2',
      'failed        ensure: two: n1',
    ])
  })

  it('names the items of a loop by what tells them apart', () => {
    const items = (first: string, second: string): Said => ({
      outcome: 'changed',
      items: [
        { item: { name: first, uid: 1 }, outcome: 'changed' },
        { item: { name: second, uid: 2 }, outcome: 'changed' },
      ],
    })
    const one = (said: Said): string =>
      told(storyOf({ hosts: ['a1'], tasks: [label('one')] }, [['a1', 'one', said]]))
    expect(one(items('ann', 'bob'))).toMatch(/\n +ann: changed\n +bob: changed\n/)
    expect(one(items('ann', 'ann'))).toContain('{"name":"ann","uid":2}: changed')
    expect(
      one(items('ann', 'x'.repeat(200)))
        .split('\n')
        .find((line) => line.includes('xxx')),
    ).toMatch(/x…: changed$/)
  })

  it('counts what is not known yet and may be destructive', () => {
    const events = storyOf({ hosts: ['a1', 'a2'], tasks: [label('one')], mode: 'plan' }, [
      ['a1', 'one', { outcome: 'unknown', mayDestroy: true }],
      ['a2', 'one', { outcome: 'unknown' }],
    ])
    expect(told(events)).toMatch(/^ {2}! +2 unknown, of which 1 may be destructive \(one\)$/m)
  })

  it('says which hosts were left alone when a run ended early, and does not leave them out of what comes next', () => {
    const events = storyOf({ hosts: ['a1'], tasks: [label('one')] }, [['a1', 'one', failed]]).map(
      (event) => {
        if (event.type === 'run-started') return { ...event, hosts: 6 }
        return event.type === 'run-ended'
          ? { ...event, cutShortHosts: ['a2', 'a3'], notBegun: 3 }
          : event
      },
    )
    const text = told(events)
    expect(text).toMatch(/^ {2}hosts +finished 0 · cut short 2 · not begun 3$/m)
    expect(text).toMatch(/^ {2}next +trueup run b\.yaml$/m)
  })

  it('says what a run cost only when asked for more', () => {
    const events = storyOf({ hosts: ['a1'], tasks: [label('one')] }, [['a1', 'one', ok]])
    expect(told(events)).not.toContain('round trips')
    expect(told(events, { verbosity: 1 })).toMatch(/^ {2}round trips +2 scripts at most/m)
  })

  it('shows groups in the order of the inventory, whichever host answered first', () => {
    const hosts = ['b1', 'b2', 'b3']
    const textOf = (order: readonly string[]): string =>
      told(
        storyOf(
          { hosts, tasks: [label('one')], mode: 'plan' },
          order.map(
            (host) =>
              [
                host,
                'one',
                { outcome: 'unknown', reason: `until ${host.length} and ${host}0` },
              ] as const,
          ),
        ),
      )
    expect(textOf(['b2', 'b3', 'b1'])).toBe(textOf(['b1', 'b2', 'b3']))
  })

  it('offers the hosts that failed by the word for them where their names are long', () => {
    const hosts = Array.from(
      { length: 200 },
      (_, i) => `x${1000 + i * 7}c${i % 5}s${(i * 13) % 64}b0n0`,
    )
    const events = storyOf(
      { hosts, tasks: [label('one')] },
      hosts.map((host, i) => [host, 'one', i % 3 === 0 ? failed : ok] as const),
    )
    const limits: (string | undefined)[] = []
    const command = (verb: string, limit?: string): string => (limits.push(limit), `trueup ${verb}`)
    told(events, {}, { command, hasLog: true })
    told(events, {}, { command, hasLog: false })
    expect(limits).toEqual(['@failed', undefined])
  })

  it('loses neither the title nor the hosts on a narrow screen', () => {
    const hosts = ['x3000c0s19b1n0', 'x3000c0s19b2n0', 'x3000c0s19b3n0', 'x3000c0s19b4n0']
    const text = told(
      storyOf(
        { hosts: [...hosts, 'x9'], tasks: [label('one')] },
        hosts.map((host) => [host, 'one', changed] as const),
      ),
      { width: 40 },
    )
    expect(linesOf(text, 'made true: The playbook, 5 hosts, 4.2s')).toHaveLength(1)
    expect(text).toMatch(/^ {2}changed +4: x3000c0s19b\[1-4\]n0$/m)
    expect(
      told(
        storyOf({ hosts: ['x3000c0s19b4n0', 'x9'], tasks: [label('one')] }, [
          ['x3000c0s19b4n0', 'one', changed],
        ]),
        { width: 40 },
      ),
    ).toMatch(/^ {2}changed +x3000c0s19b4n0$/m)
  })

  it('says a failure with its place, the words of the host and what to type next', () => {
    const text = told(
      storyOf({ hosts: ['a1', 'a2'], tasks: [label('one')] }, [
        ['a1', 'one', 'starts'],
        ['a2', 'one', 'starts'],
        ['a1', 'one', failed],
        ['a2', 'one', failed],
      ]),
    )
    expect(text).toContain('b.yaml:3:9: exit 4')
    expect(text).toContain('no provider of podman [action/failed]')
    expect(text).toContain('hint: add the repository')
    expect(linesOf(text, 'failed        ensure: one: all 2 hosts')).toHaveLength(1)
    // The first one is said at once, before the others are through.
    expect(text.indexOf('failed        a1 at ensure: one: exit 4')).toBeGreaterThan(0)
    expect(text).toContain('next          trueup run b.yaml')
  })

  it('tells a rescue that comes after its task was told', () => {
    const text = told(
      storyOf({ hosts: ['a1', 'a2'], tasks: [label('one'), label('rescue'), label('last')] }, [
        ['a1', 'one', 'starts'],
        ['a1', 'one', ok],
        ['a1', 'last', 'starts'],
        ['a1', 'last', ok],
        ['a2', 'one', 'starts'],
        ['a2', 'one', failed],
        ['a2', 'rescue', 'starts'],
        ['a2', 'rescue', ok],
        ['a2', 'last', 'starts'],
        ['a2', 'last', ok],
      ]),
    )
    expect(text).toContain('ok            ensure: rescue: a2')
    expect(text.match(/ensure: last/g)?.length).toBeGreaterThanOrEqual(1)
    expect(linesOf(text, 'ok ').join('\n')).toMatch(/a1[\s\S]*a2/)
  })

  it('shows what a plan would change, marks what destroys, and says where verdicts are as read now', () => {
    const text = told(
      storyOf(
        { hosts: ['a1'], tasks: [label('one'), label('two'), label('three')], mode: 'plan' },
        [
          [
            'a1',
            'one',
            {
              outcome: 'would change',
              changes: [
                { title: 'format /dev/sdb', effect: 'destroys', actions: ['mkfs.xfs /dev/sdb'] },
              ],
            },
          ],
          [
            'a1',
            'two',
            { outcome: 'unknown', reason: 'unknown until "one"', basis: 'as read now' },
          ],
          ['a1', 'three', { outcome: 'ok', basis: 'as read now' }],
        ],
      ),
      { mode: 'plan' },
    )
    expect(text).toMatch(/would change {2}ensure: one: a1\n +! format \/dev\/sdb/)
    expect(text).toContain('unknown until "one"')
    expect(text.indexOf('shown as they are before it')).toBeGreaterThan(text.indexOf('ensure: two'))
    expect(text.indexOf('shown as they are before it')).toBeLessThan(text.indexOf('ensure: three'))
    expect(text).toContain('1 destructive change')
    expect(text).toContain('next          trueup run b.yaml')
  })

  it('counts what destroys and what replaces apart, each item of a loop too', () => {
    const replaces = { title: 'replace /etc/x', effect: 'replaces', actions: [] } as const
    const destroys = { title: 'delete /srv/x', effect: 'destroys', actions: [] } as const
    const adds = { title: 'create /etc/y', effect: 'none', actions: [] } as const
    const items = ['x', 'y', 'z'].map((item) => ({
      item,
      outcome: 'would change' as const,
      changes: [destroys, adds],
    }))
    const text = told(
      storyOf({ hosts: ['a1'], tasks: [label('one'), label('two')], mode: 'plan' }, [
        ['a1', 'one', { outcome: 'would change', changes: [replaces, adds] }],
        ['a1', 'two', { outcome: 'would change', items }],
      ]),
      { mode: 'plan' },
    )
    expect(text).toMatch(/ +~ replace \/etc\/x\n/)
    expect(text).toMatch(/ +! delete \/srv\/x\n/)
    expect(text).toMatch(/ +create \/etc\/y\n/)
    expect(text).toContain('!             3 destructive changes, marked with ! above')
    expect(text).toContain('~             1 change of what is there, marked with ~ above')
  })

  it('shows diffs when asked, texts as unified diffs, and never a secret', () => {
    const events = storyOf({ hosts: ['a1'], tasks: [label('one')] }, [
      [
        'a1',
        'one',
        {
          ...changed,
          diff: {
            mode: { from: '0644', to: '0600' },
            content: { from: 'a\nb\nc\n', to: 'a\nB\nc\n' },
            password: { from: null, to: new Secret('the token', 'canary-8461') },
            packages: { from: { podman: null, crun: '1' }, to: { podman: '4', crun: '1' } },
          },
        },
      ],
    ])
    expect(told(events)).not.toContain('0600')
    const text = told(events, { diff: true })
    expect(text).toContain('mode: 0644 → 0600')
    expect(text).toMatch(/content:\n +@@.*@@\n {16,} a\n +-b\n +\+B\n/)
    expect(text).toContain('password: (none) → (secret the token)')
    expect(text).toContain('packages.podman: (none) → 4')
    expect(text).not.toContain('packages.crun')
    expect(text).not.toContain('canary')
  })

  it('lets nothing that a host answered act on the terminal', () => {
    const evil =
      '\u001b]52;c;ZXZpbA==\u0007\u001b[2J\u001b[31mred\rover\u0000\u202eback\u009b31m\u0008'
    const text = told(
      storyOf({ hosts: ['a1\u001b[2J'], tasks: [label(`sentence ${evil}`)] }, [
        [
          'a1\u001b[2J',
          `sentence ${evil}`,
          {
            outcome: 'failed',
            reason: evil,
            shown: evil,
            error: {
              code: 'action/failed',
              message: evil,
              hint: evil,
              at: { file: evil, line: 1, column: 1, source: evil },
            },
            diff: { [evil]: { from: evil, to: `${evil}\n` } },
            changes: [{ title: evil, effect: 'destroys', actions: [evil] }],
            items: [{ item: evil, outcome: 'failed', reason: evil }],
          },
        ],
      ]),
      { diff: true, verbosity: 2 },
    )
    expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e]/)
    expect(text).toContain('red\\x0dover\\x00\\u{202e}back')
  })

  it('can be judged from its last ten lines', () => {
    const hosts = Array.from({ length: 500 }, (_, i) => `x${1000 + i}c0s0b0n0`)
    const text = told(
      storyOf(
        { hosts, tasks: [label('one')] },
        hosts.map(
          (host, i) =>
            [
              host,
              'one',
              i % 3 === 0
                ? changed
                : i % 7 === 0
                  ? failed
                  : i % 11 === 0
                    ? {
                        outcome: 'unreachable',
                        error: { code: 'run/unreachable', message: 'no route' },
                      }
                    : ok,
            ] as const,
        ),
      ),
    )
    const last = text.trimEnd().split('\n').slice(-10).join('\n')
    for (const word of [
      'failed: The playbook',
      'tasks',
      'changed 167',
      'failed',
      'unreachable',
      'next',
    ])
      expect(last).toContain(word)
  })

  it('says how far it is when nothing was told for long', () => {
    const events = storyOf({ hosts: ['a1', 'a2'], tasks: [label('one')] }, [
      ['a1', 'one', 'starts'],
      ['a2', 'one', 'starts'],
      ['a2', 'one', { progress: '2 of 3 pods ready' }],
    ])
    const late = events.map((event) =>
      event.type === 'task-progress' ? { ...event, at: event.at + 60_000 } : event,
    )
    expect(told(late)).toContain('0 of 2 hosts done; ensure: one: a2 2 of 3 pods ready')
  })

  it.each([20, 30, 200])('fits %i columns', (width) => {
    const text = told(
      storyOf({ hosts: ['a1'], tasks: [label('a rather long sentence about what is true')] }, [
        ['a1', 'a rather long sentence about what is true', failed],
      ]),
      { width },
    )
    expect(text).toContain('action/failed')
  })
})
