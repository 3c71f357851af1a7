import { init, parse } from 'es-module-lexer/minimal'
import * as contract from '../../contract/index.ts'

/** What a type's module may import. */
export const contractName = 'trueup/contract'

const registry = Symbol.for('trueup.contract')

/** What the lexer says in place of where a dynamic import begins. */
const atTheTop = -1
const importMeta = -2

interface Import {
  /** Null: computed while it runs. */
  readonly name: string | null
  readonly start: number
  readonly end: number
}

/** What a module imports, and where its name stands. Of a module that cannot be read it is nothing. */
export async function importsOf(code: string): Promise<readonly Import[]> {
  await init()
  try {
    const [imports] = parse(code)
    return imports
      .filter(({ d: dynamic }) => dynamic !== importMeta)
      .map(({ n: name, s: start, e: end, d: dynamic }) => ({
        name: dynamic === atTheTop ? (name ?? null) : null,
        start,
        end,
      }))
  } catch {
    // Node names the mistake when it loads the module.
    return []
  }
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
