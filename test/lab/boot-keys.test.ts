import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { raiseLab, type Lab } from '../../lab/lab.ts'
import { runInLab } from '../harness/run-in-lab.ts'
import { time } from '../harness/skipped-time.ts'

// Whoever waits moves the clock.
vi.mock('../../runner/wiring/clock.ts', () => import('../harness/skipped-time.ts'))

const node = 'x3000c0s19b1n0'
let folder = ''
let lab: Lab
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'boot-keys-'))
})
afterEach(() => lab.close())
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('a site whose known_hosts does not follow the boots', () => {
  it('has a run take the new key of a node that it has booted itself, and no later run', async () => {
    lab = await raiseLab({
      folder: join(folder, 'lab'),
      keepsKnownHosts: false,
      now: () => Date.now() + time.skipped,
    })
    const run = (playbook: string) =>
      runInLab({ lab, folder, command: 'run', playbook, flags: ['--limit', node] })
    expect(await run('builder-image')).toMatchObject({ exit: 0, errors: [] })
    const key = lab.nodes.get(node)!.hostKey
    const booted = await run('boot')
    expect(booted.outcomes['failed']).toBeUndefined()
    expect(booted.exit).toBe(0)
    expect(lab.nodes.get(node)!.hostKey).not.toBe(key)
    const later = await run('storage')
    expect(later.exit).toBe(1)
    expect(later.errors.join()).toContain('connect/host-key-changed')
  })
})
