import Handlebars from 'handlebars'
import type { Computed } from '../core/book.ts'
import { RunbookError, type Diagnostic, type Place } from '../core/diagnostic.ts'
import { Secret } from '../core/secret.ts'
import { kindOf, type Value } from '../core/value.ts'
import { anyShape, follow, followName, isFault, mapShape, type Names, type Shape } from './names.ts'
import { compose, isTruthy, partOf, textFunctions, TextFault, type Part } from './text.ts'
import { didYouMean } from './suggest.ts'

/** Where a template's text stands, so that a part of it can be shown. */
export interface TemplateOrigin {
  readonly at: Place
  locate(offset: number, width?: number): Place
}
/** A compiled template, or what is wrong with it. */
export interface CompiledTemplate {
  readonly computed: Computed
  readonly diagnostics: readonly Diagnostic[]
}

/** What `this`, `@index` and block names are while one part of a template is rendered. */
interface Frame {
  readonly scope: Readonly<Record<string, unknown>>
  /** The item of a loop; absent at the outermost level. */
  readonly self?: { readonly value: unknown }
  readonly outer: Frame | null
  readonly data: Readonly<Record<string, unknown>>
  readonly locals: ReadonlyMap<string, unknown>
}
/** The same before anything runs. */
interface Outline {
  readonly self: Shape | null
  readonly outer: Outline | null
  readonly data: readonly string[]
  readonly locals: ReadonlyMap<string, Shape>
}
type Evaluate = (frame: Frame) => unknown
type Render = (frame: Frame, parts: Part[]) => void
interface Compiler {
  readonly names: Names
  readonly diagnostics: Diagnostic[]
  readonly paths: (readonly string[])[]
  place(loc: hbs.AST.SourceLocation): Place
  fail(node: hbs.AST.Node, code: string, message: string, hint: string): Evaluate
}

const maxLength = 16 * 1024 * 1024

/** Whether a text has anything to compute in it. */
export function isTemplate(text: string): boolean {
  return text.includes('{{')
}

/**
 * Compiles Handlebars text. The parsed template is walked here instead of being turned into JavaScript: every path is
 * checked against the names that are known, only own fields are ever read, and a text that touches a secret becomes one.
 * As a `value`, a text that is one whole `{{ x }}` keeps the type of x; as a `text` (a file) it never does.
 */
export function compileTemplate(text: string, names: Names, origin: TemplateOrigin, kind: 'value' | 'text' = 'value'): CompiledTemplate {
  const diagnostics: Diagnostic[] = []
  const paths: (readonly string[])[] = []
  const starts = [0, ...[...text.matchAll(/\n/g)].map((match) => match.index + 1)]
  const offset = (position: hbs.AST.Position): number => (starts[position.line - 1] ?? 0) + position.column
  const place = (loc: hbs.AST.SourceLocation): Place => origin.locate(offset(loc.start), Math.max(1, offset(loc.end) - offset(loc.start)))
  const compiler: Compiler = {
    names, diagnostics, paths, place,
    fail(node, code, message, hint) {
      const diagnostic = { code, message, at: place(node.loc), hint }
      diagnostics.push(diagnostic)
      return () => { throw new RunbookError(diagnostic) }
    },
  }
  const program = parse(text, origin, diagnostics)
  const outline: Outline = { self: null, outer: null, data: [], locals: new Map() }
  const evaluate = program ? compileWhole(compiler, program, outline, origin.at, kind) : null
  const computed: Computed = {
    text,
    at: origin.at,
    paths,
    evaluate(scope) {
      if (!evaluate || diagnostics.length > 0) throw new RunbookError(diagnostics)
      return evaluate({ scope, outer: null, data: {}, locals: new Map() }) as Value
    },
  }
  return { computed, diagnostics }
}

