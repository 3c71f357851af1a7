import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { raiseLab, type Lab } from '../../lab/lab.ts'
import { runInLab, type Told } from '../harness/run-in-lab.ts'

// The build cache where it is not an image that the playbook made: memory, a disk of the node, and an image of a person.

const node = 'x3000c0s19b1n0'
let folder: string
let lab: Lab
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'storage-elsewhere-'))
  lab = await raiseLab({ folder: join(folder, 'lab') })
})
afterEach(async () => {
  await lab.close()
  rmSync(folder, { recursive: true, force: true })
})

function trueup(playbook: string, ...flags: readonly string[]): Promise<Told> {
  return runInLab({ lab, folder, command: 'run', playbook, flags: ['--limit', node, ...flags] })
}
async function on(command: string, name = node): Promise<string> {
  const { stdout, stderr, exitCode } = await lab.nodes.get(name)!.run(command, { user: 'root' })
  expect({ command, exitCode, stderr: exitCode === 0 ? '' : stderr }).toEqual({
    command,
    exitCode: 0,
    stderr: '',
  })
  return stdout.trim()
}

/** The node as a person makes it a client of the storage cluster. */
async function clientOfCeph(): Promise<void> {
  await on(
    'zypper -n ar https://packages.local/repository/SUSE-SLE-Module-Basesystem-15-SP5-x86_64-Pool pool && zypper -n in ceph-common && mkdir -p /etc/ceph',
  )
  for (const file of ['ceph.conf', 'ceph.client.admin.keyring']) {
    const stdin = `${await on(`cat /etc/ceph/${file}`, 'ncn-m001')}\n`
    await lab.nodes.get(node)!.run(`cat > /etc/ceph/${file}`, { user: 'root', stdin })
  }
}

describe('storage.yaml', () => {
  it('lays the build cache into memory, and asks nothing of Ceph', async () => {
    const order = ['-e', 'storage_on=memory', '-e', 'memory_percent=25']
    expect(await trueup('storage', ...order)).toMatchObject({ exit: 0, errors: [] })
    expect(await on('findmnt -n -o FSTYPE /mnt/cache')).toBe('tmpfs')
    expect(await on('findmnt -n -o FSTYPE /var/lib/containers')).toBe('tmpfs')
    expect(lab.ceph.pools.get('kube')?.size ?? 0).toBe(0)
    expect(await trueup('storage', ...order)).toMatchObject({ exit: 0, changes: [] })
    // It is gone with the memory, and the same command makes it again.
    await lab.reboot(node)
    expect(await trueup('storage', ...order)).toMatchObject({ exit: 0, errors: [] })
  })

  it('lays it on a disk of the node, formats that once, and never one that holds something', async () => {
    // A disk must be named: nothing is touched before.
    expect((await trueup('storage', '-e', 'storage_on=disk')).exit).not.toBe(0)
    // A block device of the lab stands for the disk.
    await clientOfCeph()
    await on('rbd create kube/disk --size 20G --image-feature layering', 'ncn-m001')
    const disk = await on('rbd map kube/disk')
    const order = ['-e', 'storage_on=disk', '-e', `disk=${disk}`]
    const first = await trueup('storage', ...order)
    expect(first).toMatchObject({ exit: 0, errors: [] })
    expect(first.changes).toContain('the disk holds a file system')
    expect(await on('findmnt -n -o SOURCE /mnt/cache')).toBe(disk)
    await on('echo kept > /mnt/cache/var/tmp/file')
    expect(await trueup('storage', ...order)).toMatchObject({ exit: 0, changes: [] })
    expect(await on('cat /var/tmp/file')).toBe('kept')
  })

  it('takes over what a person has set up as the page says, with all that is on it', async () => {
    await clientOfCeph()
    await on('rbd create kube/buildcache --size 20G --image-feature layering', 'ncn-m001')
    const device = await on('rbd map kube/buildcache')
    await on(
      `mkfs.ext4 -q ${device} && mkdir -p /mnt/cache /var/lib/containers && mount ${device} /mnt/cache && cd /mnt/cache && mkdir -p tmp var/tmp var/lib/containers && mount --bind /mnt/cache/tmp /tmp && mount --bind /mnt/cache/var/lib/containers /var/lib/containers && mount --bind /mnt/cache/var/tmp /var/tmp && echo kept > /var/tmp/file`,
    )
    const images = `{"images": {"${node}": "buildcache"}}`
    const taken = await trueup('storage', '-e', images)
    expect(taken).toMatchObject({ exit: 0, errors: [] })
    expect(taken.changes).not.toContain('the image holds a file system')
    expect(taken.changes).not.toContain('the image is mapped on the node')
    expect([...lab.ceph.pools.get('kube')!.keys()]).toEqual(['buildcache'])
    expect(await on('cat /var/tmp/file; stat -c %a /tmp')).toBe('kept\n1777')
    expect(await trueup('storage', '-e', images)).toMatchObject({ exit: 0, changes: [] })
  })
})

describe('lock.yaml', () => {
  it('shows the lock, and leaves it as it is', async () => {
    expect((await trueup('lock', '-e', 'state=shown')).shown).toEqual({ [node]: ['not locked'] })
    expect((await trueup('lock')).changes).toEqual(['the node is as wanted in HSM'])
    expect(await trueup('lock', '-e', 'state=shown')).toMatchObject({
      exit: 0,
      changes: [],
      shown: { [node]: ['locked'] },
    })
  })
})
