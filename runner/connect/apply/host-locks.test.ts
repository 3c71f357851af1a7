import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import type { Diagnostic } from '../../model/diagnostic.ts'
import { Interrupted } from '../../model/session.ts'
import { createHostLocks, type RunLocks } from './host-locks.ts'

const dir = mkdtempSync(join(tmpdir(), 'trueup-host-locks-'))
afterAll(() => rmSync(dir, { recursive: true, force: true }))

function locksOf(who: string, folder: string, hears: (said: Diagnostic) => void): RunLocks {
  return createHostLocks({ who, patience: 600, folder: join(dir, folder), warn: hears })
}

it('a run that waits for a lock of this controller leaves the queue when it is interrupted', async () => {
  const first = await locksOf('one', 'locks', () => undefined).takeHere('n1', [])
  const drain = new AbortController()
  const second = locksOf('two', 'locks', ({ code }) => {
    if (code === 'connect/lock-waiting') drain.abort()
  })
  await expect(second.takeHere('n1', [], drain.signal)).rejects.toBeInstanceOf(Interrupted)
  first.release(true)
})

it('a lock that cannot be noted any more is let go, and that is a warning', async () => {
  const codes: string[] = []
  const held = await locksOf('one', 'gone', ({ code }) => void codes.push(code)).takeHere('n1', [])
  rmSync(join(dir, 'gone'), { recursive: true })
  held.release(true)
  expect(codes).toEqual(['connect/lock-none'])
})
