import type { ParamSchema } from '../contract/param-schema.ts'
import type { Diagnostic } from '../model/diagnostic.ts'
import type { Task, Tree } from '../model/playbook.ts'
import { parseMode } from '../text/mode.ts'

/** What a task does that is risky, though it is right: a value, a param that is left out, permissions for everybody, a shell's program made of values. */
export function* risksOf(task: Task): Generator<Diagnostic> {
  const { type, params } = task
  if (!type || !params) return
  if (task.verb === 'ensure')
    for (const [name, schema] of Object.entries(type.params.properties)) {
      yield* declaredRisk(task, name, schema)
      yield* openMode(schema, params.fields[name])
    }
  if (type.name === 'command') yield* shellTexts(params.fields)
}

function* declaredRisk(task: Task, name: string, { risk }: ParamSchema): Generator<Diagnostic> {
  if (!risk) return
  const tree = task.params!.fields[name]
  if (risk.values === undefined) {
    if (tree === undefined && mayBeMade(task))
      yield warning({
        code: 'advice/missing-param',
        message: `${task.type!.name} has no ${name}: ${risk.why}`,
        at: task.at,
        hint: risk.hint,
      })
  } else if (tree?.kind === 'constant' && risk.values.some((value) => value === tree.value))
    yield warning({
      code: 'advice/risky-value',
      message: `${name} is ${String(tree.value)}: ${risk.why}`,
      at: tree.at,
      hint: risk.hint,
    })
}

/** Whether the task may make something: not where it wants it to be absent. */
function mayBeMade({ params }: Task): boolean {
  const state = params!.fields['state']
  return !(state?.kind === 'constant' && state.value === 'absent')
}

/** Permissions that let every user write; the sticky bit, as of /tmp, says that this is meant. */
function* openMode(schema: ParamSchema, tree: Tree | undefined): Generator<Diagnostic> {
  if (schema.format !== 'mode' || tree?.kind !== 'constant' || typeof tree.value !== 'string')
    return
  const octal = parseMode(tree.value)
  if (octal === null) return
  const bits = Number.parseInt(octal, 8)
  if ((bits & 0o002) === 0 || (bits & 0o1000) !== 0) return
  const closed = (bits & ~0o002).toString(8).padStart(4, '0')
  yield warning({
    code: 'advice/risky-mode',
    message: `with the mode ${octal} every user of the host may write to it`,
    at: tree.at,
    hint: `write '${closed}', or give it a group that may write`,
  })
}

/** Texts that a shell carries out and that values become part of: `{{ quote x }}` keeps a value one word. */
function* shellTexts(fields: { readonly [name: string]: Tree }): Generator<Diagnostic> {
  const { cmd, argv } = fields
  if (cmd) yield* unquoted(cmd)
  if (argv?.kind !== 'list') return
  const words = argv.items.map((item) => (item.kind === 'constant' ? item.value : null))
  const program = words.findIndex(
    (word, at) =>
      typeof word === 'string' &&
      /^-[a-z]*c$/.test(word) &&
      isShell(words.slice(0, at).findLast((each) => !isOption(each))),
  )
  const text = program < 0 ? undefined : argv.items[program + 1]
  if (text) yield* unquoted(text)
}

function isShell(word: unknown): boolean {
  return typeof word === 'string' && /(?:^|\/)(?:ba|da|k|z)?sh$/.test(word)
}

function isOption(word: unknown): boolean {
  return typeof word === 'string' && word.startsWith('-')
}

function* unquoted(tree: Tree): Generator<Diagnostic> {
  if (tree.kind !== 'computed') return
  const value = [...tree.computed.text.matchAll(/\{\{\{?~?([^{}]*)\}\}/g)]
    .map(([, text]) => text!.replace(/~$/, '').trim())
    .find((text) => !/^(?:[#/!^&]|else\b|quote\b)/.test(text))
  if (value === undefined) return
  yield warning({
    code: 'advice/shell-text',
    message: `the value of ${value} becomes part of a program of the shell: a semicolon in it begins another command`,
    at: tree.at,
    hint: `write {{ quote ${/\s/.test(value) ? `(${value})` : value} }}, or \`argv:\` without a shell`,
  })
}

function warning(found: Diagnostic): Diagnostic {
  return { ...found, severity: 'warning' }
}
