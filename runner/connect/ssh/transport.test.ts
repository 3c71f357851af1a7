import { createServer, type AddressInfo, type Server } from 'node:net'
import { readFileSync } from 'node:fs'
import ssh2 from 'ssh2'
import type { ParsedKey } from 'ssh2'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Diagnostic } from '../../core/diagnostic.ts'
import { Secret } from '../../core/secret.ts'
import { Unreachable } from '../../core/session.ts'
import type { RemoteProcess } from '../transport.ts'
import { bootKeys } from './boot-keys.ts'
import type { DialWorld } from './dial.ts'
import type { Hop } from './hop.ts'
import { keyring } from './keyring.ts'
import { knownHostsReader } from './known-hosts-file.ts'
import { makeKey, scratch, startAgent, startServer, type TestServer, type TestServerOptions } from './sshd.fixture.ts'
import { openSshTransport, type SshTransport } from './transport.ts'

let files: ReturnType<typeof scratch>
let warnings: Diagnostic[]
let world: DialWorld
const open: { close(): Promise<void> }[] = []
beforeEach(() => {
  files = scratch()
  warnings = []
  world = { keys: keyring(), knownHosts: knownHostsReader(), bootKeys: bootKeys(), warn: (diagnostic) => void warnings.push(diagnostic) }
})
afterEach(async () => {
  for (const each of open.splice(0).reverse()) await each.close()
  files.remove()
})

const userKey = makeKey()

async function server(options: TestServerOptions = {}): Promise<TestServer> {
  const started = await startServer({ authorized: [userKey.public], ...options })
  open.push(started)
  return started
}
function hop(target: { readonly port: number; readonly hostKeyLine?: string }, changes: Partial<Hop> = {}): Hop {
  const known = target.hostKeyLine === undefined ? '' : `[127.0.0.1]:${target.port} ${target.hostKeyLine}\n`
  return {
    name: 'node', address: '127.0.0.1', port: target.port, user: 'root', policy: 'strict', globalKnownHostsFiles: [], hashKnownHosts: false, defaultKeyFiles: [], identitiesOnly: false, agent: null,
    methods: ['publickey', 'password', 'keyboard-interactive'], connectTimeout: 5, keepalive: { seconds: 15, count: 3 },
    knownHostsFiles: [files.file(`known-${target.port}`, known)],
    keyFiles: [files.file('id', userKey.private)],
    ...changes,
  }
}
async function connect(...hops: Hop[]): Promise<SshTransport> {
  const transport = await openSshTransport('node', hops, world)
  open.push(transport)
  return transport
}
async function refusal(...hops: Hop[]): Promise<{ message: string; hint?: string; diagnostics?: readonly Diagnostic[] } & Error> {
  return connect(...hops).then(() => expect.fail('it connected'), (error) => error as never)
}
async function run(transport: SshTransport, command: string, stdin?: string): Promise<{ code: number | null; signal: string | null; stdout: string; stderr: string }> {
  const running = await transport.start(command)
  const heard = collect(running)
  if (stdin !== undefined) await running.write(Buffer.from(stdin))
  running.end()
  return { ...(await running.ended), stdout: heard.stdout(), stderr: heard.stderr() }
}
function collect(running: RemoteProcess): { stdout(): string; stderr(): string } {
  const parts = { stdout: [] as Uint8Array[], stderr: [] as Uint8Array[] }
  running.listen({ stdout: (bytes) => void parts.stdout.push(bytes), stderr: (bytes) => void parts.stderr.push(bytes) })
  return { stdout: () => Buffer.concat(parts.stdout).toString(), stderr: () => Buffer.concat(parts.stderr).toString() }
}

