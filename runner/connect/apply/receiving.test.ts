import { createHash, randomBytes } from 'node:crypto'
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import type { WorldAction } from '../../model/session.ts'
import { openSession } from '../batch/script-session.ts'
import { localTransport } from '../local.ts'
import type { Transport } from '../transport.ts'

const folder = mkdtempSync(join(tmpdir(), 'trueup-receiving-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** This machine, which gets the script and not a byte of what comes behind it. The patience of the script is one look, in as many bytes. */
function starved(): Transport {
  const local = localTransport()
  return {
    ...local,
    async start(command, signal) {
      const process = await local.start(command, signal)
      let given = false
      return {
        ...process,
        async write(bytes) {
          if (given) return
          given = true
          await process.write(
            Buffer.from(
              Buffer.from(bytes).toString('latin1').replace('-lt 24 ]', '-lt 01 ]'),
              'latin1',
            ),
          )
        },
      }
    },
  }
}

describe('an upload of which no byte comes any more', () => {
  it('is given up by the host itself, and leaves nothing', async () => {
    const bytes = randomBytes(300_000)
    const path = join(folder, 'source')
    writeFileSync(path, bytes)
    const target = join(folder, 'target')
    const action: WorldAction = {
      do: 'upload',
      path: join(target, 'file'),
      source: {
        path,
        size: bytes.length,
        sha256: createHash('sha256').update(bytes).digest('hex'),
      },
    }
    const transport = starved()
    const session = openSession(transport, null)
    const { actions } = await session.exchange({
      apply: {
        guards: [],
        actions: [{ do: 'exec', argv: ['mkdir', target] }, action],
      },
      probes: [],
    })
    expect(actions).toMatchObject([
      { ok: true },
      { ok: false, message: expect.stringContaining('no byte came for two minutes') },
    ])
    expect(existsSync(join(target, 'file'))).toBe(false)
    expect(readdirSync(target)).toEqual([])
    await transport.close()
  })
})
