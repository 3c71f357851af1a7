import { DiagnosticError } from '../model/diagnostic.ts'
import type { Secret } from '../contract/secret.ts'
import { isUser } from './batch/quote.ts'
import { reader } from './batch/start-command.ts'
import type { Doorway } from './batch/login-shell.ts'
import type { Entry } from './batch/script-run.ts'
import { askingEntry } from './sudo-prompt.ts'
import { sudoRefusal } from './sudo-refusal.ts'

/** Another user, and the password for sudo when it asks. */
export interface Becoming {
  readonly user: string
  readonly password?: Secret
  /** Why the password is not sent. */
  readonly withheld?: string
}

/**
 * The way to another user's shell. Without a password sudo runs with `-n` and the script goes with it. With one, sudo is
 * left to ask: only after its own prompt (a random text, given with `-p`) was seen is the password written, and the script
 * only after the shell inside said that it is there, so that a second prompt can never take the script for a password.
 * `sudo -n` is not tried first then: where a password is needed it would be logged as an incident on the host each time.
 */
export function becomeDoorway(host: string, become: Becoming): Doorway {
  const { user } = become
  if (!isUser(user))
    throw new DiagnosticError({
      code: 'become/user',
      host,
      message: `not a user name: ${user}`,
      hint: 'write become_user as it stands in /etc/passwd',
    })
  return new SudoDoorway(host, become)
}

class SudoDoorway implements Doorway {
  readonly #host: string
  readonly #become: Becoming
  readonly #silent: Entry
  /** Whether sudo asks for a password; null: not known yet. */
  #asks: boolean | null = null
  /** What sudo refused is not tried again: each time would be one more incident in the host's log. */
  #refusal: DiagnosticError | null = null
  /** The first exchange, which shows whether sudo asks. */
  #first: Promise<void> | null = null

  constructor(host: string, become: Becoming) {
    this.#host = host
    this.#become = become
    const { user, withheld } = become
    this.#silent = {
      command: (bytes) =>
        `exec env LC_ALL=C sudo -n -H -u ${user} -- /bin/sh -c '${reader(bytes)}'`,
      refuse: (said, { code }) => {
        throw sudoRefusal({ host, user, withheld, said, code })
      },
    }
  }

  async through<T>(attempt: (entry: Entry) => Promise<T>): Promise<T> {
    const { password } = this.#become
    if (password === undefined) {
      if (this.#refusal !== null) throw this.#refusal
      return this.#keepingRefusal(() => attempt(this.#silent))
    }
    if (this.#asks !== false) return this.#ask(attempt, password)
    try {
      return await attempt(this.#silent)
    } catch (error) {
      if (!needsPassword(error)) throw error
      this.#asks = true
      return this.#ask(attempt, password)
    }
  }

  /** A wrong password is not tried again, nor by exchanges that run at the same time: three of them lock an account. */
  async #ask<T>(attempt: (entry: Entry) => Promise<T>, password: Secret): Promise<T> {
    while (this.#first !== null) await this.#first
    if (this.#refusal !== null) throw this.#refusal
    if (this.#asks === false) return attempt(this.#silent)
    const known = this.#asks === null ? this.#beginFirst() : () => undefined
    const entry = askingEntry(
      { host: this.#host, user: this.#become.user, password, withheld: this.#become.withheld },
      (asked) => {
        this.#asks = asked
        known()
      },
    )
    return this.#keepingRefusal(() => attempt(entry)).finally(known)
  }

  /** Makes other exchanges wait until the returned function is called. */
  #beginFirst(): () => void {
    let known = (): void => undefined
    this.#first = new Promise((resolve) => {
      known = () => {
        this.#first = null
        resolve()
      }
    })
    return known
  }

  async #keepingRefusal<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work()
    } catch (error) {
      if (error instanceof DiagnosticError) this.#refusal = error
      throw error
    }
  }
}

function needsPassword(error: unknown): boolean {
  return error instanceof DiagnosticError && error.diagnostics[0]?.code === 'become/password-needed'
}