describe('a command over SSH', () => {
  it('speaks with the runner and tells how it ended', async () => {
    const transport = await connect(hop(await server()))
    expect(await run(transport, 'cat; echo oops >&2; exit 255', 'hello')).toEqual({ code: 255, signal: null, stdout: 'hello', stderr: 'oops\n' })
    expect(await run(transport, 'kill -9 $$')).toMatchObject({ code: null, signal: 'KILL' })
  })

  it('carries what is larger than a window both ways', async () => {
    const transport = await connect(hop(await server()))
    const running = await transport.start('cat')
    const heard = collect(running)
    const block = Buffer.alloc(1 << 20, 'x')
    for (let index = 0; index < 8; index++) await running.write(block)
    running.end()
    expect(await running.ended).toEqual({ code: 0, signal: null })
    expect(heard.stdout().length).toBe(8 << 20)
    expect(running.counted()).toEqual({ sent: 8 << 20, received: 8 << 20 })
  })

  it('ends when a child still holds its output', async () => {
    const transport = await connect(hop(await server()))
    const before = Date.now()
    expect(await run(transport, 'sleep 20 & echo started')).toMatchObject({ code: 0, stdout: 'started\n' })
    expect(Date.now() - before).toBeLessThan(15_000)
  })

  it('is killed with its group', async () => {
    const transport = await connect(hop(await server()))
    const mark = `${files.folder}/alive`
    const running = await transport.start(`sh -c 'sleep 1; touch ${mark}' & echo up; wait`)
    await new Promise<void>((resolve) => running.listen({ stdout: () => resolve(), stderr: () => {} }))
    running.kill()
    expect(await running.ended).toMatchObject({ code: null, signal: 'KILL' })
    await new Promise((resolve) => setTimeout(resolve, 1300))
    expect(() => readFileSync(mark)).toThrow()
  })

  it('says lost, not 0, when the connection is cut', async () => {
    const started = await server()
    const transport = await connect(hop(started))
    const running = await transport.start('sleep 20')
    running.listen({ stdout: () => {}, stderr: () => {} })
    for (const each of started.connections) each.end()
    const error = await running.ended.then(() => null, (reason: unknown) => reason)
    expect(error).toBeInstanceOf(Unreachable)
    expect((error as Unreachable).midway).toBe(true)
    expect(transport.lost).toBe(true)
    expect(await transport.start('true').catch((reason: Unreachable) => reason.midway)).toBe(false)
  })

  it('queues beyond the sessions that the server takes', async () => {
    const narrow = await server({ maxSessions: 2 })
    const transport = await connect(hop(narrow))
    const results = await Promise.all(Array.from({ length: 7 }, (_, index) => run(transport, `sleep 0.1; echo ${index}`)))
    expect(results.map((each) => each.stdout.trim())).toEqual(['0', '1', '2', '3', '4', '5', '6'])
    expect(narrow.mostSessions).toBe(2)
    const wide = await server({ maxSessions: 100 })
    const other = await connect(hop(wide))
    await Promise.all(Array.from({ length: 25 }, () => run(other, 'sleep 0.1')))
    expect(wide.mostSessions).toBe(10)
  })

  it('is stopped by its signal, before and while it runs', async () => {
    const transport = await connect(hop(await server()))
    const stop = new AbortController()
    const running = await transport.start('sleep 20', stop.signal)
    stop.abort()
    expect(await running.ended).toMatchObject({ signal: 'KILL' })
    await expect(transport.start('true', stop.signal)).rejects.toBeInstanceOf(Unreachable)
  })

  it('is stopped while it waits for its turn, and gives the turn back', async () => {
    const narrow = await server({ maxSessions: 1 })
    const transport = await connect(hop(narrow))
    const stop = new AbortController()
    const first = await transport.start('sleep 0.3')
    await run(transport, 'true').catch(() => expect.fail('the queue is broken'))
    const second = await transport.start('sleep 20')
    const waiting = transport.start('true', stop.signal).catch((error: unknown) => error)
    stop.abort()
    expect(await waiting).toBeInstanceOf(Unreachable)
    second.kill()
    expect(await run(transport, 'echo next')).toMatchObject({ stdout: 'next\n' })
    await first.ended
  })

  it('is refused in words when the server runs no commands', async () => {
    const transport = await connect(hop(await server({ refuseExec: true })))
    await expect(transport.start('true')).rejects.toThrow(/runs no commands/)
  })
})

