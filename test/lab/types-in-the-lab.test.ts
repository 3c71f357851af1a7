import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { typed } from '../../runner/cli/io.fixture.ts'
import type { OutcomeEvent } from '../../runner/model/event.ts'
import { raiseLab, type Lab } from '../../lab/lab.ts'

// Every type that the rehearsal lab has programs for, on one of its nodes: made true, left alone, and undone.

const there = `playbook: Everything is there
plays:
  - play: it is there
    hosts: remote_build_nodes
    tasks:
      - ensure: the base repository
        zypper_repository:
          name: base
          repo: https://packages.local/repository/SUSE-SLE-Module-Basesystem-15-SP{{ facts.sp }}-{{ facts.arch }}-Pool/
          priority: 4
      - ensure: its name
        zypper_repository: { name: base, description: Base system, autorefresh: true }
      - ensure: the repository of containers
        zypper_repository: { name: containers, repo: "https://packages.local/repository/SUSE-SLE-Module-Containers-15-SP{{ facts.sp }}-{{ facts.arch }}-Pool" }
      - ensure: Podman is installed
        package: { name: [podman] }
      - ensure: the newer tmux is wanted
        package: { name: 'tmux>=3.0' }
      - ensure: its version is this one
        package: { name: [tmux=3.1c, 'podman>=4.4'] }
      - require: Podman is where IMS looks
        command_exists: { name: podman, path: /usr/bin/podman }
      - ensure: a folder
        file: { path: /mnt/cache/tmp, state: directory, mode: '1777' }
      - ensure: a link
        file: { path: /mnt/link, state: link, src: /mnt/cache }
      - ensure: a message
        copy: { dest: /etc/motd, content: "it's there\\n", mode: '0640', owner: root, group: root }
        notify: sshd is restarted
      - ensure: who may use sudo
        copy: { dest: /etc/sudoers.d/ops, content: "%ops ALL=(root) /usr/bin/zypper\\n", mode: '0440', validate: visudo -cf %s }
      - ensure: a file in a home
        copy: { dest: ~root/.note, src: note.bin, mode: '0600' }
      - ensure: a copy of it
        copy: { dest: /etc/chrony.d.copy, remote_src: /etc/motd, mode: '0600' }
      - ensure: a folder of files
        copy_folder: { src: site, dest: /opt/site }
      - ensure: a copy of that
        copy_folder: { remote_src: /opt/site, dest: /opt/site2, mode: '0600', owner: root }
      - ensure: a configuration
        template: { dest: /etc/chrony.conf, src: chrony.conf.hbs }
      - ensure: a line
        lineinfile: { path: /etc/hosts, line: 10.92.100.225 unbound, insertafter: ^127 }
      - ensure: a group
        group: { name: ims, gid: 6100 }
      - ensure: an account
        user: { name: ims, uid: 6100, group: ims, shell: /bin/bash }
      - ensure: its key
        authorized_key: { user: ims, key: ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAICXH441HmSKpVpvks2bAHQNGEkuNqCM3ENBaKbOf0sEu me }
      - ensure: the name of the host
        hostname: { name: "{{ host.name }}" }
      - ensure: forwarding
        sysctl: { name: net.ipv4.ip_forward, value: "1" }
      - ensure: a module
        kernel_module: { name: rbd, persistent: present }
      - ensure: a service
        systemd_service: { name: sshd, state: started, enabled: true }
      - require: room
        disk_space: { path: /, free: 1M }
      - read: a value
        command: { argv: [echo, '{"a": [1, 2]}'] }
        register: told
      - read: it is shown
        print: { value: "{{ told.json.a }}" }
      - ensure: the registration
        ims_remote_build_node: { xname: "{{ host.name }}" }
      - read: the list
        http: { service: ims, path: /v3/remote-build-nodes }
    handlers:
      - ensure: sshd is restarted
        systemd_service: { name: sshd, state: restarted }
`
const gone = `playbook: Everything is gone
plays:
  - play: it is gone
    hosts: remote_build_nodes
    tasks:
      - ensure: no registration
        ims_remote_build_node: { xname: "{{ host.name }}", state: absent }
      - ensure: no module at boot
        kernel_module: { name: rbd, state: absent, persistent: absent }
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
        lineinfile: { path: /etc/hosts, search_string: unbound, state: absent }
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
`

