import { readFileSync } from 'node:fs'
import type { Diagnostic } from '../core/diagnostic.ts'
import type { Value } from '../core/value.ts'
import { parseYaml, plain } from '../source/yaml.ts'

/** Inputs as the command line gives them; the last one that names an input wins. */
export interface GivenInputs {
  readonly values: Readonly<Record<string, Value>>
  readonly diagnostics: readonly Diagnostic[]
}

/** Reads `-e` options: `key=value` (a text, which the book's type turns into what it is), `@file` or `{...}` (YAML or JSON). */
export function readInputs(given: readonly string[]): GivenInputs {
  const values: Record<string, Value> = Object.create(null)
  const diagnostics: Diagnostic[] = []
  for (const each of given) {
    if (each.startsWith('@')) readFile(each.slice(1))
    else if (each.trimStart().startsWith('{')) readMap('-e', each)
    else {
      const match = /^\s*([A-Za-z_][\w.-]*)=([\s\S]*)$/.exec(each)
      if (match) values[match[1]!] = match[2]!
      else diagnostics.push({ code: 'cli/input', message: `-e ${JSON.stringify(each)} is no input`, hint: 'write -e key=value, or -e @file.yaml' })
    }
  }
  return { values, diagnostics }

  function readFile(path: string): void {
    try {
      readMap(path, readFileSync(path, 'utf8'))
    } catch (error) {
      diagnostics.push({ code: 'cli/input-file', message: `the inputs of ${path} cannot be read: ${(error as Error).message}`, hint: 'give the path of a YAML or JSON file after @' })
    }
  }

  function readMap(file: string, text: string): void {
    const parsed = parseYaml(file, text)
    diagnostics.push(...parsed.diagnostics)
    if (!parsed.value) return
    if (parsed.value.kind !== 'map') {
      diagnostics.push({ code: 'cli/input', message: 'inputs are a map of names to values', at: parsed.value.at, hint: 'write `name: value` lines' })
    } else Object.assign(values, plain(parsed.value))
  }
}
