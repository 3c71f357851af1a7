import { afterEach, beforeEach, expect } from 'vitest'
import type { Diagnostic } from '../../model/diagnostic.ts'
import type { RemoteProcess } from '../transport.ts'
import { bootKeys } from './boot-keys.ts'
import type { DialWorld } from './dial-world.ts'
import type { Hop } from './hop.ts'
import { keyring, type AskPassphrase } from './keyring.ts'
import { knownHostsReader } from './openssh-files/known-hosts-file.ts'
import { createPace } from './login-pace.ts'
import {
  makeKey,
  scratch,
  startServer,
  type TestServer,
  type TestServerOptions,
} from './sshd.fixture.ts'
import { openSshTransport, type SshTransport } from './ssh2-transport.ts'

/** The key that test servers let in unless they are told otherwise. */
export const userKey = makeKey()

/** What one test works with: files, warnings, servers and connections, all gone after it. */
export interface Bench {
  readonly files: ReturnType<typeof scratch>
  readonly warnings: Diagnostic[]
  world: DialWorld
  readonly open: { close(): Promise<void> }[]
}

/** The bench of the running test. */
export const bench: Bench = {
  files: { folder: '', file: () => '', remove: () => {} },
  warnings: [],
  world: {} as DialWorld,
  open: [],
}

beforeEach(() => {
  Object.assign(bench, { files: scratch(), warnings: [] })
  useKeys()
})
afterEach(async () => {
  for (const each of bench.open.splice(0).reverse()) await each.close()
  bench.files.remove()
})

/** A new keyring, with somebody who may be asked. */
export function useKeys(ask?: AskPassphrase): void {
  bench.world = {
    keys: keyring(ask),
    pace: createPace(50),
    knownHosts: knownHostsReader(),
    bootKeys: bootKeys(),
    warn: (diagnostic) => void bench.warnings.push(diagnostic),
  }
}

/** A server that closes with the test. */
export async function server(options: TestServerOptions = {}): Promise<TestServer> {
  const started = await startServer({ authorized: [userKey.public], ...options })
  bench.open.push(started)
  return started
}

/** Close a server before its test ends. */
export async function stop(started: TestServer): Promise<void> {
  bench.open.splice(bench.open.indexOf(started), 1)
  await started.close()
}

/** The way to a server, its key known when it is given. */
export function hop(
  target: { readonly port: number; readonly hostKeyLine?: string },
  changes: Partial<Hop> = {},
): Hop {
  const known =
    target.hostKeyLine === undefined ? '' : `[127.0.0.1]:${target.port} ${target.hostKeyLine}\n`
  return {
    name: 'node',
    address: '127.0.0.1',
    port: target.port,
    user: 'root',
    policy: 'strict',
    globalKnownHostsFiles: [],
    hashKnownHosts: false,
    checkHostIp: false,
    requiredRsaSize: 1024,
    home: bench.files.folder,
    signatureAlgorithms: ['ssh-ed25519', 'ecdsa-sha2-nistp256', 'rsa-sha2-512', 'rsa-sha2-256'],
    defaultKeyFiles: [],
    identitiesOnly: false,
    agent: null,
    methods: ['publickey', 'password', 'keyboard-interactive'],
    connectTimeout: 5,
    keepalive: { seconds: 15, count: 3 },
    knownHostsFiles: [bench.files.file(`known-${target.port}`, known)],
    keyFiles: [bench.files.file('id', userKey.private)],
    ...changes,
  }
}

/** Connect through these hops. */
export async function connect(...hops: Hop[]): Promise<SshTransport> {
  const transport = await openSshTransport('node', hops, bench.world)
  bench.open.push(transport)
  return transport
}

/** The error that connecting ends with. */
export async function refusal(
  ...hops: Hop[]
): Promise<{ message: string; hint?: string; diagnostics?: readonly Diagnostic[] } & Error> {
  return connect(...hops).then(
    () => expect.fail('it connected'),
    (error) => error as never,
  )
}

/** Run a command to its end. */
export async function run(
  transport: SshTransport,
  command: string,
  stdin?: string,
): Promise<{ code: number | null; signal: string | null; stdout: string; stderr: string }> {
  const running = await transport.start(command)
  const heard = collect(running)
  if (stdin !== undefined) await running.write(Buffer.from(stdin))
  running.end()
  return { ...(await running.ended), stdout: heard.stdout(), stderr: heard.stderr() }
}

/** Keeps what a command prints. */
export function collect(running: RemoteProcess): { stdout(): string; stderr(): string } {
  const parts = { stdout: [] as Uint8Array[], stderr: [] as Uint8Array[] }
  running.listen({
    stdout: (bytes) => void parts.stdout.push(bytes),
    stderr: (bytes) => void parts.stderr.push(bytes),
  })
  return {
    stdout: () => Buffer.concat(parts.stdout).toString(),
    stderr: () => Buffer.concat(parts.stderr).toString(),
  }
}
