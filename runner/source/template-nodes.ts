import {
  type Compiler,
  type Outline,
  type Evaluate,
  shapeAt,
  compilePath,
} from './template-paths.ts'
import { type Place, DiagnosticError } from '../model/diagnostic.ts'
import { TemplateOutput, templateLimits, tooLarge } from './template-output.ts'
import { compose, partOf, textFunctions, TextFault, isTruthy } from './text.ts'
import { type Render, type InnerBlock, renderWith, renderEach } from './render-blocks.ts'
import { anyShape, type Shape } from './known-names.ts'
import { kindOf } from '../contract/value.ts'
import { didYouMean } from './suggest.ts'
import { countOf } from '../text/count.ts'

const notTextHint = 'write {{ join LIST "," }}, {{ json VALUE }} or {{ default VALUE "…" }}'

/** Compiles a whole template to what renders it. */
export function compileWhole(
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
  const subject = subjectOf(compiler, node, name)
  if (!subject) return () => {}
  const value = compileExpression(compiler, subject, outline)
  const otherwise = compileProgram(compiler, node.inverse, outline)
  if (name === 'if' || name === 'unless') {
    const then = compileProgram(compiler, node.program, outline)
    return (frame, parts) =>
      (isTruthy(value(frame)) === (name === 'if') ? then : otherwise)(frame, parts)
  }
  const shape = shapeAt(compiler, subject, outline)
  const block: InnerBlock = { value, otherwise, blockNames: node.program?.blockParams ?? [] }
  if (name === 'with')
    return renderWith(block, compileInner(compiler, node, outline, { item: shape, data: [] }))
  if (shape.kind === 'value')
    compiler.fail(
      subject,
      'template/not-a-list',
      `{{#each}} wants a list or a map; this is one ${shape.type}`,
      'name a list',
    )
  const body = compileInner(compiler, node, outline, {
    item: shape.kind === 'list' ? shape.items : anyShape,
    data: ['index', 'key', 'first', 'last'],
  })
  return renderEach(block, body, compiler.place(subject.loc))
}

/** The one value that a block is about; undefined after an error. */
function subjectOf(
  compiler: Compiler,
  node: hbs.AST.BlockStatement,
  name: string,
): hbs.AST.Expression | undefined {
  if (!['if', 'unless', 'each', 'with'].includes(name)) {
    compiler.fail(
      node.path,
      'template/unknown-function',
      `{{#${name}}} is not a block`,
      'write {{#if …}}, {{#unless …}}, {{#each …}} or {{#with …}}',
    )
    return undefined
  }
  const [subject, ...more] = node.params
  if (subject && more.length === 0 && !node.hash) return subject
  compiler.fail(
    node.path,
    'template/arguments',
    `{{#${name}}} takes one value`,
    name === 'if' ? 'compare with {{#if (eq a b)}}' : `write {{#${name} NAME}}`,
  )
  return undefined
}

/** Compiles what stands in `each` or `with`, where names begin at the item. */
function compileInner(
  compiler: Compiler,
  node: hbs.AST.BlockStatement,
  outline: Outline,
  { item, data }: { readonly item: Shape; readonly data: readonly string[] },
): Render {
  const locals = new Map(outline.locals)
  for (const [i, local] of (node.program?.blockParams ?? []).entries())
    locals.set(local, i === 0 ? item : anyShape)
  return compileProgram(compiler, node.program, { self: item, outer: outline, data, locals })
}
