import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { playbook, desk, type Desk } from './desk.ts'
import { startNode, stopNodes, type RealNode } from './nodes.ts'

// Every type that touches a host and that these nodes have programs for: false, planned, made true, left alone, undone, left alone.

const there = playbook(`
- ensure: the base repository
  zypper_repository:
    name: base
    repo: http://packages.local/repository/SUSE-SLE-Module-Basesystem-15-SP{{ facts.sp }}-{{ facts.arch }}-Pool/
    priority: 4
- ensure: its name
  zypper_repository: { name: base, description: Base system, autorefresh: true }
- ensure: the repository of containers
  zypper_repository: { name: containers, repo: "http://packages.local/repository/SUSE-SLE-Module-Containers-15-SP{{ facts.sp }}-{{ facts.arch }}-Pool", runrefresh: true }
- ensure: Podman is installed
  package: { name: [podman] }
- require: Podman is where IMS looks
  command_exists: { name: podman, path: /usr/bin/podman }
- ensure: a folder
  file: { path: /mnt/cache/tmp, state: directory, mode: '1777' }
- ensure: a link
  file: { path: /mnt/link, state: link, src: /mnt/cache }
- ensure: a message
  copy: { dest: /etc/motd, content: "it's there\\n", mode: '0640', owner: root, group: ops }
- ensure: a file in a home
  copy: { dest: ~admin/.note, src: note.bin, mode: '0600', owner: admin }
- ensure: a configuration
  template: { dest: /etc/chrony.conf, src: chrony.conf.hbs }
- ensure: a line
  lineinfile: { path: /etc/security/limits.conf, line: '* soft nofile 4096', insertbefore: ^# End }
- ensure: a group
  group: { name: ims, gid: 6100 }
- ensure: an account
  user: { name: ims, uid: 6100, group: ims, shell: /bin/bash, groups: [ops] }
- ensure: its key
  authorized_key: { user: ims, key: ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAICXH441HmSKpVpvks2bAHQNGEkuNqCM3ENBaKbOf0sEu me }
- ensure: the name of the host
  hostname: { name: "nid00{{ facts.sp }}" }
- ensure: forwarding
  sysctl: { name: net.ipv4.ip_forward, value: "1" }
- ensure: a module at boot
  kernel_module: { name: ext4, persistent: present }
- ensure: a file system
  filesystem: { dev: /dev/cache, fstype: ext4, opts: -L build-cache }
- ensure: it is mounted
  mount: { path: /mnt/disk, src: /dev/cache, fstype: ext4, opts: noatime }
- ensure: a folder on it
  file: { path: /mnt/disk/tmp, state: directory }
- ensure: it shows elsewhere
  mount: { path: /srv/jobs, src: /mnt/disk/tmp, opts: bind, mode: '1777' }
- require: room
  disk_space: { path: /mnt/disk, free: 1M }
- read: a value
  command: { argv: [echo, '{"a": [1, 2]}'] }
  register: told
- read: it is shown
  print: { value: "{{ told.json.a }}" }
- run: a command once
  command: { cmd: "echo $HOME > /root/once" }
  creates: /root/once
`)
const gone = playbook(`
- ensure: it shows nowhere else
  mount: { path: /srv/jobs, state: unmounted }
- ensure: it is not mounted
  mount: { path: /mnt/disk, state: unmounted }
- ensure: no module at boot
  kernel_module: { name: ext4, persistent: absent }
- ensure: no setting
  sysctl: { name: net.ipv4.ip_forward, state: absent }
- ensure: no key
  authorized_key: { user: ims, key: ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAICXH441HmSKpVpvks2bAHQNGEkuNqCM3ENBaKbOf0sEu, state: absent }
  tags: [account]
- ensure: no account
  user: { name: ims, state: absent, remove: true }
- ensure: no group
  group: { name: ims, state: absent }
- ensure: no line
  lineinfile: { path: /etc/security/limits.conf, search_string: nofile 4096, state: absent }
- ensure: no message
  file: { path: /etc/motd, state: absent }
- ensure: no link
  file: { path: /mnt/link, state: absent }
- ensure: no folder
  file: { path: /mnt/cache, state: absent, recurse: true }
- ensure: no Podman
  package: { name: podman, state: absent }
- ensure: no repository
  zypper_repository: { name: containers, state: absent }
`)

/** A block device that the kernel lets go of when the node ends: detached while it is open, it stays until it is closed. */
const blockDevice = `
truncate -s 64M /var/disk
cp -a /sys/block /dev/null 2>/dev/null || :
for n in 0 1 2 3 4 5 6 7; do [ -b /dev/loop$n ] || mknod /dev/loop$n b 7 $n; done
device=$(losetup --find --show /var/disk)
(exec sleep 100000 9<$device) >/dev/null 2>&1 &
sleep 0.2
losetup --detach $device
ln -s $device /dev/cache`

