import { expect, it } from 'vitest'
import type { Event } from '../model/event.ts'
import { createLogRecords, type LogRecord } from './log-records.ts'

function recordsOf(events: readonly object[]): readonly LogRecord[] {
  const records: LogRecord[] = []
  const hear = createLogRecords((record) => records.push(record))
  for (const event of events) hear(event as Event)
  return records
}
const started = {
  type: 'run-started',
  at: 1,
  run: 'r1',
  playbook: 'Nodes',
  file: 'nodes.yaml',
  mode: 'run',
  hosts: 2,
}
const play = {
  type: 'play-started',
  at: 2,
  play: 0,
  name: 'p',
  hosts: ['a', 'b'],
  tasks: [{ id: '1', verb: 'ensure', sentence: 'it is so' }],
}
const outcome = {
  type: 'outcome',
  at: 3,
  play: 0,
  task: '1',
  host: 'a',
  basis: 'known',
  seconds: 1,
}

it('a log gets what changes and fails, warnings, the begin and the end, and nothing of what is true already', () => {
  const records = recordsOf([
    started,
    play,
    { ...outcome, outcome: 'ok' },
    { ...outcome, outcome: 'changed' },
    {
      ...outcome,
      host: 'b',
      outcome: 'failed',
      error: { code: 'action/failed', message: 'exit 1\n\u001b[31mred' },
    },
    { ...outcome, outcome: 'failed', ignored: true },
    { type: 'warning', at: 4, diagnostic: { code: 'x/y', message: 'beware', host: 'b' } },
    {
      type: 'run-ended',
      at: 5,
      seconds: 4,
      exit: 1,
      interrupted: false,
      changedHosts: ['a'],
      failedHosts: ['b'],
      unreachableHosts: [],
    },
  ])
  expect(records.map(({ severity, text }) => `${severity} ${text}`)).toEqual([
    'info run begins: Nodes (nodes.yaml), run r1',
    'info a: changed: ensure: it is so',
    'error b: failed: ensure: it is so: exit 1\\nred [action/failed]',
    'warning a: failed: ensure: it is so',
    'warning b: beware [x/y]',
    'error the run ended with exit 1; hosts: 1 changed, 1 failed',
  ])
  for (const { fields } of records) expect(fields).toMatchObject({ run: 'r1', playbook: 'Nodes' })
  expect(records[2]!.fields).toMatchObject({ host: 'b', code: 'action/failed', outcome: 'failed' })
})
