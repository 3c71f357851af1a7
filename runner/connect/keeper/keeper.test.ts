import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { text } from '../../contract/probe.ts'
import type { Diagnostic } from '../../model/diagnostic.ts'
import type { ConnectionSettings, Host, Inventory } from '../../model/host.ts'
import { createConnections } from '../connections.ts'
import {
  makeKey,
  startServer,
  type TestServer,
  type TestServerOptions,
} from '../ssh/sshd.fixture.ts'
import { folderFault, leaveCard, newCard, readCard } from './keeper-card.ts'
import { greetPresent } from './find-keeper.ts'
import type { KeeperFinder } from './kept-host.ts'
import { serveKeeper } from './keeper-server.ts'

const userKey = makeKey()
let folder: string
let warnings: Diagnostic[]
const closing: (() => Promise<unknown> | void)[] = []

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'keeper-'))
  warnings = []
})
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
  rmSync(folder, { recursive: true, force: true })
})

const keeperIn = (): string => join(folder, 'k')

/** A keeper in this process; what it gives ends it. */
async function startKeeper(): Promise<() => Promise<void>> {
  let served: Promise<void> = Promise.resolve()
  await new Promise<void>((resolve, reject) => {
    served = serveKeeper({ folder: keeperIn(), build: 'b', listening: () => resolve() })
    served.catch(reject)
  })
  const end = async (): Promise<void> => {
    const keeper = await greetPresent(keeperIn(), looker)
    await keeper?.dismiss()
    await served
  }
  closing.push(end)
  return end
}

const looker = {
  build: 'b',
  keep: 0,
  warn: () => undefined,
}
const finder =
  (keep = 60_000): KeeperFinder =>
  (warn) =>
    greetPresent(keeperIn(), { build: 'b', keep, warn })

async function server(options: TestServerOptions = {}): Promise<TestServer> {
  const started = await startServer({ authorized: [userKey.public], ...options })
  closing.push(() => started.close())
  return started
}

function file(name: string, content: string): string {
  const path = join(folder, name)
  writeFileSync(path, content, { mode: 0o600 })
  return path
}

const knownLine = (to: TestServer): string => `[127.0.0.1]:${to.port} ${to.hostKeyLine}\n`

function hostAt(to: TestServer, more: Partial<ConnectionSettings> = {}): Host {
  if (!existsSync(join(folder, 'known'))) file('known', knownLine(to))
  if (!existsSync(join(folder, 'id'))) file('id', userKey.private)
  return {
    name: 'h',
    groups: [],
    vars: {},
    connection: {
      kind: 'ssh',
      address: '127.0.0.1',
      port: to.port,
      user: 'root',
      keyFiles: [join(folder, 'id')],
      knownHostsFile: join(folder, 'known'),
      ...more,
    },
  }
}

function connectionsOf(
  host: Host,
  keeper: KeeperFinder,
  sshConfigFile = 'none',
): ReturnType<typeof createConnections> {
  const inventory: Inventory = {
    hosts: new Map([[host.name, host]]),
    groups: new Map(),
    services: new Map(),
    select: () => [host],
  }
  return createConnections({
    inventory,
    env: {},
    sshConfigFile,
    warn: (diagnostic) => warnings.push(diagnostic),
    keeper,
  })
}

/** A run that reads a file of the host. */
async function run(host: Host, keeper = finder(), sshConfigFile = 'none'): Promise<string> {
  const connections = connectionsOf(host, keeper, sshConfigFile)
  try {
    const session = await connections.session({ host }, null)
    const { readings } = await session.exchange({ probes: [text('/proc/sys/kernel/ostype')] })
    return (readings[0] as { readonly text: string }).text.trim()
  } finally {
    await connections.closeAll()
  }
}

