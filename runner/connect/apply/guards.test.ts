import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ask, text, type Probe } from '../../contract/probe.ts'
import type { Answer } from '../../model/session.ts'
import { openSession } from '../batch/script-session.ts'
import { localTransport } from '../local.ts'

const session = openSession(localTransport(), null)
let dir = ''
beforeEach(() => {
  dir = mkdtempSync(`${tmpdir()}/guards-`)
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))

/** Reads, lets another act, and writes under the guard of what was read. */
async function guarded(probe: Probe, meddle: () => void = () => undefined): Promise<Answer> {
  const [expected] = (await session.exchange({ probes: [probe] })).readings
  meddle()
  return session.exchange({
    apply: {
      guards: [{ probe, expected: expected! }],
      actions: [{ do: 'write', path: `${dir}/done`, content: 'x' }],
    },
    probes: [],
  })
}

describe('a guard compares bytes', () => {
  const every = Buffer.from([
    ...Array.from({ length: 255 }, (_, byte) => byte + 1),
    ...Buffer.from("\ncaf\xe9 %s \\n '$(id)' \n\n", 'latin1'),
  ])

  it.each([
    ['Latin-1', Buffer.from('# caf\xe9\n0 1 * * * /bin/a\n', 'latin1')],
    ['bytes that end in the middle of a letter', Buffer.from([0x61, 0xc3])],
    ['every byte but NUL', every],
    ['a NUL among them', Buffer.from([0xff, 0, 0x0a, 0x41, 0xe9])],
    ['nothing but line ends behind them', Buffer.from([0xe9, 0x0a, 0x0a, 0x0a])],
  ])('of a command that says %s', async (_, bytes) => {
    const path = `${dir}/said`
    writeFileSync(path, bytes)
    const probe = ask(['cat', path])
    const answer = await guarded(probe)
    expect([answer.moved, answer.actions.map(({ ok }) => ok)]).toEqual([undefined, [true]])
    // Another byte that is decoded to the same text.
    const moved = await guarded(probe, () => {
      const other = Buffer.from(readFileSync(path))
      const at = other.findIndex((byte) => byte > 0x7f)
      other[at] = other[at] === 0xfe ? 0xfd : 0xfe
      writeFileSync(path, other)
    })
    expect(moved.moved).toBeDefined()
  })

  it('and keeps a secret that is not a text to itself', async () => {
    writeFileSync(`${dir}/said`, Buffer.from('canary\xe9', 'latin1'))
    const probe = ask(['cat', `${dir}/said`], [0], { secret: 'said' })
    const [reading] = (await session.exchange({ probes: [probe] })).readings
    expect(JSON.stringify(reading)).not.toMatch(/canary|Y2FuYXJ5/)
    expect((await guarded(probe)).moved).toBeUndefined()
  })
})

describe('a text that is none', () => {
  it('is a failed reading with a way out, or where it will be replaced an answer', async () => {
    writeFileSync(`${dir}/latin`, Buffer.from('caf\xe9', 'latin1'))
    writeFileSync(`${dir}/large`, 'x'.repeat(2000))
    const { readings } = await session.exchange({
      probes: [
        text(`${dir}/latin`),
        text(`${dir}/latin`, { lenient: true }),
        text(`${dir}/large`, { lenient: true, cap: 1000 }),
        ask(['cat', `${dir}/latin`], [0], { utf8: true }),
      ],
    })
    expect(readings).toMatchObject([
      { failed: { code: 'not-text', hint: expect.stringContaining('iconv') } },
      { exists: true, text: null, why: 'not-text' },
      { exists: true, text: null, why: 'too-large' },
      { failed: { code: 'not-text', hint: expect.stringContaining('iconv') } },
    ])
  })
})
