import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from 'node:fs'
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
  /** Reboots it as its own `reboot` does, and waits until its sshd answers again. */
  reboot(): Promise<void>
}

const modules = '/usr/lib/uml/modules'
/** The processors that this process may use. */
const processors = (
  /^Cpus_allowed_list:\s*(.*)$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? '0'
)
  .split(',')
  .flatMap((range) => {
    const [first, last = first] = range.split('-').map(Number)
    return Array.from({ length: last! - first! + 1 }, (_, i) => first! + i)
  })
const running = new Set<UmlNode>()

/** Boots a node; what it wrote is gone after each boot. `setup` is shell text that runs before its sshd. */
export async function startUml({
  name,
  at,
  setup,
  root = golden,
}: {
  readonly name: string
  readonly at: number
  readonly setup: string
  readonly root?: string
}): Promise<UmlNode> {
  const folder = join(work, 'nodes', String(at))
  const settings = join(folder, 'settings')
  mkdirSync(settings, { recursive: true })
  checked('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', name, '-f', join(settings, 'host')])
  const address = `10.92.100.${at}`
  copyFileSync(fileURLToPath(new URL('uml.sh', import.meta.url)), join(settings, 'init'))
  copyFileSync(fileURLToPath(new URL('root.sh', import.meta.url)), join(settings, 'root.sh'))
  chmodSync(join(settings, 'init'), 0o755)
  copyFileSync(join(work, 'id_ed25519.pub'), join(settings, 'authorized'))
  writeFileSync(join(settings, 'setup'), setup)
  writeFileSync(
    join(settings, 'settings'),
    `GOLDEN=${root}\nMODULES=${join(modules, readdirSync(modules)[0]!)}\nNAME=${name}\nADDRESS=${address}\nGATEWAY=${gateway}\n`,
  )
  const device = `t${at}`
  // Of its own choice it has another one after each boot, and the old one is looked for until its neighbours forget it: up to 45 s.
  const mac = `02:00:0a:5c:64:${at.toString(16).padStart(2, '0')}`
  checked('ip', ['tuntap', 'add', device, 'mode', 'tap'])
  checked('ip', ['link', 'set', device, 'master', 'br-nmn', 'up'])

  let said = ''
  let child: ChildProcess | null = null
  let isOn = false
  let boots = 0
  const power = (): void => {
    const kernel = [
      'linux.uml',
      'mem=512M',
      'root=/dev/root',
      'rootfstype=hostfs',
      'rootflags=/',
      'ro',
      `init=${join(settings, 'init')}`,
      `TRUEUP_NODE=${settings}`,
      `vec0:transport=tap,ifname=${device},mac=${mac},depth=128,gro=1`,
      'con=null',
      'con0=fd:0,fd:1',
      'ssl=null',
      'noreboot',
      'panic=1',
      'quiet',
    ]
    // It and its processes take turns at each system call. On one processor that is a switch, over two it is a message between them and a sleep;
    // and beside busy neighbours each turn would wait for a slice.
    const place = [
      'nice',
      '-n',
      '-10',
      'taskset',
      '--cpu-list',
      String(processors[at % processors.length]),
    ]
    // Its processes are traced by it, and outlive it: the namespace does not.
    const started = spawn(
      'unshare',
      ['--pid', '--fork', '--kill-child=KILL', '--mount-proc', ...place, ...kernel],
      {
        env: {
          PATH: '/usr/sbin:/usr/bin:/sbin:/bin',
          TMPDIR: folder,
          HOME: folder,
          LD_PRELOAD: join(storage, 'ptrace.so'),
        },
        stdio: ['pipe', 'pipe', 'pipe'],
      },
    )
    for (const stream of [started.stdout, started.stderr])
      stream.on('data', (chunk: Buffer) => (said += chunk.toString()))
    // A node that reboots ends, and begins anew.
    started.once('exit', () => {
      if (child === started && isOn) power()
    })
    child = started
    boots += 1
  }
  // One login for each boot: a login costs a node of this kind more than most of what is asked of it.
  const shared = (): string[] =>
    [
      'ControlMaster=auto',
      'ControlPersist=yes',
      `ControlPath=${join(folder, `ssh-${boots}`)}`,
    ].flatMap((option) => ['-o', option])
  const answers = async (): Promise<void> => {
    const until = Date.now() + 60_000
    await banner(
      address,
      () => Date.now() < until,
      () => said.slice(-4000),
    )
  }
  const node: UmlNode = {
    name,
    address,
    hostKey: readFileSync(join(settings, 'host.pub'), 'utf8').split(' ').slice(0, 2).join(' '),
    log: () => said,
    sh: (text): Ran => {
      const { status, stdout, stderr } = spawnSync(
        'ssh',
        [
          ...shared(),
          '-F',
          'none',
          '-i',
          join(work, 'id_ed25519'),
          '-o',
          'BatchMode=yes',
          '-o',
          'StrictHostKeyChecking=no',
          '-o',
          'UserKnownHostsFile=/dev/null',
          '-o',
          'LogLevel=ERROR',
          '-o',
          'ConnectTimeout=10',
          '-o',
          'KexAlgorithms=curve25519-sha256',
          `root@${address}`,
          `export PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C; ${text}`,
        ],
        { encoding: 'utf8' },
      )
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
    reboot: async () => {
      const before = boots
      node.sh('(sleep 0.5; reboot) >/dev/null 2>&1 &')
      for (const until = Date.now() + 60_000; boots === before && Date.now() < until;)
        await new Promise((resolve) => setTimeout(resolve, 50))
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