/** The kernel of this machine has ext4 built in, and says so where every kernel does. */
const kernel = `
mkdir -p /lib/modules/$(uname -r) /etc/modules-load.d
echo kernel/fs/ext4/ext4.ko >/lib/modules/$(uname -r)/modules.builtin
touch /lib/modules/$(uname -r)/modules.dep
`

let [sp5, sp6]: RealNode[] = []
let both: Desk
beforeAll(async () => {
  ;[sp5, sp6] = await Promise.all([
    startNode({ name: 'x3000c0s19b1n0', at: 11, setup: kernel + blockDevice }),
    startNode({ name: 'x3000c0s19b2n0', at: 12, sp: 6, setup: kernel + blockDevice }),
  ])
  both = desk([sp5!, sp6!])
  writeFileSync(join(both.folder, 'note.bin'), 'note\n'.repeat(20_000))
  writeFileSync(join(both.folder, 'chrony.conf.hbs'), 'server {{ host.name }}-gw\n')
})
afterAll(stopNodes)

const made = [
  'the base repository',
  'its name',
  'the repository of containers',
  'Podman is installed',
  'a folder',
  'a link',
  'a message',
  'a file in a home',
  'a configuration',
  'a line',
  'a group',
  'an account',
  'its key',
  'the name of the host',
  'forwarding',
  'a module at boot',
  'a file system',
  'it is mounted',
  'a folder on it',
  'it shows elsewhere',
  'a command once',
]
const twice = (sentences: readonly string[]): string[] =>
  sentences.flatMap((each) => [each, each]).sort()

describe('the types on real nodes', () => {
  it('plan what the run then does', async () => {
    const plan = await both.trueup('plan', there)
    expect(
      plan.outcomes.filter((each) => /^(failed|unreachable)/.test(each)),
      plan.words,
    ).toEqual([])
    expect(plan.exit, plan.words).toBe(2)
    const planned = new Set([...plan.of('would change'), ...plan.of('unknown')])
    expect(made.filter((each) => !planned.has(each))).toEqual([])
    expect(sp5!.sh('rpm -q podman; test -e /etc/zypp/repos.d/base.repo').exit).not.toBe(0)
  })

  it('make everything true, once', async () => {
    const first = await both.trueup('run', there)
    expect(
      first.outcomes.filter((each) => /^(failed|unreachable)/.test(each)),
      first.words,
    ).toEqual([])
    expect(first.of('changed').sort(), first.words).toEqual(twice(made))
    const again = await both.trueup('run', there)
    expect([again.exit, again.of('changed'), again.of('failed')], again.words).toEqual([0, [], []])
    expect((await both.trueup('plan', there)).exit).toBe(0)
  })

  it('did it for real', () => {
    for (const [node, sp] of [
      [sp5!, 5],
      [sp6!, 6],
    ] as const) {
      const told =
        node.sh(`podman; rpm -q conmon; cat /etc/zypp/repos.d/base.repo; stat -c '%a %U %G' /etc/motd ~admin/.note /mnt/cache/tmp; wc -c <~admin/.note; id ims; hostname; cat /proc/sys/net/ipv4/ip_forward
        findmnt -no OPTIONS /mnt/disk; findmnt -no FSROOT /srv/jobs; blkid -o value -s LABEL /dev/cache; cat /etc/chrony.conf /root/once; stat -c %a /srv/jobs`)
      expect(told.stdout).toContain(
        `baseurl=http://packages.local/repository/SUSE-SLE-Module-Basesystem-15-SP${sp}-x86_64-Pool`,
      )
      for (const line of [
        'podman version 4.4.4',
        'conmon-2.1.5-1.noarch',
        'priority=4',
        '640 root ops',
        '600 admin root',
        '1777 root root',
        '100000',
        'uid=6100(ims)',
        `nid00${sp}`,
        '/tmp',
        'build-cache',
        `server ${node.name}-gw`,
        '/root',
      ])
        expect(told.stdout).toContain(line)
      expect(told.stdout).toMatch(/noatime/)
    }
  })

  it('undo it, once', async () => {
    const plan = await both.trueup('plan', gone)
    expect([plan.exit, plan.of('failed')], plan.words).toEqual([2, []])
    const first = await both.trueup('run', gone)
    expect(first.of('failed'), first.words).toEqual([])
    expect(first.of('changed')).toHaveLength(26)
    const again = await both.trueup('run', gone, '--skip-tags', 'account')
    expect([again.exit, again.of('changed'), again.of('failed')], again.words).toEqual([0, [], []])
    const told = sp5!.sh(
      'rpm -q podman; ls /etc/zypp/repos.d; getent passwd ims; findmnt /mnt/disk; ls -d /mnt/cache',
    )
    expect(told.stdout).toBe('package podman is not installed\nbase.repo\n')
  })
})