function parse(text: string, origin: TemplateOrigin, diagnostics: Diagnostic[]): hbs.AST.Program | null {
  const jinja = /\{%-?\s*(?:if|for|set|endif|endfor|else|elif|include|macro|raw|block)\b/.exec(text)
  if (jinja) {
    diagnostics.push({ code: 'template/syntax', message: `'${jinja[0]} …' is Jinja`, at: origin.locate(jinja.index, jinja[0].length), hint: 'write {{#if …}}…{{/if}} or {{#each …}}…{{/each}}; mark text for another program with !raw' })
    return null
  }
  try {
    return Handlebars.parse(text)
  } catch (error) {
    diagnostics.push(syntaxError(text, error as Error & { lineNumber?: number }, origin))
    return null
  }
}

function syntaxError(text: string, error: Error & { lineNumber?: number }, origin: TemplateOrigin): Diagnostic {
  const line = error.lineNumber ?? Number(/on line (\d+)/.exec(error.message)?.[1] ?? 1)
  const lines = text.split('\n')
  const before = lines.slice(0, line - 1).reduce((sum, each) => sum + each.length + 1, 0)
  const within = lines[line - 1] ?? ''
  const filter = /\{\{[^}]*?\|\s*(\w+)[^}]*\}\}/.exec(within)
  const operator = /\{\{[^}]*?(==|!=|[<>+*]|\?)[^}]*\}\}/.exec(within)
  const culprit = filter ?? operator ?? /\{\{.*/.exec(within)
  const at = culprit ? origin.locate(before + culprit.index, culprit[0].length) : origin.at
  const hint = filter
    ? `functions come first: {{ ${filter[1]} … }}`
    : operator
      ? 'text has no operators: compute the value with !expr, or compare with {{#if (eq a b)}}'
      : 'close every {{ with }}, and every {{#if}} with {{/if}}; mark text for another program with !raw'
  const reason = error.message.split('\n').filter((each) => !/^[-.]*\^?$/.test(each.trim()))
  return { code: 'template/syntax', message: `this template cannot be read: ${(reason.at(-1) ?? '').slice(0, 120)}`, at, hint }
}

function compileWhole(compiler: Compiler, program: hbs.AST.Program, outline: Outline, at: Place, kind: 'value' | 'text'): Evaluate {
  const [only, ...others] = program.body
  if (kind === 'value' && only?.type === 'MustacheStatement' && others.length === 0) return compileMustache(compiler, only as hbs.AST.MustacheStatement, outline)
  const render = compileProgram(compiler, program, outline)
  return (frame) => {
    const parts: Part[] = []
    render(frame, parts)
    if (parts.reduce((sum, part) => sum + (typeof part === 'string' ? part.length : 0), 0) > maxLength) {
      throw new RunbookError({ code: 'template/too-large', message: `this template renders more than ${maxLength / 1024 / 1024} MiB`, at, hint: 'use copy for large files' })
    }
    return compose(parts)
  }
}

function compileProgram(compiler: Compiler, program: hbs.AST.Program | undefined, outline: Outline): Render {
  const renders = (program?.body ?? []).map((statement) => compileStatement(compiler, statement, outline))
  return (frame, parts) => {
    for (const render of renders) render(frame, parts)
  }
}

function compileStatement(compiler: Compiler, statement: hbs.AST.Statement, outline: Outline): Render {
  switch (statement.type) {
    case 'ContentStatement': {
      const { value } = statement as hbs.AST.ContentStatement
      return (_, parts) => { parts.push(value) }
    }
    case 'CommentStatement':
      return () => {}
    case 'MustacheStatement': {
      const evaluate = compileMustache(compiler, statement as hbs.AST.MustacheStatement, outline)
      const at = compiler.place(statement.loc)
      return (frame, parts) => {
        const value = evaluate(frame)
        const part = partOf(value)
        if (part === null) throw new RunbookError({ code: 'template/not-text', message: `${kindOf(value)} cannot stand inside a text`, at, hint: 'write {{ join LIST "," }}, {{ json VALUE }} or {{ default VALUE "…" }}' })
        parts.push(part)
      }
    }
    case 'BlockStatement':
      return compileBlock(compiler, statement as hbs.AST.BlockStatement, outline)
    default:
      compiler.fail(statement, 'template/refused', `${statement.type.startsWith('Partial') ? 'partials' : 'decorators'} are not part of templates here`, 'write the text out')
      return () => {}
  }
}

function compileMustache(compiler: Compiler, node: hbs.AST.MustacheStatement, outline: Outline): Evaluate {
  const path = node.path as hbs.AST.PathExpression
  if (path.type !== 'PathExpression') return compileExpression(compiler, path, outline)
  if (node.params.length > 0 || node.hash || isFunctionName(path)) return compileCall(compiler, node, outline)
  return compilePath(compiler, path, outline, false)
}

function isFunctionName(path: hbs.AST.PathExpression): boolean {
  return !path.data && path.depth === 0 && path.parts.length === 1 && textFunctions.has(path.original)
}

function compileCall(compiler: Compiler, node: hbs.AST.MustacheStatement | hbs.AST.SubExpression, outline: Outline): Evaluate {
  const path = node.path as hbs.AST.PathExpression
  const name = String(path.original)
  const called = textFunctions.get(name)
  if (!called) {
    const hint = ['if', 'each', 'unless', 'with'].includes(name) ? `write {{#${name} …}}…{{/${name}}}` : didYouMean(name, textFunctions.keys())
    return compiler.fail(path, 'template/unknown-function', `'${name}' is no function of templates`, hint)
  }
  if (node.hash || node.params.length < called.least || node.params.length > called.most) {
    return compiler.fail(node, 'template/arguments', `${name} does not take ${node.hash ? 'named arguments' : `${node.params.length} argument${node.params.length === 1 ? '' : 's'}`}`, `write ${called.usage}`)
  }
  const args = node.params.map((param, i) => compileExpression(compiler, param, outline, name === 'default' && i === 0))
  const at = compiler.place(node.loc)
  return (frame) => {
    const values = args.map((arg) => arg(frame))
    try {
      const value = called.apply(values)
      if (value !== undefined) return value
      throw new TextFault(`${name} finds nothing`)
    } catch (error) {
      if (error instanceof TextFault) throw new RunbookError({ code: 'template/arguments', message: error.message, at, hint: `write ${called.usage}` })
      throw error
    }
  }
}

function compileExpression(compiler: Compiler, node: hbs.AST.Expression, outline: Outline, lenient = false): Evaluate {
  switch (node.type) {
    case 'PathExpression':
      if (isFunctionName(node as hbs.AST.PathExpression)) return compiler.fail(node, 'template/arguments', `'${(node as hbs.AST.PathExpression).original}' is a function`, 'put it in parentheses with its arguments')
      return compilePath(compiler, node as hbs.AST.PathExpression, outline, lenient)
    case 'SubExpression':
      return compileCall(compiler, node as hbs.AST.SubExpression, outline)
    case 'NullLiteral':
    case 'UndefinedLiteral':
      return () => null
    default: {
      const { value } = node as hbs.AST.StringLiteral
      return () => value
    }
  }
}

function compileBlock(compiler: Compiler, node: hbs.AST.BlockStatement, outline: Outline): Render {
  const name = node.path.original
  if (name === 'raw' && node.program) return (_, parts) => { for (const each of node.program.body) parts.push((each as hbs.AST.ContentStatement).value) }
  if (!['if', 'unless', 'each', 'with'].includes(name)) {
    compiler.fail(node.path, 'template/unknown-function', `{{#${name}}} is no block`, 'write {{#if …}}, {{#unless …}}, {{#each …}} or {{#with …}}')
    return () => {}
  }
  const [subject, ...more] = node.params
  if (!subject || more.length > 0 || node.hash) {
    compiler.fail(node.path, 'template/arguments', `{{#${name}}} takes one value`, name === 'if' ? 'compare with {{#if (eq a b)}}' : `write {{#${name} NAME}}`)
    return () => {}
  }
  const value = compileExpression(compiler, subject, outline)
  const otherwise = compileProgram(compiler, node.inverse, outline)
  if (name === 'if' || name === 'unless') {
    const then = compileProgram(compiler, node.program, outline)
    return (frame, parts) => (isTruthy(value(frame)) === (name === 'if') ? then : otherwise)(frame, parts)
  }
  const shape = shapeAt(compiler, subject, outline)
  const item = name === 'with' ? shape : shape.kind === 'list' ? shape.items : anyShape
  const blockNames = node.program?.blockParams ?? []
  const locals = new Map(outline.locals)
  for (const [i, local] of blockNames.entries()) locals.set(local, i === 0 ? item : anyShape)
  const inner: Outline = { self: item, outer: outline, data: name === 'each' ? ['index', 'key', 'first', 'last'] : [], locals }
  const body = compileProgram(compiler, node.program, inner)
  const at = compiler.place(subject.loc)
  return (frame, parts) => {
    const found = value(frame)
    if (name === 'with') {
      if (!isTruthy(found)) return otherwise(frame, parts)
      return body({ scope: frame.scope, self: { value: found }, outer: frame, data: frame.data, locals: withLocals(frame, blockNames, [found]) }, parts)
    }
    const entries = entriesOf(found, at)
    if (entries.length === 0) return otherwise(frame, parts)
    for (const [index, [key, held]] of entries.entries()) {
      const data = { index, key, first: index === 0, last: index === entries.length - 1 }
      body({ scope: frame.scope, self: { value: held() }, outer: frame, data, locals: withLocals(frame, blockNames, [held(), key]) }, parts)
    }
  }
}

function withLocals(frame: Frame, names: readonly string[], values: readonly unknown[]): ReadonlyMap<string, unknown> {
  if (names.length === 0) return frame.locals
  const locals = new Map(frame.locals)
  for (const [i, name] of names.entries()) locals.set(name, values[i])
  return locals
}

function entriesOf(value: unknown, at: Place): readonly (readonly [string | number, () => unknown])[] {
  if (Array.isArray(value)) return value.map((_, i) => [i, () => (value as unknown[])[i]])
  if (value === null || value === undefined) return []
  if (typeof value === 'object' && !(value instanceof Secret)) return Object.keys(value).map((key) => [key, () => (value as Record<string, unknown>)[key]])
  throw new RunbookError({ code: 'template/not-a-list', message: `{{#each}} wants a list or a map, not ${kindOf(value)}`, at, hint: 'name a list' })
}

/** The shape behind an expression, as far as its text shows it. */
function shapeAt(compiler: Compiler, node: hbs.AST.Expression, outline: Outline): Shape {
  if (node.type !== 'PathExpression') return anyShape
  const found = resolve(compiler.names, node as hbs.AST.PathExpression, outline)
  return isFault(found) ? anyShape : found
}

function resolve(names: Names, path: hbs.AST.PathExpression, outline: Outline): ReturnType<typeof followName> {
  const parts = path.parts.map(String)
  if (path.data) return parts[0] === 'root' ? (parts.length > 1 ? followName(names, parts.slice(1)) : anyShape) : follow(mapShape(outline.data.map((name) => [name, anyShape])), parts, '@')
  const scoped = /^(?:this\b|\.)/.test(path.original)
  const local = scoped ? undefined : outline.locals.get(parts[0] ?? '')
  if (local) return follow(local, parts.slice(1), parts[0]!)
  let found: Outline | null = outline
  for (let depth = path.depth; depth > 0 && found; depth--) found = found.outer
  if (!found) return { index: 0, code: 'unknown-name', message: `'${path.original}' leads out of the template`, hint: 'remove a ../' }
  if (found.self) {
    const inner = follow(found.self, parts, 'this')
    const outside = isFault(inner) && !scoped && parts[0] !== undefined && !isFault(followName({ ...names, open: false }, parts))
    return outside ? { ...inner, hint: `names inside {{#each}} are the item's: write @root.${parts.join('.')}` } : inner
  }
  return parts.length === 0 ? { index: 0, code: 'unknown-name', message: `'${path.original}' is no value here`, hint: 'name a value' } : followName(names, parts)
}

function compilePath(compiler: Compiler, path: hbs.AST.PathExpression, outline: Outline, lenient: boolean): Evaluate {
  const parts = path.parts.map(String)
  const found = resolve(compiler.names, path, outline)
  if (isFault(found)) return compiler.fail(path, `template/${found.code}`, found.message, found.hint)
  const rooted = path.data ? parts[0] === 'root' : true
  const scoped = /^(?:this\b|\.)/.test(path.original)
  let root: Outline | null = outline
  for (let depth = path.depth; depth > 0 && root; depth--) root = root.outer
  const local = !scoped && !path.data && outline.locals.has(parts[0] ?? '')
  if (!local && rooted && (path.data ? parts.length > 1 : !root?.self)) compiler.paths.push(path.data ? parts.slice(1) : parts)
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
    const value = walk(start(frame), steps, at, path.original)
    if (value !== undefined || lenient) return value
    throw new RunbookError({ code: 'template/missing', message: `'${path.original}' has no value`, at, hint: `give it one, or write {{ default ${path.original} "…" }}` })
  }
}

/** Own fields only: what a prototype holds is never reached. A field may be a getter that throws a signal. */
function walk(start: unknown, parts: readonly string[], at: Place, original: string): unknown {
  let value = start
  for (const part of parts) {
    if (value === null || value === undefined) return undefined
    if (value instanceof Secret || typeof value !== 'object') {
      throw new RunbookError({ code: 'template/unknown-field', message: `'${original}': ${kindOf(value)} has no '${part}'`, at, hint: 'name the value itself' })
    }
    if (!Object.hasOwn(value, part)) return undefined
    value = (value as Record<string, unknown>)[part]
  }
  return value
}
