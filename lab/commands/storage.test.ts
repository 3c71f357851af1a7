import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { makeCeph, type CephCluster } from '../ceph/ceph-cluster.ts'
import { bench, closeBench } from '../node/node-bench.fixture.ts'
import type { CommandResult, LabNode } from '../node/node-model.ts'

let now = Date.now()
let ceph: CephCluster
let master: LabNode
let builder: LabNode
let other: LabNode
beforeEach(async () => {
  now = 1_700_000_000_000
  ceph = makeCeph(() => now)
  const address = (name: string): string =>
    ({ 'ncn-m001': '10.252.1.4', x3000c0s19b1n0: '10.252.2.1' })[name] ?? '10.252.2.4'
  master = await bench({ name: 'ncn-m001', role: 'management' }, { ceph, address })
  builder = await bench({ imagePackages: ['ceph-common', 'podman'] }, { ceph, address })
  other = await bench({ name: 'x3000c0s19b1n0', imagePackages: ['ceph-common'] }, { ceph, address })
  for (const node of [builder, other]) await admit(node)
})
afterEach(closeBench)

const on = (node: LabNode, command: string): Promise<CommandResult> =>
  node.run(command, { user: 'root' })
async function done(node: LabNode, command: string): Promise<string> {
  const { stdout, stderr, exitCode } = await on(node, command)
  expect({ command, stderr, exitCode }).toMatchObject({ exitCode: 0 })
  return stdout
}
/** What the procedure copies to a node. */
async function admit(node: LabNode): Promise<void> {
  for (const file of ['ceph.conf', 'ceph.client.kube.keyring']) {
    const text =
      file === 'ceph.conf'
        ? await done(master, 'cat /etc/ceph/ceph.conf')
        : await done(master, 'ceph auth export client.kube')
    await node.run(`mkdir -p /etc/ceph; cat > /etc/ceph/${file}`, { user: 'root', stdin: text })
  }
}
const map = 'rbd map --id kube kube/cache'
async function imageMade(): Promise<void> {
  await done(
    master,
    'rbd create kube/cache --size 8G; rbd feature disable kube/cache object-map fast-diff deep-flatten',
  )
}
const watchers = async (): Promise<{ address: string }[]> =>
  (
    JSON.parse(await done(master, 'rbd status kube/cache --format json')) as {
      watchers: { address: string }[]
    }
  ).watchers

