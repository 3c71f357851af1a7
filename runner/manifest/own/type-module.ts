import nodeModule from 'node:module'
import { Script } from 'node:vm'
import * as contract from '../../contract/index.ts'
import type { Diagnostic, Place } from '../../model/diagnostic.ts'
import { isMap } from '../../contract/value.ts'
import type { AnyResourceType } from '../../contract/resource.ts'
import { withTimeLimit } from './time-limit.ts'
import type { TypeFile } from './type-files.ts'

/** What a type's module may import. */
const contractName = 'trueup/contract'
const registry = Symbol.for('trueup.contract')

/** A type that a module exports; or what is wrong with the module. */
export interface LoadedModule {
  readonly type: AnyResourceType | null
  readonly diagnostics: readonly Diagnostic[]
}

/**
 * Loads a `*.resource.ts` or `*.resource.js` from its text. It is imported as it stands, with the contract of this very
 * process in the place of `trueup/contract`: the file needs nothing installed beside it, and a saved plan can hold it.
 */
export async function loadTypeModule({ file, text }: TypeFile): Promise<LoadedModule> {
  const stripped = file.endsWith('.ts')
    ? await withoutTypes(file, text)
    : { code: text, diagnostics: [] }
  if (stripped.code === null) return { type: null, diagnostics: stripped.diagnostics }
  const imports = importsOf(stripped.code)
  const strange = imports.filter(({ name }) => name !== contractName)
  if (strange.length > 0) {
    return {
      type: null,
      diagnostics: strange.map(({ name }) => ({
        code: 'type/import',
        message:
          name === null
            ? 'a type imports nothing while it runs'
            : `a type may import '${contractName}' and nothing else, not '${name}'`,
        at: placeOf(file, text, name ?? /\b(?:import|require)\s*\(/),
        hint: name?.startsWith('.')
          ? 'put what it needs into this one file'
          : `write import { defineResource, … } from '${contractName}'`,
      })),
    }
  }
  try {
    const module = (await import(asUrl(withContract(stripped.code, imports)))) as {
      readonly default?: unknown
    }
    const diagnostics = faultsOf(module.default, { file, text })
    const type = module.default as AnyResourceType
    return {
      type: diagnostics.length > 0 ? null : withTimeLimit(type, placeOf(file, text, type.name)),
      diagnostics,
    }
  } catch (error) {
    return {
      type: null,
      diagnostics: [
        {
          code: 'type/load',
          message: `this module cannot be loaded: ${(error as Error).message.split('\n', 1)[0]!.replace(/'?data:text\/javascript[^\s']*'?/g, () => `'${contractName}'`)}`,
          at: failedAt(file, text, error as Error),
          hint: loadHint(error as Error),
        },
      ],
    }
  }
}

// Named, not imported: the package does not depend on the compiler, and uses it where the user has it.
const compilerName: string = 'typescript'
/** The part of the compiler that strips types. */
interface Compiler {
  readonly ScriptTarget: { readonly ES2023: number }
  readonly ModuleKind: { readonly ESNext: number }
  flattenDiagnosticMessageText(text: unknown, lineEnd: string): string
  transpileModule(
    text: string,
    options: object,
  ): {
    readonly outputText: string
    readonly diagnostics?: readonly {
      readonly messageText: unknown
      readonly start?: number
      readonly length?: number
    }[]
  }
}

interface Stripped {
  readonly code: string | null
  readonly diagnostics: readonly Diagnostic[]
}

/** JavaScript of TypeScript: by Node itself where it can, else by the compiler where it is installed. */
async function withoutTypes(file: string, text: string): Promise<Stripped> {
  const strip = (nodeModule as { readonly stripTypeScriptTypes?: (code: string) => string })
    .stripTypeScriptTypes
  if (strip) {
    try {
      return { code: strip(text), diagnostics: [] }
    } catch (error) {
      return {
        code: null,
        diagnostics: [
          {
            code: 'type/load',
            message: `this is not TypeScript whose types can be stripped: ${(error as Error).message.split('\n', 1)[0]!}`,
            at: placeOf(file, text, null),
            hint: 'no enums, namespaces or parameter properties: only types that can be left out',
          },
        ],
      }
    }
  }
  const typescript = await import(compilerName).then(
    (module: { readonly default: Compiler }) => module.default,
    () => null,
  )
  if (!typescript)
    return {
      code: null,
      diagnostics: [
        {
          code: 'type/typescript',
          message: `Node ${process.versions.node} cannot read TypeScript`,
          at: placeOf(file, text, null),
          hint: `call it ${file.replace(/^.*\//, '').replace(/\.ts$/, '.js')} and leave the types out, or use Node 22.18 or newer`,
        },
      ],
    }
  const { ScriptTarget, ModuleKind } = typescript
  const { outputText, diagnostics = [] } = typescript.transpileModule(text, {
    fileName: file,
    reportDiagnostics: true,
    compilerOptions: {
      target: ScriptTarget.ES2023,
      module: ModuleKind.ESNext,
      verbatimModuleSyntax: true,
      removeComments: false,
    },
  })
  const wrong = diagnostics.map((each): Diagnostic => ({
    code: 'type/load',
    message: typescript.flattenDiagnosticMessageText(each.messageText, ' '),
    at: offsetPlace(file, text, each.start ?? 0, each.length ?? 1),
    hint: 'fix it as a TypeScript file',
  }))
  return { code: wrong.length > 0 ? null : outputText, diagnostics: wrong }
}

interface Import {
  /** Null: computed while it runs. */
  readonly name: string | null
  readonly start: number
  readonly end: number
}

// Comments and string literals are skipped: an `import` in one of them does not count.
const tokens =
  /\/\/[^\n]*|\/\*[\s\S]*?\*\/|`(?:\\[\s\S]|[^`\\])*`|\b(?:import|export)\b[^'"`;()]*?\bfrom\s*(?:'([^'\n]+)'|"([^"\n]+)")|\bimport\s*(?:'([^'\n]+)'|"([^"\n]+)")|\b(?:import|require)\s*\(|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"/g

