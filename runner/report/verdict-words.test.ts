import { expect, it } from 'vitest'
import type { Event } from '../model/event.ts'
import { verdictWords } from './verdict-words.ts'

type Ended = Extract<Event, { type: 'run-ended' }>
const ended = (more: Partial<Ended>, failed = 0): Ended =>
  ({
    interrupted: false,
    exit: 0,
    changedHosts: [],
    totals: { failed },
    ...more,
  }) as unknown as Ended

it.each<[string, boolean, Ended]>([
  ['true already', false, ended({})],
  ['made true', false, ended({ changedHosts: ['n1'] })],
  ['nothing would change', true, ended({})],
  ['true already, but for 11 failures that the playbook allows', false, ended({}, 11)],
  [
    'made true, but for 1 failure that the playbook allows',
    false,
    ended({ changedHosts: ['n1'] }, 1),
  ],
  ['nothing would change, but for 2 failures that the playbook allows', true, ended({}, 2)],
  ['failed', false, ended({ exit: 1 }, 2)],
  ['changes are pending', true, ended({ exit: 2 })],
  ['interrupted', false, ended({ interrupted: true, exit: 130 })],
])('says %s', (words, isPlan, event) => {
  expect(verdictWords(isPlan, event)).toBe(words)
})
