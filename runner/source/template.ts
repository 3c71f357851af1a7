// Its parser alone: the compiler and its source maps, which nothing here uses, are most of what each start would read.
import { countOf } from '../text/count.ts'
import { parse as parseHandlebars } from 'handlebars/dist/cjs/handlebars/compiler/base.js'
import type {} from 'handlebars'
import type { Computed } from '../model/playbook.ts'
import { DiagnosticError, type Diagnostic, type Place } from '../model/diagnostic.ts'
import { Secret } from '../contract/secret.ts'
import { keysOf, kindOf, type Value } from '../contract/value.ts'
import { anyShape, type Names } from './known-names.ts'
import { compose, isTruthy, partOf, textFunctions, TextFault } from './text.ts'
import { TemplateOutput, templateLimits, tooLarge } from './template-output.ts'
import { didYouMean } from './suggest.ts'
import {
  compilePath,
  shapeAt,
  type Compiler,
  type Evaluate,
  type Frame,
  type Outline,
} from './template-paths.ts'

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

type Render = (frame: Frame, parts: TemplateOutput) => void

const notTextHint = 'write {{ join LIST "," }}, {{ json VALUE }} or {{ default VALUE "…" }}'

/** Whether a text has anything to compute in it. */
export function isTemplate(text: string): boolean {
  return text.includes('{{')
}

/**
 * Compiles Handlebars text. The parsed template is walked here instead of being turned into JavaScript: every path is
 * checked against the names that are known, only own fields are ever read, and a text that touches a secret becomes one.
 * As a `value`, a text that is one whole `{{ x }}` keeps the type of x; as a `text` (a file) it never does.
 */
export function compileTemplate(
  text: string,
  names: Names,
  origin: TemplateOrigin,
  kind: 'value' | 'text' = 'value',
): CompiledTemplate {
  const diagnostics: Diagnostic[] = []
  const paths: (readonly string[])[] = []
  const starts = [0, ...[...text.matchAll(/\n/g)].map((match) => match.index + 1)]
  const offset = (position: hbs.AST.Position): number =>
    (starts[position.line - 1] ?? 0) + position.column
  const place = (loc: hbs.AST.SourceLocation): Place =>
    origin.locate(offset(loc.start), Math.max(1, offset(loc.end) - offset(loc.start)))
  const compiler: Compiler = {
    names,
    diagnostics,
    paths,
    place,
    fail(node, code, message, hint) {
      const diagnostic = { code, message, at: place(node.loc), hint }
      diagnostics.push(diagnostic)
      return () => {
        throw new DiagnosticError(diagnostic)
      }
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
      if (!evaluate || diagnostics.length > 0) throw new DiagnosticError(diagnostics)
      return evaluate({ scope, outer: null, data: {}, locals: new Map() }) as Value
    },
  }
  return { computed, diagnostics }
}

