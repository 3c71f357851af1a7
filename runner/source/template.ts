import type { Computed } from '../model/playbook.ts'
import { DiagnosticError, type Diagnostic, type Place } from '../model/diagnostic.ts'
import type { Value } from '../contract/value.ts'
import type { Names } from './known-names.ts'
import type { Compiler, Outline } from './template-paths.ts'
import { type TemplateOrigin, parseTemplate } from './template-syntax.ts'
import { compileWhole } from './template-nodes.ts'

/** A compiled template, or what is wrong with it. */
export interface CompiledTemplate {
  readonly computed: Computed
  readonly diagnostics: readonly Diagnostic[]
}

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
  const program = parseTemplate(text, origin, diagnostics)
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
