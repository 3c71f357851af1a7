import { Environment } from '@marcbachmann/cel-js'
import { registerStrict } from './cel-functions.ts'
import { strictRoot, type CelContext, type CelNode, type CelRunner } from './cel-nodes.ts'
import { Version } from './cel-values.ts'
import { registerSecrets } from './cel-secrets.ts'
import { compareVersions } from './text.ts'
import type { Shape } from './known-names.ts'

/** Words that CEL keeps for itself, or that would hide a type of it: no var, register or input may be called so. */
export const reservedWords: ReadonlySet<string> = new Set([
  ...[
    'as',
    'break',
    'const',
    'continue',
    'else',
    'false',
    'for',
    'function',
    'if',
    'import',
    'in',
    'let',
    'loop',
    'namespace',
    'null',
    'package',
    'return',
    'true',
    'var',
    'void',
    'while',
  ],
  ...[
    'bool',
    'bytes',
    'cel',
    'double',
    'dyn',
    'int',
    'list',
    'map',
    'null_type',
    'optional',
    'string',
    'timestamp',
    'duration',
    'type',
    'uint',
    'has',
    'google',
  ],
  ...['__proto__', 'prototype', 'constructor'],
])

const base = registerSecrets(
  new Environment({ unlistedVariablesAreDyn: true, homogeneousAggregateLiterals: false }),
)
  .registerType('version', { ctor: Version, fields: {} })
  .registerOperator(
    'version == version',
    (a: Version, b: Version) => compareVersions(a.text, b.text) === 0,
  )
  .registerOperator(
    'version < version',
    (a: Version, b: Version) => compareVersions(a.text, b.text) < 0,
  )
  .registerOperator(
    'version <= version',
    (a: Version, b: Version) => compareVersions(a.text, b.text) <= 0,
  )
  .registerOperator(
    'version > version',
    (a: Version, b: Version) => compareVersions(a.text, b.text) > 0,
  )
  .registerOperator(
    'version >= version',
    (a: Version, b: Version) => compareVersions(a.text, b.text) >= 0,
  )
  .registerFunction('version(string): version', (text: string) => new Version(text), {
    async: false,
  })
  .registerFunction('default(ast, ast): dyn', ({ args }: { args: CelNode[] }) => ({
    args,
    async: false,
    typeCheck(checker: CelRunner, macro: { args: CelNode[] }, context: CelContext) {
      for (const arg of macro.args) checker.check(arg, context)
      return checker.getType('dyn')
    },
    evaluate(runner: CelRunner, macro: { args: CelNode[] }, context: CelContext) {
      try {
        const value = runner.run(macro.args[0]!, context)
        if (value !== null && value !== undefined) return value
      } catch (error) {
        if (!missingCodes.has((error as { code?: string }).code ?? '')) throw error
      }
      return runner.run(macro.args[1]!, context)
    },
  }))
const missingCodes: ReadonlySet<string> = new Set([
  'no_such_key',
  'unknown_variable',
  'index_out_of_bounds',
])

registerStrict(base)

/** The environment that evaluates: every name may hold anything. */
export const evaluating: Environment = base.clone()

/** An expression as cel-js parsed it: its tree, how to check it, and how to evaluate it. */
export interface ParsedCel {
  readonly ast: CelNode
  check(): { readonly valid: boolean; readonly type?: string; readonly error?: Error }
  (context: Record<string, unknown>): unknown
}

/** Parses without making the tree strict yet, so that it can be looked at. Throws what cel-js throws. */
export function parseCel(text: string, environment: Environment = evaluating): ParsedCel {
  return environment.parse(text) as unknown as ParsedCel
}

/** Makes an expression convert, compare and end as docs/expressions.md says. */
export function makeStrict(parsed: ParsedCel): ParsedCel {
  strictRoot(parsed.ast)
  return parsed
}

// Environments are costly to make, and most tasks of a playbook see the same typed names.
const environments = new Map<string, Environment>()
const most = 200

/** An environment that also knows the types of some names, to check an expression before anything runs. */
export function checkingEnvironment(shapes: ReadonlyMap<string, Shape>): Environment {
  const typed: (readonly [string, string | { schema: Record<string, string> }])[] = []
  for (const [name, shape] of shapes) {
    const declaration = declared(shape)
    if (declaration !== null && !reservedWords.has(name)) typed.push([name, declaration])
  }
  const key = JSON.stringify(typed)
  const known = environments.get(key)
  if (known) return known
  const environment = base.clone()
  for (const [name, declaration] of typed) environment.registerVariable(name, declaration as string)
  if (environments.size >= most) environments.clear()
  environments.set(key, environment)
  return environment
}

const celTypes = { string: 'string', integer: 'int', number: 'dyn', boolean: 'bool' } as const

// The shape of a register is the same one wherever the register is known.
const declarations = new WeakMap<Shape, ReturnType<typeof declare>>()

function declared(shape: Shape): ReturnType<typeof declare> {
  let declaration = declarations.get(shape)
  if (declaration === undefined) declarations.set(shape, (declaration = declare(shape)))
  return declaration
}

function declare(shape: Shape): string | { schema: Record<string, string> } | null {
  if (shape.kind === 'value') return celTypes[shape.type]
  if (shape.kind === 'list') return 'list<dyn>'
  if (shape.kind !== 'map' || shape.open) return null
  const fields = [...shape.fields].map(([name, field]): [string, string] => [
    name,
    field.kind === 'value' ? celTypes[field.type] : field.kind === 'list' ? 'list<dyn>' : 'dyn',
  ])
  // Where no type is promised, there is nothing to check.
  return fields.every(([, type]) => type === 'dyn') ? null : { schema: Object.fromEntries(fields) }
}
