import { thrownText } from '../../text/thrown-text.ts'
import nodeModule from 'node:module'
import type { Diagnostic } from '../../model/diagnostic.ts'
import type { AnyResourceType } from '../../contract/resource.ts'
import { withTimeLimit } from './time-limit.ts'
import type { TypeFile } from './type-files.ts'
import { placeOf, failedAt, offsetPlace } from './type-places.ts'
import { faultsOf } from './type-export.ts'
import { importsOf, contractName, withContract, asUrl } from './module-imports.ts'

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
  const imports = await importsOf(stripped.code)
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
  } catch (thrown) {
    const error = thrown instanceof Error ? thrown : new Error()
    return {
      type: null,
      diagnostics: [
        {
          code: 'type/load',
          message: `this module cannot be loaded: ${thrownText(thrown)
            .split('\n', 1)[0]!
            .replace(/'?data:text\/javascript[^\s']*'?/g, () => `'${contractName}'`)}`,
          at: failedAt(file, text, error),
          hint: loadHint(error),
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

// Node 22 warns on standard error that its stripping is new, where it would stand in the output of each run.
function quietly<T>(act: () => T): T {
  const { emitWarning } = process
  process.emitWarning = () => undefined
  try {
    return act()
  } finally {
    process.emitWarning = emitWarning
  }
}

/** JavaScript of TypeScript: by Node itself where it can, else by the compiler where it is installed. */
async function withoutTypes(file: string, text: string): Promise<Stripped> {
  const strip = (nodeModule as { readonly stripTypeScriptTypes?: (code: string) => string })
    .stripTypeScriptTypes
  if (strip) {
    try {
      return { code: quietly(() => strip(text)), diagnostics: [] }
    } catch (error) {
      return {
        code: null,
        diagnostics: [
          {
            code: 'type/load',
            message: `this is not TypeScript whose types can be stripped: ${(error as Error).message.split('\n', 1)[0]!}`,
            at: placeOf(file, text, null),
            hint: 'remove enums, namespaces and parameter properties: Node only leaves types out, it does not translate them',
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

function loadHint(error: Error): string {
  const missing = /does not provide an export named '(\w+)'/.exec(error.message)?.[1]
  if (missing)
    return `'${contractName}' has no '${missing}'; for a type write import type { ${missing} }`
  return error instanceof ReferenceError
    ? `declare it in this file, or import it from '${contractName}'`
    : 'fix the line that is shown'
}
