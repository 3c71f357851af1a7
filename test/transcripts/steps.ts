/** One command of a transcript, in a session that goes on; or the lock of zypper, which is held or let go of. */
export type Step =
  | { readonly run: string; readonly user?: string; readonly stdin?: string }
  | { readonly lock: 'held' | 'free' }

/** How a command ended on a real node. */
export interface Recorded {
  readonly run: string
  readonly user?: string
  readonly stdin?: string
  readonly exit: number
  readonly stdout: string
  readonly stderr: string
  /** What the simulated command is known to say otherwise, and why. */
  readonly differs?: { readonly exit?: string; readonly stdout?: string; readonly stderr?: string }
}

const zypper = (words: string): Step => ({ run: `zypper --non-interactive ${words}` })
const at = (name: string): string => `http://packages.local/repository/${name}`
const pool = at('SUSE-SLE-Module-Basesystem-15-SP5-x86_64-Pool')
const lines = (text: string, user?: string): Step[] =>
  text
    .trim()
    .split('\n')
    .map((run) => ({ run: run.trim(), ...(user === undefined ? {} : { user }) }))

/** What is recorded from real nodes, and replayed on simulated ones; each transcript begins on a new node. */
export const transcripts: Readonly<Record<string, readonly Step[]>> = {
  'zypper-repositories': [
    zypper('repos'),
    zypper('--xmlout repos'),
    zypper('removerepo nosuch'),
    zypper('modifyrepo --disable nosuch'),
    zypper('refresh nosuch'),
    zypper(`addrepo --priority 4 -- ${pool} base`),
    { run: 'cat /etc/zypp/repos.d/base.repo' },
    zypper(`addrepo -- ${pool} base`),
    zypper(`addrepo -- ${pool} again`),
    zypper('--xmlout repos'),
    zypper('refresh -- base'),
    zypper('modifyrepo --priority 7 --refresh -- base'),
    { run: 'cat /etc/zypp/repos.d/base.repo' },
    zypper('removerepo -- again'),
    zypper(`addrepo -- ${at('unsigned')} unsigned`),
    zypper('refresh -- unsigned'),
    zypper('modifyrepo --no-gpgcheck -- unsigned'),
    zypper('refresh -- unsigned'),
    zypper(`addrepo -- ${at('foreign')} foreign`),
    zypper('refresh -- foreign'),
    zypper('--gpg-auto-import-keys refresh -- foreign'),
    zypper(`addrepo -- ${at('none')} none`),
    zypper('refresh -- none'),
    { lock: 'held' },
    zypper(`addrepo -- ${pool} third`),
    zypper('removerepo base'),
    zypper('--xmlout repos'),
    { lock: 'free' },
    zypper('frobnicate'),
    zypper('addrepo'),
    { run: `zypper --non-interactive addrepo -- ${pool} mine`, user: 'guest' },
  ],
  'zypper-packages': [
    zypper('install -- tool'),
    zypper(`addrepo -- ${pool} base`),
    zypper(`addrepo -- ${at('odd')} odd`),
    zypper('install -- nowhere'),
    zypper('install -- tool nowhere'),
    { run: 'rpm -q tool' },
    zypper('install -- tool'),
    { run: 'rpm -q tool' },
    zypper('install -- tool'),
    zypper('search nowhere'),
    zypper('install -- needy'),
    zypper('install -- gone'),
    zypper('install -- early'),
    zypper('install -- late'),
    { run: 'rpm -q late early gone' },
    zypper('remove -- nowhere'),
    zypper('remove -- late'),
    { lock: 'held' },
    zypper('install -- late'),
    zypper('remove -- tool'),
    { lock: 'free' },
    zypper('remove -- tool'),
    zypper(`addrepo -- http://packages.local:81/x dead`),
    zypper('install -- tool'),
    zypper('install -- tool'),
    zypper('removerepo base'),
    zypper('removerepo odd'),
    zypper('install -- late'),
    ...lines(`rpm -q tool nowhere
      rpm -q --qf '%{NAME} %{VERSION}-%{RELEASE}\\n' -- tool nowhere elsewhere
      rpm -q --whatprovides /usr/bin/tool`),
  ],
  accounts: lines(`id nosuch
    getent passwd nosuch
    getent group nosuch
    groupadd --gid 6100 -- ims
    groupadd --gid 6100 -- other
    groupadd -- ims
    useradd --uid 6100 --gid ims --shell /bin/bash --create-home -- ims
    useradd -- ims
    useradd --uid 6100 -- second
    useradd --gid nosuch -- third
    getent passwd ims
    id ims
    usermod --gid nosuch -- ims
    usermod --append --groups users -- ims
    groupdel ims
    userdel --remove -- ims
    userdel nosuch
    groupdel nosuch
    getent passwd ims`),
  files: lines(`cd /srv && stat -c %a nosuch
    cd /srv && ls nosuch
    cd /srv && mkdir d && mkdir d
    cd /srv && touch d/f && rmdir d
    cd /srv && cat d
    cd /srv && cat nosuch
    cd /srv && rm d
    cd /srv && rm nosuch
    cd /srv && rm -f nosuch
    cd /srv && chmod 0640 nosuch
    cd /srv && chown nosuch d
    cd /srv && chgrp nosuch d
    cd /srv && mv nosuch d
    cd /srv && cp nosuch d
    cd /srv && cp d e
    cd /srv && ln -s d l && ln -s d l
    cd /srv && readlink l
    cd /srv && readlink d
    cd /srv && readlink -f l/f
    cd /srv && readlink -f no/such
    cd /srv && stat -c '%F %a %U %G %s %N' l
    cd /srv && stat -L -c '%F %a' l
    cd /srv && sha256sum nosuch
    cd /srv && sha256sum d
    cd /srv && printf abc | sha256sum
    cd /srv && mktemp -d no/such.XXXX
    cd /srv && install -m 0640 nosuch x
    cd /srv && head -c 3 nosuch
    cd /srv && grep -F x nosuch
    cd /srv && umask 077; touch p; stat -c %a p
    cd /srv && wc -c < nosuch
    cd /nosuch
    nosuch-command`),
  'files-of-others': lines(
    `cat /etc/shadow
    touch /etc/new
    mkdir /etc/new
    rm -f /etc/passwd
    chmod 0777 /etc/passwd
    chown guest /etc/passwd
    ls /root
    cat /root/.ssh/authorized_keys`,
    'guest',
  ),
  mounts: lines(`findmnt --mountpoint /nosuch
    mountpoint -q /srv
    mountpoint /srv
    umount /srv
    umount /nosuch
    mount /dev/nosuch /srv
    mount --bind /nosuch /srv
    blkid -p -o export /dev/nosuch
    wipefs -n --json /dev/nosuch
    mkfs.ext4 /dev/nosuch
    mkdir /srv/a /srv/b && mount --bind /srv/a /srv/b && mountpoint /srv/b
    findmnt -n -o FSROOT --mountpoint /srv/b | grep -o 'srv/a$'
    mount --bind /srv/a /srv/b && grep -c ' /srv/b ' /proc/self/mountinfo
    rmdir /srv/b
    umount /srv/b && umount /srv/b && umount /srv/b`),
  kernel: lines(`sysctl -n net.ipv4.ip_forward
    sysctl -w net.ipv4.ip_forward=1
    sysctl -n net.ipv4.ip_forward
    sysctl -n net.nosuch
    sysctl -w net.nosuch=1
    hostname
    hostname nid000001
    hostname
    uname -s`),
  sudo: [
    { run: 'sudo -n true', user: 'admin' },
    { run: 'sudo -n id -un', user: 'ops' },
    { run: 'sudo -n true', user: 'guest' },
    { run: "sudo -S -p 'say it: ' true", user: 'guest', stdin: 'rehearsal\n' },
    { run: "sudo -S -p 'say it: ' id -un", user: 'admin', stdin: 'wrong\nwrong\nwrong\n' },
    { run: "sudo -S -p 'say it: ' id -un", user: 'admin', stdin: 'rehearsal\n' },
    { run: 'sudo -n -u nosuch true', user: 'ops' },
    { run: 'sudo -n nosuch-command', user: 'ops' },
  ],
}

