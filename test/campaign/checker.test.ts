import { describe, expect, it } from 'vitest'
import type { Event } from '../../runner/model/event.ts'
import { playSchedule } from './schedule.ts'
import type { Planted } from './simulated-site.ts'

// A checker that finds nothing proves nothing: each of its checks has to find a defect that breaks what it watches over.

/** How many schedules a planted defect has to show itself. */
const most = 80

const asIfTrue = (event: Event): Event =>
  event.type === 'outcome' && event.outcome === 'failed' && !event.items
    ? ({ ...event, outcome: 'ok' } as Event)
    : event

const defects: readonly (readonly [name: string, defect: Planted, fault: RegExp])[] = [
  [
    'a change that was only said to be made',
    { pretends: (w) => w.startsWith('make') },
    /^the end is/,
  ],
  ['a run that ends well all the same', { pretends: (w) => w.startsWith('make') }, /^exit 0, but/],
  ['an outcome that says what is not so', { event: asIfTrue }, /says ok of .*, which is not true/],
  ['an action that is done twice', { repeats: (w) => w.startsWith('make') }, /^done twice/],
  ['two runs that share a host without a lock', { locksNothing: true }, /^done twice/],
  ['a run that does not hear of the other one', { tellsNoMark: true }, /^done twice/],
  [
    'a call that is made twice in one turn',
    { repeats: (w) => /^(?:pay|call)/.test(w) },
    /in one turn/,
  ],
  [
    'a log that does not say what is owed',
    { note: (note) => (note.type === 'notified' || note.type === 'acting' ? null : note) },
    /^handler lost/,
  ],
  [
    'a handler that is told as paid and was not',
    { pretends: (w) => w.startsWith('pay') },
    /^handler lost/,
  ],
  ['an action that never ends', { hangs: (w) => w.startsWith('make') }, /nothing within a day/],
  [
    'a command that never succeeds',
    { fails: (w) => w.startsWith('make') },
    /did not come to an end/,
  ],
  ['a lock that is kept', { keepsLocks: true }, /is still at work/],
  ['a run that ends before what it began', { endsEarly: true }, /ended before its script/],
]

describe('the checker of the campaign', () => {
  it.each(defects)('finds %s', async (_name, defect, fault) => {
    const said = new Set<string>()
    for (let seed = 1; seed <= most; seed++)
      for (const each of (await playSchedule(seed, defect)).faults) {
        if (fault.test(each)) return
        said.add(each.slice(0, 60))
      }
    expect.fail(`it was not found in ${most} schedules: ${[...said].slice(0, 5).join('; ')}`)
  })
})
