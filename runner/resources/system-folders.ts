import type { ParamFault } from '../contract/resource.ts'

/** Folders without which a system does not run, or that hold what all its users have. */
const systemFolders: ReadonlySet<string> = new Set(
  (
    '/ /bin /boot /dev /etc /home /lib /lib32 /lib64 /libx32 /proc /root /run /sbin /sys /tmp /usr /var ' +
    '/usr/bin /usr/lib /usr/lib32 /usr/lib64 /usr/libexec /usr/local /usr/sbin /usr/share /var/lib /var/log /var/run /var/spool /var/tmp'
  ).split(' '),
)

/** Why a path is never removed, or null: a path that is put together of inputs may come to one of these by mistake. */
export function systemFolderFault(path: string): ParamFault | null {
  const plain = `/${path.split('/').filter(Boolean).join('/')}`
  return systemFolders.has(plain)
    ? {
        message: `${plain} is a folder of the system, and is never removed`,
        hint: 'name what is to go in it; was a part of the path empty?',
      }
    : null
}
