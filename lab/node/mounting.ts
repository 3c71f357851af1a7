import type { FileSystem } from '../ceph/ceph-cluster.ts'
import type { Machine, Mount, Mapping } from './machine.ts'
import type { Attached, Inode } from './file-tree.ts'

/** The number that the kernel gave its rbd driver; each image has sixteen partitions. */
export const rbdMajor = 252

/** The mapping whose block device an inode is. */
export function mappingOf(machine: Machine, inode: Inode): Mapping | undefined {
  return inode.kind === 'block'
    ? machine.mappings.find((each) => each.device.join() === inode.device.join())
    : undefined
}

/** Puts a folder over a place of the tree. What is at the place is seen no more, a mount over it hides it. */
export function attach(
  machine: Machine,
  over: { readonly parent: Attached | null; readonly at: Inode },
  top: Inode,
  mount: Omit<Mount, 'id' | 'parent' | 'attached' | 'fileSystem'>,
  fileSystem: FileSystem | null,
): void {
  const parent =
    machine.mounts.find((each) => each.attached !== null && each.attached === over.parent) ??
    parentByPath(machine, mount.target)
  const attached: Attached = { parent: over.parent, at: over.at, top }
  machine.tree.attached.push(attached)
  machine.mounts.push({
    ...mount,
    id: Math.max(...machine.mounts.map((each) => each.id)) + 1,
    parent: parent.id,
    attached,
    fileSystem,
  })
  if (!fileSystem) return
  // One file system on two machines: each writes over what the other has cached.
  if ([...fileSystem.mounted.keys()].some((boot) => boot !== machine.bootId))
    fileSystem.damaged = true
  fileSystem.mounted.set(machine.bootId, (fileSystem.mounted.get(machine.bootId) ?? 0) + 1)
}

/** Takes a mount away. */
export function detach(machine: Machine, mount: Mount): void {
  machine.mounts.splice(machine.mounts.indexOf(mount), 1)
  const { attached } = machine.tree
  if (mount.attached) attached.splice(attached.indexOf(mount.attached), 1)
  if (mount.fileSystem) letGo(machine, mount.fileSystem)
}

function letGo(machine: Machine, fileSystem: FileSystem): void {
  const left = (fileSystem.mounted.get(machine.bootId) ?? 1) - 1
  if (left > 0) {
    fileSystem.mounted.set(machine.bootId, left)
    return
  }
  fileSystem.mounted.delete(machine.bootId)
  // The last unmount writes the superblock that it has in its cache over whatever was formatted in the meantime.
  const { image } = fileSystem
  if (!image || image.content === fileSystem) return
  fileSystem.damaged = true
  image.content = fileSystem
}

/** What a power cut leaves: the cluster still takes the machine for alive. */
export function abandon(machine: Machine): void {
  for (const mapping of machine.mappings) mapping.watcher.lost = machine.world.ceph.now()
  for (const mount of machine.mounts) mount.fileSystem?.mounted.delete(machine.bootId)
}

// The tree's own mounts are known by their paths alone.
function parentByPath(machine: Machine, target: string): Mount {
  const around = machine.mounts.filter(
    (mount) =>
      mount.attached === null && target.startsWith(mount.target === '/' ? '/' : `${mount.target}/`),
  )
  return around.reduce((best, mount) => (mount.target.length > best.target.length ? mount : best))
}
