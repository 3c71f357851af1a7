import { expect, it } from 'vitest'
import { Unreachable } from '../../model/session.ts'
import type { RemoteProcess } from '../transport.ts'
import { Follower } from './follow.ts'
import type { ReadUnit } from './units.ts'

// What a host goes on saying while nothing comes of it: marks of life, noise, an answer letter by letter.

const mark = 'abcdef012345abcdef012345'
const begun = `\n${mark} b 0\n`
const beat = `\n${mark} h\n`

/** A follower of a script with one reading, on a host that begins with `first` and then says `more` every 50 ms. */
function follow(first: string, more: () => string): Promise<unknown> {
  const process: RemoteProcess = {
    write: () => Promise.resolve(),
    end: () => clearInterval(timer),
    listen: () => undefined,
    ended: new Promise(() => {}),
    kill: () => clearInterval(timer),
    counted: () => ({ sent: 0, received: 0 }),
  }
  // With the grace of five seconds it may take one.
  const unit: ReadUnit = { calls: [], text: () => '', limit: -4, cap: 1024, probes: [] }
  const follower = new Follower({
    name: 'h',
    entry: { command: () => '', refuse: () => undefined },
    script: { mark, text: '', units: [unit], payload: '', uploads: [], acts: false, held: true },
    process,
    signal: undefined,
    times: { every: 5, silence: 30, start: 1 },
  })
  const to = follower.listener()
  to.stderr(Buffer.from(first))
  to.stdout(Buffer.from(first))
  const timer = setInterval(() => to.stdout(Buffer.from(more())), 50)
  return follower.begin().finally(() => clearInterval(timer))
}

it('leaves a reading at its limit, whatever marks of life come', async () => {
  expect(await follow(begun, () => beat)).toMatchObject({ stop: 'stuck', at: 0 })
})

it('leaves a reading whose answer comes for ever', async () => {
  expect(await follow(begun, () => 'x')).toMatchObject({ stop: 'stuck', at: 0 })
})

it('leaves a shell that says everything but that it has begun', async () => {
  await expect(follow('', () => 'welcome\n')).rejects.toThrow(Unreachable)
})
