import { textOf } from '../../kubernetes/cluster.ts'
import type { Machine, Ran, System } from '../system.ts'

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
 * (ims:src/server/models/remote_build_nodes.py). The texts are its own, quirks included.
 */
export async function remoteBuildNodeStatus(
  xname: string,
  system: System,
): Promise<RemoteBuildNodeStatus> {
  const status = {
    xname,
    sshStatus: 'Unknown',
    podmanStatus: 'Unknown',
    nodeArch: 'Unknown',
    numCurrentJobs: -1,
    ableToRunJobs: false,
  }
  const component =
    system.components.get(xname) ??
    [...system.components.values()].find((each) => each.aliases.includes(xname))
  if (!component) return { ...status, sshStatus: noConnection('[Errno -2] Name does not resolve') }
  const { machine } = component
  if (!machine.powered() || !machine.ready())
    return {
      ...status,
      sshStatus: noConnection(`[Errno None] Unable to connect to port 22 on ${component.address}`),
    }
  const publicKey = textOf(system.cluster, 'ConfigMap', 'ims', 'cray-ims-remote-keys', 'public_key')
  if (!(await machine.admitsRoot(publicKey.trim())))
    return { ...status, sshStatus: noConnection('Authentication failed.') }
  status.sshStatus = 'SSH connection established.'

  const uname = await run(machine, 'uname -i')
  if (uname.exit !== 0)
    return {
      ...status,
      nodeArch: `Unable to determine architecture of node. Error: ${badExit('uname -i', uname)}`,
    }
  const arch = uname.stdout.includes('aarch64')
    ? 'aarch64'
    : uname.stdout.includes('x86')
      ? 'x86_64'
      : null
  if (!arch)
    return { ...status, nodeArch: `Undefined architecture type for node, result: ${uname.stdout}` }
  status.nodeArch = arch

  const which = await run(machine, 'which podman')
  if (which.exit !== 0)
    return {
      ...status,
      podmanStatus: `Unable determine if tools are installed on node. Error: ${badExit('which podman', which)}`,
    }
  if (!which.stdout.includes('/usr/bin/podman'))
    return { ...status, podmanStatus: 'Podman not installed on node.' }
  status.podmanStatus = 'Podman present at /usr/bin/podman'
  status.ableToRunJobs = true

  return { ...status, numCurrentJobs: await jobsOn(machine) }
}

async function jobsOn(machine: Machine): Promise<number> {
  const count = await run(machine, 'ls -d1 /tmp/* | grep /tmp/ims_ | wc -l')
  return count.exit === 0 && /^\s*\d+\s*$/.test(count.stdout) ? Number(count.stdout) : -1
}

// A node that goes away between two commands is a command that failed: IMS asks on and reports it so.
async function run(machine: Machine, command: string): Promise<Ran> {
  return machine
    .run(command)
    .catch((error: Error) => ({ exit: 255, stdout: '', stderr: error.message }))
}

function noConnection(error: string): string {
  return `Unable to connect to node. Error: ${error}`
}

function badExit(command: string, ran: Ran): string {
  return `Encountered a bad command exit code!\n\nCommand: '${command}'\n\nExit code: ${ran.exit}\n\nStdout:\n\n${ran.stdout}\n\nStderr:\n\n${ran.stderr}\n\n`
}
