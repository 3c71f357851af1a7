import http from 'node:http'
import https from 'node:https'
import { createServer, type AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { DiagnosticError, type Diagnostic } from '../model/diagnostic.ts'
import type { ConnectionSettings, Host, Inventory, Service } from '../model/host.ts'
import { ask, get, text } from '../contract/probe.ts'
import { Unreachable } from '../model/session.ts'
import { createConnections, type ConnectionOptions } from './connections.ts'
import { testCertificate, testKey } from './http/tls.fixture.ts'
import { makeKey, scratch, startServer, type TestServer } from './ssh/sshd.fixture.ts'

const userKey = makeKey()
let files: ReturnType<typeof scratch>
let warnings: Diagnostic[]
const closing: (() => Promise<unknown> | void)[] = []
beforeEach(() => {
  files = scratch()
  warnings = []
})
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
  files.remove()
})

async function sshServer(): Promise<TestServer> {
  const server = await startServer({ authorized: [userKey.public] })
  closing.push(() => server.close())
  return server
}
/** Cuts the first connection, and waits until both ends know it. */
async function cut(server: TestServer): Promise<void> {
  const [connection] = server.connections
  const gone = new Promise<void>((resolve) => connection!.once('close', () => resolve()))
  connection!.end()
  await gone
}
function host(
  name: string,
  server: { readonly port: number; readonly hostKeyLine?: string },
  more: Partial<ConnectionSettings> = {},
): Host {
  const knownHostsFile = files.file(
    `known-${name}`,
    server.hostKeyLine === undefined ? '' : `[127.0.0.1]:${server.port} ${server.hostKeyLine}\n`,
  )
  return {
    name,
    groups: [],
    vars: {},
    connection: {
      kind: 'ssh',
      address: '127.0.0.1',
      port: server.port,
      user: 'root',
      keyFiles: [files.file('id', userKey.private)],
      knownHostsFile,
      ...more,
    },
  }
}
function connections(
  hosts: readonly Host[],
  services: readonly Service[] = [],
  more: Partial<ConnectionOptions> = {},
): ReturnType<typeof createConnections> {
  const inventory: Inventory = {
    hosts: new Map(hosts.map((each) => [each.name, each])),
    groups: new Map(),
    services: new Map(services.map((each) => [each.name, each])),
    select: () => hosts,
  }
  const made = createConnections({
    inventory,
    env: {},
    warn: (diagnostic) => void warnings.push(diagnostic),
    sshConfigFile: 'none',
    home: files.folder,
    ...more,
  })
  closing.push(() => made.closeAll())
  return made
}
async function webServer(secure: boolean): Promise<string> {
  const answer = (request: http.IncomingMessage, response: http.ServerResponse): void =>
    void response.end(JSON.stringify({ path: request.url }))
  const server = secure
    ? https.createServer({ key: testKey, cert: testCertificate }, answer)
    : http.createServer(answer)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  closing.push(() => (server.close(), server.closeAllConnections()))
  return `http${secure ? 's' : ''}://127.0.0.1:${(server.address() as AddressInfo).port}`
}

describe('the connections of a run', () => {
  it('read over SSH, all users of a host over one connection', async () => {
    const server = await sshServer()
    const node = host('node', server)
    const made = connections([node])
    expect(server.connections.length).toBe(0)
    const [first, again, other] = await Promise.all([
      made.session({ host: node }, null),
      made.session({ host: node }, null),
      made.session({ host: node }, { user: 'nobody' }),
    ])
    expect(first).toBe(again)
    expect(other).not.toBe(first)
    const path = files.file('motd', 'welcome\n')
    const { readings } = await first.exchange({
      probes: [text(path), ask(['sh', '-c', 'exit 3'], [3])],
    })
    expect(readings).toMatchObject([{ text: 'welcome\n' }, { exit: 3 }])
    expect(server.connections.length).toBe(1)
  })

  it('open anew after a loss and after a release', async () => {
    const server = await sshServer()
    const node = host('node', server)
    const made = connections([node])
    const first = await made.session({ host: node }, null)
    await cut(server)
    await expect(first.exchange({ probes: [ask(['true'])] })).rejects.toBeInstanceOf(Unreachable)
    const second = await made.session({ host: node }, null)
    expect(await second.exchange({ probes: [ask(['true'])] })).toMatchObject({
      readings: [{ exit: 0 }],
    })
    await made.release(node)
    await made.session({ host: node }, null)
    expect(server.connections.length).toBe(3)
  })

  it('try again after a failure', async () => {
    const server = await sshServer()
    const unknown = host('node', { port: server.port })
    const made = connections([unknown])
    await expect(made.session({ host: unknown }, null)).rejects.toBeInstanceOf(DiagnosticError)
    files.file('known-node', `[127.0.0.1]:${server.port} ${server.hostKeyLine}\n`)
    await made.session({ host: unknown }, null)
  })

  it('reach the controller itself without SSH', async () => {
    const local: Host = { name: 'here', groups: [], vars: {}, connection: { kind: 'local' } }
    const session = await connections([local]).session({ host: local }, null)
    expect(await session.exchange({ probes: [ask(['echo', 'hi'])] })).toMatchObject({
      readings: [{ stdout: 'hi\n' }],
    })
  })

  it('share the connection to a jump that the inventory knows', async () => {
    const [gate, one, two] = [await sshServer(), await sshServer(), await sshServer()]
    const hosts = [
      host('gate', gate, { user: 'jumper' }),
      host('one', one, { jump: 'gate' }),
      host('two', two, { jump: 'gate' }),
    ]
    const made = connections(hosts)
    await Promise.all(hosts.slice(1).map((each) => made.session({ host: each }, null)))
    expect(gate.connections.length).toBe(1)
    expect(gate.forwards.length).toBe(2)
    const ended = new Promise((resolve) => gate.connections[0]!.on('close', resolve as () => void))
    await made.closeAll()
    await ended
  })

  it('end at once, also in the middle of connecting, and open no more', async () => {
    let met = (): void => {}
    const meeting = new Promise<void>((resolve) => (met = resolve))
    const silent = createServer(() => met())
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
    closing.push(() => void silent.close())
    const node = host(
      'node',
      { port: (silent.address() as AddressInfo).port },
      { connectTimeout: 25 },
    )
    const made = connections([node])
    const pending = made.session({ host: node }, null).catch((error: unknown) => error)
    await meeting
    await made.closeAll()
    expect(await pending).toBeInstanceOf(Unreachable)
    await expect(made.session({ host: node }, null)).rejects.toBeInstanceOf(Unreachable)
  })
})