describe('kept connections', () => {
  it('cost the next run no login', async () => {
    await startKeeper()
    const to = await server()
    for (let i = 0; i < 3; i++) expect(await run(hostAt(to))).toBe('Linux')
    expect(to.connections).toHaveLength(1)
  })

  it('are shared by two runs at once', async () => {
    await startKeeper()
    const to = await server()
    const both = await Promise.all([run(hostAt(to)), run(hostAt(to))])
    expect(both).toEqual(['Linux', 'Linux'])
    expect(to.connections).toHaveLength(1)
  })

  it('are listed, and closed when that is asked for', async () => {
    const end = await startKeeper()
    const to = await server()
    await run(hostAt(to))
    const keeper = await greetPresent(keeperIn(), looker)
    expect(await keeper!.list()).toMatchObject([
      { name: 'h', to: `root@127.0.0.1:${to.port}`, users: 0 },
    ])
    keeper!.close()
    await end()
    expect(await greetPresent(keeperIn(), looker)).toBeNull()
    expect(readCard(keeperIn())).toBeNull()
  })

  it('are closed when their time is over', async () => {
    await startKeeper()
    const to = await server()
    await run(hostAt(to), finder(0))
    await expect.poll(() => to.connections.length).toBe(1)
    const keeper = await greetPresent(keeperIn(), looker)
    await expect.poll(() => keeper!.list()).toEqual([])
    keeper!.close()
  })

  it('are not used where there is no keeper', async () => {
    const to = await server()
    expect(await run(hostAt(to))).toBe('Linux')
    expect(await run(hostAt(to))).toBe('Linux')
    expect(to.connections).toHaveLength(2)
  })
})

describe('what a login rests on', () => {
  it.each<[string, (to: TestServer) => Partial<ConnectionSettings> | void]>([
    ['another user', () => ({ user: 'admin' })],
    ['a key file that was written again', () => void file('id', userKey.private)],
    [
      'a key file of another date',
      () => utimesSync(join(folder, 'id'), new Date(1e12), new Date(1e12)),
    ],
    [
      'another line for the host in known_hosts',
      (to) => void file('known', `${knownLine(to)}[127.0.0.1]:${to.port} ${makeKey().public}\n`),
    ],
  ])('%s makes a new login', async (_what, change) => {
    await startKeeper()
    const to = await server()
    await run(hostAt(to))
    const settings = change(to) ?? {}
    expect(await run(hostAt(to, settings))).toBe('Linux')
    expect(to.connections).toHaveLength(2)
  })

  it('a line of known_hosts for another host changes nothing', async () => {
    await startKeeper()
    const to = await server()
    await run(hostAt(to))
    file('known', `elsewhere ${makeKey().public}\n${knownLine(to)}`)
    await run(hostAt(to))
    expect(to.connections).toHaveLength(1)
  })

  it('another line of ssh_config makes a new login', async () => {
    await startKeeper()
    const to = await server()
    const config = file('config', 'Host 127.0.0.1\n  ServerAliveInterval 7\n')
    await run(hostAt(to), finder(), config)
    await run(hostAt(to), finder(), config)
    expect(to.connections).toHaveLength(1)
    file('config', 'Host 127.0.0.1\n  ServerAliveInterval 9\n')
    await run(hostAt(to), finder(), config)
    expect(to.connections).toHaveLength(2)
  })

  it('a host whose known key is gone or revoked is refused as before', async () => {
    await startKeeper()
    const to = await server()
    await run(hostAt(to))
    file('known', '')
    await expect(run(hostAt(to))).rejects.toMatchObject({
      diagnostics: [{ code: 'connect/host-key-unknown' }],
    })
    file('known', `@revoked ${knownLine(to)}${knownLine(to)}`)
    await expect(run(hostAt(to))).rejects.toMatchObject({
      diagnostics: [{ code: 'connect/host-key-revoked' }],
    })
    file('known', knownLine(to))
    expect(await run(hostAt(to))).toBe('Linux')
  })

  it('a new key is written down once under accept-new, and its connection kept', async () => {
    await startKeeper()
    const to = await server()
    file('known', '')
    const host = hostAt(to, { hostKeys: 'accept-new' })
    await run(host)
    await run(host)
    expect(to.connections).toHaveLength(1)
  })

  it('a password, and keys that are not checked, keep nothing', async () => {
    const { Secret } = await import('../../contract/secret.ts')
    const end = await startKeeper()
    const to = await server({ password: 'open sesame' })
    const typed = hostAt(to, { password: new Secret('password', 'open sesame'), keyFiles: [] })
    await run(typed)
    await run(typed)
    await run(hostAt(to, { hostKeys: 'off' }))
    expect(to.connections).toHaveLength(3)
    const keeper = await greetPresent(keeperIn(), looker)
    expect(await keeper!.list()).toEqual([])
    keeper!.close()
    await end()
  })

  it('a key with a passphrase is asked for by the run, not by the keeper', async () => {
    await startKeeper()
    const locked = makeKey('ed25519', 'words')
    const to = await server({ authorized: [locked.public] })
    file('id', locked.private)
    await expect(run(hostAt(to))).rejects.toThrow(/encrypted and no passphrase is at hand/)
  })
})