/** One command of the transcript about storage, on the master of a cluster or on a node that may map its images. */
export type StorageStep = Extract<Step, { readonly run: string }> & {
  readonly on: 'master' | 'node'
}

const [onMaster, onNode] = (['master', 'node'] as const).map(
  (on) =>
    (text: string): StorageStep[] =>
      lines(text).map((step) => ({ ...(step as { readonly run: string }), on })),
) as [(text: string) => StorageStep[], (text: string) => StorageStep[]]
const asKube = '--id kube --keyring /etc/ceph/ceph.client.kube.keyring'

/** What is recorded of Ceph, of a kernel with rbd and of file systems on it. */
export const storageSteps: readonly StorageStep[] = [
  ...onMaster(`rbd info --format json kube/cache
    rbd status --format json kube/cache
    rbd info --format json nosuch/cache
    rbd rm --no-progress kube/cache
    rbd create kube/cache --size 1G
    rbd create kube/cache --size 1G
    rbd info --format json kube/cache
    rbd feature disable kube/cache object-map fast-diff deep-flatten
    rbd feature disable kube/cache object-map
    rbd info --format json kube/cache
    rbd status --format json kube/cache
    rbd ls --format json kube
    ceph auth get client.nobody
    ceph auth get client.kube`),
  ...onNode(`rbd showmapped --format json
    rbd showmapped
    rbd unmap /dev/rbd0
    rbd unmap kube/cache
    rbd map ${asKube} kube/nosuch
    rbd map -o exclusive ${asKube} kube/cache
    rbd showmapped --format json
    rbd map -o exclusive ${asKube} kube/cache
    rbd map ${asKube} kube/cache
    blkid -p -o export /dev/rbd0
    wipefs -n --json /dev/rbd0
    mkfs.ext4 -q /dev/rbd0
    blkid -p -o export /dev/rbd0
    mkdir -p /srv/disk && mount /dev/rbd0 /srv/disk && findmnt -no SOURCE,FSTYPE /srv/disk
    rbd unmap /dev/rbd0`),
  ...onMaster(`rbd status --format json kube/cache
    rbd rm --no-progress kube/cache`),
  ...onNode(`umount /srv/disk
    rbd unmap /dev/rbd0
    rbd showmapped --format json
    rbd map ${asKube} kube/cache
    rbd map ${asKube} kube/cache
    rbd showmapped --format json
    rbd unmap /dev/rbd1
    rbd unmap /dev/rbd0`),
  ...onMaster('rbd rm --no-progress kube/cache'),
]

