import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect, createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import ssh2 from 'ssh2'
import type { AuthContext, Connection, NegotiatedAlgorithms, ParsedKey, ServerConfig } from 'ssh2'

/** A key pair as ssh-keygen makes it: private in OpenSSH's form, public as one line. */
export function makeKey(
  type: 'ed25519' | 'rsa' | 'ecdsa' = 'ed25519',
  passphrase?: string,
): { readonly private: string; readonly public: string } {
  const options = {
    ...(type === 'rsa' ? { bits: 2048 } : type === 'ecdsa' ? { bits: 256 } : {}),
    ...(passphrase === undefined ? {} : { passphrase, cipher: 'aes256-ctr', rounds: 4 }),
  }
  for (;;) {
    const pair = ssh2.utils.generateKeyPairSync(type as 'ed25519', options as never)
    // ssh2 1.17 writes a key now and then that it cannot read itself.
    if (!(ssh2.utils.parseKey(pair.private, passphrase) instanceof Error)) return pair
  }
}

/** A server for tests: real commands, real forwarding, on loopback. */
export interface TestServer {
  readonly port: number
  readonly hostKeyLine: string
  /** What clients tried, in order: `publickey`, `password` … */
  readonly attempts: string[]
  readonly connections: Connection[]
  /** What each handshake came to. */
  readonly agreed: NegotiatedAlgorithms[]
  sessions: number
  mostSessions: number
  /** Streams forwarded, as `host:port`. */
  readonly forwards: string[]
  close(): Promise<void>
}

/** How a test server behaves. */
export interface TestServerOptions {
  readonly authorized?: readonly string[]
  readonly password?: string
  /** Every method of the list must succeed, in order. */
  readonly steps?: readonly ('publickey' | 'password' | 'keyboard-interactive')[]
  readonly maxSessions?: number
  readonly hostKey?: ReturnType<typeof makeKey>
  readonly port?: number
  /** `never`: a stream is neither opened nor refused. */
  readonly forwarding?: boolean | 'never'
  readonly server?: Partial<ServerConfig>
  readonly onAuth?: (context: AuthContext, connection: Connection) => boolean
  readonly refuseExec?: boolean
  /** The user that commands run as, where this process may change it; by default that of this process. */
  readonly uid?: number
  /** After the login: it answers no request for a session, or hangs up. */
  readonly afterLogin?: 'silence' | 'hang up'
}

/** Start a server on a free port of 127.0.0.1. */
export async function startServer(options: TestServerOptions = {}): Promise<TestServer> {
  const hostKey = options.hostKey ?? makeKey()
  const state: Omit<TestServer, 'port' | 'close'> = {
    hostKeyLine: hostKey.public,
    attempts: [],
    connections: [],
    agreed: [],
    sessions: 0,
    mostSessions: 0,
    forwards: [],
  }
  const server = new ssh2.Server(
    { ...options.server, hostKeys: [hostKey.private] },
    (connection) => {
      state.connections.push(connection)
      connection.on('error', () => {})
      connection.on('handshake', (negotiated) => state.agreed.push(negotiated))
      let done = 0
      connection.on('authentication', (context) => {
        state.attempts.push(context.method)
        if (options.onAuth?.(context, connection)) return
        const steps = options.steps ?? []
        const wanted = steps[done]
        const offer = wanted
          ? [wanted]
          : [
              ...(options.authorized ? (['publickey'] as const) : []),
              ...(options.password ? (['password'] as const) : []),
            ]
        const accept = (): void => {
          done++
          if (done >= steps.length) context.accept()
          else context.reject([steps[done]!], true)
        }
        if (!offer.includes(context.method as 'password')) return context.reject(offer)
        if (context.method === 'password')
          return context.password === options.password ? accept() : context.reject(offer)
        if (context.method === 'keyboard-interactive')
          return context.prompt([{ prompt: 'Password: ', echo: false }], (answers) =>
            answers[0] === options.password ? accept() : context.reject(offer),
          )
        if (context.method === 'publickey') {
          const key = (options.authorized ?? [])
            .map((line) => ssh2.utils.parseKey(line))
            .find(
              (each) => !(each instanceof Error) && each.getPublicSSH().equals(context.key.data),
            )
          if (!key || key instanceof Error) return context.reject(offer)
          if (!context.signature) return context.accept()
          return key.verify(context.blob!, context.signature, context.hashAlgo)
            ? accept()
            : context.reject(offer)
        }
        context.reject(offer)
      })
      connection.on('ready', () => serve(connection, options, state))
    },
  )
  await listenOn(server, options.port ?? 0)
  return Object.assign(state, {
    port: (server.address() as AddressInfo).port,
    async close() {
      for (const connection of state.connections) connection.end()
      server.close()
      await once(server, 'close').catch(() => {})
    },
  }) as TestServer
}

