import { DiagnosticError } from '../model/diagnostic.ts'
import { Secret } from '../contract/secret.ts'
import type { Value } from '../contract/value.ts'
import type { LoadedPlaybook } from '../playbook/load-playbook.ts'
import type { Io } from './io.ts'

/** Whether a person can be asked. */
export function hasPerson(io: Io): boolean {
  return io.stdin.isTTY === true && io.stderr.isTTY === true
}

/** Asks on the terminal; with `hidden`, the answer does not show. Null without a terminal or without an answer. Rejects on Ctrl-C. */
export async function askLine(
  io: Io,
  question: string,
  options: { readonly hidden?: true } = {},
): Promise<string | null> {
  if (!hasPerson(io)) return null
  const release = io.listen?.()
  const { createInterface } = await import('node:readline')
  const { Writable } = await import('node:stream')
  io.stderr.write(question)
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() })
  const lines = createInterface({
    input: io.stdin,
    output: options.hidden ? silent : io.stderr,
    terminal: true,
  })
  try {
    return await new Promise<string | null>((resolve, reject) => {
      lines.once('line', resolve)
      // A process that drains does not wait for an answer.
      io.drain.addEventListener('abort', () => resolve(null), { once: true })
      if (io.drain.aborted) resolve(null)
      lines.once('SIGINT', () => {
        io.stderr.write('\n')
        // A terminal that is read key by key sends no signal, so the signal's listeners are called here.
        process.emit('SIGINT')
        reject(
          new DiagnosticError({
            code: 'run/interrupted',
            message: 'interrupted',
            hint: 'trueup began nothing after the question',
          }),
        )
        lines.close()
      })
      lines.once('close', () => resolve(null))
    })
  } finally {
    release?.()
    lines.close()
    if (options.hidden) io.stderr.write('\n')
  }
}

/** Throws DiagnosticError when `--step` has no terminal to ask on. */
export function checkStep(io: Io, step: boolean | undefined): void {
  if (step && !hasPerson(io))
    throw new DiagnosticError({
      code: 'cli/no-terminal',
      message: '--step needs a terminal to ask on',
      hint: 'run it on a terminal, or select tasks with --tags or --start-at',
    })
}

/** Asks for the passphrase of a key file; null without an answer. */
export async function askPassphrase(io: Io, file: string): Promise<Secret | null> {
  const typed = await askLine(io, `passphrase of ${file}: `, { hidden: true })
  return typed === null ? null : new Secret('passphrase', typed)
}

/** Asks for the sudo password. Throws DiagnosticError without a terminal. */
export async function askBecomePassword(io: Io): Promise<Secret> {
  const typed = await askLine(io, 'sudo password: ', { hidden: true })
  if (typed === null)
    throw new DiagnosticError({
      code: 'cli/no-terminal',
      message: '--ask-become-pass needs a terminal to ask on',
      hint: 'give the password in the inventory (ansible_become_password), or run on a terminal',
    })
  return new Secret('become password', typed)
}

/** Asks for the inputs that are required and not given. Null when nothing is asked: without a terminal, or when the playbook has other mistakes. */
export async function askInputs(
  io: Io,
  { inputs, diagnostics }: LoadedPlaybook,
  given: Readonly<Record<string, Value>>,
): Promise<Readonly<Record<string, Value>> | null> {
  const missing = inputs.filter((input) => input.required && !Object.hasOwn(given, input.name))
  const isOnlyMistake = diagnostics.every(
    (each) => each.code === 'input/missing' || each.severity === 'warning',
  )
  if (missing.length === 0 || !isOnlyMistake || !hasPerson(io)) return null
  const answers: Record<string, Value> = Object.create(null)
  for (const { name, schema, secret } of missing) {
    const about = [schema.description, schema.enum ? `one of ${schema.enum.join(', ')}` : '']
      .filter((part) => part !== '')
      .join('; ')
    const answer = await askLine(
      io,
      `${name}${about === '' ? '' : ` (${about})`}: `,
      secret ? { hidden: true } : {},
    )
    // An empty answer gives no value: the playbook's own check reports the missing input.
    if (answer !== null && answer !== '') answers[name] = answer
  }
  return answers
}
