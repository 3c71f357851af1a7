import { resolve } from 'node:path'
import type { Io } from './io.ts'

/** The ssh_config that an option names, from the folder where it was typed; `none` means no file. */
export function sshConfigOf(
  { cwd }: Pick<Io, 'cwd'>,
  named: string | undefined,
): { readonly sshConfigFile?: string } {
  if (named === undefined) return {}
  return { sshConfigFile: named === 'none' ? named : resolve(cwd, named) }
}