describe('a connection that died while it was kept', () => {
  it('is replaced without a word when the host hung up', async () => {
    await startKeeper()
    const to = await server()
    await run(hostAt(to))
    for (const connection of to.connections) connection.end()
    expect(await run(hostAt(to))).toBe('Linux')
    expect(to.connections).toHaveLength(2)
    expect(warnings).toEqual([])
  })

  it('is replaced when the host has booted and answers nothing on it', async () => {
    await startKeeper()
    const to = await server()
    // A relay that falls silent is a host that lost its power.
    const { relay, silence } = await silentRelay(to.port)
    file('known', `[127.0.0.1]:${relay} ${to.hostKeyLine}\n`)
    const host = hostAt(to, { port: relay })
    await run(host)
    silence()
    await new Promise((resolve) => setTimeout(resolve, 1100))
    expect(await run(host)).toBe('Linux')
    expect(to.connections).toHaveLength(2)
  })

  it('is reported as unreachable when the host is gone', async () => {
    await startKeeper()
    const to = await server()
    const host = hostAt(to, { connectTimeout: 2 })
    await run(host)
    await to.close()
    await expect(run(host)).rejects.toMatchObject({ name: 'Unreachable', host: 'h' })
  })
})

describe('a keeper that ends in the middle', () => {
  it('leaves a reading to the run, which logs in by itself', async () => {
    const end = await startKeeper()
    const to = await server()
    const host = hostAt(to)
    const connections = connectionsOf(host, finder())
    const session = await connections.session({ host }, null)
    const gate = join(folder, 'gate')
    const script = `until [ -e ${gate} ] || [ ! -e ${folder} ]; do sleep 0.1; done; echo read`
    const slow = session.exchange({
      probes: [{ read: 'exec', argv: ['sh', '-c', script], exits: [0] }],
    })
    await expect.poll(() => to.sessions).toBe(1)
    await end()
    writeFileSync(gate, '')
    const { readings } = await slow
    expect(readings[0]).toMatchObject({ stdout: 'read\n' })
    expect(to.connections).toHaveLength(2)
    await connections.closeAll()
  })

  it('leaves a change as one that may have been made', async () => {
    const end = await startKeeper()
    const to = await server()
    const host = hostAt(to)
    const connections = connectionsOf(host, finder())
    const session = await connections.session({ host }, null)
    const slow = session.exchange({
      probes: [],
      apply: { guards: [], actions: [{ do: 'exec', argv: ['sleep', '5'] }] },
    })
    const failing = expect(slow).rejects.toMatchObject({ name: 'Unreachable', midway: true })
    await expect.poll(() => to.sessions).toBe(1)
    await end()
    await failing
    await connections.closeAll()
  })
})