describe('signing in', () => {
  it('uses rsa, ecdsa and encrypted keys, and asks for a passphrase once', async () => {
    const rsa = makeKey('rsa')
    const ecdsa = makeKey('ecdsa')
    const locked = makeKey('ed25519', 'open sesame')
    let asked = 0
    world = { ...world, keys: keyring(async () => (asked++, new Secret('typed', 'open sesame'))) }
    for (const key of [rsa, ecdsa, locked, locked]) {
      const target = await server({ authorized: [key.public] })
      const transport = await connect(hop(target, { keyFiles: [files.file('key', key.private)] }))
      expect(await run(transport, 'echo in')).toMatchObject({ stdout: 'in\n' })
    }
    expect(asked).toBe(1)
  })

  it('never asks for the passphrase of a key that the server would not take', async () => {
    const locked = makeKey('ed25519', 'secret')
    world = { ...world, keys: keyring(async () => expect.fail('it asked')) }
    const target = await server()
    await connect(hop(target, { keyFiles: [files.file('locked', locked.private), files.file('id2', userKey.private)] }))
    expect(target.attempts).toEqual(['none', 'publickey', 'publickey', 'publickey'])
  })

  it('takes the passphrase from the inventory', async () => {
    const locked = makeKey('rsa', 'hush')
    const target = await server({ authorized: [locked.public] })
    await connect(hop(target, { keyFiles: [files.file('locked', locked.private)], keyPassphrase: new Secret('key_passphrase', 'hush') }))
    world = { ...world, keys: keyring() }
    const wrong = await refusal(hop(target, { keyFiles: [files.file('locked', locked.private)], keyPassphrase: new Secret('key_passphrase', 'canary-wrong') }))
    expect(wrong.message).toMatch(/the passphrase from key_passphrase does not open it/)
    expect(wrong.message).not.toContain('canary-wrong')
  })

  it('takes the keys of an agent, named ones first and with IdentitiesOnly alone', async () => {
    const [wanted, stray] = [makeKey('rsa'), makeKey()]
    const socket = `${files.folder}/agent`
    open.push(await startAgent(socket, [stray.private, wanted.private]))
    const target = await server({ authorized: [wanted.public] })
    await connect(hop(target, { agent: socket, keyFiles: [] }))
    expect(target.attempts).toEqual(['none', 'publickey', 'publickey', 'publickey'])
    // The public half names the key, the agent signs.
    await connect(hop(target, { agent: socket, keyFiles: [files.file('wanted.pub', wanted.public)], identitiesOnly: true }))
    expect(target.attempts.slice(4)).toEqual(['none', 'publickey', 'publickey'])
    const error = await refusal(hop(target, { agent: socket, keyFiles: [files.file('id', userKey.private)], identitiesOnly: true }))
    expect(error.message).not.toContain('agent key')
    const gone = await refusal(hop(target, { agent: `${files.folder}/none`, keyFiles: [] }))
    expect(gone.message).toMatch(/the agent at .* did not answer/)
  })

  it('reads PKCS#8 and PEM keys, with and without a passphrase', async () => {
    const { generateKeyPairSync } = await import('node:crypto')
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const passphrase = 'hush'
    const forms = [
      privateKey.export({ type: 'pkcs8', format: 'pem' }),
      privateKey.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase }),
      privateKey.export({ type: 'sec1', format: 'pem', cipher: 'aes-128-cbc', passphrase }),
    ]
    const parsed = ssh2.utils.parseKey(privateKey.export({ type: 'sec1', format: 'pem' }) as string) as ParsedKey
    const target = await server({ authorized: [`${parsed.type} ${parsed.getPublicSSH().toString('base64')}`] })
    for (const [index, form] of forms.entries()) {
      await connect(hop(target, { keyFiles: [files.file(`form-${index}`, form as string)], keyPassphrase: new Secret('key_passphrase', passphrase) }))
    }
  })

  it('follows a server that wants a key and then a password, or a prompt', async () => {
    for (const second of ['password', 'keyboard-interactive'] as const) {
      const target = await server({ steps: ['publickey', second], password: 'pw' })
      const transport = await connect(hop(target, { password: new Secret('ssh_pass', 'pw') }))
      expect(await run(transport, 'echo in')).toMatchObject({ stdout: 'in\n' })
    }
  })

  it('says what was tried and what is still offered, and sends a wrong password once', async () => {
    const target = await server({ authorized: [makeKey().public], password: 'right' })
    const error = await refusal(hop(target, { password: new Secret('ssh_pass', 'canary-pw') }))
    expect(error).toBeInstanceOf(Unreachable)
    expect(error.message).toMatch(/root@127\.0\.0\.1:\d+ refused the login: tried .*\/id, the password; it still offers publickey, password/)
    expect(error.message).not.toContain('canary-pw')
    expect(target.attempts.filter((each) => each === 'password').length).toBe(1)
  })

  it('names a key file that it did not use', async () => {
    const target = await server()
    const error = await refusal(hop(target, { keyFiles: [files.file('open', userKey.private, 0o644), `${files.folder}/none`] }))
    expect(error.message).toMatch(/open: its mode is 0644/)
    expect(error.message).toMatch(/none: there is no such file/)
  })

  it('shows the banner of a server that closes without a reason', async () => {
    const target = await server({
      server: { banner: '\u001b[31mSystem is booting up.\u001b[0m See pam_nologin(8)' },
      onAuth: (_context, connection) => (connection.end(), true),
    })
    const error = await refusal(hop(target))
    expect(error.message).toContain('System is booting up.')
    expect(error.message).not.toContain('\u001b')
  })
})

