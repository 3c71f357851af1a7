import { DiagnosticError } from '../model/diagnostic.ts'
import type { Code } from '../model/codes.ts'
import { Unreachable } from '../model/session.ts'
import { sentence } from './batch/host-words.ts'
import { withheldError } from './transport.ts'

/** A sudo that ended before a shell was there. */
export interface EndedSudo {
  readonly host: string
  /** The user that the login user wants to become. */
  readonly user: string
  /** Why the password is not sent. */
  readonly withheld?: string | undefined
  /** What sudo printed, in the C locale. */
  readonly said: string
  readonly code: number | null
  /** Sudo asked for a password, and got it. */
  readonly asked?: boolean
}

interface Cause {
  readonly applies: (said: string, sudo: EndedSudo) => boolean
  readonly code: Code
  /** `words`: what sudo said, as the end of a sentence. */
  readonly message: (user: string, words: string) => string
  readonly hint: (user: string) => string
}

/** The hint for a password that sudo refuses. */
const wrongPassword = {
  code: 'become/password-wrong',
  message: (user: string) => `sudo refuses the password for becoming ${user}`,
  hint: () =>
    "check become_password (ansible_become_password); it is the login user's own password that sudo asks for",
} as const

/** The causes that sudo's words tell, the first that applies. */
const causes: readonly Cause[] = [
  {
    applies: (said, { code }) => said.trim() === '' && code === 0,
    code: 'become/failed',
    message: (user) => `sudo started a shell of ${user}, and that shell could start no program`,
    hint: (user) =>
      `sudoers may say NOEXEC for it: sudo -l -U on the host shows that; allow /bin/sh as ${user} with EXEC`,
  },
  {
    applies: wantsPassword,
    code: 'become/password-needed',
    message: (user, words) => `sudo wants a password for becoming ${user}${words}`,
    hint: (user) =>
      `give one with --ask-become-pass or become_password, or give this user NOPASSWD in sudoers; sudo says the same where sudoers allows other programs only: it must allow /bin/sh as ${user} (sudo -l shows what it allows)`,
  },
  {
    applies: (said) =>
      /sorry, try again|incorrect password|incorrect authentication|no password was provided/i.test(
        said,
      ),
    ...wrongPassword,
  },
  {
    applies: (said) => /must have a tty/i.test(said),
    code: 'become/requiretty',
    message: (_user, words) => `sudo on this host works on terminals only (requiretty)${words}`,
    hint: () => 'add "Defaults:USER !requiretty" to sudoers for the login user',
  },
  {
    applies: (said) =>
      /not in the sudoers file|may not run sudo|not allowed to (execute|run)/i.test(said),
    code: 'become/not-allowed',
    message: (user, words) => `the login user may not become ${user}${words}`,
    hint: (user) => `sudoers must let it run /bin/sh as ${user}`,
  },
  {
    applies: (said) => /unknown user/i.test(said),
    code: 'become/user',
    message: (user, words) => `the user ${user} does not exist on this host${words}`,
    hint: () => 'check the spelling of become_user: the host knows no such user',
  },
  {
    // `env` says it in the login's own language, and exits with 127.
    applies: (_said, { code }) => code === 127,
    code: 'become/no-sudo',
    message: (_user, words) => `sudo is not installed on this host${words}`,
    hint: () => 'install sudo, or log in as the user itself (ansible_user)',
  },
]

/** Why sudo gave no shell, from its words. */
export function sudoRefusal(sudo: EndedSudo): DiagnosticError | Unreachable {
  const { host, user, withheld } = sudo
  // This warning says nothing of the cause.
  const said = sudo.said.replace(/^sudo: unable to resolve host .*$/gm, '')
  if (withheld !== undefined && wantsPassword(said, sudo))
    return withheldError(
      host,
      withheld,
      `the password that sudo wants for becoming ${user} is not sent`,
    )
  const cause = causes.find(({ applies }) => applies(said, sudo))
  if (cause) return errorOf(host, user, cause, said)
  if (said.trim() === '')
    return new Unreachable(host, `sudo ended without a word before a shell of ${user} was there`)
  return new DiagnosticError({
    code: 'become/failed',
    host,
    message: `sudo did not let the login user become ${user}${quoted(said)}`,
    hint: `try on the host: sudo -u ${user} /bin/sh -c true`,
  })
}

/** Sudo asked again after it was given the password. */
export function passwordRefused(host: string, user: string): DiagnosticError {
  return errorOf(host, user, wrongPassword, '')
}

/** Sudo neither asked with the prompt that it was given, nor started the shell. */
export function promptMissing(host: string, said: string, seconds: number): DiagnosticError {
  return new DiagnosticError({
    code: 'become/prompt',
    host,
    message: `sudo did not show the prompt of trueup and did not go on within ${seconds}s${quoted(said)}`,
    hint: 'a PAM module may ask for something else, such as a code; give this user NOPASSWD in sudoers',
  })
}

function wantsPassword(said: string, { asked = false }: EndedSudo): boolean {
  return (
    !asked && /a password is required|authentication is required|a terminal is required/i.test(said)
  )
}

function errorOf(
  host: string,
  user: string,
  { code, message, hint }: Pick<Cause, 'code' | 'message' | 'hint'>,
  said: string,
): DiagnosticError {
  return new DiagnosticError({
    code,
    host,
    message: message(user, quoted(said)),
    hint: hint(user),
  })
}

function quoted(said: string): string {
  const words = sentence(said)
  return words && `: ${words}`
}
