import { randomBytes } from 'node:crypto'
import { reveal } from '../contract/secret-text.ts'
import type { Secret } from '../contract/secret.ts'
import type { Entry, Talk } from './batch/script-run.ts'
import { reader } from './batch/start-command.ts'
import { passwordRefused, promptMissing, sudoRefusal } from './sudo-refusal.ts'

const promptSeconds = 60
/** Characters that are kept of what sudo and its shell print. */
const kept = 65_536

/** A shell of another user that sudo may ask a password for. */
export interface AskingSudo {
  readonly host: string
  readonly user: string
  readonly password: Secret
  readonly withheld?: string | undefined
}

/** An entry that answers sudo's prompt once; `report` hears whether there was one. */
export function askingEntry(sudo: AskingSudo, report: (asked: boolean) => void): Entry {
  const prompt = `[${randomBytes(8).toString('hex')}]`
  const ready = randomBytes(8).toString('hex')
  return {
    command: (bytes) =>
      `exec env LC_ALL=C sudo -S -H -p '${prompt}' -u ${sudo.user} -- /bin/sh -c 'echo ${ready} | dd 2>/dev/null; ${reader(bytes)}'`,
    admit: async (talk) => report(await new PromptTalk(sudo, talk, prompt, ready).asked),
    refuse: (said, { code }) => {
      throw sudoRefusal({ ...sudo, said, code })
    },
  }
}

/** The conversation with sudo, until the shell inside says that it is there. */
class PromptTalk {
  /** Whether sudo asked for the password. */
  readonly asked: Promise<boolean>
  readonly #sudo: AskingSudo
  readonly #talk: Talk
  readonly #prompt: string
  #said = ''
  #prompts = 0
  #over = false
  #end: (result: boolean | Error) => void = () => {}

  constructor(sudo: AskingSudo, talk: Talk, prompt: string, ready: string) {
    this.#sudo = sudo
    this.#talk = talk
    this.#prompt = prompt
    this.asked = new Promise((resolve, reject) => {
      const timer = setTimeout(
        () => this.#end(promptMissing(sudo.host, this.#words(), promptSeconds)),
        promptSeconds * 1000,
      )
      this.#end = (result) => {
        if (this.#over) return
        this.#over = true
        clearTimeout(timer)
        if (typeof result === 'boolean') resolve(result)
        else reject(result)
      }
    })
    let out = ''
    talk.listen({
      stdout: (bytes) => {
        out = (out + Buffer.from(bytes).toString('latin1')).slice(-kept)
        if (out.includes(`${ready}\n`)) this.#end(this.#prompts > 0)
      },
      stderr: (bytes) => this.#hear(Buffer.from(bytes).toString('utf8')),
    })
    talk.process.ended.then(({ code }) => this.#end(this.#refusal(code)), this.#end)
  }

  #hear(text: string): void {
    this.#said = (this.#said + text).slice(-kept)
    const seen = this.#said.split(this.#prompt).length - 1
    if (this.#over || seen <= this.#prompts) return
    this.#prompts = seen
    if (seen > 1) return this.#end(passwordRefused(this.#sudo.host, this.#sudo.user))
    const line = Buffer.from(`${reveal(this.#sudo.password)}\n`, 'utf8')
    this.#talk.process.write(line).catch(this.#end)
  }

  #refusal(code: number | null): Error {
    return sudoRefusal({
      ...this.#sudo,
      said: this.#words(),
      code,
      asked: this.#prompts > 0,
    })
  }

  #words(): string {
    return this.#said.replaceAll(this.#prompt, '\n')
  }
}
