import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { connect, createServer, type AddressInfo } from 'node:net'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { makeKey, startServer } from '../../runner/connect/ssh/sshd.fixture.ts'
import { startProxy } from '../harness/counting-proxy.ts'

/** SSH servers on loopback, each with a port and a host key of its own, and how their clients sign in. */
export interface Farm {
  readonly kind: string
  readonly keyFile: string
  readonly hosts: readonly FarmHost[]
  close(): Promise<void>
}
/** One server. */
export interface FarmHost {
  readonly port: number
  readonly hostKey: string
}

/** Raise `count` servers: sshd where it is installed and this is root, else servers in this process that run real commands. */
export async function raiseFarm(folder: string, count: number): Promise<Farm> {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const user = makeKey()
  const keyFile = join(folder, 'id_ed25519')
  writeFileSync(keyFile, user.private, { mode: 0o600 })
  writeFileSync(join(folder, 'authorized_keys'), `${user.public}\n`, { mode: 0o600 })
  const sshd = '/usr/sbin/sshd'
  if (process.getuid?.() !== 0 || !existsSync(sshd)) {
    const servers = await Promise.all(
      Array.from({ length: count }, () => startServer({ authorized: [user.public] })),
    )
    const close = async (): Promise<void> =>
      void (await Promise.all(servers.map((server) => server.close())))
    return {
      kind: 'ssh2 servers in the process of the benchmark',
      keyFile,
      hosts: servers.map((server) => ({ port: server.port, hostKey: server.hostKeyLine })),
      close,
    }
  }
  mkdirSync('/run/sshd', { recursive: true, mode: 0o755 })
  const running: ChildProcess[] = []
  const hosts: FarmHost[] = []
  const end = (): void => running.forEach((each) => each.kill('SIGTERM'))
  // Also when the benchmark is interrupted: nothing may be left listening.
  process.once('exit', end)
  for (let i = 0; i < count; i++) {
    const key = makeKey()
    const port = await freePort()
    writeFileSync(join(folder, `host${i}`), key.private, { mode: 0o600 })
    const settings = [
      `Port ${port}`,
      'ListenAddress 127.0.0.1',
      `HostKey ${join(folder, `host${i}`)}`,
      `AuthorizedKeysFile ${join(folder, 'authorized_keys')}`,
      'PidFile none',
      'UsePAM no',
      'StrictModes no',
      'PermitRootLogin prohibit-password',
      'PasswordAuthentication no',
      'PrintMotd no',
      'Subsystem sftp internal-sftp',
    ]
    writeFileSync(join(folder, `sshd${i}.conf`), `${settings.join('\n')}\n`)
    // A /run of its own, as every host has: what a host locks there is locked for itself alone. And an empty home: bash reads
    // ~/.bashrc for each command that sshd hands it, and what the home of the account holds would be measured with it. The home is that
    // of the password database, as for sshd; $HOME may name another folder.
    const alone = `mount -t tmpfs none /run && mkdir -p /run/sshd && mount -t tmpfs -o mode=0700 none '${userInfo().homedir}' && exec ${sshd} -D -e -f '${join(folder, `sshd${i}.conf`)}'`
    running.push(spawn('unshare', ['--mount', 'sh', '-c', alone], { stdio: 'ignore' }))
    hosts.push({ port, hostKey: key.public })
  }
  await Promise.all(hosts.map((host) => listening(host.port)))
  return {
    kind: `${spawnSync(sshd, ['-V'], { encoding: 'utf8' }).stderr.trim().split(',')[0]}, one sshd for each host on a port of loopback, in a mount namespace of its own`,
    keyFile,
    hosts,
    async close() {
      process.off('exit', end)
      end()
      await Promise.all(
        running
          .filter((each) => each.exitCode === null && each.signalCode === null)
          .map((each) => once(each, 'exit')),
      )
    },
  }
}

/** The same farm behind a line with this round-trip time, in milliseconds. */
export async function farAway(farm: Farm, roundTrip: number): Promise<Farm> {
  const proxies = await Promise.all(farm.hosts.map((host) => startProxy(host.port, roundTrip / 2)))
  return {
    ...farm,
    hosts: farm.hosts.map((host, i) => ({ ...host, port: proxies[i]!.port })),
    close: async () => void (await Promise.all(proxies.map((proxy) => proxy.close()))),
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

async function listening(port: number): Promise<void> {
  for (let tries = 0; tries < 200; tries++) {
    const socket = connect(port, '127.0.0.1')
    const answered = await new Promise<boolean>((resolve) => {
      socket.once('data', () => resolve(true))
      socket.once('error', () => resolve(false))
    })
    socket.destroy()
    if (answered) return
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  throw new Error(`nothing listens on port ${port}`)
}
