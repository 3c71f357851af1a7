import { faultUsage } from '../../../lab/faults.ts'
import { labSsh } from '../../../lab/ssh.ts'
import { labDown, labFault, labReboot, labStatus, labUp } from '../../../lab/up.ts'
import { jsonText } from '../../text/json-text.ts'
import type { Io } from '../io.ts'

interface InFolder {
  readonly folder?: string
}

/** `trueup lab up`. */
export async function labUpCommand(
  io: Io,
  flags: InFolder & { readonly release?: string },
): Promise<number> {
  return say(
    io,
    (await labUp(flags.folder, flags.release === undefined ? {} : { release: flags.release })).text,
  )
}

/** `trueup lab down`. */
export async function labDownCommand(io: Io, flags: InFolder): Promise<number> {
  return say(io, (await labDown(flags.folder)).text)
}

/** `trueup lab status`. */
export async function labStatusCommand(
  io: Io,
  flags: InFolder & { readonly json?: boolean },
): Promise<number> {
  const { text, status } = await labStatus(flags.folder)
  return say(io, flags.json ? jsonText(status) : text)
}

/** `trueup lab ssh NODE [COMMAND…]`: its exit code is the command's. */
export async function labSshCommand(
  _io: Io,
  node: string,
  command: readonly string[],
  flags: InFolder & { readonly user?: string },
): Promise<number> {
  const { status } = await labStatus(flags.folder)
  return labSsh(status, node, {
    command,
    ...(flags.user === undefined ? {} : { user: flags.user }),
  })
}

/** `trueup lab reboot NODE`. */
export async function labRebootCommand(io: Io, node: string, flags: InFolder): Promise<number> {
  return say(io, (await labReboot(node, flags.folder)).text)
}

/** `trueup lab fault …`; without words it lists what can be broken. */
export async function labFaultCommand(
  io: Io,
  words: readonly string[],
  flags: InFolder,
): Promise<number> {
  if (words.length > 0) return say(io, (await labFault(words, flags.folder)).text)
  const longest = Math.max(...faultUsage.map(([usage]) => usage.length))
  return say(
    io,
    faultUsage
      .map(([usage, what]) => `trueup lab fault ${usage.padEnd(longest + 2)}${what}`)
      .join('\n'),
  )
}

function say(io: Io, text: string): number {
  io.stdout.write(`${text}\n`)
  return 0
}
