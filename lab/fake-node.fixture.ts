import { createServer, type AddressInfo, type Server } from 'node:net'
import type { LabNode, NodeFault, NodeKeys, NodeSpec, World } from './node/node-model.ts'

/** A node that listens and remembers, with nothing behind it. IMS may sign in and finds Podman. */
export interface FakeNode extends LabNode {
  readonly world: World
  readonly keys: NodeKeys
  readonly boots: number
}

/** The servers of fake nodes that are not closed. */
export const listening = new Set<Server>()

/** Starts a fake node. */
export async function fakeNode(spec: NodeSpec, world: World, keys: NodeKeys): Promise<FakeNode> {
  const server = createServer((socket) => socket.destroy())
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  listening.add(server)
  const port = (server.address() as AddressInfo).port
  let power: 'on' | 'off' = 'on'
  let boots = 1
  let faults: NodeFault[] = []
  const answers: Readonly<Record<string, string>> = {
    'uname -i': `${spec.arch}\n`,
    'which podman': '/usr/bin/podman\n',
  }
  return {
    spec,
    world,
    keys,
    port,
    hostKey: `ssh-ed25519 ${Buffer.from(spec.name).toString('base64')}`,
    get power() {
      return power
    },
    get up() {
      return power === 'on'
    },
    booted: { at: 0, image: null },
    get boots() {
      return boots
    },
    get bootId() {
      return String(boots)
    },
    run: async (command) => ({ stdout: answers[command] ?? '0\n', stderr: '', exitCode: 0 }),
    authorizedKeys: async () =>
      world.kubernetes.configMap('services', 'cray-ims-remote-keys')?.['public_key'] ?? '',
    async reboot() {
      boots += 1
    },
    async powerOff() {
      power = 'off'
    },
    async powerOn() {
      power = 'on'
      boots += 1
    },
    fault(fault) {
      faults = fault ? [...faults, fault] : []
    },
    snapshot: () => ({
      name: spec.name,
      arch: spec.arch,
      servicePack: spec.servicePack,
      role: spec.role,
      power,
      bootId: String(boots),
      port,
      repositories: [],
      addedPackages: [],
      faults,
      connections: 0,
      commands: 0,
    }),
    async close() {
      listening.delete(server)
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
