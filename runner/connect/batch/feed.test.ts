import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import type { RemoteProcess } from '../transport.ts'
import { send } from './feed.ts'

const folder = mkdtempSync(join(tmpdir(), 'trueup-feed-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** What arrives at the other end of a process. */
function taker(): {
  readonly process: RemoteProcess
  result(): { readonly taken: number; readonly isEnded: boolean }
} {
  let taken = 0
  let isEnded = false
  return {
    process: {
      write(bytes: Uint8Array) {
        taken += bytes.length
        return Promise.resolve()
      },
      end: () => void (isEnded = true),
      listen: () => undefined,
      ended: new Promise<never>(() => {}),
      kill: () => undefined,
      counted: () => ({ sent: 0, received: 0 }),
    },
    result: () => ({ taken, isEnded }),
  }
}

it('sends the bytes that were promised, and leaves the input open for more', async () => {
  const path = join(folder, 'file')
  writeFileSync(path, Buffer.alloc(700_000))
  const { process, result } = taker()
  await send(process, { path, size: 600_000 })
  expect(result()).toEqual({ taken: 600_000, isEnded: false })
})

it.each(['a pipe', 'nothing', 'a shorter file', 'a folder'])(
  'ends the input when %s stands there now',
  async (what) => {
    const path = join(folder, what)
    if (what === 'a pipe') execFileSync('mkfifo', [path])
    if (what === 'a folder') execFileSync('mkdir', [path])
    if (what === 'a shorter file') writeFileSync(path, 'short')
    const { process, result } = taker()
    await send(process, { path, size: 100_000 })
    expect(result().isEnded).toBe(true)
  },
)