function parse(
  text: string,
  origin: TemplateOrigin,
  diagnostics: Diagnostic[],
): hbs.AST.Program | null {
  const jinja = /\{%-?\s*(?:if|for|set|endif|endfor|else|elif|include|macro|raw|block)\b/.exec(text)
  if (jinja) {
    diagnostics.push({
      code: 'template/syntax',
      message: `'${jinja[0]} …' is Jinja`,
      at: origin.locate(jinja.index, jinja[0].length),
      hint: 'write {{#if …}}…{{/if}} or {{#each …}}…{{/each}}; mark text for another program with !raw',
    })
    return null
  }
  try {
    return parseHandlebars(text)
  } catch (error) {
    diagnostics.push(syntaxError(text, error as Error & { lineNumber?: number }, origin))
    return null
  }
}

function syntaxError(
  text: string,
  error: Error & { lineNumber?: number },
  origin: TemplateOrigin,
): Diagnostic {
  const line = error.lineNumber ?? Number(/on line (\d+)/.exec(error.message)?.[1] ?? 1)
  const lines = text.split('\n')
  const before = lines.slice(0, line - 1).reduce((sum, each) => sum + each.length + 1, 0)
  const within = lines[line - 1] ?? ''
  const slip = slips.find(({ pattern }) => pattern.test(within))
  const found = (slip?.pattern ?? /\{\{.*/).exec(within)
  const at = found ? origin.locate(before + found.index, found[0].length) : origin.at
  const [message, hint] = slip
    ? slip.words(found!)
    : [
        `this template cannot be read${reasonOf(error)}`,
        'close every {{ with }}, and every {{#if}} with {{/if}}; mark text for another program with !raw',
      ]
  return { code: 'template/syntax', message, at, hint }
}

/** Forms of other template languages that users often write within `{{ }}`; the first one found is reported. */
const slips: readonly {
  readonly pattern: RegExp
  readonly words: (found: RegExpExecArray) => readonly [message: string, hint: string]
}[] = [
  {
    pattern: /\{\{[^}]*?\|\s*(\w+)[^}]*\}\}/,
    words: ([, name]) => [
      `text has no filters: '| ${name}'`,
      `functions come first: {{ ${name} … }}`,
    ],
  },
  {
    pattern: /\{\{[^}]*?(==|!=|[<>+*]|\?)[^}]*\}\}/,
    words: ([, sign]) => [
      `text has no operators: '${sign}'`,
      'compute the value with !expr, or compare with {{#if (eq a b)}}',
    ],
  },
  {
    pattern: /\{\{\s*([\w.]+)\[(?:'([^']*)'|"([^"]*)"|(\w+))\][^}]*\}\}/,
    words: (found) => [
      'an item stands behind a dot, not in brackets',
      `write {{ ${found[1]}.${indexOf(found)} }}`,
    ],
  },
  {
    pattern: /\{\{\s*(\w+)\(([^})]*)\)[^}]*\}\}/,
    words: ([, name, list]) => [
      'arguments follow a function without parentheses and commas',
      `write {{ ${[
        name,
        ...list!
          .split(',')
          .map((each) => each.trim())
          .filter(Boolean),
      ].join(' ')} }}`,
    ],
  },
  {
    pattern: /\{\{[^}]*?([\w.\]]+)\.(\d+)\s*[})|]/,
    words: ([, path, index]) => [`a path cannot end with .${index}`, `write ${path}.[${index}]`],
  },
]

/** What stands in brackets, as it is written behind a dot. */
function indexOf([, , single, double, bare]: RegExpExecArray): string {
  const word = single ?? double ?? bare!
  return /^[A-Za-z_]\w*$/.test(word) ? word : `[${word}]`
}

/** The parser's message, where it is a sentence: a list of expected tokens does not help a user. */
function reasonOf({ message }: Error): string {
  const said =
    message
      .split('\n')
      .filter((each) => !/^[-.]*\^?$/.test(each.trim()))
      .at(-1) ?? ''
  return /^Expecting |^(?:Lexical|Parse) error/.test(said) ? '' : `: ${said.slice(0, 120)}`
}

function compileWhole(
  compiler: Compiler,
  program: hbs.AST.Program,
  outline: Outline,
  at: Place,
  kind: 'value' | 'text',
): Evaluate {
  const [only, ...others] = program.body
  if (kind === 'value' && only?.type === 'MustacheStatement' && others.length === 0)
    return compileMustache(compiler, only as hbs.AST.MustacheStatement, outline)
  const render = compileProgram(compiler, program, outline)
  return (frame) => {
    const output = new TemplateOutput(at)
    render(frame, output)
    return compose(output.parts)
  }
}

function compileProgram(
  compiler: Compiler,
  program: hbs.AST.Program | undefined,
  outline: Outline,
): Render {
  const renders = (program?.body ?? []).map((statement) =>
    compileStatement(compiler, statement, outline),
  )
  return (frame, parts) => {
    for (const render of renders) {
      parts.step()
      render(frame, parts)
    }
  }
}

