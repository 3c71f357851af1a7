/** Programs that a type starts: each name must be there, of a list any one with all its programs. */
export type Program = string | readonly (readonly string[])[]

/** What every script starts, whatever the task. */
export const everyScript: readonly string[] = [
  'cat',
  'chmod',
  'chown',
  'cp',
  'dd',
  'find',
  'grep',
  'head',
  'id',
  'kill',
  'ln',
  'mkdir',
  'mv',
  'readlink',
  'rm',
  'sed',
  'sha256sum',
  'sleep',
  'stat',
  'sync',
  'uname',
  'wc',
]

const packages: readonly (readonly string[])[] = [
  ['zypper', 'rpm'],
  ['dnf', 'rpm'],
  ['apt-get', 'apt-cache', 'dpkg-query'],
]

/** The programs that each type starts on its host, beside those of every script. A test holds them against the cases of the types. */
export const programsOfTypes: Readonly<Record<string, readonly Program[]>> = {
  authorized_key: ['getent'],
  blkid: ['blkid'],
  ceph_auth: ['ceph'],
  copy: ['getent'],
  cron: ['crontab'],
  disk_space: ['df'],
  download: ['md5sum'],
  filesystem: ['blkid'],
  git: ['git'],
  group: ['getent', 'groupadd', 'groupmod', 'groupdel'],
  hostname: ['hostname'],
  k8s_config_map: ['kubectl'],
  k8s_secret: ['kubectl'],
  kernel_module: ['modprobe'],
  mount: ['mount', 'umount'],
  netconfig: ['netconfig'],
  package: [packages],
  package_repository: [packages],
  podman_container: ['podman'],
  product_catalog: ['kubectl'],
  rbd_image: ['rbd'],
  rbd_map: ['rbd'],
  rbd_watchers: ['rbd'],
  sysctl: ['sysctl'],
  systemd_service: ['systemctl'],
  template: ['getent'],
  user: ['getent', 'useradd', 'usermod', 'userdel', 'chpasswd'],
  zypper_repository: ['zypper'],
}

/** The services that each type asks. A test holds them against the cases of the types. */
export const servicesOfTypes: Readonly<Record<string, readonly string[]>> = {
  bos_component: ['bos'],
  bos_session: ['bos', 'hsm', 'pcs'],
  bos_session_template: ['bos'],
  cfs_configuration: ['cfs'],
  cfs_session: ['cfs', 'ims'],
  hsm_component: ['hsm'],
  hsm_lock: ['hsm'],
  ims_image: ['ims'],
  ims_job: ['ims'],
  ims_public_key: ['ims'],
  ims_remote_build_node: ['ims'],
  ims_remote_build_node_status: ['ims'],
  power: ['hsm', 'pcs'],
  sls_network: ['sls'],
}

/** Programs that a type starts only for some params: what is missing shows at the task. */
export const programsForSomeParams: Readonly<Record<string, readonly string[]>> = {
  filesystem: ['mkfs.ext2', 'mkfs.ext3', 'mkfs.ext4', 'mkfs.vfat', 'mkfs.xfs', 'rbd'],
  mount: ['findfs'],
}

/** The package that brings a program, by its name on SLES: where a playbook installs it, the program may still be missing. */
export const packagesOfPrograms: Readonly<Record<string, readonly string[]>> = {
  ceph: ['ceph-common'],
  git: ['git', 'git-core'],
  'mkfs.xfs': ['xfsprogs'],
  podman: ['podman'],
  rbd: ['ceph-common', 'rbd-nbd'],
}
