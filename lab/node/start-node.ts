import { setMaxListeners } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { makeKeyPair } from '../ssh-key.ts'
import { accountOf } from './account-files.ts'
import { authorizedKeysText } from './authorized-keys.ts'
import { inputOf } from './input.ts'
import { bootMachine } from './image.ts'
import type { Machine } from './machine.ts'
import { abandon } from './mounting.ts'
import { loginProcess } from './process.ts'
import { startServer, type SshServer } from './server.ts'
import { capture, loadShell } from './shell.ts'
import { root } from './file-tree.ts'
import type {
  BootImage,
  LabNode,
  NodeFault,
  NodeKeys,
  NodeSnapshot,
  NodeSpec,
  World,
} from './node-model.ts'
import { viewOf } from './view.ts'

/** Boots a node and opens its SSH server. Rejects with DiagnosticError when the shell's package is not installed. */
export async function startNode(spec: NodeSpec, world: World, keys: NodeKeys): Promise<LabNode> {
  await loadShell()
  const faults: Machine['faults'] = new Map()
  let power: 'on' | 'off' = 'on'
  let hostKey = makeKeyPair()
  // What a cleared fault goes back to: `known_hosts` has it.
  let trueHostKey = hostKey
  let order: BootImage | null = null
  let up = true
  let machine = boot(null)
  let bootedAt = world.ceph.now()
  let image = new Set(machine.packages.keys())
  let commands = 0

  function boot(from: BootImage | null): Machine {
    if (from === null) return bootMachine(spec, world, keys.authorizedKeys, faults)
    return bootMachine(
      { ...spec, servicePack: from.servicePack, imagePackages: from.packages },
      world,
      keys.authorizedKeys,
      faults,
      { rootKeys: from.rootKeys, parameters: from.parameters },
    )
  }
  function countDown(kind: 'drop-before-banner' | 'drop-in-command'): boolean {
    const fault = faults.get(kind) as Extract<NodeFault, { times: number }> | undefined
    if (!fault) return false
    if (fault.times > 1) faults.set(kind, { kind, times: fault.times - 1 })
    else faults.delete(kind)
    return fault.times > 0
  }
  const server: SshServer = await startServer({
    machine: () => machine,
    hostKey: () => hostKey.private,
    dropsNext: () => countDown('drop-before-banner'),
    cutsNext: () => countDown('drop-in-command'),
    ran() {
      commands += 1
    },
  })

  function apply(): void {
    machine.tree.writes = faults.has('read-only')
      ? 'EROFS'
      : faults.has('full-disk')
        ? 'ENOSPC'
        : 'allowed'
  }
  async function powerOff(): Promise<void> {
    if (power === 'on') abandon(machine)
    power = 'off'
    up = false
    const closed = server.closeDoor()
    server.drop()
    await closed
  }
  async function powerOn(wanted?: BootImage): Promise<void> {
    if (power === 'on') return
    order = faults.has('wrong-image') ? null : (wanted ?? order)
    // Firmware gets no further with an image of another architecture.
    if (faults.has('no-boot') || (order && order.arch !== spec.arch)) {
      power = 'on'
      return
    }
    machine = boot(order)
    image = new Set(machine.packages.keys())
    if (spec.newHostKeyAtBoot || wanted) {
      hostKey = trueHostKey = makeKeyPair()
      world.newHostKey?.(spec.name, hostKey.public)
    }
    apply()
    if (spec.bootMilliseconds) await sleep(spec.bootMilliseconds)
    await server.openDoor()
    bootedAt = world.ceph.now()
    power = 'on'
    up = true
  }

  return {
    spec,
    get power() {
      return power
    },
    get up() {
      return up
    },
    get bootId() {
      return machine.bootId
    },
    get booted() {
      return { at: bootedAt, image: order }
    },
    port: server.port,
    get hostKey() {
      return hostKey.public
    },
    async run(command, options) {
      if (!up) throw new Error(`${spec.name} is ${power === 'off' ? 'off' : 'not up'}`)
      const never = new AbortController().signal
      setMaxListeners(0, never)
      const process = loginProcess(machine, options.user, {
        input: inputOf(options.stdin ?? ''),
        signal: never,
        emit: () => {},
      })
      const result = await capture(process, command)
      return {
        stdout: result.stdout.toString('utf8'),
        stderr: result.stderr.toString('utf8'),
        exitCode: result.exitCode,
      }
    },
    async authorizedKeys(user) {
      const account = accountOf(machine.tree, user)
      return up && account ? authorizedKeysText(machine, account) : ''
    },
    async reboot() {
      await powerOff()
      await powerOn()
    },
    powerOff,
    powerOn,
    fault(fault) {
      if (fault === null) {
        faults.clear()
        hostKey = trueHostKey
      } else if (fault.kind === 'host-key') hostKey = makeKeyPair()
      else faults.set(fault.kind, fault)
      apply()
    },
    snapshot(): NodeSnapshot {
      const files = viewOf(machine.tree, root)
      const repositories = files
        .list('/etc/zypp/repos.d')
        .filter((name) => name.endsWith('.repo'))
        .flatMap((name) =>
          [...files.readText(`/etc/zypp/repos.d/${name}`).matchAll(/^\[([^\]]+)\]/gm)].map(
            (match) => match[1]!,
          ),
        )
      return {
        name: spec.name,
        arch: spec.arch,
        servicePack: machine.spec.servicePack,
        role: spec.role,
        power,
        bootId: machine.bootId,
        port: server.port,
        repositories: repositories.sort(),
        addedPackages: [...machine.packages.keys()].filter((name) => !image.has(name)).sort(),
        faults: [...faults.values()],
        connections: server.connections(),
        commands,
      }
    },
    async close() {
      power = 'off'
      up = false
      const closed = server.closeDoor()
      server.drop()
      await closed
    },
  }
}