/** What differs from cluster to cluster, taken out beside what `settled` takes: ids, addresses, keys, times, lines of a library's log. */
export function settledStorage(text: string): string {
  return withoutLog(settled(text))
    .replace(
      /"(id|block_name_prefix|create_timestamp|access_timestamp|modify_timestamp|address)":"(?!\d")[^"]*"/g,
      '"$1":"{$1}"',
    )
    .replace(/"(client|cookie)":\d+/g, '"$1":0')
    .replace(/key = \S+/g, 'key = {key}')
    .replace(/\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/g, '{uuid}')
}

/** The library writes its log from a thread of its own: before, within or behind what the program says, and its line ends apart from its lines. */
function withoutLog(text: string): string {
  // Behind its line comes a line end of the program's own, or the rest of what the program was saying.
  const said = text.replace(
    /\d{4}-\d\d-\d\dT\S+ [0-9a-f]+ +-?\d+ librbd.*?(?:\n(?:\n(?=\())?|(?=rbd: |$))/gm,
    '',
  )
  return said === text ? text : said.replace(/\n{2,}/g, '\n').replace(/^\n/, '')
}

/** What differs from node to node and from run to run, taken out: process ids, dots of progress, fingerprints, dates, line ends of a bar. */
export function settled(text: string): string {
  return text
    .replace(/\r[^\n]*\r/g, '\r')
    .replace(/\r/g, '\n')
    .replace(/\bpid \d+ \([^)]*\)/g, 'pid {pid}')
    .replace(/\[\.*(done|error|not found)/g, '[$1')
    .replace(
      /\[[.\\|/-]*(done|error|not found)?\.* *(?:\([^)]*\/s\))?\]/g,
      (_, word: string | undefined) => (word ? `[${word}]` : '[]'),
    )
    .replace(/RPM failed: (?:rpm: .*\n)+/g, 'RPM failed: ')
    .replace(/^((?:rpm: .*|sudo: unable to resolve host .*)\n)+/gm, '')
    .replace(/(?:sh|bash): (?:line )?\d+: /g, 'sh: ')
    .replace(/^bash: (?:line \d+: )?/gm, 'sh: ')
    .replace(/after \d+ ms/g, 'after {n} ms')
    .replace(/(Key Fingerprint|Key Created|Rpm Name): .*/g, '$1: {key}')
    .replace(/ *[\d.]+ +(?:[KMG]i)?B\b/g, ' {size}')
    .replace(/[ \t]+$/gm, '')
}
