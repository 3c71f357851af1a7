import http from 'node:http'
import https from 'node:https'
import { isIP } from 'node:net'
import type { Duplex } from 'node:stream'
import tls from 'node:tls'
import type { HttpWay } from './http-model.ts'

/** Keeps the connections to one service, for http and for https. */
export interface Agents {
  /** The agent of a request; a fresh one opens a connection for each. */
  agentFor(url: URL, fresh: boolean): http.Agent
  close(): void
}

/** Agents that go the way of the service, through another host where it says so. */
export function agentsFor(way: HttpWay): Agents {
  const trust: tls.ConnectionOptions = {
    ...(way.ca === undefined ? {} : { ca: way.ca }),
    rejectUnauthorized: way.insecure !== true,
  }
  const agentOf = (secure: boolean, keepAlive: boolean): http.Agent => {
    const usual = { keepAlive, maxSockets: 8, maxFreeSockets: 8 }
    const agent = secure ? new https.Agent({ ...usual, ...trust }) : new http.Agent(usual)
    if (way.tunnel !== undefined)
      Object.assign(agent, { createConnection: tunnelled(way.tunnel, secure ? trust : null) })
    return agent
  }
  const plain = { kept: agentOf(false, true), fresh: agentOf(false, false) }
  const secure = { kept: agentOf(true, true), fresh: agentOf(true, false) }
  return {
    agentFor: ({ protocol }, fresh) =>
      (protocol === 'https:' ? secure : plain)[fresh ? 'fresh' : 'kept'],
    close() {
      for (const { kept, fresh } of [plain, secure])
        for (const agent of [kept, fresh]) agent.destroy()
    },
  }
}

/** Opens an agent's connections through another host. The stream comes later: the agent takes it through its callback. */
function tunnelled(
  tunnel: (address: string, port: number) => Promise<Duplex>,
  trust: tls.ConnectionOptions | null,
) {
  return (
    options: { host?: string; port: number },
    done: (error: Error | null, socket?: Duplex) => void,
  ): void => {
    const host = (options.host ?? 'localhost').replace(/^\[|\]$/g, '')
    tunnel(host, Number(options.port)).then((stream) => {
      if (trust === null) return done(null, stream)
      const socket = tls.connect({
        ...trust,
        socket: stream,
        ...(isIP(host) ? {} : { servername: host }),
      })
      socket.once('secureConnect', () => done(null, socket))
      socket.once('error', done)
    }, done)
  }
}
