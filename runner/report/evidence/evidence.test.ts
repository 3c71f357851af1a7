import { describe, expect, it } from 'vitest'
import { label, storyOf, type Said } from '../events.fixture.ts'
import { evidenceOf } from './evidence.ts'
import { compareRuns, comparisonText } from './compare-runs.ts'
import { fleetRun, header, nodes, runOf } from './run.fixture.ts'

const tasks = [
  label('it has room', { verb: 'require' }),
  label('a person agrees', { verb: 'confirm', type: null }),
  label('it is noted'),
  label('it is formatted'),
]
const unreachable = (address: string): Said => ({
  outcome: 'unreachable',
  error: {
    code: 'run/unreachable',
    message: `root@${address}: nothing listens there (connection refused)`,
    hint: 'is sshd running, and is the port right?',
    at: { file: 'b.yaml', line: 7, column: 1, source: '- require: it has room' },
  },
})
const noted = (host: string): Said => ({
  outcome: 'changed',
  at: 1_008_000,
  changes: [{ title: `write /srv/${host}`, effect: 'replaces', actions: [`tee /srv/${host}`] }],
  diff: { content: { from: null, to: `node ${host}\n` } },
})
const events = storyOf({ hosts: ['a1', 'a2', 'a3', 'a4', 'a5'], tasks }, [
  ['a1', 'it has room', { outcome: 'ok', seconds: 2, queued: 3, at: 1_006_000 }],
  ['a2', 'it has room', unreachable('127.0.0.7:1')],
  ['a3', 'it has room', unreachable('[fd00::3]:22')],
  ['a4', 'it has room', { outcome: 'skipped' }],
  ['a1', 'a person agrees', { outcome: 'ok', reason: 'confirmed', at: 1_007_000 }],
  ['a1', 'it is noted', noted('a1')],
  ['a4', 'it is noted', noted('a4')],
  [
    'a1',
    'it is formatted',
    {
      outcome: 'changed',
      at: 1_009_000,
      changes: [{ title: 'make a file system', effect: 'destroys', actions: ['mkfs'] }],
    },
  ],
])
const evidence = evidenceOf(
  runOf(events, {
    header: { ...header, groups: { storage: ['a1', 'a2'], login: ['a3', 'a4'] } },
    owed: new Map([['it restarts', ['a10', 'a2']]]),
    next: 'trueup resume last',
  }),
)

describe('what a report says of a run', () => {
  it('names who ran what with which files, inputs and secrets', () => {
    expect(evidence).toMatchObject({
      title: 'The playbook',
      command: 'run',
      verdict: { words: 'failed', tone: 'bad', exit: 1 },
      user: 'alice',
      controller: 'ncn-m001',
      sources: [{ sha256: 'e94b7c148798e7bd' }],
      inventory: [{ sha256: '77aa00' }],
      inputs: { release: '1.7' },
      secretInputs: ['token'],
      confirmations: [{ sentence: 'a person agrees', answer: 'confirmed' }],
      owed: [{ handler: 'it restarts', hosts: ['a2', 'a10'] }],
      next: 'trueup resume last',
    })
  })

  it('gives each host its worst outcome, and says which ones have not begun', () => {
    expect(evidence.hosts.map(({ name, status }) => [name, status])).toEqual([
      ['a1', 'changed'],
      ['a2', 'unreachable'],
      ['a3', 'unreachable'],
      ['a4', 'changed'],
      ['a5', 'not begun'],
    ])
    expect(evidence.hosts[0]).toMatchObject({ seconds: 2.03, queued: 3 })
  })

  it('groups causes across hosts and addresses, without the line of a playbook that is not at fault', () => {
    expect(evidence.causes).toMatchObject([
      {
        outcome: 'unreachable',
        hosts: ['a2', 'a3'],
        limit: 'a[2-3]',
        message: '<address>: nothing listens there (connection refused)',
        excerpt: null,
      },
    ])
  })

  it('shows each difference once with its hosts, what destroys first', () => {
    expect(evidence.changes.map(({ effect, hosts, titles }) => [effect, hosts, titles])).toEqual([
      ['destroys', ['a1'], ['make a file system']],
      ['replaces', ['a1', 'a4'], ['write /srv/<host>']],
    ])
    expect(evidence.changes[1]!.diff).toContain('  +node <host>')
  })

  it('places hosts whose names say nothing by group', () => {
    expect(
      evidence.fleet.groups.map(({ name, hosts }) => [name, hosts.map((host) => host.name)]),
    ).toEqual([
      ['storage', ['a1', 'a2']],
      ['login', ['a3', 'a4']],
      ['hosts', ['a5']],
    ])
  })

  it('places nodes by cabinet, chassis and slot, and names a cause by its place', () => {
    const fleet = evidenceOf(fleetRun(nodes(2), 3))
    expect(fleet.fleet.cabinets.map(({ name, chassis }) => [name, chassis.length])).toEqual([
      ['x1000', 5],
      ['x1001', 5],
    ])
    const [first] = fleet.fleet.cabinets[0]!.chassis
    expect(first!.slots.map(({ hosts }) => hosts.length)).toEqual([4, 4, 4, 4, 4])
    expect(fleet.causes.map(({ place, excerpt }) => [place, excerpt?.place])).toEqual([
      ['slot 3 of every chassis (40 hosts)', '/playbooks/b.yaml:9:9'],
    ])
  })

  it('keeps the queue apart from the work', () => {
    const lane = evidence.times.lanes.find(({ host }) => host === 'a1')!
    expect(lane.spans.map(({ what }) => what)).toEqual(['queued', 'ok', 'ok', 'changed', 'changed'])
    expect(evidence.times.queued).toBe(3)
  })

  it('says of a killed run that it has no end, and of one that goes on that it does', () => {
    const open = events.filter(({ type }) => type !== 'run-ended')
    expect(evidenceOf(runOf(open, { state: 'cut off' })).verdict).toMatchObject({
      words: 'cut off: it was killed',
      exit: null,
    })
    expect(evidenceOf(runOf(open, { state: 'running' })).verdict.words).toBe('still running')
  })
})

describe('two runs that are compared', () => {
  const later = storyOf({ hosts: ['a1', 'a2', 'a3', 'a4', 'a5'], tasks }, [
    ['a1', 'it has room', { outcome: 'ok' }],
    ['a2', 'it has room', { outcome: 'ok' }],
    ['a3', 'it has room', { outcome: 'failed', error: { code: 'run/required', message: 'full' } }],
  ])
  const other = evidenceOf(
    runOf(later, { header: { ...header, run: '2', inputs: { release: '1.8' } } }),
  )

  it('differ in inputs, hosts, tasks and causes', () => {
    const found = compareRuns(evidence, other)
    expect(found.isSame).toBe(false)
    const text = comparisonText(found)
    expect(text).toContain('release changed: "1.7" → "1.8"')
    expect(text).toContain('unreachable → ok: a2 (1)')
    expect(text).toContain('unreachable → failed: a3 (1)')
    expect(text).toContain('require: it has room: unreachable 2, ok 1, skipped 1 → failed 1, ok 2')
    expect(text).toMatch(/goes wrong now:\n {2}failed: it has room: full/)
    expect(text).toMatch(/goes wrong no longer:\n {2}unreachable: it has room: <address>/)
  })

  it('are the same when they did the same', () => {
    expect(comparisonText(compareRuns(evidence, evidence))).toContain('both did the same')
  })
})
