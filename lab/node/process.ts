import { accountOf, credentialsOf } from './account-files.ts'
import type { Input } from './input.ts'
import { loginEnvironment } from './login-environment.ts'
import type { Machine } from './machine.ts'
import { viewOf, type View } from './view.ts'

/** A command that runs on a node: who, where, and its three streams. */
export interface Process {
  readonly machine: Machine
  readonly user: string
  readonly files: View
  readonly cwd: string
  readonly environment: Readonly<Record<string, string>>
  readonly input: Input
  readonly signal: AbortSignal
  emit(stream: 1 | 2, bytes: Uint8Array): void
}

/** A process as a login of the user starts it. */
export function loginProcess(
  machine: Machine,
  user: string,
  streams: Pick<Process, 'input' | 'signal' | 'emit'>,
): Process {
  const account = accountOf(machine.tree, user)
  if (!account) throw new Error(`no account ${user}`)
  const files = viewOf(machine.tree, credentialsOf(machine.tree, account))
  return {
    machine,
    user,
    files,
    cwd: files.exists(account.home) ? account.home : '/',
    environment: loginEnvironment(machine, user),
    ...streams,
  }
}

/** The same streams as another user. */
export function processAs(
  process: Process,
  user: string,
  environment: Readonly<Record<string, string>>,
  cwd?: string,
): Process {
  const account = accountOf(process.machine.tree, user)!
  const files = viewOf(
    process.machine.tree,
    credentialsOf(process.machine.tree, account),
    process.files.umask,
  )
  return { ...process, user, files, environment, cwd: cwd ?? process.cwd }
}
