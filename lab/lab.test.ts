import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { loadInventory } from '../runner/inventory/load-inventory.fixture.ts'
import { serveLab } from './background.ts'
import { askLab, controlSocket } from './control.ts'
import { labNodes } from './inhabitants.ts'
import { raiseLab, type Lab, type LabOptions } from './lab.ts'
import { fakeNode, listening, type FakeNode } from './fake-node.fixture.ts'
import type { NodeKeys, NodeSpec, World } from './node/node-model.ts'
import { labDown, labFault, labReboot, labStatus } from './up.ts'

let parent: string
const raised: Lab[] = []
beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), 'lab-test-'))
})
afterEach(async () => {
  for (const lab of raised.splice(0)) await lab.close()
  rmSync(parent, { recursive: true, force: true })
})
async function raise(name: string, more: Partial<LabOptions> = {}): Promise<Lab> {
  const lab = await raiseLab({ folder: join(parent, name), startNode: fakeNode, ...more })
  raised.push(lab)
  return lab
}

describe('a raised lab', () => {
  it('writes where it listens, for its owner alone, and leaves nothing when it is closed', async () => {
    const lab = await raise('one')
    expect(readdirSync(lab.folder).sort()).toEqual([
      'ca.pem',
      'connections.yaml',
      'id_ed25519',
      'known_hosts',
    ])
    expect(statSync(lab.folder).mode & 0o777).toBe(0o700)
    expect(statSync(join(lab.folder, 'id_ed25519')).mode & 0o777).toBe(0o600)
    const node = lab.nodes.get('x3000c0s19b4n0')!
    expect(readFileSync(join(lab.folder, 'known_hosts'), 'utf8')).toContain(
      `[127.0.0.1]:${node.port} ${node.hostKey}\n`,
    )
    await lab.close()
    expect(existsSync(lab.folder)).toBe(false)
    expect(listening.size).toBe(0)
  })

  it('keeps a folder that was there, and the files of others in it', async () => {
    const folder = join(parent, 'mine')
    const lab = await raise('mine')
    writeFileSync(join(folder, 'notes'), '')
    await lab.close()
    expect(readdirSync(folder)).toEqual(['notes'])
  })

  it('never meets another', async () => {
    const [one, two] = await Promise.all([raise('one'), raise('two')])
    const ports = [one, two].flatMap((lab) => [
      lab.gateway.port,
      ...[...lab.nodes.values()].map((node) => node.port),
    ])
    expect(new Set(ports).size).toBe(ports.length)
    expect(readFileSync(join(one.folder, 'id_ed25519'), 'utf8')).not.toBe(
      readFileSync(join(two.folder, 'id_ed25519'), 'utf8'),
    )
    expect(one.gateway.authority).not.toBe(two.gateway.authority)
  })

  it('closes what had started when a node does not start', async () => {
    const startNode = (spec: NodeSpec, world: World, keys: NodeKeys) =>
      spec.name === 'x3000c0s19b4n0'
        ? Promise.reject(new Error('no port'))
        : fakeNode(spec, world, keys)
    await expect(raiseLab({ folder: join(parent, 'broken'), startNode })).rejects.toThrow('no port')
    expect(listening.size).toBe(0)
    expect(existsSync(join(parent, 'broken'))).toBe(false)
  })

  it('shows its nodes the cluster, each other and the gateway by their real names', async () => {
    const lab = await raise('one')
    const { world, keys } = lab.nodes.get('ncn-m001') as FakeNode
    expect(keys.authorizedKeys).toEqual([expect.stringMatching(/^ssh-ed25519 /)])
    expect(world.kubernetes.configMap('services', 'cray-ims-remote-keys')?.['public_key']).toMatch(
      /^ecdsa-sha2-nistp384 \S+\n$/,
    )
    expect(world.kubernetes.configMap('ims', 'cray-ims-remote-keys')).toEqual(
      world.kubernetes.configMap('services', 'cray-ims-remote-keys'),
    )
    expect(world.kubernetes.secret('default', 'admin-client-auth')).toHaveProperty('client-secret')
    expect(world.kubernetes.configMap('default', 'admin-client-auth')).toBeUndefined()
    expect(world.route('api-gw-service-nmn.local', 443)).toBe(lab.gateway.port)
    expect(world.route('x3000c0s19b2n0', 22)).toBe(lab.nodes.get('x3000c0s19b2n0')!.port)
    expect(world.route('nid000002', 22)).toBe(lab.nodes.get('x3000c0s19b2n0')!.port)
    expect(world.route('localhost', 22)).toBeNull()
    expect(world.route('x3000c0s19b2n0', 80)).toBeNull()
    expect(world.node('ncn-m001')?.spec.role).toBe('management')
  })

  it('power-cycles and disturbs nodes and services, and refuses names that it does not have', async () => {
    const lab = await raise('one')
    await lab.reboot('x3000c0s19b1n0')
    expect(lab.nodes.get('x3000c0s19b1n0')!.bootId).toBe('2')
    await lab.fault({ on: 'power', node: 'x3000c0s19b1n0', power: 'off' })
    await lab.fault({ on: 'node', node: 'x3000c0s19b2n0', fault: { kind: 'zypper-lock' } })
    expect(lab.status().nodes).toMatchObject([
      { name: 'ncn-m001' },
      { power: 'off' },
      { faults: [{ kind: 'zypper-lock' }] },
      ...labNodes.slice(3).map(({ name }) => ({ name })),
    ])
    const before = lab.system.cluster.objects[0]
    await lab.fault({ on: 'ims-keys' })
    expect(lab.system.cluster.objects[0]).not.toEqual(before)
    await lab.fault({ on: 'nothing' })
    expect(lab.status().nodes.every((node) => node.faults.length === 0)).toBe(true)
    await expect(lab.reboot('x1c0s0b0n0')).rejects.toMatchObject({
      diagnostics: [{ code: 'lab/no-such-node' }],
    })
  })

  it('has the nodes that the committed inventory names', async () => {
    const lab = await raise('one')
    const { inventory, diagnostics } = loadInventory(lab.inventoryFiles)
    expect(diagnostics).toEqual([])
    expect([...inventory!.hosts.keys()].sort()).toEqual(labNodes.map((node) => node.name).sort())
    expect(inventory!.select('management').map((host) => host.name)).toEqual(['ncn-m001'])
    expect(inventory!.select('remote_build_nodes')).toHaveLength(4)
    for (const [name, { connection }] of inventory!.hosts) {
      expect(connection).toMatchObject({
        address: '127.0.0.1',
        port: lab.nodes.get(name)!.port,
        user: 'root',
        hostKeys: 'strict',
        knownHostsFile: join(lab.folder, 'known_hosts'),
      })
    }
    expect(inventory!.services.get('ims')).toMatchObject({
      url: 'https://api-gw-service-nmn.local/apis/ims',
      via: 'ncn-m001',
      ca: join(lab.folder, 'ca.pem'),
      token: { from: 'admin-client-auth', host: 'ncn-m001' },
    })
  })
})

