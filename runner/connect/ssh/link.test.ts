import { connect as dialTo, createServer, type AddressInfo, type Socket } from 'node:net'
import { describe, expect, it } from 'vitest'
import { Unreachable } from '../../model/session.ts'
import { bench, connect, hop, run, server } from './ssh-bench.fixture.ts'
import { dial } from './dial.ts'
import { linkOver } from './link.ts'
import type { TestServer } from './sshd.fixture.ts'

/** A relay in front of a server. Once it stops, it keeps both connections open and forwards nothing, as a firewall may. */
async function relayTo(target: TestServer): Promise<{ readonly port: number; stop(): void }> {
  const pairs: (readonly [Socket, Socket])[] = []
  const front = createServer((socket) => {
    const back = dialTo(target.port, '127.0.0.1')
    for (const each of [socket, back]) each.on('error', () => {})
    socket.pipe(back).pipe(socket)
    pairs.push([socket, back])
  })
  await new Promise<void>((resolve) => front.listen(0, '127.0.0.1', resolve))
  bench.open.push({
    async close() {
      front.close()
      for (const each of pairs.flat()) each.destroy()
    },
  })
  return {
    port: (front.address() as AddressInfo).port,
    stop() {
      for (const [one, other] of pairs) {
        one.unpipe(other)
        other.unpipe(one)
        one.pause()
        other.pause()
      }
    },
  }
}

describe('a connection whose other end has fallen silent', () => {
  it('is closed in no time, and leaves no socket', async () => {
    const target = await server()
    const relay = await relayTo(target)
    const one = hop({ port: relay.port, hostKeyLine: target.hostKeyLine })
    const signedIn = await dial(one, bench.world, null)
    const link = linkOver(signedIn, one)
    relay.stop()
    let lost = false
    link.onLost(() => (lost = true))
    await link.close()
    expect([signedIn.socket.destroyed, link.lost, lost]).toEqual([true, true, true])
    await expect(link.exec('true', () => null)).rejects.toBeInstanceOf(Unreachable)
  })

  it('behind a jump is closed in no time too, and the jump with it', async () => {
    const [gate, node] = [await server(), await server()]
    const relay = await relayTo(gate)
    const way = [
      hop({ port: relay.port, hostKeyLine: gate.hostKeyLine }, { name: 'gate' }),
      hop(node),
    ]
    const transport = await connect(...way)
    relay.stop()
    await transport.close()
    expect(transport.lost).toBe(true)
  })

  it('is lost when no answer to keepalives comes, and so is what runs over it', async () => {
    const target = await server()
    const relay = await relayTo(target)
    const transport = await connect(
      hop(
        { port: relay.port, hostKeyLine: target.hostKeyLine },
        { keepalive: { seconds: 0.1, count: 2 } },
      ),
    )
    const running = await transport.start('sleep 60')
    relay.stop()
    await expect(running.ended).rejects.toMatchObject({ midway: true })
    expect(transport.lost).toBe(true)
  })
})

describe('a server that answers keepalives and nothing else', () => {
  it('is given up when it opens no channel, and the step is named', async () => {
    const target = await server({ afterLogin: 'silence' })
    const one = hop(target)
    const link = linkOver(await dial(one, bench.world, null), one, 0.3)
    await expect(link.exec('true', () => null)).rejects.toMatchObject({
      name: 'Unreachable',
      message: expect.stringContaining('opened no channel for a command within 0.3s'),
    })
    expect(link.lost).toBe(true)
  })
})

describe('a server that ends the connection after the login', () => {
  it('is told so', async () => {
    const transport = await connect(hop(await server({ afterLogin: 'hang up' })))
    const said = await run(transport, 'true').catch((error: Error) => error.message)
    expect(said).toMatch(/hung up after the login|the connection was lost/)
  })
})
