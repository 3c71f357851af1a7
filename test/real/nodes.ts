import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { mkdirSync, readFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gateway, golden, work } from './places.ts'

/** What a node is. */
export interface NodeWish {
  readonly name: string
  /** Last number of its address; every test file has ten of its own. */
  readonly at: number
  readonly sp?: 5 | 6
  /** Shell text that runs in the node before sshd. */
  readonly setup?: string
  /** Options of sshd: `-o MaxSessions=1`. */
  readonly sshd?: string
  /** The root that it lays its changes over. */
  readonly root?: string
  /** How much it may write. */
  readonly size?: string
}

/** A node that runs. */
export interface RealNode {
  readonly name: string
  readonly address: string
  /** `ssh-ed25519 AAAA…` */
  readonly hostKey: string
  /** What sshd said. */
  readonly log: () => string
  /** Runs shell text in the node, as root and not over SSH. */
  sh(script: string): Ran
  /** Runs shell text in the node as a user, in a shell of its own with these lines as its input. */
  as(user: string, script: string, stdin: string): Ran
  /** Cuts the cable, or mends it. */
  link(state: 'up' | 'down'): void
  /** Ends it at once, like a power cut. */
  kill(): Promise<void>
}

/** How a command ended. */
export interface Ran {
  readonly exit: number
  readonly stdout: string
  readonly stderr: string
}

const running = new Set<RealNode>()

/** Starts a node and waits until its sshd answers. */
export async function startNode({
  name,
  at,
  sp = 5,
  setup = ':',
  sshd = '',
  root = golden,
  size = '768m',
}: NodeWish): Promise<RealNode> {
  // Files run side by side, and hosts of two of them may share a name.
  const folder = join(work, 'nodes', String(at))
  mkdirSync(join(folder, 'root'), { recursive: true })
  checked('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', name, '-f', join(folder, 'host')])
  const address = `10.92.100.${at}`
  const environment = {
    PATH: '/usr/sbin:/usr/bin:/sbin:/bin',
    GOLDEN: root,
    SIZE: size,
    WORK: join(folder, 'root'),
    NAME: name,
    ADDRESS: address,
    SP: String(sp),
    GATEWAY: gateway,
    SETUP: setup,
    SSHD: sshd,
    AUTHORIZED: readFileSync(join(work, 'id_ed25519.pub'), 'utf8').trim(),
    HOST_KEY: readFileSync(join(folder, 'host'), 'utf8').trim(),
  }
  const script = fileURLToPath(new URL('node.sh', import.meta.url))
  const child = spawn(
    'unshare',
    ['--mount', '--uts', '--ipc', '--net', '--pid', '--fork', '--kill-child=KILL', 'sh', script],
    { env: environment, stdio: ['pipe', 'pipe', 'pipe'] },
  )
  let said = ''
  child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()))
  await line(child, 'namespaces', () => said)
  const device = `v${at}`
  checked('ip', [
    'link',
    'add',
    device,
    'type',
    'veth',
    'peer',
    'name',
    'node0',
    'netns',
    String(child.pid),
  ])
  checked('ip', ['link', 'set', device, 'master', 'br-nmn', 'up'])
  child.stdin.end('linked\n')
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  await banner(
    address,
    () => child.exitCode === null,
    () => said,
  )
  const init = readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, 'utf8').trim()
  const enter = (words: readonly string[], home: string, input = ''): Ran => {
    const env = { PATH: environment.PATH, HOME: home, LC_ALL: 'C' }
    const { status, stdout, stderr } = spawnSync(
      'nsenter',
      [
        '--target',
        init,
        '--mount',
        '--uts',
        '--ipc',
        '--net',
        '--pid',
        '--root',
        '--wdns=/',
        ...words,
      ],
      { encoding: 'utf8', env, input },
    )
    return { exit: status ?? -1, stdout, stderr }
  }
  const node: RealNode = {
    name,
    address,
    hostKey: readFileSync(join(folder, 'host.pub'), 'utf8').split(' ').slice(0, 2).join(' '),
    log: () => said,
    sh: (text) => enter(['sh', '-c', text], '/root'),
    as: (user, text, stdin) =>
      enter(
        ['setpriv', `--reuid=${user}`, `--regid=${user}`, '--init-groups', 'bash', '-c', text],
        user === 'root' ? '/root' : `/home/${user}`,
        stdin,
      ),
    link: (state) => checked('ip', ['link', 'set', device, state]),
    kill: async () => {
      running.delete(node)
      child.kill('SIGKILL')
      await ended
      spawnSync('ip', ['link', 'delete', device])
    },
  }
  running.add(node)
  return node
}

/** Ends the nodes that this file started. */
export async function stopNodes(): Promise<void> {
  await Promise.all([...running].map((node) => node.kill()))
}

/** Runs a program that must succeed. */
export function checked(program: string, words: readonly string[]): void {
  const { status, stderr } = spawnSync(program, words, { encoding: 'utf8' })
  if (status !== 0) throw new Error(`${program} ${words.join(' ')}: ${stderr}`)
}

function line(child: ChildProcess, wanted: string, said: () => string): Promise<void> {
  return new Promise((resolve, reject) => {
    child.stdout!.on('data', (chunk: Buffer) => {
      if (chunk.toString().includes(wanted)) resolve()
    })
    child.once('exit', () => reject(new Error(`the node ended: ${said()}`)))
  })
}

/** Waits until the sshd at an address answers; throws what the node said when it ended before. */
export async function banner(
  address: string,
  isAlive: () => boolean,
  said: () => string,
): Promise<void> {
  while (isAlive()) {
    const greeted = await new Promise<boolean>((resolve) => {
      const socket = connect({ host: address, port: 22, timeout: 500 })
      socket.once('data', () => resolve(true))
      for (const event of ['error', 'timeout', 'close']) socket.once(event, () => resolve(false))
      socket.once('data', () => socket.destroy())
    })
    if (greeted) return
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  throw new Error(`the node ended: ${said()}`)
}
