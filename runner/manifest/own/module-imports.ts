import * as contract from '../../contract/index.ts'

/** What a type's module may import. */
export const contractName = 'trueup/contract'

const registry = Symbol.for('trueup.contract')

interface Import {
  /** Null: computed while it runs. */
  readonly name: string | null
  readonly start: number
  readonly end: number
}

/** Imports, and what may hide a text that looks like one. */
// Comments and string literals are skipped: an `import` in one of them does not count.
export const tokens =
  /\/\/[^\n]*|\/\*[\s\S]*?\*\/|`(?:\\[\s\S]|[^`\\])*`|\b(?:import|export)\b[^'"`;()]*?\bfrom\s*(?:'([^'\n]+)'|"([^"\n]+)")|\bimport\s*(?:'([^'\n]+)'|"([^"\n]+)")|\b(?:import|require)\s*\(|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"/g

/** What a module imports, and where its name stands. */
export function importsOf(code: string): readonly Import[] {
  return [...code.matchAll(tokens)].flatMap((match): readonly Import[] => {
    const name = match[1] ?? match[2] ?? match[3] ?? match[4]
    const end = match.index + match[0].length - 1
    if (name !== undefined) return [{ name, start: end - name.length, end }]
    return /^(?:import|require)/.test(match[0]) ? [{ name: null, start: match.index, end }] : []
  })
}

/** The code with the contract of this process in the place of its name. */
export function withContract(code: string, imports: readonly Import[]): string {
  Object.assign(globalThis, { [registry]: contract })
  const names = Object.keys(contract)
  const shim = asUrl(
    `const contract = globalThis[Symbol.for('trueup.contract')]\n${names.map((name) => `export const ${name} = contract.${name}`).join('\n')}`,
  )
  return [...imports]
    .reverse()
    .reduce((made, { start, end }) => made.slice(0, start) + shim + made.slice(end), code)
}

/** The address of a module of this code. */
export function asUrl(code: string): string {
  // The URL may stand in quotes of either kind.
  return `data:text/javascript,${encodeURIComponent(code).replaceAll("'", '%27')}`
}