/** A port that is wanted again may be lent for a moment to a connection that somebody else opens. */
async function listenOn(server: InstanceType<typeof ssh2.Server>, port: number): Promise<void> {
  for (let tries = 0; ; tries++) {
    server.listen(port, '127.0.0.1')
    try {
      return void (await once(server, 'listening'))
    } catch (error) {
      if (tries === 50 || (error as { code?: string }).code !== 'EADDRINUSE') throw error
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
  }
}

function serve(
  connection: Connection,
  options: TestServerOptions,
  state: { sessions: number; mostSessions: number; readonly forwards: string[] },
): void {
  let open = 0
  if (options.afterLogin === 'silence') return void connection.on('session', () => {})
  if (options.afterLogin === 'hang up') return void connection.on('session', () => connection.end())
  connection.on('session', (accept, reject) => {
    if (open >= (options.maxSessions ?? 10)) return reject()
    open++
    state.sessions++
    state.mostSessions = Math.max(state.mostSessions, open)
    const session = accept()
    session.on('close', () => open--)
    session.on('exec', (acceptExec, rejectExec, info) => {
      if (options.refuseExec) return rejectExec()
      const channel = acceptExec()
      if (info.command === 'end at once') {
        // Success, output, exit and close then travel together, and arrive in one piece.
        channel.write('done')
        channel.exit(3)
        channel.end()
        return
      }
      const { uid } = options
      const child = spawn('/bin/sh', ['-c', info.command], {
        detached: true,
        ...(uid === undefined ? {} : { uid, gid: uid }),
      })
      session.on('signal', (yes) => {
        yes?.()
        try {
          process.kill(-child.pid!, 'SIGKILL')
        } catch {
          // It has just ended by itself.
        }
      })
      channel.on('data', (bytes: Buffer) => child.stdin.write(bytes))
      channel.on('end', () => child.stdin.end())
      child.stdin.on('error', () => {})
      child.stdout.on('data', (bytes: Buffer) => channel.write(bytes))
      child.stderr.on('data', (bytes: Buffer) => channel.stderr.write(bytes))
      // Like sshd: the exit is told when the command ends, the channel closes when nothing holds its output.
      child.on('exit', (code, signal) =>
        code === null ? channel.exit((signal ?? 'SIGKILL').replace('SIG', '')) : channel.exit(code),
      )
      child.on('close', () => channel.end())
    })
  })
  if (options.forwarding === false) return
  connection.on('tcpip', (accept, reject, info) => {
    if (options.forwarding === 'never') return
    state.forwards.push(`${info.destIP}:${info.destPort}`)
    const socket = connect(info.destPort, info.destIP)
    socket.once('error', () => reject())
    socket.once('connect', () => {
      const stream = accept()
      stream.on('error', () => {})
      socket.on('error', () => {})
      stream.pipe(socket).pipe(stream)
    })
  })
}

/** An agent that holds these private keys, at a socket. */
export async function startAgent(
  path: string,
  keys: readonly string[],
): Promise<{ close(): Promise<void> }> {
  const held = keys.map((each) => ssh2.utils.parseKey(each) as ParsedKey)
  const server = createServer((socket) => {
    const protocol = new ssh2.AgentProtocol(false)
    protocol.on('identities', (request) => protocol.getIdentitiesReply(request, held as never))
    protocol.on('sign', (request, publicKey, data, options) => {
      const key = held.find((each) =>
        each.getPublicSSH().equals((publicKey as ParsedKey).getPublicSSH()),
      )
      if (key) protocol.signReply(request, key.sign(data, options.hash))
      else protocol.failureReply(request)
    })
    socket.on('error', () => {})
    socket.pipe(protocol).pipe(socket)
  })
  server.listen(path)
  await once(server, 'listening')
  return { close: async () => void server.close() }
}

/** A folder that is removed by `remove`. */
export function scratch(): {
  readonly folder: string
  file(name: string, text: string, mode?: number): string
  remove(): void
} {
  const folder = mkdtempSync(join(tmpdir(), 'trueup-ssh-'))
  return {
    folder,
    file(name, text, mode = 0o600) {
      const path = join(folder, name)
      writeFileSync(path, text, { mode })
      return path
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  }
}