/** What a module imports, and where its name stands. */
function importsOf(code: string): readonly Import[] {
  return [...code.matchAll(tokens)].flatMap((match): readonly Import[] => {
    const name = match[1] ?? match[2] ?? match[3] ?? match[4]
    const end = match.index + match[0].length - 1
    if (name !== undefined) return [{ name, start: end - name.length, end }]
    return /^(?:import|require)/.test(match[0]) ? [{ name: null, start: match.index, end }] : []
  })
}

/** The code with the contract of this process in the place of its name. */
function withContract(code: string, imports: readonly Import[]): string {
  Object.assign(globalThis, { [registry]: contract })
  const names = Object.keys(contract)
  const shim = asUrl(
    `const contract = globalThis[Symbol.for('trueup.contract')]\n${names.map((name) => `export const ${name} = contract.${name}`).join('\n')}`,
  )
  return [...imports]
    .reverse()
    .reduce((made, { start, end }) => made.slice(0, start) + shim + made.slice(end), code)
}

function asUrl(code: string): string {
  // The URL may stand in quotes of either kind.
  return `data:text/javascript,${encodeURIComponent(code).replaceAll("'", '%27')}`
}

const functions = ['probe', 'observe', 'desire', 'change', 'act'] as const
const known = [
  'name',
  'summary',
  'source',
  'params',
  'state',
  'shows',
  'events',
  'settle',
  ...functions,
]

/** What a default export lacks to be a type. */
function faultsOf(found: unknown, { file, text }: TypeFile): readonly Diagnostic[] {
  const fault = (
    message: string,
    hint: string,
    near: string | RegExp | null = null,
  ): Diagnostic => ({ code: 'type/export', message, at: placeOf(file, text, near), hint })
  if (!isMap(found))
    return [
      fault(
        'the module exports no type',
        'write export default defineResource({ name, summary, params, state, probe, observe })',
      ),
    ]
  const type = found as unknown as Record<string, unknown>
  const faults: Diagnostic[] = []
  for (const key of Object.keys(type))
    if (!known.includes(key))
      faults.push(
        fault(
          `a type has no '${key}'`,
          `known are: ${known.join(', ')}`,
          new RegExp(`\\b${key}\\b`),
        ),
      )
  for (const key of ['name', 'summary'] as const)
    if (typeof type[key] !== 'string' || type[key] === '')
      faults.push(
        fault(`its ${key} is not a string`, `add ${key}: '…'`, new RegExp(`\\b${key}\\s*:`)),
      )
  if (
    typeof type['name'] === 'string' &&
    !/^[a-z][a-z0-9_]*(?:\.[a-z][a-z0-9_]*)?$/.test(type['name'])
  )
    faults.push(
      fault(
        `'${type['name']}' cannot be the name of a type`,
        'small letters, digits and _, with one dot where it is of your site: site.motd',
        type['name'],
      ),
    )
  for (const key of functions) {
    if (
      type[key] === undefined
        ? key === 'probe' || key === 'observe'
        : typeof type[key] !== 'function'
    )
      faults.push(
        fault(
          `its ${key} is not a function`,
          key === 'probe'
            ? "add probe: (params) => ({ file: text('/etc/motd') })"
            : `add ${key}: (…) => …`,
          new RegExp(`\\b${key}\\b`),
        ),
      )
  }
  if (type['change'] !== undefined && type['desire'] === undefined)
    faults.push(
      fault(
        'it changes something, and nothing is wanted',
        'add desire: (params) => ({ … })',
        /\bchange\b/,
      ),
    )
  return [...faults, ...schemaFaults(type, fault)]
}

