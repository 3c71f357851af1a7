import { spawn, spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { startGateway, type Gateway } from '../../lab/csm/gateway.ts'
import { type System } from '../../lab/csm/system.ts'
import { makeSystem } from '../../lab/csm/make-system.ts'
import { type Component, type Machine, type Ran } from '../../lab/csm/system-model.ts'
import { textOf } from '../../lab/kubernetes/kubernetes-cluster.ts'
import { desk, systemInventory, type Desk } from './desk.ts'
import { startNode, type RealNode } from './nodes.ts'
import { storage, work } from './places.ts'
import { startUml, type UmlNode } from './uml.ts'

/** A master that is a Ceph cluster, nodes with kernels of their own, and the simulated services of a system around them. */
export interface Site {
  readonly desk: Desk
  readonly master: RealNode
  readonly nodes: readonly UmlNode[]
  readonly system: System
  readonly gateway: Gateway
}

const services = { ims: '/apis/ims', sls: '/apis/sls/v1', hsm: '/apis/smd/hsm/v2' } as const

/** netconfig is in no Debian package. This does what the real one was seen to do: the link, its exit of 20, the header, both lists. */
const netconfig = `
mkdir -p /etc/sysconfig/network /run/netconfig
printf 'NETCONFIG_DNS_POLICY="auto"\\nNETCONFIG_DNS_STATIC_SEARCHLIST=""\\nNETCONFIG_DNS_STATIC_SERVERS=""\\n' >/etc/sysconfig/network/config
: >/run/netconfig/resolv.conf
ln -sf /run/netconfig/resolv.conf /etc/resolv.conf
cat >/usr/sbin/netconfig <<'END'
#!/bin/sh
[ "$1" = update ] || exit 1
. /etc/sysconfig/network/config
made=/run/netconfig/resolv.conf
if [ "$(readlink /etc/resolv.conf)" != $made ]; then
  [ "$2" = -f ] || { echo "ATTENTION: /etc/resolv.conf is not a link to $made" >&2; exit 20; }
  ln -sf $made /etc/resolv.conf
fi
{
  echo '### Call "netconfig update -f" to force adjusting of /etc/resolv.conf.'
  echo "search $NETCONFIG_DNS_STATIC_SEARCHLIST"
  for one in $NETCONFIG_DNS_STATIC_SERVERS; do echo "nameserver $one"; done
} >$made
END
chmod 0755 /usr/sbin/netconfig`

/** The image of a node trusts the repository of the storage tests. Its reboot forgets to unmap, as a live image does. */
const image = (): string => `${netconfig}
cat >/run/storage.key <<'END'
${readFileSync(join(storage, 'storage.key'), 'utf8')}END
rpm --import /run/storage.key
printf '#!/bin/sh\\nsync\\necho b >/proc/sysrq-trigger\\n' >/usr/sbin/reboot
chmod 0755 /usr/sbin/reboot
mkdir -p /var/lib/containers`

const kubectl = (publicKey: string): string => `
cat >/usr/bin/kubectl <<'END'
#!/bin/sh
case "$*" in *cray-ims-remote-keys*) printf 'cray-ims-remote-keys\\n%s' '${publicKey}' ;; *) echo "unexpected: $*" >&2; exit 1 ;; esac
END
chmod 0755 /usr/bin/kubectl`

/** Starts it all. `at` is the last number of the master's address; those of the nodes follow. */
export async function startSite({
  at,
  names,
}: {
  readonly at: number
  readonly names: readonly string[]
}): Promise<Site> {
  const nodes: UmlNode[] = []
  const components = names.map((xname, i): Component => ({
    xname,
    nid: i + 1,
    role: 'Compute',
    arch: 'X86',
    class: 'River',
    aliases: [],
    address: `10.92.100.${at + 1 + i}`,
    machine: machineOf(
      () => nodes[i]!,
      () => system,
    ),
  }))
  const system: System = makeSystem({ components })
  const cluster = readFileSync(new URL('ceph-cluster.sh', import.meta.url), 'utf8')
  const [master, ...booted] = await Promise.all([
    startNode({
      name: 'ncn-m001',
      at,
      root: join(storage, 'ceph'),
      setup:
        cluster +
        kubectl(
          textOf(
            system.cluster,
            'ConfigMap',
            'services',
            'cray-ims-remote-keys',
            'public_key',
          ).trim(),
        ),
    }),
    ...names.map((name, i) => startUml({ name, at: at + 1 + i, setup: image() })),
  ])
  nodes.push(...(booted as UmlNode[]))
  const gateway = await startGateway(system)
  system.tokens.set('token-of-the-tests', Infinity)
  const one = desk([master!, ...nodes])
  writeFileSync(join(one.folder, 'token'), 'token-of-the-tests')
  writeFileSync(join(one.folder, 'ca.pem'), gateway.authority)
  const lines = Object.entries(services).map(
    ([name, path]) =>
      `  ${name}: { url: "https://localhost:${gateway.port}${path}", ca: ${join(one.folder, 'ca.pem')}, token: { from: file, path: ${join(one.folder, 'token')} } }\n`,
  )
  one.write(
    'inventory.yaml',
    systemInventory({
      folder: one.folder,
      master: master!,
      nodes,
      services: `services:\n${lines.join('')}`,
    }),
  )
  return { desk: one, master: master!, nodes, system, gateway }
}

/** A node as IMS sees it: it signs in with its own key. */
function machineOf(node: () => UmlNode, system: () => System): Machine {
  const enter = (command: string): Promise<Ran> => {
    const key = join(work, `ims-${node().name}`)
    writeFileSync(
      key,
      textOf(system().cluster, 'ConfigMap', 'services', 'cray-ims-remote-keys', 'private_key'),
      { mode: 0o600 },
    )
    spawnSync('chmod', ['0600', key])
    return new Promise((resolve) => {
      const child = spawn('ssh', [
        '-F',
        'none',
        '-i',
        key,
        '-o',
        'IdentitiesOnly=yes',
        '-o',
        'BatchMode=yes',
        '-o',
        'StrictHostKeyChecking=no',
        '-o',
        'UserKnownHostsFile=/dev/null',
        '-o',
        'LogLevel=ERROR',
        `root@${node().address}`,
        command,
      ])
      let [stdout, stderr] = ['', '']
      child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()))
      child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()))
      child.once('close', (exit) => resolve({ exit: exit ?? -1, stdout, stderr }))
    })
  }
  return {
    powered: () => true,
    ready: () => true,
    unreachable: () => false,
    admitsRoot: async () => (await enter('true')).exit === 0,
    // Debian's uname does not know it.
    run: (command) => enter(command === 'uname -i' ? 'uname -m' : command),
    booted: () => ({ bootId: '1', at: 0, image: null, parameters: '', reports: true }),
    powerOn: async () => undefined,
    powerOff: async () => undefined,
  }
}