describe('host keys', () => {
  it('refuses an unknown, a changed and a revoked key with what to do', async () => {
    const target = await server()
    const place = `[127.0.0.1]:${target.port}`
    const unknown = await refusal(hop({ port: target.port }))
    expect(unknown.diagnostics?.[0]).toMatchObject({ code: 'connect/host-key-unknown', host: 'node' })
    const other = makeKey().public
    const changed = await refusal(hop({ port: target.port, hostKeyLine: other }, { policy: 'accept-new' }))
    expect(changed.diagnostics?.[0]?.code).toBe('connect/host-key-changed')
    const revoked = await refusal(hop(target, { policy: 'off', knownHostsFiles: [files.file('revoked', `@revoked * ${target.hostKeyLine}\n${place} ${target.hostKeyLine}\n`)] }))
    expect(revoked.diagnostics?.[0]?.code).toBe('connect/host-key-revoked')
    const authority = await refusal(hop(target, { policy: 'accept-new', knownHostsFiles: [files.file('ca', `@cert-authority * ${target.hostKeyLine}\n`)] }))
    expect(authority.diagnostics?.[0]?.code).toBe('connect/host-key-authority')
  })

  it('accepts a new key once and writes it down', async () => {
    const target = await server()
    const file = files.file('kh', 'other ssh-ed25519 AAAA')
    await connect(hop(target, { policy: 'accept-new', knownHostsFiles: [file] }))
    const [, blob] = target.hostKeyLine.split(' ')
    expect(readFileSync(file, 'utf8')).toBe(`other ssh-ed25519 AAAA\n[127.0.0.1]:${target.port} ssh-ed25519 ${blob}\n`)
    await connect(hop(target, { knownHostsFiles: [file] }))
  })

  it('is loud when it does not check', async () => {
    await connect(hop({ port: (await server()).port }, { policy: 'off' }))
    expect(warnings.map((each) => each.code)).toEqual(['connect/host-key-unchecked'])
  })

  it('takes a new key once of a host that the run has booted', async () => {
    const old = await server()
    const mine = hop(old, { policy: 'new-after-boot' })
    await (await openSshTransport('node', [mine], world)).close()
    await old.close()
    open.splice(open.indexOf(old), 1)
    const fresh = await server({ port: old.port })
    expect((await refusal(mine)).diagnostics?.[0]?.code).toBe('connect/host-key-changed')
    world.bootKeys.allow('node')
    await connect(mine)
    expect(warnings.map((each) => each.code)).toEqual(['connect/host-key-after-boot'])
    await connect(mine)
    await fresh.close()
    open.splice(open.indexOf(fresh), 1)
    await server({ port: old.port })
    expect((await refusal(mine)).diagnostics?.[0]?.code).toBe('connect/host-key-changed')
  })
})