describe('rbd', () => {
  it('ends with the errno, also where the cluster is out of reach', async () => {
    expect(await on(master, 'rbd info kube/cache')).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('error opening image cache: (2) No such file'),
    })
    expect(await on(master, 'rbd info nosuch/cache')).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('error opening pool'),
    })
    await done(master, 'rbd create kube/cache --size 1000G')
    expect(await on(master, 'rbd create kube/cache --size 1000G')).toMatchObject({ exitCode: 17 })
    expect(JSON.parse(await done(master, 'rbd info --format json kube/cache'))).toMatchObject({
      size: 1_073_741_824_000,
      features: ['layering', 'exclusive-lock', 'object-map', 'fast-diff', 'deep-flatten'],
    })
    expect(await on(builder, map)).toMatchObject({ exitCode: 6 })
    await done(master, 'rbd feature disable kube/cache object-map fast-diff deep-flatten')
    expect(await on(master, 'rbd feature disable kube/cache object-map')).toMatchObject({
      exitCode: 22,
      stderr: expect.stringContaining('already disabled'),
    })
    await done(builder, 'rm /etc/ceph/ceph.conf')
    expect(await on(builder, 'rbd info --id kube kube/cache')).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining("couldn't connect to the cluster!"),
    })
    expect(await done(builder, 'rbd showmapped --format json')).toBe('[]\n')
  })

  it('gives keys to those who may have them only', async () => {
    expect(await done(master, 'ceph auth get client.kube')).toMatch(
      /^\[client\.kube\]\n\tkey = \S+\n/,
    )
    expect(await on(master, 'ceph auth get client.nobody')).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('ENOENT'),
    })
    expect((await on(builder, 'ceph --id kube auth get client.admin')).exitCode).not.toBe(0)
    await done(builder, "sed -i 's/key = ...../key = AAAAA/' /etc/ceph/ceph.client.kube.keyring")
    expect(await on(builder, 'rbd ls --id kube kube')).toMatchObject({ exitCode: 1 })
  })

  it('maps twice to two devices, and a format through the second loses what the first holds', async () => {
    await imageMade()
    expect([await done(builder, map), await done(builder, map)]).toEqual([
      '/dev/rbd0\n',
      '/dev/rbd1\n',
    ])
    await done(
      builder,
      'mkfs.ext4 /dev/rbd0; mkdir /mnt/cache; mount /dev/rbd0 /mnt/cache; echo kept > /mnt/cache/file',
    )
    const uuid = await done(builder, 'blkid -p -s UUID -o value /dev/rbd1')
    expect((await on(builder, 'mkfs.ext4 /dev/rbd0')).exitCode).toBe(1)
    await done(builder, 'mkfs.ext4 /dev/rbd1')
    expect(await done(builder, 'cat /mnt/cache/file')).toBe('kept\n')
    await done(builder, 'umount /mnt/cache')
    expect(await done(builder, 'blkid -p -s UUID -o value /dev/rbd1')).toBe(uuid)
    expect(await on(builder, 'mount /dev/rbd1 /mnt/cache')).toMatchObject({
      exitCode: 32,
      stderr: expect.stringContaining('Structure needs cleaning'),
    })
  })

  it('refuses a second map when the first was exclusive, however it is asked for, and lets it in otherwise', async () => {
    await imageMade()
    await done(builder, `${map} -o exclusive`)
    for (const node of [other, builder])
      for (const words of [`${map} -o exclusive`, map])
        expect(await on(node, words)).toMatchObject({ exitCode: 30 })
    expect((await watchers()).map((each) => each.address)).toEqual([
      expect.stringMatching(/^10\.252\.2\.4:0\//),
    ])
    await done(builder, `rbd unmap /dev/rbd0; ${map}`)
    await done(other, map)
    expect(await watchers()).toHaveLength(2)
    expect((await on(master, 'rbd rm kube/cache')).exitCode).toBe(16)
  })

  it('keeps what is on the image over a power cycle, and the dead watcher for a while', async () => {
    await imageMade()
    await done(
      builder,
      `${map} -o exclusive; mkfs.ext4 /dev/rbd0; mount /dev/rbd0 /mnt; echo kept > /mnt/file`,
    )
    await builder.reboot()
    expect(await done(builder, 'rbd showmapped --format json; ls /mnt; ls /dev')).not.toContain(
      'rbd',
    )
    await admit(builder)
    expect(await watchers()).toHaveLength(1)
    now += 26_000
    expect(await watchers()).toHaveLength(0)
    await done(builder, `${map} -o exclusive; mount /dev/rbd0 /mnt`)
    expect(await done(builder, 'cat /mnt/file; blkid -p -s TYPE -o value /dev/rbd0')).toBe(
      'kept\next4\n',
    )
  })
})

describe('ceph', () => {
  it('tells its health as text and as JSON', async () => {
    expect((await on(master, 'ceph health')).stdout).toBe('HEALTH_OK\n')
    expect((await on(master, 'ceph -s')).stdout).toContain('health: HEALTH_OK')
    expect(JSON.parse((await on(master, 'ceph -s -f json')).stdout)).toMatchObject({
      health: { status: 'HEALTH_OK' },
    })
    expect(JSON.parse((await on(master, 'ceph health --format json')).stdout)).toMatchObject({
      status: 'HEALTH_OK',
    })
  })
})

