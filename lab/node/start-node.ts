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
  CommandResult,
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
  const node = new SimulatedNode(spec, world, keys)
  await node.open()
  return node
}

class SimulatedNode implements LabNode {
  readonly spec: NodeSpec
  readonly #world: World
  readonly #keys: NodeKeys
  readonly #faults: Machine['faults'] = new Map()
  #power: 'on' | 'off' = 'on'
  #up = true
  #hostKey = makeKeyPair()
  /** What a cleared fault goes back to: `known_hosts` has it. */
  #trueHostKey = this.#hostKey
  #order: BootImage | null = null
  #machine: Machine
  #bootedAt: number
  /** The packages that came with the image. */
  #image: ReadonlySet<string>
  #commands = 0
  #server!: SshServer

  constructor(spec: NodeSpec, world: World, keys: NodeKeys) {
    this.spec = spec
    this.#world = world
    this.#keys = keys
    this.#machine = this.#boot(null)
    this.#bootedAt = world.ceph.now()
    this.#image = new Set(this.#machine.packages.keys())
  }

  /** Opens the SSH server. */
  async open(): Promise<void> {
    this.#server = await startServer({
      machine: () => this.#machine,
      hostKey: () => this.#hostKey.private,
      dropsNext: () => this.#countDown('drop-before-banner'),
      cutsNext: () => this.#countDown('drop-in-command'),
      ran: () => {
        this.#commands += 1
      },
    })
  }

  get power(): 'on' | 'off' {
    return this.#power
  }

  get up(): boolean {
    return this.#up
  }

  get bootId(): string {
    return this.#machine.bootId
  }

  get booted(): { readonly at: number; readonly image: BootImage | null } {
    return { at: this.#bootedAt, image: this.#order }
  }

  get port(): number {
    return this.#server.port
  }

  get hostKey(): string {
    return this.#hostKey.public
  }

  async run(
    command: string,
    options: { readonly user: string; readonly stdin?: string },
  ): Promise<CommandResult> {
    if (!this.#up)
      throw new Error(`${this.spec.name} is ${this.#power === 'off' ? 'off' : 'not up'}`)
    const never = new AbortController().signal
    setMaxListeners(0, never)
    const process = loginProcess(this.#machine, options.user, {
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
  }

  async authorizedKeys(user: string): Promise<string> {
    const account = accountOf(this.#machine.tree, user)
    return this.#up && account ? authorizedKeysText(this.#machine, account) : ''
  }

  async reboot(): Promise<void> {
    await this.powerOff()
    await this.powerOn()
  }

  async powerOff(): Promise<void> {
    if (this.#power === 'on') abandon(this.#machine)
    await this.close()
  }

  async powerOn(wanted?: BootImage): Promise<void> {
    if (this.#power === 'on') return
    const faults = this.#faults
    this.#order = faults.has('wrong-image') ? null : (wanted ?? this.#order)
    // Firmware gets no further with an image of another architecture.
    if (faults.has('no-boot') || (this.#order && this.#order.arch !== this.spec.arch)) {
      this.#power = 'on'
      return
    }
    this.#machine = this.#boot(this.#order)
    this.#image = new Set(this.#machine.packages.keys())
    if (this.spec.newHostKeyAtBoot || wanted) {
      this.#hostKey = this.#trueHostKey = makeKeyPair()
      this.#world.newHostKey?.(this.spec.name, this.#hostKey.public)
    }
    this.#applyFaults()
    if (this.spec.bootMilliseconds) await sleep(this.spec.bootMilliseconds)
    await this.#server.openDoor()
    this.#bootedAt = this.#world.ceph.now()
    this.#power = 'on'
    this.#up = true
  }

  fault(fault: NodeFault | null): void {
    if (fault === null) {
      this.#faults.clear()
      this.#hostKey = this.#trueHostKey
    } else if (fault.kind === 'host-key') this.#hostKey = makeKeyPair()
    else this.#faults.set(fault.kind, fault)
    this.#applyFaults()
  }

  snapshot(): NodeSnapshot {
    const { name, arch, role } = this.spec
    const { bootId, packages, spec } = this.#machine
    return {
      name,
      arch,
      servicePack: spec.servicePack,
      role,
      power: this.#power,
      bootId,
      port: this.port,
      repositories: repositoryNames(this.#machine),
      addedPackages: [...packages.keys()].filter((each) => !this.#image.has(each)).sort(),
      faults: [...this.#faults.values()],
      connections: this.#server.connections(),
      commands: this.#commands,
    }
  }

  async close(): Promise<void> {
    this.#power = 'off'
    this.#up = false
    const closed = this.#server.closeDoor()
    this.#server.drop()
    await closed
  }

  #boot(from: BootImage | null): Machine {
    const { authorizedKeys } = this.#keys
    if (from === null) return bootMachine(this.spec, this.#world, authorizedKeys, this.#faults)
    return bootMachine(
      { ...this.spec, servicePack: from.servicePack, imagePackages: from.packages },
      this.#world,
      authorizedKeys,
      this.#faults,
      { rootKeys: from.rootKeys, parameters: from.parameters },
    )
  }

  #countDown(kind: 'drop-before-banner' | 'drop-in-command'): boolean {
    const fault = this.#faults.get(kind) as Extract<NodeFault, { times: number }> | undefined
    if (!fault) return false
    if (fault.times > 1) this.#faults.set(kind, { kind, times: fault.times - 1 })
    else this.#faults.delete(kind)
    return fault.times > 0
  }

  #applyFaults(): void {
    this.#machine.tree.writes = this.#faults.has('read-only')
      ? 'EROFS'
      : this.#faults.has('full-disk')
        ? 'ENOSPC'
        : 'allowed'
  }
}

function repositoryNames(machine: Machine): readonly string[] {
  const files = viewOf(machine.tree, root)
  return files
    .list('/etc/zypp/repos.d')
    .filter((name) => name.endsWith('.repo'))
    .flatMap((name) =>
      [...files.readText(`/etc/zypp/repos.d/${name}`).matchAll(/^\[([^\]]+)\]/gm)].map(
        (match) => match[1]!,
      ),
    )
    .sort()
}