function compileStatement(
  compiler: Compiler,
  statement: hbs.AST.Statement,
  outline: Outline,
): Render {
  switch (statement.type) {
    case 'ContentStatement': {
      const { value } = statement as hbs.AST.ContentStatement
      return (_, parts) => {
        parts.push(value)
      }
    }
    case 'CommentStatement':
      return () => {}
    case 'MustacheStatement': {
      const mustache = statement as hbs.AST.MustacheStatement
      const evaluate = compileMustache(compiler, mustache, outline)
      const at = compiler.place(statement.loc)
      const { kind } =
        mustache.params.length === 0 ? shapeAt(compiler, mustache.path, outline) : anyShape
      if (kind === 'list' || kind === 'map')
        compiler.fail(
          mustache,
          'template/not-text',
          `a ${kind} cannot stand inside a text`,
          notTextHint,
        )
      return (frame, parts) => {
        const value = evaluate(frame)
        const part = partOf(value)
        if (part === null)
          throw new DiagnosticError({
            code: 'template/not-text',
            message: `${kindOf(value)} cannot stand inside a text`,
            at,
            hint: notTextHint,
          })
        parts.push(part)
      }
    }
    case 'BlockStatement':
      return compileBlock(compiler, statement as hbs.AST.BlockStatement, outline)
    default:
      compiler.fail(
        statement,
        'template/refused',
        `${statement.type.startsWith('Partial') ? 'partials' : 'decorators'} are not part of templates here`,
        'write the text out',
      )
      return () => {}
  }
}

function compileMustache(
  compiler: Compiler,
  node: hbs.AST.MustacheStatement,
  outline: Outline,
): Evaluate {
  const path = node.path as hbs.AST.PathExpression
  if (path.type !== 'PathExpression') return compileExpression(compiler, path, outline)
  if (node.params.length > 0 || node.hash || isFunctionName(path))
    return compileCall(compiler, node, outline)
  return compilePath(compiler, path, outline, false)
}

function isFunctionName(path: hbs.AST.PathExpression): boolean {
  return (
    !path.data && path.depth === 0 && path.parts.length === 1 && textFunctions.has(path.original)
  )
}

function compileCall(
  compiler: Compiler,
  node: hbs.AST.MustacheStatement | hbs.AST.SubExpression,
  outline: Outline,
): Evaluate {
  const path = node.path as hbs.AST.PathExpression
  const name = String(path.original)
  const called = textFunctions.get(name)
  if (!called) {
    const hint = ['if', 'each', 'unless', 'with'].includes(name)
      ? `write {{#${name} …}}…{{/${name}}}`
      : didYouMean(name, textFunctions.keys())
    return compiler.fail(
      path,
      'template/unknown-function',
      `'${name}' is not a function of templates`,
      hint,
    )
  }
  if (node.hash || node.params.length < called.least || node.params.length > called.most) {
    return compiler.fail(
      node,
      'template/arguments',
      `${name} does not take ${node.hash ? 'named arguments' : countOf(node.params.length, 'argument')}`,
      `write ${called.usage}`,
    )
  }
  const args = node.params.map((param, i) =>
    compileExpression(compiler, param, outline, name === 'default' && i === 0),
  )
  const at = compiler.place(node.loc)
  return (frame) => {
    const values = args.map((arg) => arg(frame))
    try {
      const value = called.apply(values)
      if (typeof value === 'string' && value.length > templateLimits.characters) throw tooLarge(at)
      if (value !== undefined) return value
      throw new TextFault(`${name} finds nothing`)
    } catch (error) {
      if (error instanceof TextFault)
        throw new DiagnosticError({
          code: 'template/arguments',
          message: error.message,
          at,
          hint: `write ${called.usage}`,
        })
      // V8 makes no text of more than half a gigabyte.
      throw error instanceof RangeError ? tooLarge(at) : error
    }
  }
}

