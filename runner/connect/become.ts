import type { Code } from '../model/codes.ts'
import { randomBytes } from 'node:crypto'
import { DiagnosticError } from '../model/diagnostic.ts'
import { reveal } from '../contract/secret-text.ts'
import { Unreachable } from '../model/session.ts'
import { reader } from './batch/start-command.ts'
import { isUser } from './batch/quote.ts'
import { withheldError } from './transport.ts'
import { sentence } from './batch/host-words.ts'
import type { Secret } from '../contract/secret.ts'
import type { Doorway } from './batch/login-shell.ts'
import type { Entry, Talk } from './batch/script-run.ts'

/** Another user, and the password for sudo when it asks. */
export interface Becoming {
  readonly user: string
  readonly password?: Secret
  /** Why the password is not sent. */
  readonly withheld?: string
}

const promptSeconds = 60
const wrongHint =
  "check become_password (ansible_become_password); it is the login user's own password that sudo asks for"

/**
 * The way to another user's shell. Without a password sudo runs with `-n` and the script goes with it. With one, sudo is
 * left to ask: only after its own prompt (a random text, given with `-p`) was seen is the password written, and the script
 * only after the shell inside said that it is there, so that a second prompt can never take the script for a password.
 * `sudo -n` is not tried first then: where a password is needed it would be logged as an incident on the host each time.
 */
export function becomeDoorway(host: string, become: Becoming): Doorway {
  const { user, password } = become
  if (!isUser(user))
    throw new DiagnosticError({
      code: 'become/user',
      host,
      message: `not a user name: ${user}`,
      hint: 'write become_user as it stands in /etc/passwd',
    })
  let asks: boolean | null = null
  let refusal: DiagnosticError | null = null
  let first: Promise<void> | null = null

  const silent: Entry = {
    command: (bytes) => `exec env LC_ALL=C sudo -n -H -u ${user} -- /bin/sh -c '${reader(bytes)}'`,
    refuse: (said, { code }) => {
      throw refused(host, become, said, { code })
    },
  }
  // A wrong password is not tried again, nor by exchanges that run at the same time: three of them lock an account.
  async function ask<T>(attempt: (entry: Entry) => Promise<T>, password: Secret): Promise<T> {
    while (first !== null) await first
    if (refusal !== null) throw refusal
    if (asks === false) return attempt(silent)
    let known = (): void => undefined
    if (asks === null) {
      first = new Promise((resolve) => {
        known = () => {
          first = null
          resolve()
        }
      })
    }
    try {
      return await attempt(
        asking(host, become, password, (asked) => {
          asks = asked
          known()
        }),
      )
    } catch (error) {
      if (error instanceof DiagnosticError) refusal = error
      throw error
    } finally {
      known()
    }
  }
  // What sudo refused once is not asked again: each time would be one more incident in the host's log.
  async function once<T>(attempt: (entry: Entry) => Promise<T>): Promise<T> {
    if (refusal !== null) throw refusal
    try {
      return await attempt(silent)
    } catch (error) {
      if (error instanceof DiagnosticError) refusal = error
      throw error
    }
  }
  return {
    async through(attempt) {
      if (password === undefined) return once(attempt)
      if (asks !== false) return ask(attempt, password)
      try {
        return await attempt(silent)
      } catch (error) {
        if (
          !(error instanceof DiagnosticError) ||
          error.diagnostics[0]?.code !== 'become/password-needed'
        )
          throw error
        asks = true
        return ask(attempt, password)
      }
    },
  }
}

/** An entry that answers sudo's prompt once, and says whether there was one. */
function asking(
  host: string,
  become: Becoming,
  password: Secret,
  report: (asked: boolean) => void,
): Entry {
  const prompt = `[${randomBytes(8).toString('hex')}]`
  const ready = randomBytes(8).toString('hex')
  return {
    command: (bytes) =>
      `exec env LC_ALL=C sudo -S -H -p '${prompt}' -u ${become.user} -- /bin/sh -c 'echo ${ready} | dd 2>/dev/null; ${reader(bytes)}'`,
    admit: async (talk) => report(await converse(host, become, talk, prompt, ready, password)),
    refuse: (said, { code }) => {
      throw refused(host, become, said, { code })
    },
  }
}

