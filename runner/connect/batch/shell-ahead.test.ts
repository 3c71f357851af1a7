import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ask } from '../../contract/probe.ts'
import type { Session } from '../../model/session.ts'
import { connect, hop, server } from '../ssh/ssh-bench.fixture.ts'
import type { SshTransport } from '../ssh/ssh2-transport.ts'
import { openSession } from './script-session.ts'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'trueup-ahead-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

/** A session over SSH, which tells each command that it starts and whether that was ahead of its script. */
async function watched(maxSessions?: number): Promise<{
  readonly session: Session
  readonly transport: SshTransport
  readonly started: ('now' | 'ahead')[]
}> {
  const transport = await connect(hop(await server(maxSessions ? { maxSessions } : {})))
  const started: ('now' | 'ahead')[] = []
  const session = openSession(
    {
      ...transport,
      start(command, signal) {
        started.push('now')
        return transport.start(command, signal)
      },
      startAhead(command) {
        started.push('ahead')
        return transport.startAhead!(command)
      },
    },
    null,
  )
  return { session, transport, started }
}

const change = (i: number): Parameters<Session['exchange']>[0] => ({
  apply: {
    guards: [],
    actions: [{ do: 'write', path: join(folder, `f${i}`), content: `text ${i}` }],
  },
  probes: [ask(['cat', join(folder, `f${i}`)])],
})

describe('the shell of the next script', () => {
  it('is started while a change is made, and no script that only reads starts one', async () => {
    const { session, transport, started } = await watched()
    await session.exchange({ probes: [ask(['true'])] })
    expect(started).toEqual(['now'])
    for (let i = 0; i < 4; i++)
      expect(await session.exchange(change(i))).toMatchObject({
        actions: [{ ok: true }],
        readings: [{ exit: 0, stdout: `text ${i}` }],
      })
    // The first change has none yet; the last one leaves one, which ends with the connection.
    expect(started).toEqual(['now', 'now', 'ahead', 'ahead', 'ahead', 'ahead'])
    await session.exchange({ probes: [ask(['true'])] })
    await session.exchange({ probes: [ask(['true'])] })
    expect(started).toEqual(['now', 'now', 'ahead', 'ahead', 'ahead', 'ahead', 'now'])
    await transport.close()
    expect(readFileSync(join(folder, 'f3'), 'utf8')).toBe('text 3')
  })

  it('is not needed: without a place for it everything is done all the same', async () => {
    for (const places of [1, 2, 3]) {
      const { session, transport } = await watched(places)
      for (let i = 0; i < 3; i++)
        expect(await session.exchange(change(i))).toMatchObject({ actions: [{ ok: true }] })
      // As many at once as there are places, and more.
      const all = await Promise.all(
        Array.from({ length: 4 }, (_, i) =>
          session.exchange({ probes: [ask(['cat', join(folder, `f${i % 3}`)])] }),
        ),
      )
      expect(all.map(({ readings }) => readings)).toMatchObject(
        Array.from({ length: 4 }, (_, i) => [{ stdout: `text ${i % 3}` }]),
      )
      await transport.close()
    }
  })

  it('gives up its place to a command that is needed now', async () => {
    const transport = await connect(hop(await server({ maxSessions: 1 })))
    const ahead = await transport.startAhead!('cat >/dev/null')
    const now = await transport.start('echo needed')
    let said = ''
    now.listen({ stdout: (bytes) => (said += String(bytes)), stderr: () => undefined })
    expect(await now.ended).toMatchObject({ code: 0 })
    expect(said).toBe('needed\n')
    expect(ahead!.use()).toBe(false)
    await transport.close()
  })

  it('that has ended meanwhile is replaced', async () => {
    const transport = await connect(hop(await server()))
    const ended = await transport.startAhead!('exit 1')
    await ended!.process.ended
    expect(ended!.use()).toBe(false)
    await transport.close()
  })

  it('does nothing where the run is interrupted before its script', async () => {
    const { session, transport } = await watched()
    await session.exchange(change(0))
    const stop = new AbortController()
    const late = session.exchange({ ...change(1), signal: stop.signal })
    stop.abort()
    await expect(late).rejects.toThrow('interrupted')
    await transport.close()
  })
})
