import { resolve } from 'node:path'
import { Secret } from '../contract/secret.ts'
import { readFile } from '../files/read-file.ts'
import { distrust } from '../files/trust.ts'
import { withBecomePassword } from '../inventory/adapt-inventory.ts'
import { DiagnosticError } from '../model/diagnostic.ts'
import type { Inventory } from '../model/host.ts'
import { askBecomePassword } from './ask.ts'
import type { RunFlags } from './flags.ts'
import type { Io } from './io.ts'
import { trustOf } from './trust-of-user.ts'

const longestPassword = 64 * 1024

/** The inventory with the sudo password that is asked for, else that of the configuration; a host's own stays. */
export async function withSudoPassword(
  io: Io,
  inventory: Inventory,
  flags: Pick<RunFlags, 'askBecomePass' | 'configured'>,
): Promise<Inventory> {
  if (flags.askBecomePass) return withBecomePassword(inventory, await askBecomePassword(io))
  const file = flags.configured?.becomePasswordFile
  return file === undefined
    ? inventory
    : withBecomePassword(inventory, passwordIn(io, resolve(io.cwd, file)))
}

function passwordIn(io: Io, file: string): Secret {
  const others = distrust(trustOf(io), 'the file of the sudo password', file)
  if (others) throw new DiagnosticError(others)
  const read = readFile(file, longestPassword)
  if ('code' in read)
    throw refusal(
      `the sudo password cannot be read from ${file}: ${read.words}`,
      'correct become_password_file: trueup config shows where it comes from',
    )
  if ((read.stats.mode & 0o077) !== 0)
    throw refusal(`other users can read the sudo password in ${file}`, `chmod 600 ${file}`)
  const text = read.bytes.toString('utf8').replace(/\r?\n$/, '')
  if (text === '' || text.includes('\n'))
    throw refusal(
      `${file} holds ${text === '' ? 'nothing' : 'more than one line'}, and should hold the sudo password`,
      'write the password into it, in one line',
    )
  return new Secret('become_password', text)
}

function refusal(message: string, hint: string): DiagnosticError {
  return new DiagnosticError({ code: 'config/password', message, hint })
}
