import { createHash } from 'node:crypto'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import type { FetchAction } from '../../contract/change.ts'
import type { ActionResult } from '../../model/session.ts'
import { openSession } from '../batch/script-session.ts'
import { localTransport } from '../local.ts'

const dir = mkdtempSync(join(tmpdir(), 'trueup-landing-'))
const transport = localTransport()
afterAll(async () => {
  await transport.close()
  rmSync(dir, { recursive: true, force: true })
})
const source = join(dir, 'source')
const act = async (...actions: readonly FetchAction[]): Promise<readonly ActionResult[]> =>
  (await openSession(transport, null).exchange({ apply: { guards: [], actions }, probes: [] }))
    .actions
function fetching(bytes: Buffer, more: Partial<FetchAction> = {}): FetchAction {
  writeFileSync(source, bytes)
  return {
    do: 'fetch',
    path: source,
    size: bytes.length,
    sha256: createHash('sha256').update(bytes).digest('hex'),
    folder: join(dir, 'in'),
    to: 'a/b',
    ...more,
  }
}

describe('a fetch', () => {
  it('brings the bytes that were read, also of a file that has grown', async () => {
    const bytes = Buffer.from(Array.from({ length: 300_000 }, (_, i) => (i * 7) % 256))
    const action = fetching(bytes)
    writeFileSync(source, Buffer.concat([bytes, Buffer.from('more')]))
    expect(await act(action)).toMatchObject([{ ok: true }])
    expect(readFileSync(join(dir, 'in/a/b')).equals(bytes)).toBe(true)
  })

  it('leaves what is here when the file is another, is gone, or is shorter, and begins nothing after it', async () => {
    await act(fetching(Buffer.from('first')))
    for (const change of [
      () => writeFileSync(source, 'other'),
      () => writeFileSync(source, 'fi'),
      () => rmSync(source),
    ]) {
      const action = fetching(Buffer.from('first'))
      change()
      expect(await act(action, { ...action, to: 'second' })).toMatchObject([{ ok: false }])
      expect(readFileSync(join(dir, 'in/a/b'), 'utf8')).toBe('first')
    }
    expect(existsSync(join(dir, 'in/second'))).toBe(false)
  })

  it('leaves what is here when the backup would have its name', async () => {
    await act(fetching(Buffer.from('first'), { to: 'kept' }))
    expect(
      await act(fetching(Buffer.from('second'), { to: 'kept', backup: 'kept' })),
    ).toMatchObject([{ ok: false }])
    expect(readFileSync(join(dir, 'in/kept'), 'utf8')).toBe('first')
  })

  it.each([
    { to: '../b' },
    { to: 'a//b' },
    { to: '/b' },
    { folder: 'in' },
    { mode: '8888' },
    { backup: '../x' },
    { size: 2 ** 40 },
  ])('does not begin with %j', async (more) => {
    expect(await act(fetching(Buffer.from('x'), more))).toMatchObject([{ ok: false }])
  })
})
