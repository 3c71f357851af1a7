import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { playbook, desk, type Desk } from './desk.ts'
import { debian } from './places.ts'
import { startUml, stopUml, type UmlNode } from './uml.ts'

// A Debian that systemd runs: its units, its reboot, apt, git, and containers that run.

/** A repository of two commits; a unit that the system brings; and containers of an image that has one program, which does not listen to signals. */
const setup = `
git init --quiet --initial-branch=main /srv/playbooks.git
cd /srv/playbooks.git
git config user.email me@packages.local
git config user.name me
for one in first second; do echo $one >playbook; git add playbook; git commit --quiet --message $one; done
git tag first HEAD~1
cat >/srv/containers <<'END'
mkdir -p /srv/image/bin
cp /usr/bin/busybox /srv/image/bin/sleep
tar -C /srv/image -c . | podman import - site/sleep
for name in ims-1 ims-2 other; do podman run --detach --name $name --network none --stop-signal KILL site/sleep /bin/sleep 100000; done
END
cat >/lib/systemd/system/idle.service <<'END'
[Service]
ExecStart=/bin/sleep infinity
[Install]
WantedBy=multi-user.target
END`

const there = playbook(`
- ensure: the key of the site
  copy: { dest: /etc/apt/keyrings/site.asc, src: site.asc }
- ensure: the repository of the site
  package_repository: { name: site, url: http://packages.local/apt, suites: ./, key: /etc/apt/keyrings/site.asc }
- ensure: its tool is installed
  package: { name: tool }
- ensure: the playbooks are here
  git: { repo: /srv/playbooks.git, dest: /opt/playbooks, version: main }
- ensure: the unit of the site
  copy: { dest: /etc/systemd/system/site.service, content: "[Service]\\nExecStart=/bin/sleep infinity\\nExecReload=/bin/true\\n[Install]\\nWantedBy=multi-user.target\\n" }
- ensure: it runs, now and at boot
  systemd_service: { name: site, state: started, enabled: true, daemon_reload: true }
- ensure: nothing idles
  systemd_service: { name: idle, masked: true }
`)
const gone = playbook(`
- ensure: it does not run
  systemd_service: { name: site, state: stopped, enabled: false }
- ensure: something may idle
  systemd_service: { name: idle, masked: false }
- ensure: no tool is installed
  package: { name: tool, state: absent }
- ensure: no repository of the site
  package_repository: { name: site, state: absent }
`)
const made = [
  'the key of the site',
  'the repository of the site',
  'its tool is installed',
  'the playbooks are here',
  'the unit of the site',
  'it runs, now and at boot',
  'nothing idles',
]
const undone = [
  'it does not run',
  'something may idle',
  'no tool is installed',
  'no repository of the site',
]

let node: UmlNode
let one: Desk
beforeAll(async () => {
  node = await startUml({ name: 'x3000c0s91b1n0', at: 91, root: join(debian, 'debian'), setup })
  one = desk([node])
  one.write('site.asc', readFileSync(join(debian, 'apt/site.asc'), 'utf8'))
})
afterAll(stopUml)