function schemaFaults(
  type: Record<string, unknown>,
  fault: (message: string, hint: string, near?: RegExp) => Diagnostic,
): readonly Diagnostic[] {
  const params = type['params'] as
    { readonly type?: unknown; readonly properties?: unknown } | undefined
  if (!isMap(params) || params['type'] !== 'object' || !isMap(params['properties']))
    return [
      fault(
        'its params are not a schema',
        "add params: { type: 'object', required: [], properties: {} }",
        /\bparams\b/,
      ),
    ]
  if (!isMap(type['state']))
    return [
      fault(
        'its state is not a map of fields',
        "add state: { field: { type: 'string', description: '…' } }",
        /\bstate\b/,
      ),
    ]
  const described = [...Object.entries(params['properties']), ...Object.entries(type['state'])]
  const vague = described.filter(
    ([, each]) =>
      !isMap(each) || typeof each['type'] !== 'string' || typeof each['description'] !== 'string',
  )
  const identified = Object.values(params['properties']).some(
    (each) => isMap(each) && each['identity'] === true,
  )
  return [
    ...vague.map(([name]) =>
      fault(
        `'${name}' has no type or no description`,
        `write ${name}: { type: 'string', description: '…' }`,
        new RegExp(`\\b${name}\\b`),
      ),
    ),
    ...(identified
      ? []
      : [
          fault(
            'no param says which thing is meant',
            'mark those that do with identity: true: they are enough for `read`',
            /\bproperties\b/,
          ),
        ]),
  ]
}

function loadHint(error: Error): string {
  const missing = /does not provide an export named '(\w+)'/.exec(error.message)?.[1]
  if (missing)
    return `'${contractName}' has no '${missing}'; for a type write import type { ${missing} }`
  return error instanceof ReferenceError
    ? `declare it in this file, or import it from '${contractName}'`
    : 'fix the line that is shown'
}

/** Where something stands that the user wrote; the first line where it is not found. */
export function placeOf(file: string, text: string, near: string | RegExp | null): Place {
  const found =
    near === null ? -1 : typeof near === 'string' ? text.indexOf(near) : text.search(near)
  return offsetPlace(
    file,
    text,
    Math.max(found, 0),
    typeof near === 'string' && found >= 0 ? near.length : 1,
  )
}

/** The place of a part of a file. */
export function offsetPlace(file: string, text: string, offset: number, width: number): Place {
  const before = text.slice(0, offset).split('\n')
  return {
    file,
    line: before.length,
    column: before.at(-1)!.length + 1,
    width: Math.max(1, width),
    source: text.split('\n')[before.length - 1] ?? '',
  }
}

/** Where a module fails. The engine does not say it of a module that cannot be parsed, so that is parsed again as a script with as many lines. */
function failedAt(file: string, text: string, error: Error): Place {
  const word = /^(\w+) is not defined|export named '(\w+)'/.exec(error.message)
  if (word) return placeOf(file, text, word[1] ?? word[2]!)
  if (!(error instanceof SyntaxError) || file.endsWith('.ts')) return placeOf(file, text, null)
  try {
    new Script(
      text
        .replace(tokens, (token) =>
          /^(?:import|export)/.test(token) ? token.replace(/[^\n]/g, ' ') : token,
        )
        .replace(/\bexport\s+default\b/, '0,           '),
      { filename: 'type' },
    )
  } catch (again) {
    const line = Number(/^type:(\d+)/.exec((again as Error).stack ?? '')?.[1] ?? 1)
    return { file, line, column: 1, source: text.split('\n')[line - 1] ?? '' }
  }
  return placeOf(file, text, null)
}