function compileExpression(
  compiler: Compiler,
  node: hbs.AST.Expression,
  outline: Outline,
  lenient = false,
): Evaluate {
  switch (node.type) {
    case 'PathExpression':
      if (isFunctionName(node as hbs.AST.PathExpression))
        return compiler.fail(
          node,
          'template/arguments',
          `'${(node as hbs.AST.PathExpression).original}' is a function`,
          'put it in parentheses with its arguments',
        )
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
  if (name === 'raw' && node.program)
    return (_, parts) => {
      for (const each of node.program.body) parts.push((each as hbs.AST.ContentStatement).value)
    }
  if (!['if', 'unless', 'each', 'with'].includes(name)) {
    compiler.fail(
      node.path,
      'template/unknown-function',
      `{{#${name}}} is not a block`,
      'write {{#if …}}, {{#unless …}}, {{#each …}} or {{#with …}}',
    )
    return () => {}
  }
  const [subject, ...more] = node.params
  if (!subject || more.length > 0 || node.hash) {
    compiler.fail(
      node.path,
      'template/arguments',
      `{{#${name}}} takes one value`,
      name === 'if' ? 'compare with {{#if (eq a b)}}' : `write {{#${name} NAME}}`,
    )
    return () => {}
  }
  const value = compileExpression(compiler, subject, outline)
  const otherwise = compileProgram(compiler, node.inverse, outline)
  if (name === 'if' || name === 'unless') {
    const then = compileProgram(compiler, node.program, outline)
    return (frame, parts) =>
      (isTruthy(value(frame)) === (name === 'if') ? then : otherwise)(frame, parts)
  }
  const shape = shapeAt(compiler, subject, outline)
  if (name === 'each' && shape.kind === 'value')
    compiler.fail(
      subject,
      'template/not-a-list',
      `{{#each}} wants a list or a map; this is one ${shape.type}`,
      'name a list',
    )
  const item = name === 'with' ? shape : shape.kind === 'list' ? shape.items : anyShape
  const blockNames = node.program?.blockParams ?? []
  const locals = new Map(outline.locals)
  for (const [i, local] of blockNames.entries()) locals.set(local, i === 0 ? item : anyShape)
  const inner: Outline = {
    self: item,
    outer: outline,
    data: name === 'each' ? ['index', 'key', 'first', 'last'] : [],
    locals,
  }
  const body = compileProgram(compiler, node.program, inner)
  const at = compiler.place(subject.loc)
  return (frame, parts) => {
    const found = value(frame)
    if (name === 'with') {
      if (!isTruthy(found)) return otherwise(frame, parts)
      return body(
        {
          scope: frame.scope,
          self: { value: found },
          outer: frame,
          data: frame.data,
          locals: withLocals(frame, blockNames, [found]),
        },
        parts,
      )
    }
    const entries = entriesOf(found, at)
    if (entries.length === 0) return otherwise(frame, parts)
    for (const [index, [key, held]] of entries.entries()) {
      parts.step()
      const data = { index, key, first: index === 0, last: index === entries.length - 1 }
      body(
        {
          scope: frame.scope,
          self: { value: held() },
          outer: frame,
          data,
          locals: withLocals(frame, blockNames, [held(), key]),
        },
        parts,
      )
    }
  }
}

function withLocals(
  frame: Frame,
  names: readonly string[],
  values: readonly unknown[],
): ReadonlyMap<string, unknown> {
  if (names.length === 0) return frame.locals
  const locals = new Map(frame.locals)
  for (const [i, name] of names.entries()) locals.set(name, values[i])
  return locals
}

function entriesOf(
  value: unknown,
  at: Place,
): readonly (readonly [string | number, () => unknown])[] {
  if (Array.isArray(value)) return value.map((_, i) => [i, () => (value as unknown[])[i]])
  if (value === null || value === undefined) return []
  if (typeof value === 'object' && !(value instanceof Secret))
    return keysOf(value).map((key) => [key, () => (value as Record<string, unknown>)[key]])
  throw new DiagnosticError({
    code: 'template/not-a-list',
    message: `{{#each}} wants a list or a map, not ${kindOf(value)}`,
    at,
    hint: 'name a list',
  })
}
