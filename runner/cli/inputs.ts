import { readFileSync } from 'node:fs'
import { withoutLine, type Diagnostic } from '../model/diagnostic.ts'
import type { Value } from '../contract/value.ts'
import { parseYaml, plain } from '../source/yaml.ts'
import type { LoadedPlaybook } from '../playbook/load.ts'
import { askLine, type Io } from './io.ts'

/** Inputs as the command line gives them; the last one that names an input wins. */
export interface GivenInputs {
  readonly values: Readonly<Record<string, Value>>
  readonly diagnostics: readonly Diagnostic[]
}

/** Reads `-e` options: `key=value` (a text, which the playbook's type turns into what it is), `@file` or `{...}` (YAML or JSON). */
export function readInputs(given: readonly string[]): GivenInputs {
  const values: Record<string, Value> = Object.create(null)
  const diagnostics: Diagnostic[] = []
  const ordinal = (at: number): string => (given.length === 1 ? '' : `${at + 1}. `)
  for (const [at, each] of given.entries()) {
    if (each.startsWith('@')) readFile(each.slice(1))
    else if (each.trimStart().startsWith('{')) readMap('-e', each)
    else {
      const match = /^\s*([A-Za-z_][\w.-]*)=([\s\S]*)$/.exec(each)
      if (match) values[match[1]!] = match[2]!
      // It may be a secret whose name was forgotten, so it is not repeated.
      else
        diagnostics.push({
          code: 'cli/input',
          message: `the ${ordinal(at)}-e is no input: it does not begin with a name and =`,
          hint: 'write -e key=value, or -e @file.yaml',
        })
    }
  }
  return { values, diagnostics }

  function readFile(path: string): void {
    try {
      readMap(path, readFileSync(path, 'utf8'))
    } catch (error) {
      diagnostics.push({
        code: 'cli/input-file',
        message: `the inputs of ${path} cannot be read: ${(error as Error).message}`,
        hint: 'give the path of a YAML or JSON file after @',
      })
    }
  }

  function readMap(file: string, text: string): void {
    const parsed = parseYaml(file, text)
    // A file's line may be shown; what was typed may be a secret, and no playbook has said yet which is.
    diagnostics.push(
      ...(file === '-e' ? parsed.diagnostics.map(withoutSource) : parsed.diagnostics),
    )
    if (!parsed.value) return
    if (parsed.value.kind !== 'map') {
      diagnostics.push({
        code: 'cli/input',
        message: 'inputs are a map of names to values',
        at: parsed.value.at,
        hint: 'write `name: value` lines',
      })
    } else Object.assign(values, plain(parsed.value))
  }
}

function withoutSource(diagnostic: Diagnostic): Diagnostic {
  return diagnostic.at ? { ...diagnostic, at: withoutLine(diagnostic.at) } : diagnostic
}

/** Asks on the terminal for what must be given and was not. Null where nothing is asked: no terminal, or other mistakes to mend first. */
export async function askInputs(
  io: Io,
  { inputs, diagnostics }: LoadedPlaybook,
  given: Readonly<Record<string, Value>>,
): Promise<Readonly<Record<string, Value>> | null> {
  const missing = inputs.filter((input) => input.required && !Object.hasOwn(given, input.name))
  const isAll = diagnostics.every(
    (each) => each.code === 'input/missing' || each.severity === 'warning',
  )
  if (missing.length === 0 || !isAll || !io.stdin.isTTY || !io.stderr.isTTY) return null
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
    // Nothing typed is nothing given: the playbook's own words say what is missing.
    if (answer !== null && answer !== '') answers[name] = answer
  }
  return answers
}
