import { withoutLine, type Diagnostic } from '../model/diagnostic.ts'
import type { Value } from '../contract/value.ts'
import { Secret } from '../contract/secret.ts'
import { isVault, openVault } from '../files/ansible-vault.ts'
import { readText } from '../files/read-file.ts'
import { parseYaml } from '../source/located-yaml.ts'
import { plain } from '../source/located.ts'

/** Inputs as the command line gives them; the last option that names an input wins. */
export interface GivenInputs {
  readonly values: Readonly<Record<string, Value>>
  readonly diagnostics: readonly Diagnostic[]
}

type Env = Readonly<Record<string, string | undefined>>

/** Reads `-e` options: `key=value` (a text, which the playbook's type converts), `@file` or `{...}` (YAML or JSON). */
export function readInputs(given: readonly string[], env: Env = {}): GivenInputs {
  const values: Record<string, Value> = Object.create(null)
  const diagnostics: Diagnostic[] = []
  for (const [at, each] of given.entries()) {
    const read = readOption(each, given.length === 1 ? '' : `${at + 1}. `, env)
    Object.assign(values, read.values)
    diagnostics.push(...read.diagnostics)
  }
  return { values, diagnostics }
}

function readOption(option: string, ordinal: string, env: Env): GivenInputs {
  if (option.startsWith('@')) return readFile(option.slice(1), env)
  if (option.trimStart().startsWith('{')) return readMap('-e', option)
  const match = /^\s*([A-Za-z_][\w.-]*)=([\s\S]*)$/.exec(option)
  if (match) return { values: { [match[1]!]: match[2]! }, diagnostics: [] }
  // The text may be a secret whose name was forgotten, so the message does not repeat it.
  return wrong({
    code: 'cli/input',
    message: `the ${ordinal}-e is not an input: it does not begin with a name and =`,
    hint: 'write -e key=value, or -e @file.yaml',
  })
}

function readFile(path: string, env: Env): GivenInputs {
  const read = readText(path)
  if ('text' in read && isVault(read.text)) return readVault(path, read.text, env)
  if ('text' in read) return readMap(path, read.text)
  return wrong({
    code: 'cli/input-file',
    message: `the inputs of ${path} cannot be read: ${read.words}`,
    hint: 'give the path of a YAML or JSON file after @',
  })
}

/** The inputs of a file that is encrypted: each is a secret, whatever the playbook calls it, and no line of it is ever shown. */
function readVault(path: string, sealed: string, env: Env): GivenInputs {
  const opened = openVault(
    sealed,
    env['TRUEUP_VAULT_PASSWORD_FILE'] ?? env['ANSIBLE_VAULT_PASSWORD_FILE'],
  )
  if ('wrong' in opened)
    return wrong({
      code: 'yaml/vault',
      message: `${path}: ${opened.wrong}`,
      hint: opened.hint,
    })
  const { values, diagnostics } = readMap(path, opened.text)
  const strange = Object.keys(values).find((name) => typeof values[name] === 'object')
  if (strange !== undefined)
    return wrong({
      code: 'cli/input',
      message: `'${strange}' of ${path} is a list or a map, and an encrypted file holds texts`,
      hint: 'give each secret a name of its own, and what is not secret in a file that is not encrypted',
    })
  return {
    values: Object.fromEntries(
      Object.entries(values).map(([name, value]) => [name, new Secret(name, String(value))]),
    ) as unknown as GivenInputs['values'],
    diagnostics: diagnostics.map(withoutSource),
  }
}

function readMap(file: string, text: string): GivenInputs {
  const parsed = parseYaml(file, text)
  // A file's line may be shown. What was typed may be a secret: the playbook that says which input is secret is not read yet.
  const diagnostics = file === '-e' ? parsed.diagnostics.map(withoutSource) : parsed.diagnostics
  if (!parsed.value) return { values: {}, diagnostics }
  if (parsed.value.kind === 'map')
    return { values: plain(parsed.value) as Readonly<Record<string, Value>>, diagnostics }
  const fault = wrong({
    code: 'cli/input',
    message: 'inputs must be a map of names to values',
    at: parsed.value.at,
    hint: 'write `name: value` lines',
  })
  return { values: {}, diagnostics: [...diagnostics, ...fault.diagnostics] }
}

function wrong(diagnostic: Diagnostic): GivenInputs {
  return { values: {}, diagnostics: [diagnostic] }
}

function withoutSource(diagnostic: Diagnostic): Diagnostic {
  return diagnostic.at ? { ...diagnostic, at: withoutLine(diagnostic.at) } : diagnostic
}

/** The words that give these inputs again, without the secret ones: a run asks for those again. */
export function inputWords(
  given: readonly string[],
  inputs: Readonly<Record<string, Value>>,
): readonly string[] {
  return given.flatMap((option) => {
    // A file is named, and the next command reads it again.
    if (option.startsWith('@')) return ['-e', option]
    const { values } = readInputs([option])
    const names = Object.keys(values)
    const open = names.filter((name) => !(inputs[name] instanceof Secret))
    if (open.length === names.length) return ['-e', option]
    if (open.length === 0) return []
    return ['-e', JSON.stringify(Object.fromEntries(open.map((name) => [name, values[name]])))]
  })
}