describe('the way to a host', () => {
  it('leads through jumps, each with its own key and user, shared and closed at the end', async () => {
    const gateKey = makeKey('ecdsa')
    const [gate, inner, node] = [await server({ authorized: [gateKey.public] }), await server(), await server()]
    const way = [hop(gate, { name: 'gate', user: 'jumper', keyFiles: [files.file('gate-key', gateKey.private)] }), hop(inner, { name: 'inner' }), hop(node)]
    const transport = await openSshTransport('node', way, world)
    expect(await run(transport, 'echo behind')).toMatchObject({ stdout: 'behind\n' })
    const ends = Promise.all([gate, inner].map((each) => new Promise((resolve) => each.connections[0]!.on('close', resolve as () => void))))
    await transport.close()
    await ends
    const stranger = await refusal(hop({ port: gate.port }, { name: 'gate' }), hop(node))
    expect(stranger.diagnostics?.[0]).toMatchObject({ code: 'connect/host-key-unknown', host: 'gate' })
    const closedGate = await server({ forwarding: false })
    expect((await refusal(hop(closedGate, { name: 'gate' }), hop(node))).message).toMatch(/gate .* opens no way to 127\.0\.0\.1/)
  })

  it('tries again while the server hangs up before its banner', async () => {
    const target = await server()
    let drops = 0
    const front: Server = createServer(async (socket) => {
      socket.on('error', () => {})
      if (drops++ < 2) return void socket.destroy()
      const { connect: dialTo } = await import('node:net')
      const back = dialTo(target.port, '127.0.0.1')
      back.on('error', () => {})
      socket.pipe(back).pipe(socket)
    })
    await new Promise<void>((resolve) => front.listen(0, '127.0.0.1', resolve))
    const { port } = front.address() as AddressInfo
    const transport = await connect(hop({ port, hostKeyLine: target.hostKeyLine }))
    expect(await run(transport, 'echo in')).toMatchObject({ stdout: 'in\n' })
    expect(drops).toBe(3)
    front.close()
  })

  it('says what is wrong with a port', async () => {
    const web: Server = createServer((socket) => void socket.on('error', () => {}).end('HTTP/1.1 400 Bad Request\r\n\r\n'))
    const silent: Server = createServer(() => {})
    for (const each of [web, silent]) await new Promise<void>((resolve) => each.listen(0, '127.0.0.1', resolve))
    expect((await refusal(hop(web.address() as AddressInfo))).message).toMatch(/no SSH server: it said "HTTP\/1\.1 400 Bad Request"/)
    expect((await refusal(hop(silent.address() as AddressInfo, { connectTimeout: 0.3 }))).message).toMatch(/no login within 0\.3 seconds/)
    const { port } = web.address() as AddressInfo
    web.close()
    silent.close()
    expect((await refusal(hop({ port }))).message).toMatch(/connection refused/)
  })
})
