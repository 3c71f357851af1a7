import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Event } from '../../runner/model/event.ts'
import { askGateway } from '../../lab/ask-gateway.ts'
import { watcherMilliseconds } from '../../lab/ceph/ceph-cluster.ts'
import { raiseLab, type Lab } from '../../lab/lab.ts'
import { runInLab, type Told } from '../harness/run-in-lab.ts'

// The playbooks of the build cache, from the command line to the nodes of a rehearsal lab.

const node = 'x3000c0s19b1n0'
const other = 'x3000c0s19b3n0'
const image = `buildcache-${node}`
let folder = ''
let lab: Lab
let skipped = 0
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'storage-playbooks-'))
})
beforeEach(async () => {
  skipped = 0
  lab = await raiseLab({
    folder: mkdtempSync(join(folder, 'lab-')),
    now: () => Date.now() + skipped,
  })
})
afterEach(() => lab.close())
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function trueup(
  command: 'plan' | 'run',
  playbook: string,
  flags: readonly string[] = [],
  hosts = node,
  hear?: (event: Event) => void,
): Promise<Told> {
  return runInLab({
    lab,
    folder,
    command,
    playbook,
    flags: ['--limit', hosts, ...flags],
    ...(hear ? { hear } : {}),
  })
}
async function on(name: string, command: string): Promise<string> {
  const { stdout, stderr, exitCode } = await lab.nodes.get(name)!.run(command, { user: 'root' })
  expect({ command, stderr, exitCode }).toMatchObject({ exitCode: 0 })
  return stdout
}
/** Every mount, mapping and key of a node, as text. */
async function storageOf(name: string): Promise<string> {
  return on(
    name,
    'mount | grep rbd; rbd showmapped 2>/dev/null; ls /etc/ceph 2>/dev/null; ls -d /mnt/cache/* 2>/dev/null; cat /root/.ssh/authorized_keys | grep -c nistp384; cat /etc/resolv.conf | grep server; true',
  )
}

