import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'

/** What went through a proxy. A flight is what the client sends between two things that it hears: each is one round trip at least. */
export interface Traffic {
  readonly connections: number
  readonly flights: number
  readonly up: number
  readonly down: number
}

/** A TCP proxy on loopback that counts, and that delays as a long line does. */
export interface CountingProxy {
  readonly port: number
  /** What went through so far. */
  traffic(): Traffic
  close(): Promise<void>
}

/** Put a proxy before a port of 127.0.0.1. `delay` is the way in one direction, in milliseconds: half of the round trip. */
export async function startProxy(target: number, delay = 0): Promise<CountingProxy> {
  const counted = { connections: 0, flights: 0, up: 0, down: 0 }
  const open = new Set<Socket>()
  const server = createServer({ noDelay: true }, (client) => {
    const host = connect({ port: target, host: '127.0.0.1', noDelay: true })
    counted.connections++
    let heard = true
    client.on('data', (bytes: Buffer) => {
      if (heard) counted.flights++
      heard = false
      counted.up += bytes.length
    })
    host.on('data', (bytes: Buffer) => {
      heard = true
      counted.down += bytes.length
    })
    carry(client, host, delay)
    carry(host, client, delay)
    for (const socket of [client, host]) {
      open.add(socket)
      socket.on('error', () => undefined)
      socket.on('close', () => open.delete(socket))
    }
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    traffic: () => ({ ...counted }),
    async close() {
      for (const socket of open) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}

/** What comes in leaves `delay` later, in order: latency without a limit on the rate. */
function carry(from: Socket, to: Socket, delay: number): void {
  const later = (act: () => void): void => {
    if (delay === 0) act()
    else setTimeout(act, delay)
  }
  from.on('data', (bytes: Buffer) => later(() => void (to.destroyed || to.write(bytes))))
  from.on('end', () => later(() => void to.end()))
  from.on('close', () => later(() => void to.destroy()))
}
