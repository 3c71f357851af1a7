import type { Code } from '../model/codes.ts'
import { DiagnosticError, type Diagnostic, type Place } from '../model/diagnostic.ts'
import { Secret } from '../contract/secret.ts'
import { kindOf } from '../contract/value.ts'
import {
  anyShape,
  follow,
  followName,
  isFault,
  mapShape,
  type Names,
  type PathFault,
  type Shape,
} from './known-names.ts'

/** What `this`, `@index` and block names are while one part of a template is rendered. */
export interface Frame {
  readonly scope: Readonly<Record<string, unknown>>
  /** The item of a loop; absent at the outermost level. */
  readonly self?: { readonly value: unknown }
  readonly outer: Frame | null
  readonly data: Readonly<Record<string, unknown>>
  readonly locals: ReadonlyMap<string, unknown>
}
/** The same before anything runs: what is known of each. */
export interface Outline {
  readonly self: Shape | null
  readonly outer: Outline | null
  readonly data: readonly string[]
  readonly locals: ReadonlyMap<string, Shape>
}
/** Gives a value; throws signals, and DiagnosticErrors with their place. */
export type Evaluate = (frame: Frame) => unknown
/** What a template is compiled with. */
export interface Compiler {
  readonly names: Names
  readonly diagnostics: Diagnostic[]
  readonly paths: (readonly string[])[]
  place(loc: hbs.AST.SourceLocation): Place
  fail(node: hbs.AST.Node, code: Code, message: string, hint: string): Evaluate
}

/** The shape behind an expression, as far as its text shows it. */
export function shapeAt(compiler: Compiler, node: hbs.AST.Expression, outline: Outline): Shape {
  if (node.type !== 'PathExpression') return anyShape
  const found = resolve(compiler.names, node as hbs.AST.PathExpression, outline)
  return isFault(found) ? anyShape : found
}

function resolve(names: Names, path: hbs.AST.PathExpression, outline: Outline): Shape | PathFault {
  const parts = path.parts.map(String)
  if (path.data)
    return parts[0] === 'root'
      ? parts.length > 1
        ? followName(names, parts.slice(1))
        : anyShape
      : follow(mapShape(outline.data.map((name) => [name, anyShape])), parts, '@')
  const scoped = /^(?:this\b|\.)/.test(path.original)
  const local = scoped ? undefined : outline.locals.get(parts[0] ?? '')
  if (local) return follow(local, parts.slice(1), parts[0]!)
  let found: Outline | null = outline
  for (let depth = path.depth; depth > 0 && found; depth--) found = found.outer
  if (!found)
    return {
      index: 0,
      code: 'unknown-name',
      message: `'${path.original}' leads out of the template`,
      hint: 'remove one ../: each of them leads out of one {{#each}} or {{#with}}',
    }
  if (found.self) {
    const inner = follow(found.self, parts, 'this')
    const outside =
      isFault(inner) &&
      !scoped &&
      parts[0] !== undefined &&
      !isFault(followName({ ...names, open: false }, parts))
    return outside
      ? { ...inner, hint: `names inside {{#each}} are the item's: write @root.${parts.join('.')}` }
      : inner
  }
  return parts.length === 0
    ? {
        index: 0,
        code: 'unknown-name',
        message: `'${path.original}' is not a value here`,
        hint: 'write a name, as in {{ host.name }}',
      }
    : followName(names, parts)
}

/** A path, checked now and walked when it is rendered. A `lenient` one gives undefined where the value is missing. */
export function compilePath(
  compiler: Compiler,
  path: hbs.AST.PathExpression,
  outline: Outline,
  lenient: boolean,
): Evaluate {
  const parts = path.parts.map(String)
  const found = resolve(compiler.names, path, outline)
  if (isFault(found))
    return compiler.fail(path, `template/${found.code}`, found.message, found.hint)
  const rooted = path.data ? parts[0] === 'root' : true
  const scoped = /^(?:this\b|\.)/.test(path.original)
  let root: Outline | null = outline
  for (let depth = path.depth; depth > 0 && root; depth--) root = root.outer
  const local = !scoped && !path.data && outline.locals.has(parts[0] ?? '')
  if (!local && rooted && (path.data ? parts.length > 1 : !root?.self))
    compiler.paths.push(path.data ? parts.slice(1) : parts)
  const at = compiler.place(path.loc)
  const start = (frame: Frame): unknown => {
    if (path.data) return parts[0] === 'root' ? frame.scope : frame.data
    if (local) return Object.fromEntries([[parts[0]!, frame.locals.get(parts[0]!)]])
    let from: Frame | null = frame
    for (let depth = path.depth; depth > 0 && from; depth--) from = from.outer
    return from?.self ? from.self.value : frame.scope
  }
  const steps = path.data && parts[0] === 'root' ? parts.slice(1) : parts
  return (frame) => {
    const value = walk(start(frame), steps, { scope: frame.scope, at, original: path.original })
    if (value !== undefined || lenient) return value
    throw new DiagnosticError({
      code: 'template/missing',
      message: `'${path.original}' has no value`,
      at,
      hint: `give it one, or write {{ default ${path.original} "…" }}`,
    })
  }
}

/** Own fields only: what a prototype holds is never reached. A field may be a getter that throws a signal. */
function walk(
  start: unknown,
  parts: readonly string[],
  {
    scope,
    at,
    original,
  }: { readonly scope: unknown; readonly at: Place; readonly original: string },
): unknown {
  let value = start
  for (const part of parts) {
    if (value === null || value === undefined) return undefined
    if (value instanceof Secret || typeof value !== 'object') {
      throw new DiagnosticError({
        code: 'template/unknown-field',
        message: `'${original}': ${kindOf(value)} has no '${part}'`,
        at,
        hint: `remove .${part}: the value before it has no fields`,
      })
    }
    // A scope has no prototype but other scopes.
    if (value === scope ? !(part in value) : !Object.hasOwn(value, part)) return undefined
    value = (value as Record<string, unknown>)[part]
  }
  return value
}