describe('the folder of a keeper', () => {
  it('is private, and so are its card and its socket', async () => {
    await startKeeper()
    const card = readCard(keeperIn())!
    expect(lstatSync(keeperIn()).mode & 0o777).toBe(0o700)
    expect(lstatSync(join(keeperIn(), 'card')).mode & 0o777).toBe(0o600)
    expect(lstatSync(card.socket).mode & 0o777).toBe(0o600)
  })

  it('is not used when others may enter it, or when it is a link', () => {
    mkdirSync(keeperIn(), { mode: 0o755 })
    chmodSync(keeperIn(), 0o755)
    expect(folderFault(keeperIn())).toMatch(/others may enter/)
    symlinkSync('/tmp', join(folder, 'link'))
    expect(folderFault(join(folder, 'link'))).toMatch(/is not a folder/)
    expect(folderFault(join(folder, 'new'))).toBeNull()
  })

  it.runIf(process.getuid?.() === 0)('is not used when it belongs to another user', async () => {
    const { chownSync } = await import('node:fs')
    mkdirSync(keeperIn(), { mode: 0o700 })
    chownSync(keeperIn(), 65534, 65534)
    expect(folderFault(keeperIn())).toBe(`${keeperIn()} belongs to user 65534`)
    leaveCard(keeperIn(), newCard(keeperIn(), 'b'))
    expect(readCard(keeperIn())).toBeNull()
  })

  it('whose socket is answered by one who cannot read the card gets nothing', async () => {
    expect(folderFault(keeperIn())).toBeNull()
    const card = newCard(keeperIn(), 'b')
    leaveCard(keeperIn(), card)
    const heard: string[] = []
    const liar = createServer((socket) =>
      socket.on('data', (bytes) => {
        heard.push(bytes.toString('latin1'))
        socket.write(bytes)
      }),
    ).listen(card.socket)
    closing.push(() => void liar.close())
    const to = await server()
    expect(await run(hostAt(to))).toBe('Linux')
    expect(heard.join('')).not.toContain('127.0.0.1')
  })

  it('serves nothing to one who cannot read the card', async () => {
    await startKeeper()
    const { connect } = await import('node:net')
    const { frame, kinds } = await import('./frames.ts')
    const socket = connect(readCard(keeperIn())!.socket)
    const said: Buffer[] = []
    socket.on('data', (bytes: Buffer) => said.push(bytes))
    const closed = new Promise<void>((resolve) => socket.on('close', () => resolve()))
    socket.on('error', () => undefined)
    socket.write(frame(kinds.hello, 0, JSON.stringify({ proof: '0'.repeat(64), keep: 1 })))
    socket.write(frame(kinds.list, 1))
    await closed
    expect(Buffer.concat(said).length).toBe(0)
  })

  it('that another build left is not spoken to', async () => {
    await startKeeper()
    expect(await greetPresent(keeperIn(), { ...looker, build: 'another' })).toBeNull()
  })
})

/** A port before another one, and what makes what is open by then fall silent; what comes later is carried. */
async function silentRelay(port: number): Promise<{ readonly relay: number; silence(): void }> {
  const { connect } = await import('node:net')
  let silent = new Set<object>()
  const open = new Set<import('node:net').Socket>()
  const relay = createServer((client) => {
    const host = connect(port, '127.0.0.1')
    for (const [from, to] of [
      [client, host],
      [host, client],
    ] as const) {
      open.add(from)
      from.on('error', () => undefined)
      from.on('data', (bytes: Buffer) => void (silent.has(client) || to.write(bytes)))
      from.on('close', () => void (silent.has(client) || to.destroy()))
    }
  }).listen(0, '127.0.0.1')
  await new Promise((resolve) => relay.once('listening', resolve))
  closing.push(() => {
    for (const socket of open) socket.destroy()
    relay.close()
  })
  return {
    relay: (relay.address() as import('node:net').AddressInfo).port,
    silence: () => void (silent = new Set(open)),
  }
}