describe('storage.yaml', () => {
  it('plans every change, makes them, and then finds nothing to do', async () => {
    const plan = await trueup('plan', 'storage')
    expect(plan).toMatchObject({ exit: 2, errors: [] })
    expect(plan.outcomes['would change']).toEqual(
      expect.arrayContaining([
        'netconfig knows that name server and the domains to search',
        'the commands of Ceph are installed',
        "the node has the keyring of the pool's user",
        'the node has an image of its own',
      ]),
    )
    expect([...plan.outcomes['would change']!, ...plan.outcomes['unknown']!]).toEqual(
      expect.arrayContaining([
        'the image is mapped on the node',
        'the image holds a file system',
        'the build cache is mounted',
        'temporary files lie on the build cache',
      ]),
    )
    expect(plan.outcomes['changed']).toBeUndefined()
    expect(lab.ceph.pools.get('kube')!.size).toBe(0)

    expect(await trueup('run', 'storage')).toMatchObject({ exit: 0, errors: [] })
    expect(lab.ceph.pools.get('kube')!.get(image)).toMatchObject({
      size: 1000 * 2 ** 30,
      features: new Set(['layering', 'exclusive-lock']),
      content: { type: 'ext4', damaged: false },
    })
    expect(
      (
        await on(
          node,
          'stat -c "%a %n" /tmp /var/tmp /mnt/cache/tmp /etc/ceph/*.keyring; touch /tmp/made; ls /mnt/cache/tmp',
        )
      ).split('\n'),
    ).toEqual([
      '1777 /tmp',
      '1777 /var/tmp',
      '1777 /mnt/cache/tmp',
      '600 /etc/ceph/ceph.client.kube.keyring',
      'made',
      '',
    ])
    expect(await on(node, 'cat /etc/resolv.conf')).toContain('nameserver 10.92.100.225')

    const again = await trueup('run', 'storage')
    expect(again).toMatchObject({ exit: 0, errors: [] })
    expect(Object.keys(again.outcomes).sort()).toEqual(['ok', 'skipped'])
    expect(await trueup('plan', 'storage')).toMatchObject({ exit: 0 })
  })

  it('gives each node an image of its own, on both architectures', async () => {
    expect(await trueup('run', 'storage', [], '@remote_build_nodes')).toMatchObject({
      exit: 0,
      errors: [],
    })
    expect([...lab.ceph.pools.get('kube')!.keys()].sort()).toEqual(
      [1, 2, 3, 4].map((i) => `buildcache-x3000c0s19b${i}n0`),
    )
    expect([...lab.ceph.pools.get('kube')!.values()].map((each) => each.watchers.size)).toEqual([
      1, 1, 1, 1,
    ])
  })

  it('gives the keyrings of administrators away only when it is asked to', async () => {
    expect(await trueup('run', 'storage', ['-e', 'admin_keyrings=true'])).toMatchObject({
      exit: 0,
      errors: [],
    })
    expect(await on(node, 'ls /etc/ceph; stat -c %a /etc/ceph/ceph.client.admin.keyring')).toBe(
      'ceph.client.admin-tools.keyring\nceph.client.admin.keyring\nceph.client.kube.keyring\nceph.conf\n600\n',
    )
  })

  it('refuses an image that another node has open', async () => {
    expect(await trueup('run', 'storage', [], other)).toMatchObject({ exit: 0 })
    await on(
      'ncn-m001',
      `rbd create kube/${image} --size 1000G --image-feature layering,exclusive-lock`,
    )
    await on(other, `rbd map --id kube kube/${image}`)
    const told = await trueup('run', 'storage')
    expect(told).toMatchObject({
      exit: 1,
      outcomes: { failed: ['the image is mapped on the node'] },
    })
    expect(lab.ceph.pools.get('kube')!.get(image)!.content).toBeNull()
    expect(await on(node, 'rbd showmapped --format json')).toBe('[]\n')
  })

  it('formats nothing that holds something, and maps nothing that is mapped', async () => {
    expect(await trueup('run', 'storage', ['--tags', 'nothing-has-this'])).toMatchObject({
      outcomes: {},
    })
    await on(
      'ncn-m001',
      `rbd create kube/${image} --size 1000G --image-feature layering,exclusive-lock; rbd map kube/${image}; mkfs.xfs /dev/rbd0; rbd unmap /dev/rbd0`,
    )
    const uuid = lab.ceph.pools.get('kube')!.get(image)!.content!.uuid
    const told = await trueup('run', 'storage')
    expect(told).toMatchObject({ exit: 1, outcomes: { failed: ['the image holds a file system'] } })
    expect(lab.ceph.pools.get('kube')!.get(image)!.content).toMatchObject({ type: 'xfs', uuid })
    expect(await on(node, 'rbd showmapped --format json')).toMatch(/^\[\{"id":"0"[^{]*\}\]\n$/)
    // It is mapped now, by the run before: it stays mapped once.
    // Without its signature it is data still.
    await on(node, 'wipefs --all /dev/rbd0')
    expect(await trueup('run', 'storage')).toMatchObject({
      exit: 1,
      outcomes: { failed: ['the image holds a file system'] },
    })
    await on(node, 'blkdiscard /dev/rbd0')
    expect(await trueup('run', 'storage')).toMatchObject({ exit: 0, errors: [] })
    expect(await on(node, 'rbd showmapped --format json')).toMatch(/^\[\{"id":"0"[^{]*\}\]\n$/)
  })

  it('hides neither jobs nor containers', async () => {
    await on(node, 'mkdir /tmp/ims_46a2731e')
    expect(await trueup('run', 'storage')).toMatchObject({
      exit: 1,
      outcomes: { failed: ['temporary files lie on the build cache'] },
    })
    expect(await on(node, 'ls /tmp')).toBe('ims_46a2731e\n')
    await on(
      node,
      'rmdir /tmp/ims_46a2731e; zypper -n addrepo https://packages.local/repository/SUSE-SLE-Module-Containers-15-SP5-x86_64-Pool/ c; zypper -n install podman; podman run -d --name ims-1 image',
    )
    expect(await trueup('run', 'storage')).toMatchObject({
      exit: 1,
      outcomes: { failed: ['no container runs while its store is moved'] },
    })
    // Once mounted, both may run; what podman remembers of its old store is gone.
    await on(node, 'podman rm ims-1')
    expect(await trueup('run', 'storage')).toMatchObject({ exit: 0, errors: [] })
    await on(node, 'podman info; podman run -d --name ims-1 image; mkdir /tmp/ims_46a2731e')
    const again = await trueup('run', 'storage')
    expect(again).toMatchObject({ exit: 0, errors: [] })
    expect(again.outcomes['changed']).toBeUndefined()
  })
})

describe('after-reboot.yaml', () => {
  it('brings back exactly what a reboot took, formats nothing, and asks nobody', async () => {
    for (const playbook of ['remote-build-node', 'storage'])
      expect(await trueup('run', playbook)).toMatchObject({ exit: 0, errors: [] })
    await on(node, 'echo kept > /mnt/cache/kept')
    const before = await storageOf(node)
    const { uuid } = lab.ceph.pools.get('kube')!.get(image)!.content!
    await lab.reboot(node)
    expect(await storageOf(node)).toBe('0\n')
    skipped += watcherMilliseconds

    const told = await trueup('run', 'after-reboot')
    expect(told).toMatchObject({ exit: 0, errors: [] })
    expect(await storageOf(node)).toBe(before)
    expect(await on(node, 'cat /mnt/cache/kept')).toBe('kept\n')
    expect(lab.ceph.pools.get('kube')!.get(image)!.content).toMatchObject({ uuid, damaged: false })
    expect(told.outcomes['ok']).toEqual(
      expect.arrayContaining([
        'the node is registered with IMS',
        'the image holds the file system that was made on it',
      ]),
    )
    expect(
      (await askGateway(lab, `/apis/ims/v3/remote-build-nodes/status/${node}`)).json,
    ).toMatchObject({ ableToRunJobs: true })
    const again = await trueup('run', 'after-reboot')
    expect(again).toMatchObject({ exit: 0, errors: [] })
    expect(again.outcomes['changed']).toBeUndefined()
  })

  it('waits until the cluster has noticed that the node was off', async () => {
    expect(await trueup('run', 'storage')).toMatchObject({ exit: 0 })
    await lab.reboot(node)
    let waits = 0
    const noticing = (event: Event): void => {
      if (event.type === 'task-progress' && waits++ === 0) skipped += watcherMilliseconds
    }
    expect(await trueup('run', 'after-reboot', [], node, noticing)).toMatchObject({
      exit: 0,
      errors: [],
    })
    expect(waits).toBeGreaterThan(0)
    expect(lab.ceph.pools.get('kube')!.get(image)!.watchers.size).toBe(1)
  })

  it('makes no image and no file system', async () => {
    expect(await trueup('run', 'after-reboot')).toMatchObject({ exit: 1 })
    expect(lab.ceph.pools.get('kube')!.size).toBe(0)
    await on(
      'ncn-m001',
      `rbd create kube/${image} --size 1000G --image-feature layering,exclusive-lock`,
    )
    expect(await trueup('run', 'after-reboot')).toMatchObject({
      exit: 1,
      outcomes: { failed: ['the image holds the file system that was made on it'] },
    })
    expect(lab.ceph.pools.get('kube')!.get(image)!.content).toBeNull()
  })
})

describe('lock.yaml and return-node.yaml', () => {
  it('lock, and give back all that was given, but the image', async () => {
    for (const playbook of ['remote-build-node', 'storage', 'lock'])
      expect(await trueup('run', playbook)).toMatchObject({ exit: 0, errors: [] })
    expect(lab.system.locks.get(node)).toMatchObject({ locked: true })
    expect((await trueup('run', 'lock')).outcomes).toEqual({
      ok: ['the node is as wanted in HSM', 'the lock of the node', 'what HSM says of it'],
    })

    await on(node, 'mkdir /tmp/ims_46a2731e')
    expect(await trueup('run', 'return-node')).toMatchObject({
      exit: 1,
      outcomes: { failed: ['no job of IMS runs on the node'] },
    })
    await on(node, 'rmdir /tmp/ims_46a2731e')
    expect(await trueup('run', 'return-node')).toMatchObject({ exit: 0, errors: [] })
    expect(await storageOf(node)).toMatch(/^0\nnameserver 10\.92\.100\.225\n$/)
    expect(lab.system.locks.get(node)?.locked ?? false).toBe(false)
    expect(lab.system.remoteBuildNodes.size).toBe(0)
    expect(lab.ceph.pools.get('kube')!.get(image)).toMatchObject({
      content: { damaged: false },
      watchers: new Set(),
    })
    const again = await trueup('run', 'return-node')
    expect(again).toMatchObject({ exit: 0, errors: [] })
    expect(again.outcomes['changed']).toBeUndefined()
  })

  it('destroys an image that is named and confirmed, and no other', async () => {
    expect(await trueup('run', 'storage', [], `${node},${other}`)).toMatchObject({ exit: 0 })
    const named = ['-e', `remove_images=["${image}"]`]
    const unasked = await trueup('run', 'return-node', named, `${node},${other}`)
    expect(unasked.exit).toBe(1)
    expect(unasked.errors.join()).toContain('run/no-terminal')
    expect(lab.ceph.pools.get('kube')!.size).toBe(2)
    expect(
      await trueup('run', 'return-node', [...named, '--yes'], `${node},${other}`),
    ).toMatchObject({ exit: 0, errors: [] })
    expect([...lab.ceph.pools.get('kube')!.keys()]).toEqual([`buildcache-${other}`])
  })

  it("refuses the name of an image that is not a node's, before anything is touched", async () => {
    expect(await trueup('run', 'storage')).toMatchObject({ exit: 0 })
    for (const name of [`${image}x`, 'buildcache', 'cache-x3000c0s19b1n0']) {
      const told = await trueup('run', 'return-node', [
        '-e',
        `remove_images=["${image}", "${name}"]`,
        '--yes',
      ])
      expect({ name, exit: told.exit, outcomes: told.outcomes }).toEqual({
        name,
        exit: 3,
        outcomes: {},
      })
    }
    expect(await trueup('run', 'return-node', ['-e', 'remove_image=[]'])).toMatchObject({
      exit: 3,
      outcomes: {},
    })
    expect(lab.ceph.pools.get('kube')!.size).toBe(1)
  })

  it('works on a node that has already forgotten everything', async () => {
    await lab.reboot(node)
    expect(await trueup('run', 'return-node')).toMatchObject({ exit: 0, errors: [] })
  })
})
