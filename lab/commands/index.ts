import type { LabCommand } from './command.ts'
import { accountCommands } from './account-commands.ts'
import { blockDeviceCommands } from './block-devices.ts'
import { cephCommands } from './ceph.ts'
import { curlCommands } from './curl.ts'
import { fileCommands } from './file-commands.ts'
import { identityCommands } from './identity.ts'
import { kernelCommands } from './kernel.ts'
import { kubectlCommands } from './kubectl/kubectl.ts'
import { modifyCommands } from './modify.ts'
import { mountCommands } from './mounts.ts'
import { networkCommands } from './network.ts'
import { netconfigCommands } from './netconfig.ts'
import { opensslCommands } from './openssl.ts'
import { podmanCommands } from './podman.ts'
import { processCommands } from './process-commands.ts'
import { rbdCommands } from './rbd-command.ts'
import { restartCommands } from './restart.ts'
import { rpmCommands } from './rpm.ts'
import { slurmCommands } from './slurm.ts'
import { statCommands } from './stat-command.ts'
import { streamCommands } from './stream.ts'
import { sudoCommands } from './sudo.ts'
import { systemctlCommands } from './systemctl.ts'
import { translateCommands } from './translate.ts'
import { zypperCommands } from './zypper/index.ts'

/** Every simulated command of a node. */
export const labCommands: readonly LabCommand[] = [
  ...statCommands,
  ...fileCommands,
  ...modifyCommands,
  ...streamCommands,
  ...translateCommands,
  ...processCommands,
  ...identityCommands,
  ...zypperCommands,
  ...rpmCommands,
  ...accountCommands,
  ...systemctlCommands,
  ...kernelCommands,
  ...kubectlCommands,
  ...podmanCommands,
  ...mountCommands,
  ...blockDeviceCommands,
  ...rbdCommands,
  ...cephCommands,
  ...netconfigCommands,
  ...networkCommands,
  ...curlCommands,
  ...opensslCommands,
  ...restartCommands,
  ...slurmCommands,
  ...sudoCommands,
]

// Commands of the shell that a node has too.
const shellCommands =
  'echo cat printf ls mkdir rmdir touch rm cp mv ln chmod pwd readlink head tail wc stat grep fgrep egrep sed awk sort uniq comm cut paste tr rev nl fold expand unexpand strings split column join tee find basename dirname env printenv xargs true false clear bash sh base64 diff date sleep timeout seq expr md5sum sha1sum sha256sum file which tac hostname whoami od gzip gunzip zcat tar du'.split(
    ' ',
  )

// Commands of the shell that a node has when it has their package.
const ofPackages: Readonly<Record<string, string>> = { jq: 'jq' }

/** The commands of the shell that nodes have, by name. */
export const shellNames: readonly string[] = [...shellCommands, ...Object.keys(ofPackages)]

/** Where the files of commands stand. */
export const commandFiles: readonly {
  readonly name: string
  readonly path: string
  readonly package?: string
}[] = [
  ...new Map(
    [
      ...shellNames.map((name) => ({
        name,
        system: false,
        owner: ofPackages[name] as string | undefined,
      })),
      ...labCommands.flatMap((command) =>
        command.names.map((name) => ({
          name,
          system: command.system === true,
          owner: command.package,
        })),
      ),
    ].map((each) => [each.name, each]),
  ).values(),
].flatMap(({ name, system, owner }) =>
  // The shell runs commands from /usr/bin alone; what belongs to /usr/sbin is found there first and leads here.
  ['/usr/bin', ...(system ? ['/usr/sbin'] : [])].map((folder) => ({
    name,
    path: `${folder}/${name}`,
    ...(owner === undefined ? {} : { package: owner }),
  })),
)