let folder = ''
let lab: Lab
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'types-in-the-lab-'))
  writeFileSync(join(folder, 'there.yaml'), there)
  writeFileSync(join(folder, 'gone.yaml'), gone)
  mkdirSync(join(folder, 'site/bin'), { recursive: true })
  writeFileSync(join(folder, 'site/bin/go'), '#!/bin/sh\n', { mode: 0o755 })
  writeFileSync(join(folder, 'site/big'), 'x'.repeat(100_000))
  writeFileSync(join(folder, 'note.bin'), 'note\n'.repeat(20_000))
  writeFileSync(join(folder, 'chrony.conf.hbs'), 'server {{ host.name }}-gw\n')
  lab = await raiseLab({ folder: join(folder, 'lab') })
})
afterAll(async () => {
  await lab?.close()
  rmSync(folder, { recursive: true, force: true })
})

/** Runs a playbook on one node: its exit, and the tasks by their outcomes. */
async function run(
  playbook: string,
  ...flags: readonly string[]
): Promise<{
  readonly exit: number
  readonly failed: readonly string[]
  readonly changed: readonly string[]
}> {
  const { exit, events } = await typed(
    [
      'run',
      join(folder, playbook),
      '--limit',
      'x3000c0s19b1n0',
      ...flags,
      ...lab.inventoryFiles.flatMap((file) => ['-i', file]),
    ],
    { env: { HOME: folder }, cwd: folder, stateFolder: join(folder, 'state') },
  )
  const sentences = new Map<string, string>()
  for (const event of events)
    if (event.type === 'play-started')
      for (const task of event.tasks) sentences.set(task.id, task.sentence)
  const named = (outcome: OutcomeEvent['outcome']): string[] =>
    events
      .filter((each) => each.type === 'outcome')
      .filter((each) => each.outcome === outcome)
      .map((each) => `${sentences.get(each.task)}${each.error ? `: ${each.error.message}` : ''}`)
  return { exit, failed: named('failed'), changed: named('changed') }
}

describe('the types in the rehearsal lab', () => {
  it('make everything true, once', async () => {
    const first = await run('there.yaml')
    expect(first.failed).toEqual([])
    expect(first.changed).toEqual([
      'the base repository',
      'its name',
      'the repository of containers',
      'Podman is installed',
      'the newer tmux is wanted',
      'a folder',
      'a link',
      'a message',
      'who may use sudo',
      'a file in a home',
      'a copy of it',
      'a folder of files',
      'a copy of that',
      'a configuration',
      'a line',
      'a group',
      'an account',
      'its key',
      'forwarding',
      'a module',
      'the registration',
      'sshd is restarted',
    ])
    expect(await run('there.yaml')).toEqual({ exit: 0, failed: [], changed: [] })
  })

  it('leave what a check refuses as it is', async () => {
    writeFileSync(
      join(folder, 'refused.yaml'),
      "playbook: Refused\nplays:\n  - play: p\n    hosts: remote_build_nodes\n    tasks:\n      - ensure: who may use sudo\n        lineinfile: { path: /etc/sudoers.d/ops, regexp: ^%ops, line: '%ops may do all', validate: visudo -cf %s }\n",
    )
    const refused = await run('refused.yaml')
    expect(refused).toMatchObject({ exit: 1, changed: [] })
    expect(refused.failed[0]).toMatch(/`visudo -cf NEW` failed: .*NEW:1:\d+: syntax error/)
    expect(await run('there.yaml')).toEqual({ exit: 0, failed: [], changed: [] })
  })

  it('undo it, once', async () => {
    const first = await run('gone.yaml')
    expect(first.failed).toEqual([])
    expect(first.changed).toHaveLength(12)
    expect(await run('gone.yaml', '--skip-tags', 'account')).toEqual({
      exit: 0,
      failed: [],
      changed: [],
    })
  })
})