describe('services', () => {
  it('are asked directly, with TLS verified', async () => {
    const url = await webServer(true)
    const ca = files.file('ca.pem', testCertificate)
    const made = connections(
      [],
      [
        { name: 'good', url, ca },
        { name: 'stranger', url },
        { name: 'loose', url, insecure: true },
        { name: 'broken', url, ca: `${files.folder}/none` },
      ],
    )
    const read = async (service: string): Promise<unknown> =>
      (await made.session({ service }, null)).exchange({ probes: [get(service, '/x')] })
    expect(await read('good')).toMatchObject({ readings: [{ json: { path: '/x' } }] })
    await expect(read('stranger')).rejects.toMatchObject({
      diagnostics: [{ code: 'connect/tls-untrusted' }],
    })
    expect(warnings).toEqual([])
    expect(await read('loose')).toMatchObject({ readings: [{ status: 200 }] })
    expect(warnings.map((each) => each.code)).toEqual(['connect/tls-unverified'])
    await expect(read('broken')).rejects.toMatchObject({ diagnostics: [{ code: 'connect/ca' }] })
    await expect(read('nowhere')).rejects.toMatchObject({
      diagnostics: [{ code: 'connect/service' }],
    })
  })

  it.each([false, true])('are asked through a host, TLS: %s', async (secure) => {
    const server = await sshServer()
    const url = (await webServer(secure)).replace('127.0.0.1', 'localhost')
    const manager = host('manager', server)
    const ca = files.file('ca.pem', testCertificate)
    const made = connections(
      [manager],
      [{ name: 'gw', url, via: 'manager', ...(secure ? { ca } : {}) }],
    )
    const session = await made.session({ service: 'gw' }, null)
    expect(server.connections.length).toBe(0)
    const { readings } = await session.exchange({ probes: [get('gw', '/1'), get('gw', '/2')] })
    expect(readings).toMatchObject([{ json: { path: '/1' } }, { json: { path: '/2' } }])
    expect(await session.exchange({ probes: [get('gw', '/3')] })).toMatchObject({
      readings: [{ json: { path: '/3' } }],
    })
    expect(server.forwards).toEqual(
      Array.from({ length: 2 }, () => `localhost:${new URL(url).port}`),
    )
    await cut(server)
    expect(await session.exchange({ probes: [get('gw', '/4')] })).toMatchObject({
      readings: [{ json: { path: '/4' } }],
    })
    expect(server.connections.length).toBe(2)
  })

  it('say why the way through a host is closed', async () => {
    const server = await sshServer()
    const manager = host('manager', { port: server.port })
    const made = connections([manager], [{ name: 'gw', url: 'http://localhost:1', via: 'manager' }])
    const session = await made.session({ service: 'gw' }, null)
    await expect(session.exchange({ probes: [get('gw', '/x')] })).rejects.toMatchObject({
      diagnostics: [{ code: 'connect/host-key-unknown' }],
    })
    files.file('known-manager', `[127.0.0.1]:${server.port} ${server.hostKeyLine}\n`)
    await expect(session.exchange({ probes: [get('gw', '/x')] })).rejects.toBeInstanceOf(
      Unreachable,
    )
  })
})
