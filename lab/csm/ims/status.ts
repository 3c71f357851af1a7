import { textOf } from '../../kubernetes/kubernetes-cluster.ts'
import type { System } from '../system.ts'
import type { Component, Machine, Ran } from '../system-model.ts'

/** What IMS says about a remote build node. */
export interface RemoteBuildNodeStatus {
  readonly xname: string
  readonly sshStatus: string
  readonly podmanStatus: string
  readonly nodeArch: string
  readonly numCurrentJobs: number
  readonly ableToRunJobs: boolean
}

/**
 * The state that IMS works out by signing in to the node, step by step until the first failure
 * (ims:src/server/models/remote_build_nodes.py). The texts are its own, quirks included. Null: IMS itself breaks.
 */
export async function remoteBuildNodeStatus(
  xname: string,
  system: System,
): Promise<RemoteBuildNodeStatus | null> {
  const status = {
    xname,
    sshStatus: 'Unknown',
    podmanStatus: 'Unknown',
    nodeArch: 'Unknown',
    numCurrentJobs: -1,
    ableToRunJobs: false,
  }
  const refusal = await refusalOf(xname, system)
  if (refusal !== null)
    return { ...status, sshStatus: `Unable to connect to node. Error: ${refusal}` }
  status.sshStatus = 'SSH connection established.'
  try {
    return await seen(status, machineOf(xname, system)!.machine)
  } catch {
    // A connection that ends between two commands is an error that IMS does not expect.
    return null
  }
}

function machineOf(xname: string, system: System): Component | undefined {
  return (
    system.components.get(xname) ??
    [...system.components.values()].find((each) => each.aliases.includes(xname))
  )
}

// Why IMS may not sign in, or null.
async function refusalOf(xname: string, system: System): Promise<string | null> {
  const component = machineOf(xname, system)
  if (!component) return '[Errno -2] Name or service not known'
  const { machine, address } = component
  if (!machine.powered() || !machine.ready())
    return `[Errno None] Unable to connect to port 22 on ${address}`
  const publicKey = textOf(system.cluster, 'ConfigMap', 'ims', 'cray-ims-remote-keys', 'public_key')
  if (await machine.admitsRoot(publicKey.trim())) return null
  // The last of the key classes that paramiko tries has the word: it finds no OpenSSH header in Vault's PEM.
  const privateKey = textOf(
    system.cluster,
    'ConfigMap',
    'ims',
    'cray-ims-remote-keys',
    'private_key',
  )
  return privateKey.includes('BEGIN OPENSSH PRIVATE KEY')
    ? 'Invalid key'
    : 'encountered EC key, expected OPENSSH key'
}

async function seen(
  status: RemoteBuildNodeStatus,
  machine: Machine,
): Promise<RemoteBuildNodeStatus | null> {
  const uname = await machine.run('uname -i')
  if (uname.exit !== 0)
    return {
      ...status,
      nodeArch: `Unable to determine architecture of node. Error: ${badExit('uname -i', uname)}`,
    }
  const nodeArch = architectureIn(uname.stdout)
  if (!nodeArch)
    return { ...status, nodeArch: `Undefined architecture type for node, result: ${uname.stdout}` }
  const which = await machine.run('which podman')
  if (which.exit !== 0)
    return {
      ...status,
      nodeArch,
      podmanStatus: `Unable determine if tools are installed on node. Error: ${badExit('which podman', which)}`,
    }
  if (!which.stdout.includes('/usr/bin/podman'))
    return { ...status, nodeArch, podmanStatus: 'Podman not installed on node.' }
  const able = {
    ...status,
    nodeArch,
    podmanStatus: 'Podman present at /usr/bin/podman',
    ableToRunJobs: true,
  }
  const jobs = await machine.run('ls -d1 /tmp/* | grep /tmp/ims_ | wc -l')
  if (jobs.exit !== 0) return able
  return /^\s*[+-]?\d+\s*$/.test(jobs.stdout)
    ? { ...able, numCurrentJobs: Number(jobs.stdout) }
    : null
}

function architectureIn(text: string): 'aarch64' | 'x86_64' | null {
  return text.includes('aarch64') ? 'aarch64' : text.includes('x86') ? 'x86_64' : null
}

function badExit(command: string, ran: Ran): string {
  return `Encountered a bad command exit code!\n\nCommand: '${command}'\n\nExit code: ${ran.exit}\n\nStdout:\n\n${ran.stdout}\n\nStderr:\n\n${ran.stderr}\n\n`
}
