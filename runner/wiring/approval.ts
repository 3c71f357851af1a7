import { resolve } from 'node:path'
import { DiagnosticError } from '../model/diagnostic.ts'
import { userName } from '../journal/open-log.ts'
import type { Io } from './io.ts'
import { signersFile, verifyBytes } from './sign-file.ts'
import { trustOf } from './trust-of-user.ts'

/** Who approved a saved plan: a person of the file of signers who is not the user of this command. Throws DiagnosticError where none did. */
export function approverOf(io: Io, file: string, text: string, given: string | undefined): string {
  const signers = resolve(io.cwd, signersFile(given, io.env))
  const { principal } = verifyBytes('plan', file, Buffer.from(text), {
    signers,
    trust: trustOf(io),
  })
  const user = userName(io.env)
  if (principal.split('@')[0] !== user) return principal
  throw new DiagnosticError({
    code: 'plan/own-approval',
    message: `${file} is signed by ${principal}, and you are ${user}: another person must approve it`,
    hint: 'let another person of the file of signers run `trueup approve PLAN --sign KEY`',
  })
}