describe('mount', () => {
  it('binds over what is there, as often as it is told to', async () => {
    await imageMade()
    await done(
      builder,
      `${map}; mkfs.ext4 /dev/rbd0; mkdir -p /mnt/cache; mount /dev/rbd0 /mnt/cache; mkdir -p -m 1777 /mnt/cache/tmp; echo outer > /tmp/outer`,
    )
    await done(
      builder,
      'mount --bind /mnt/cache/tmp /tmp; mount --bind /mnt/cache/tmp /tmp; echo inner > /tmp/inner',
    )
    expect(await done(builder, 'ls /tmp /mnt/cache/tmp')).toBe(
      '/tmp:\ninner\n\n/mnt/cache/tmp:\ninner\n',
    )
    expect((await done(builder, "grep -c ' /tmp /tmp ' /proc/self/mountinfo")).trim()).toBe('2')
    expect(
      JSON.parse(await done(builder, 'findmnt --json -o SOURCE,FSROOT,MAJ:MIN --mountpoint /tmp')),
    ).toEqual({
      filesystems: Array(2).fill({ source: '/dev/rbd0[/tmp]', fsroot: '/tmp', 'maj:min': '252:0' }),
    })
    expect(await on(builder, 'mount /dev/rbd0 /mnt/cache')).toMatchObject({
      exitCode: 32,
      stderr: expect.stringContaining('already mounted'),
    })
    expect(await on(builder, 'rmdir /mnt/cache/tmp/..')).not.toMatchObject({ exitCode: 0 })
    await done(builder, 'umount /mnt/cache')
    expect(await on(builder, 'rbd unmap /dev/rbd0')).toMatchObject({ exitCode: 16 })
    await done(builder, 'umount /tmp; umount /tmp')
    expect(await done(builder, 'ls /tmp')).toBe('outer\n')
    expect(await on(builder, 'umount /tmp')).toMatchObject({
      exitCode: 32,
      stderr: 'umount: /tmp: not mounted.\n',
    })
    await done(builder, 'rbd unmap /dev/rbd0')
    expect(await on(builder, 'rbd unmap /dev/rbd0')).toMatchObject({ exitCode: 22 })
    expect(await watchers()).toEqual([])
  })

  it('spoils podman when it was asked before its store was mounted', async () => {
    await done(
      builder,
      'podman ps -q; mkdir -p /var/lib/containers; mount -t tmpfs tmpfs /var/lib/containers',
    )
    expect(await on(builder, 'podman info')).toMatchObject({ exitCode: 125 })
    await done(builder, 'rm /run/containers/storage/overlay/overlay-false')
    expect(await done(builder, 'podman info')).toContain('graphDriverName: overlay')
    await done(builder, 'podman run -d --name ims-1 image')
    expect((await on(builder, 'pgrep -x conmon')).exitCode).toBe(0)
    expect((await on(builder, 'umount /var/lib/containers')).exitCode).toBe(32)
    await done(builder, 'podman rm ims-1; umount /var/lib/containers')
  })
})

describe('netconfig', () => {
  it('writes what its file says, and takes a file of its own away only when forced', async () => {
    await done(
      builder,
      `sed -i 's/_SERVERS=""/_SERVERS="10.92.100.225"/; s/LIST=""/LIST="nmn mtl hmn"/' /etc/sysconfig/network/config; netconfig update`,
    )
    expect(await done(builder, 'cat /etc/resolv.conf')).toContain(
      'search nmn mtl hmn\nnameserver 10.92.100.225\n',
    )
    await done(builder, 'rm /etc/resolv.conf; echo mine > /etc/resolv.conf')
    expect((await on(builder, 'netconfig update')).exitCode).toBe(20)
    expect(await done(builder, 'netconfig update -f; readlink /etc/resolv.conf')).toBe(
      '/run/netconfig/resolv.conf\n',
    )
  })
})

describe('emptiness of a device', () => {
  it('is told by its objects and by its bytes, and ends when it is discarded', async () => {
    await imageMade()
    await done(builder, map)
    const told = async (): Promise<readonly string[]> => [
      await done(builder, 'rbd diff --id kube --format json kube/cache'),
      (await on(builder, 'cmp -n 8589934592 /dev/rbd0 /dev/zero')).stdout,
    ]
    expect(await done(builder, 'blockdev --getsize64 /dev/rbd0')).toBe('8589934592\n')
    expect(await done(builder, 'cat /sys/bus/rbd/devices/0/config_info')).toContain('name=kube,')
    expect(await told()).toEqual(['[]\n', ''])
    await done(builder, 'mkfs.ext4 -q /dev/rbd0; wipefs --all /dev/rbd0')
    expect(await told()).toEqual([
      expect.stringContaining('"exists":"true"'),
      '/dev/rbd0 /dev/zero differ: byte 1025, line 1\n',
    ])
    await done(builder, 'blkdiscard /dev/rbd0')
    expect(await told()).toEqual(['[]\n', ''])
    await done(builder, 'rbd unmap /dev/rbd0; ! ls /sys/bus/rbd/devices/0')
  })
})
