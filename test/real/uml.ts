import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { chmodSync, copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { banner, checked, type Ran, type RealNode } from './nodes.ts'
import { gateway, golden, storage, work } from './places.ts'

/** A node with a kernel of its own: user-mode Linux, which has rbd and boots for real. */
export interface UmlNode extends Pick<RealNode, 'name' | 'address' | 'hostKey' | 'log' | 'sh'> {
  /** Cuts its power. */
  kill(): Promise<void>
  /** Gives it power, and waits until its sshd answers. */
  boot(): Promise<void>
  /** Waits until it has rebooted and its sshd answers. */
  isBack(): Promise<void>
}

const modules = '/usr/lib/uml/modules'
const running = new Set<UmlNode>()

/** Boots a node; what it wrote is gone after each boot. `setup` is shell text that runs before its sshd. */
export async function startUml({ name, at, setup }: { readonly name: string; readonly at: number; readonly setup: string }): Promise<UmlNode> {
  const folder = join(work, 'nodes', String(at))
  const settings = join(folder, 'settings')
  mkdirSync(settings, { recursive: true })
  checked('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', name, '-f', join(settings, 'host')])
  const address = `10.92.100.${at}`
  copyFileSync(fileURLToPath(new URL('uml.sh', import.meta.url)), join(settings, 'init'))
  chmodSync(join(settings, 'init'), 0o755)
  copyFileSync(join(work, 'id_ed25519.pub'), join(settings, 'authorized'))
  writeFileSync(join(settings, 'setup'), setup)
  writeFileSync(join(settings, 'settings'), `GOLDEN=${golden}\nMODULES=${join(modules, readdirSync(modules)[0]!)}\nNAME=${name}\nADDRESS=${address}\nGATEWAY=${gateway}\n`)
  const device = `t${at}`
  checked('ip', ['tuntap', 'add', device, 'mode', 'tap'])
  checked('ip', ['link', 'set', device, 'master', 'br-nmn', 'up'])

  let said = ''
  let child: ChildProcess | null = null
  let isOn = false
  let boots = 0
  const power = (): void => {
    const kernel = ['linux.uml', 'mem=512M', 'root=/dev/root', 'rootfstype=hostfs', 'rootflags=/', 'ro', `init=${join(settings, 'init')}`, `TRUEUP_NODE=${settings}`,
      `vec0:transport=tap,ifname=${device},depth=128,gro=1`, 'con=null', 'con0=fd:0,fd:1', 'ssl=null', 'noreboot', 'panic=1', 'quiet']
    // Its processes are traced by it, and outlive it: the namespace does not.
    const started = spawn('unshare', ['--pid', '--fork', '--kill-child=KILL', '--mount-proc', ...kernel], { env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', TMPDIR: folder, HOME: folder, LD_PRELOAD: join(storage, 'ptrace.so') }, stdio: ['pipe', 'pipe', 'pipe'] })
    for (const stream of [started.stdout, started.stderr]) stream.on('data', (chunk: Buffer) => (said += chunk.toString()))
    // A node that reboots ends, and begins anew.
    started.once('exit', () => {
      if (child === started && isOn) power()
    })
    child = started
    boots += 1
  }
  const answers = async (): Promise<void> => {
    const until = Date.now() + 60_000
    await banner(address, () => Date.now() < until, () => said.slice(-4000))
  }
  const node: UmlNode = {
    name, address,
    hostKey: readFileSync(join(settings, 'host.pub'), 'utf8').split(' ').slice(0, 2).join(' '),
    log: () => said,
    sh: (text): Ran => {
      const { status, stdout, stderr } = spawnSync('ssh', ['-F', 'none', '-i', join(work, 'id_ed25519'), '-o', 'BatchMode=yes', '-o', 'StrictHostKeyChecking=no', '-o', 'UserKnownHostsFile=/dev/null', '-o', 'LogLevel=ERROR', '-o', 'ConnectTimeout=10', '-o', 'KexAlgorithms=curve25519-sha256', `root@${address}`, `export PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C; ${text}`], { encoding: 'utf8' })
      return { exit: status ?? -1, stdout, stderr }
    },
    kill: async () => {
      isOn = false
      const ending = child
      child = null
      if (!ending || ending.exitCode !== null || ending.signalCode !== null) return
      const ended = new Promise<void>((resolve) => ending.once('exit', () => resolve()))
      ending.kill('SIGKILL')
      await ended
    },
    boot: async () => {
      isOn = true
      power()
      await answers()
    },
    isBack: async () => {
      const before = boots
      for (const until = Date.now() + 60_000; boots === before && Date.now() < until; ) await new Promise((resolve) => setTimeout(resolve, 50))
      await answers()
    },
  }
  running.add(node)
  await node.boot()
  return node
}

/** Ends the nodes that this file started. */
export async function stopUml(): Promise<void> {
  await Promise.all([...running].map((node) => node.kill()))
}