function converse(
  host: string,
  become: Becoming,
  talk: Talk,
  prompt: string,
  ready: string,
  password: Secret,
): Promise<boolean> {
  return new Promise((resolve, reject) => {
    let said = ''
    let out = ''
    let prompts = 0
    let over = false
    const end = (result: boolean | Error): void => {
      if (over) return
      over = true
      clearTimeout(timer)
      if (typeof result === 'boolean') resolve(result)
      else reject(result)
    }
    const words = (): string => said.replaceAll(prompt, '\n')
    const timer = setTimeout(
      () =>
        end(
          diagnostic(
            host,
            'become/prompt',
            `sudo neither asked in our words nor went on within ${promptSeconds}s${quoted(words())}`,
            'a PAM module may ask for something else, such as a code; give this user NOPASSWD in sudoers',
          ),
        ),
      promptSeconds * 1000,
    )
    talk.listen({
      stdout(bytes) {
        out = (out + Buffer.from(bytes).toString('latin1')).slice(-65_536)
        if (out.includes(`${ready}\n`)) end(prompts > 0)
      },
      stderr(bytes) {
        said = (said + Buffer.from(bytes).toString('utf8')).slice(-65_536)
        const seen = said.split(prompt).length - 1
        if (over || seen <= prompts) return
        prompts = seen
        if (seen > 1)
          return end(
            diagnostic(
              host,
              'become/password-wrong',
              `sudo refuses the password for becoming ${become.user}`,
              wrongHint,
            ),
          )
        talk.process.write(Buffer.from(`${reveal(password)}\n`, 'utf8')).catch(end)
      },
    })
    talk.process.ended.then(
      ({ code }) => end(refused(host, become, words(), { code, asked: prompts > 0 })),
      end,
    )
  })
}

/** Why sudo did not let us in, from its words (in the C locale). */
function refused(
  host: string,
  become: Becoming,
  saidAll: string,
  { code, asked = false }: { code: number | null; asked?: boolean },
): Error {
  const { user } = become
  // A warning that says nothing of why.
  const said = saidAll.replace(/^sudo: unable to resolve host .*$/gm, '')
  const words = quoted(said)
  if (said.trim() === '' && code === 0)
    return diagnostic(
      host,
      'become/failed',
      `sudo started a shell of ${user}, and that shell could start no program`,
      `sudoers may say NOEXEC for it: sudo -l -U on the host shows that; allow /bin/sh as ${user} with EXEC`,
    )
  if (
    /a password is required|authentication is required|a terminal is required/i.test(said) &&
    !asked
  ) {
    if (become.withheld !== undefined)
      return withheldError(
        host,
        become.withheld,
        `the password that sudo wants for becoming ${user} is not sent`,
      )
    return diagnostic(
      host,
      'become/password-needed',
      `sudo wants a password for becoming ${user}${words}`,
      `give one with --ask-become-pass or become_password, or give this user NOPASSWD in sudoers; sudo says the same where sudoers allows other programs only: it must allow /bin/sh as ${user} (sudo -l shows what it allows)`,
    )
  }
  if (
    /sorry, try again|incorrect password|incorrect authentication|no password was provided/i.test(
      said,
    )
  ) {
    return diagnostic(
      host,
      'become/password-wrong',
      `sudo refuses the password for becoming ${user}`,
      wrongHint,
    )
  }
  if (/must have a tty/i.test(said)) {
    return diagnostic(
      host,
      'become/requiretty',
      `sudo on this host works on terminals only (requiretty)${words}`,
      'add "Defaults:USER !requiretty" to sudoers for the login user',
    )
  }
  if (/not in the sudoers file|may not run sudo|not allowed to (execute|run)/i.test(said)) {
    return diagnostic(
      host,
      'become/not-allowed',
      `the login user may not become ${user}${words}`,
      `sudoers must let it run /bin/sh as ${user}`,
    )
  }
  if (/unknown user/i.test(said))
    return diagnostic(
      host,
      'become/user',
      `the user ${user} does not exist on this host${words}`,
      'check become_user',
    )
  // `env` says it in the login's own language, and exits with 127.
  if (code === 127) {
    return diagnostic(
      host,
      'become/no-sudo',
      `sudo is not installed on this host${words}`,
      'install sudo, or log in as the user itself (ansible_user)',
    )
  }
  if (said.trim() === '')
    return new Unreachable(host, `sudo ended without a word before a shell of ${user} was there`)
  return diagnostic(
    host,
    'become/failed',
    `sudo did not let us become ${user}${words}`,
    `try on the host: sudo -u ${user} /bin/sh -c true`,
  )
}

function quoted(said: string): string {
  const words = sentence(said)
  return words && `: ${words}`
}

function diagnostic(host: string, code: Code, message: string, hint: string): DiagnosticError {
  return new DiagnosticError({ code, host, message, hint })
}
