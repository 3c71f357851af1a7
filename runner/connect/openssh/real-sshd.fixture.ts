import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect, createServer, type AddressInfo } from 'node:net'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'

const sshd = ['/usr/sbin/sshd', '/usr/local/sbin/sshd'].find((path) => existsSync(path))

/** Why no real sshd can be started here, or null. */
export const noSshd =
  sshd === undefined
    ? 'there is no sshd (apt-get install openssh-server)'
    : spawnSync('ssh', ['-V']).status !== 0
      ? 'there is no ssh'
      : null

/** Says loudly what is not tested on this machine. */
export function skipsWithout(what: string): boolean {
  if (noSshd === null) return false
  process.stderr.write(`\nNOT TESTED: ${what}, for ${noSshd}\n`)
  return true
}

/** An sshd of the system on loopback, with a key that it lets in, in a folder of its own. */
export interface RealSshd {
  readonly folder: string
  readonly port: number
  readonly user: string
  /** A private key that is let in, and known_hosts with the host's key. */
  readonly key: string
  readonly knownHosts: string
  readonly hostKey: string
  file(name: string, text: string, mode?: number): string
  keygen(...args: string[]): void
  /** Stops it, with every connection. */
  stop(): Promise<void>
  start(): Promise<void>
}

/** Starts a real sshd; lines of its sshd_config may be given. */
export async function startRealSshd(...lines: string[]): Promise<RealSshd> {
  const folder = mkdtempSync(join(tmpdir(), 'trueup-sshd-'))
  // Where root's sshd separates its privileges.
  if (process.getuid?.() === 0) mkdirSync('/run/sshd', { recursive: true })
  const keygen = (...args: string[]): void => {
    const made = spawnSync('ssh-keygen', ['-q', ...args], { cwd: folder, encoding: 'utf8' })
    if (made.status !== 0) throw new Error(made.stderr)
  }
  keygen('-t', 'ed25519', '-N', '', '-f', 'host')
  keygen('-t', 'ed25519', '-N', '', '-f', 'id')
  const file = (name: string, text: string, mode = 0o600): string => {
    writeFileSync(join(folder, name), text, { mode })
    return join(folder, name)
  }
  const hostKey = readFileSync(join(folder, 'host.pub'), 'utf8').split(' ').slice(0, 2).join(' ')
  const authorized = file('authorized', readFileSync(join(folder, 'id.pub'), 'utf8'))
  const port = await freePort()
  const config = file(
    'sshd_config',
    [
      ...lines.map((line) => line.replaceAll('FOLDER', folder)),
      `Port ${port}`,
      'ListenAddress 127.0.0.1',
      `HostKey ${join(folder, 'host')}`,
      `AuthorizedKeysFile ${authorized}`,
      'StrictModes no',
      'UsePAM no',
      'PidFile none',
      'AcceptEnv SITE_* LANG',
      '',
    ].join('\n'),
  )
  const knownHosts = file('known_hosts', `[127.0.0.1]:${port} ${hostKey}\n`)
  let child: ChildProcess | null = null
  const start = async (): Promise<void> => {
    child = spawn(sshd!, ['-D', '-e', '-f', config], {
      stdio: ['ignore', 'ignore', 'pipe'],
      detached: true,
    })
    let said = ''
    child.stderr!.on('data', (bytes: Buffer) => (said += bytes.toString()))
    for (let tries = 0; ; tries++) {
      if (await listens(port)) return
      if (child.exitCode !== null || tries > 200) throw new Error(`sshd did not start: ${said}`)
      await new Promise((resolve) => setTimeout(resolve, 25))
    }
  }
  const end = async (): Promise<void> => {
    const running = child
    child = null
    if (running === null || running.exitCode !== null) return
    const gone = new Promise((resolve) => running.once('exit', resolve))
    try {
      process.kill(-running.pid!, 'SIGKILL')
    } catch {
      // It has just ended by itself.
    }
    await gone
  }
  await start()
  return {
    folder,
    port,
    user: userInfo().username,
    key: join(folder, 'id'),
    knownHosts,
    hostKey,
    file,
    keygen,
    start,
    async stop() {
      await end()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.once('connect', () => (socket.destroy(), resolve(true)))
    socket.once('error', () => resolve(false))
  })
}
