import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { desk, systemInventory, type Desk } from './desk.ts'
import { startNode, stopNodes, type RealNode } from './nodes.ts'

// The playbook of the procedure on real nodes, up to where IMS itself comes in. kubectl on the management node is a stand-in of one answer.

const kubectl = `cat >/usr/bin/kubectl <<'END'
#!/bin/sh
case "$*" in *cray-ims-remote-keys*) ;; *) echo "unexpected: $*" >&2; exit 1;; esac
printf 'cray-ims-remote-keys\\n'
cat /root/ims.pub
END
chmod 0755 /usr/bin/kubectl
ssh-keygen -q -t ecdsa -N '' -C ims -f /root/ims`
const trust =
  'curl --silent --fail http://packages.local/ca.crt --output /usr/local/share/ca-certificates/platform.crt && update-ca-certificates >/dev/null 2>&1'

let [manager, sp5, sp6]: RealNode[] = []
let system: Desk
beforeAll(async () => {
  ;[manager, sp5, sp6] = await Promise.all([
    startNode({ name: 'ncn-m001', at: 41, setup: kubectl }),
    startNode({ name: 'x3000c0s19b1n0', at: 42, setup: trust }),
    startNode({ name: 'x3000c0s19b2n0', at: 43, sp: 6, setup: trust }),
  ])
  system = desk([manager!, sp5!, sp6!])
  system.write(
    'inventory.yaml',
    systemInventory({ folder: system.folder, master: manager!, nodes: [sp5!, sp6!] }),
  )
  const whole = readFileSync(
    new URL('../../playbooks/remote-build-node.yaml', import.meta.url),
    'utf8',
  )
  const [nodePart, rest] = whole.split('      # "Create a remote build node"')
  expect(rest).toContain('tasks/register.yaml')
  system.write('remote-build-node.yaml', nodePart!)
})
afterAll(stopNodes)

const made = [
  'the SLE Basesystem pool is a repository',
  'the SLE Containers pool is a repository',
  'Podman is installed',
  'IMS may sign in as root',
]

describe('the playbook of remote build nodes on real nodes', () => {
  it('plans what it then does, and finds it done', async () => {
    const plan = await system.trueup('plan', 'remote-build-node.yaml')
    expect([plan.exit, plan.of('failed')], plan.words).toEqual([2, []])
    expect(sp5!.sh('ls -A /etc/zypp/repos.d').stdout).toBe('')
    const run = await system.trueup('run', 'remote-build-node.yaml')
    expect(run.exit, run.words).toBe(0)
    expect(run.of('changed').sort()).toEqual(made.flatMap((each) => [each, each]).sort())
    const again = await system.trueup('run', 'remote-build-node.yaml')
    expect([again.exit, again.of('changed')], again.words).toEqual([0, []])
  })

  it('made nodes that IMS can use', () => {
    manager!.sh(
      `mkdir -p /root/.ssh; printf '${sp5!.address} ${sp5!.hostKey}\\n${sp6!.address} ${sp6!.hostKey}\\n' >/root/.ssh/known_hosts`,
    )
    for (const [node, sp] of [
      [sp5!, 5],
      [sp6!, 6],
    ] as const) {
      // As IMS looks: it signs in with its own key, asks for podman and counts its jobs.
      const seen = manager!.sh(
        `ssh -o BatchMode=yes -i /root/ims root@${node.address} 'which podman; podman; ls /tmp | grep -c ims_'`,
      )
      expect(seen.stdout, seen.stderr).toBe('/usr/bin/podman\npodman version 4.4.4\n0\n')
      expect(node.sh('zypper --non-interactive repos --uri').stdout).toContain(
        `https://packages.local/repository/SUSE-SLE-Module-Containers-15-SP${sp}-x86_64-Pool`,
      )
    }
  })

  it('mends what was undone, and no more', async () => {
    sp6!.sh('zypper --non-interactive remove podman; sed -i /ims/d /root/.ssh/authorized_keys')
    const told = await system.trueup('run', 'remote-build-node.yaml')
    expect([told.exit, told.of('changed').sort()], told.words).toEqual([
      0,
      ['IMS may sign in as root', 'Podman is installed'],
    ])
  })
})
