import { spawnSync } from 'node:child_process'
import { chownSync, existsSync, mkdirSync, rmSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { openSession } from '../batch/script-session.ts'
import { localTransport } from '../local.ts'
import type { HostLocks } from './lock.ts'

// As a user that no other test has: the lock of a user other than root lies in /tmp.
const user = 61_777
const folder = `/tmp/trueup-${user}`
const able =
  process.getuid!() === 0 &&
  spawnSync('flock', ['--version']).status === 0 &&
  spawnSync('setpriv', ['--reuid', String(user), '--clear-groups', 'true']).status === 0

describe.runIf(able)('a folder of locks that another user made', () => {
  it('is said with its owner, and the lock of the controller is held', async () => {
    expect(existsSync(folder)).toBe(false)
    mkdirSync(folder, { mode: 0o700 })
    chownSync(folder, 61_778, 61_778)
    try {
      const said: string[] = []
      const locks: HostLocks = {
        who: 'run one',
        patience: 5,
        waiting: () => undefined,
        takeHere: () =>
          Promise.resolve({ overtaken: null, release: () => void said.push('released') }),
        foreign: (_host, listed) => void said.push(listed),
        locked: (_host, where) => void said.push(where),
      }
      const shell = ['setpriv', '--reuid', String(user), '--clear-groups', '/bin/sh', '-c'] as const
      const session = openSession(localTransport({ shell: [...shell] }), null, locks)
      await session.exchange({ apply: { guards: [], actions: [] }, probes: [] })
      expect(said).toEqual([
        expect.stringMatching(new RegExp(`^drwx.* 61778 +61778 .*${folder}$`)),
        'controller',
        'released',
      ])
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})
