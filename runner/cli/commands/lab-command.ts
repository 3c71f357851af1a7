import type { labUp } from '../../../lab/up.ts'
import { resolve } from 'node:path'
import { Option, type Command } from 'commander'
import { jsonText } from '../../text/json-text.ts'
import { trustOf } from '../../wiring/trust-of-user.ts'
import type { Shell } from '../command-context.ts'

interface InFolder {
  readonly folder?: string
}

interface UpFlags {
  readonly release?: string
  readonly with?: string
}

/** Adds `lab` and its commands. The lab's code is loaded when one of them runs. */
export function addLab(program: Command, { io, done }: Shell): void {
  const lab = program
    .command('lab')
    .description(
      'a rehearsal lab: a CSM system in a box, to try playbooks on before touching a machine',
    )
  const code = () => import('../../../lab/up.ts')
  const command = (name: string, about: string): Command =>
    lab
      .command(name)
      .description(about)
      .option('--folder <path>', 'the lab of this folder (one per user when not given)')
  const say = (text: string): void => {
    io.stdout.write(`${text}\n`)
    done(0)
  }
  addUp(command('up', 'raise the lab'), io, async (folder, more) =>
    say((await (await code()).labUp(folder, more)).text),
  )
  command('down', 'take the lab down; nothing is left').action(async ({ folder }: InFolder) =>
    say((await (await code()).labDown(folder)).text),
  )
  command('status', 'show the nodes, what they have, and what the services were asked')
    .option('--json', 'as JSON')
    .action(async (flags: InFolder & { json?: boolean }) => {
      const { text, status } = await (await code()).labStatus(flags.folder)
      say(flags.json ? jsonText(status) : text)
    })
  command('ssh', 'sign in to a node of the lab, or run a command there')
    .argument('<node>')
    .argument('[command...]')
    .passThroughOptions()
    .addOption(new Option('-u, --user <name>', 'as this user'))
    .action(async (node: string, words: string[], flags: InFolder & { user?: string }) => {
      const { status } = await (await code()).labStatus(flags.folder)
      const { labSsh } = await import('../../../lab/ssh.ts')
      const user = flags.user === undefined ? {} : { user: flags.user }
      done(await labSsh(status, node, { command: words, ...user }))
    })
  command(
    'env',
    'print what a shell needs for `cray` and curl to reach the services: eval "$(trueup lab env)"',
  ).action(async ({ folder }: InFolder) => say((await (await code()).labEnv(folder)).text))
  command('reboot', 'power-cycle a node: what its image does not hold is gone')
    .argument('<node>')
    .action(async (node: string, { folder }: InFolder) =>
      say((await (await code()).labReboot(node, folder)).text),
    )
  command('fault', 'break something, or repair it (`fault` alone lists what can be broken)')
    .argument('[fault...]')
    .action(async (words: string[], { folder }: InFolder) => {
      if (words.length > 0) return say((await (await code()).labFault(words, folder)).text)
      say((await import('../../../lab/faults.ts')).faultUsageText())
    })
}

/** What `lab up` is raised with. */
type UpOptions = Parameters<typeof labUp>[1]

function addUp(
  command: Command,
  io: Shell['io'],
  raise: (folder: string | undefined, more: UpOptions) => Promise<void>,
): void {
  command
    .option('--release <csm>', 'the CSM release that its services behave like')
    .option('--with <folder>', 'with what this folder adds to it: commands, files, services, nodes')
    .action(async ({ folder, release, with: added }: InFolder & UpFlags) =>
      raise(folder, {
        ...(release === undefined ? {} : { release }),
        ...(added === undefined
          ? {}
          : { added: { folder: resolve(io.cwd, added), trust: trustOf(io) } }),
      }),
    )
}