describe('a lab in the background', () => {
  it('answers over its socket until it is told to go down', async () => {
    const folder = join(parent, 'background')
    expect(await askLab(folder, { do: 'status' })).toBeNull()
    await expect(labStatus(folder)).rejects.toMatchObject({
      diagnostics: [{ code: 'lab/not-up', hint: `trueup lab up --folder ${folder}` }],
    })
    let up: () => void = () => {}
    const listens = new Promise<void>((resolve) => (up = resolve))
    const served = serveLab({ folder, startNode: fakeNode, release: '1.7' }, up)
    await listens
    expect(statSync(controlSocket(folder)).isSocket()).toBe(true)
    expect(await labStatus(folder)).toMatchObject({
      status: { folder, release: '1.7', nodes: labNodes.map(({ name }) => ({ name })) },
    })
    expect(
      (await labReboot('x3000c0s19b3n0', folder)).status.nodes.find(
        (node) => node.name === 'x3000c0s19b3n0',
      )?.bootId,
    ).toBe('2')
    expect(
      (await labFault(['x3000c0s19b3n0', 'off'], folder)).status.nodes.find(
        (node) => node.name === 'x3000c0s19b3n0',
      )?.power,
    ).toBe('off')
    await expect(labFault(['nonsense'], folder)).rejects.toMatchObject({
      diagnostics: [{ code: 'lab/fault' }],
    })
    await expect(labReboot('nobody', folder)).rejects.toMatchObject({
      diagnostics: [{ code: 'lab/no-such-node' }],
    })
    expect((await askLab(folder, { do: 'down' }))?.pid).toBe(process.pid)
    await served
    expect(existsSync(folder)).toBe(false)
    expect(listening.size).toBe(0)
    await expect(labDown(folder)).rejects.toMatchObject({ diagnostics: [{ code: 'lab/not-up' }] })
  })
})