describe('a Debian that systemd runs', () => {
  it('is planned, made true, left alone, and mended', async () => {
    const plan = await one.trueup('plan', there)
    expect([plan.exit, plan.of('failed')], plan.words).toEqual([2, []])
    const planned = new Set([...plan.of('would change'), ...plan.of('unknown')])
    expect(made.filter((each) => !planned.has(each))).toEqual([])
    const first = await one.trueup('run', there)
    expect([first.exit, first.of('changed')], first.words).toEqual([0, made])
    const again = await one.trueup('run', there)
    expect([again.exit, again.of('changed')], again.words).toEqual([0, []])
    expect(
      node.sh(
        'tool; cat /opt/playbooks/playbook; systemctl is-active site; systemctl is-enabled site idle',
      ).stdout,
    ).toBe('tool version 1.0\nsecond\nactive\nenabled\nmasked\n')

    node.sh(
      'git -C /opt/playbooks checkout --quiet --detach first; systemctl stop site; systemctl disable --quiet site; rm /etc/apt/sources.list.d/site.sources; apt-get --assume-yes remove tool',
    )
    const mended = await one.trueup('run', there)
    expect([mended.exit, mended.of('changed')], mended.words).toEqual([
      0,
      [
        'the repository of the site',
        'its tool is installed',
        'the playbooks are here',
        'it runs, now and at boot',
      ],
    ])
    expect(node.sh('tool; cat /opt/playbooks/playbook; systemctl is-active site').stdout).toBe(
      'tool version 1.0\nsecond\nactive\n',
    )
  })

  it('keeps what was changed by hand in a clone', async () => {
    node.sh(
      'git -C /opt/playbooks checkout --quiet --detach first; echo mine >/opt/playbooks/playbook',
    )
    const told = await one.trueup('run', there)
    expect(
      [told.exit, told.outcomes.filter((each) => each.startsWith('failed'))],
      told.words,
    ).toEqual([1, ['failed: the playbooks are here (run/refused)']])
    expect(node.sh('cat /opt/playbooks/playbook').stdout).toBe('mine\n')
  })

  it('restarts and reloads a service when told', async () => {
    const invocation = (): string => node.sh('systemctl show --property=InvocationID site').stdout
    const notifying = (state: string): string =>
      playbook(
        `- ensure: a setting\n  copy: { dest: /etc/site.conf, content: "${state}" }\n  notify: the service knows it`,
        undefined,
        `    handlers:
      - ensure: the service knows it
        systemd_service: { name: site, state: ${state} }
`,
      )
    for (const state of ['restarted', 'reloaded']) {
      const before = invocation()
      const told = await one.trueup('run', notifying(state))
      expect([told.exit, told.of('changed')], told.words).toEqual([
        0,
        ['a setting', 'the service knows it'],
      ])
      expect(invocation() === before).toBe(state === 'reloaded')
      expect((await one.trueup('run', notifying(state))).of('changed')).toEqual([])
    }
  })

  it('stops, starts and removes containers by their names, and no others', async () => {
    const begun = node.sh('sh -eu /srv/containers')
    expect(begun.exit, begun.stderr).toBe(0)
    const names = (...words: string[]): string[] =>
      node
        .sh(`podman ps --format '{{.Names}}' ${words.join(' ')}`)
        .stdout.split('\n')
        .filter(Boolean)
        .sort()
    expect(names()).toEqual(['ims-1', 'ims-2', 'other'])
    const containers = (state: string): string =>
      playbook(
        `- ensure: containers of jobs\n  podman_container: { name: { matches: ^ims- }, state: ${state} }`,
      )
    for (const [state, running, all] of [
      ['stopped', 1, 3],
      ['started', 3, 3],
      ['absent', 1, 1],
    ] as const) {
      const plan = await one.trueup('plan', containers(state))
      expect([plan.exit, plan.of('would change')], plan.words).toEqual([2, ['containers of jobs']])
      const told = await one.trueup('run', containers(state))
      expect([told.exit, told.of('changed')], told.words).toEqual([0, ['containers of jobs']])
      expect([names().length, names('--all').length]).toEqual([running, all])
      expect((await one.trueup('run', containers(state))).of('changed')).toEqual([])
    }
    expect(names()).toEqual(['other'])
    // What does not listen would hold up the reboot.
    node.sh('podman rm --force other')
  })

  it('is undone, once', async () => {
    const plan = await one.trueup('plan', gone)
    expect([plan.exit, plan.of('would change')], plan.words).toEqual([2, undone])
    const told = await one.trueup('run', gone)
    expect([told.exit, told.of('changed')], told.words).toEqual([0, undone])
    expect((await one.trueup('run', gone)).of('changed')).toEqual([])
    expect(
      node.sh(
        'command -v tool; ls /etc/apt/sources.list.d; systemctl is-active site; systemctl is-enabled site idle',
      ).stdout,
    ).toBe('inactive\ndisabled\ndisabled\n')
  })

  it('reboots when told, and is back', async () => {
    const boot = (): string => node.sh('cat /proc/sys/kernel/random/boot_id').stdout
    const before = boot()
    const told = await one.trueup(
      'run',
      playbook(
        '- ensure: a setting\n  copy: { dest: /etc/site.conf, content: "for the next boot" }\n  notify: it has booted\n- read: the running boot\n  boot_id: {}',
        undefined,
        `    handlers:
      - ensure: it has booted
        reboot: {}
`,
      ),
    )
    expect([told.exit, told.of('changed')], told.words).toEqual([0, ['a setting', 'it has booted']])
    expect([boot() === before, node.sh('test -e /etc/site.conf').exit]).toEqual([false, 1])
  })
})
