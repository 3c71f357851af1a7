import type { Environment } from '@marcbachmann/cel-js'
import type { Computed, Scope } from '../model/playbook.ts'
import { DiagnosticError, type Diagnostic } from '../model/diagnostic.ts'
import { Signal } from '../model/signal.ts'
import { kindOf, type Value } from '../contract/value.ts'
import { checkingEnvironment, makeStrict, parseCel, reservedWords, type ParsedCel } from './cel.ts'
import { fromCel, lazily, toCel, touch, type Watch } from './cel-values.ts'
import { CelBudget } from './cel-budget.ts'
import { budgetName, type CelLoop, type CelNode } from './cel-nodes.ts'
import {
  notBoolean,
  pathOf,
  patternFaults,
  runFault,
  startOf,
  syntaxFault,
  typeFault,
} from './expression-faults.ts'
import { blankQuoted, jinjaHint } from './jinja.ts'
import { followName, isFault, type Names } from './known-names.ts'
import type { TemplateOrigin } from './template-syntax.ts'

/** A compiled expression, and what is wrong with it. */
export interface CompiledExpression {
  readonly computed: Computed
  readonly diagnostics: readonly Diagnostic[]
}

interface FoundPath {
  readonly path: readonly string[]
  readonly start: number
  readonly end: number
}

const checking = new WeakMap<Names, Environment>()

/** Compiles a CEL expression and checks its names and types. A `condition` must give true or false. */
export function compileExpression(
  text: string,
  names: Names,
  origin: TemplateOrigin,
  kind: 'value' | 'condition',
): CompiledExpression {
  const diagnostics: Diagnostic[] = []
  const found: FoundPath[] = []
  const parsed = parse(text, origin, diagnostics)
  if (parsed) {
    collect(parsed.ast, new Set(), found)
    diagnostics.push(...patternFaults(parsed.ast, origin))
    makeStrict(parsed)
    checkNames(text, found, names, origin, diagnostics)
    if (diagnostics.length === 0) checkTypes(text, names, origin, kind, diagnostics)
  }
  const roots = [...new Set(found.map(({ path }) => path[0]!))]
  const computed: Computed = {
    text,
    at: origin.at,
    paths: found.map(({ path }) => path),
    evaluate(scope) {
      if (!parsed || diagnostics.length > 0) throw new DiagnosticError(diagnostics)
      const value = run(parsed, text, scope, roots, origin)
      if (kind === 'condition' && typeof value !== 'boolean')
        throw new DiagnosticError(notBoolean(text, kindOf(value), origin.at))
      return value
    },
  }
  return { computed, diagnostics }
}

function parse(text: string, origin: TemplateOrigin, diagnostics: Diagnostic[]): ParsedCel | null {
  const braces = blankQuoted(text).indexOf('{{')
  if (braces >= 0) {
    diagnostics.push({
      code: 'expression/braces',
      message: 'an expression is written without {{ }}',
      at: origin.locate(braces, 2),
      hint: `write ${text.replace(/\{\{\s*|\s*\}\}/g, '').trim()}`,
    })
    return null
  }
  const jinja = jinjaHint(text)
  if (jinja) {
    diagnostics.push({
      code: 'expression/jinja',
      message: `'${jinja.found}' is Jinja; conditions are CEL`,
      at: origin.locate(jinja.offset, jinja.found.length),
      hint: jinja.hint,
    })
    return null
  }
  try {
    return parseCel(text)
  } catch (error) {
    diagnostics.push(syntaxFault(error, text, origin))
    return null
  }
}

function checkNames(
  text: string,
  found: readonly FoundPath[],
  names: Names,
  origin: TemplateOrigin,
  diagnostics: Diagnostic[],
): void {
  for (const { path, start, end } of found) {
    const fault = followName(names, path)
    if (!isFault(fault)) continue
    // `facts.os == sles`: a word behind a comparison was perhaps meant as a text.
    const isCompared =
      fault.code === 'unknown-name' && path.length === 1 && /[=!]=\s*$/.test(text.slice(0, start))
    diagnostics.push({
      code: `expression/${fault.code}`,
      message: fault.message,
      at: origin.locate(start, end - start),
      hint: isCompared
        ? `${fault.hint.replace(/\?$/, '')}; a text stands in quotes: "${path[0]}"`
        : fault.hint,
    })
  }
}

function checkTypes(
  text: string,
  names: Names,
  origin: TemplateOrigin,
  kind: 'value' | 'condition',
  diagnostics: Diagnostic[],
): void {
  let environment = checking.get(names)
  if (!environment) checking.set(names, (environment = checkingEnvironment(names.known)))
  const checked = makeStrict(parseCel(text, environment)).check()
  if (!checked.valid) {
    diagnostics.push(typeFault(checked.error, origin))
  } else if (kind === 'condition' && checked.type !== 'bool' && checked.type !== 'dyn') {
    diagnostics.push(notBoolean(text, `${checked.type ?? 'something else'}`, origin.at))
  }
}

/** Signals pass: also where CEL met an error beside one, because what is not known yet may make the error moot. */
function run(
  parsed: ParsedCel,
  text: string,
  scope: Scope,
  roots: readonly string[],
  origin: TemplateOrigin,
): Value {
  const watch: Watch = { signal: null, secret: false }
  const budget = new CelBudget(origin.at)
  const context = Object.create(null) as Record<string, unknown>
  context[budgetName] = budget
  for (const name of roots) {
    // A scope has no prototype but other scopes.
    if (name in scope)
      lazily(context, name, () =>
        toCel(
          touch(() => scope[name], watch),
          watch,
        ),
      )
  }
  let value: unknown
  try {
    value = fromCel(parsed(context))
  } catch (error) {
    if (error instanceof Signal || error instanceof DiagnosticError) throw error
    if (watch.signal) throw watch.signal
    if (budget.exceeded) throw budget.exceeded
    throw new DiagnosticError(runFault(error, text, origin, scope))
  }
  // `||` and `exists` absorb errors; an expression that was stopped has no result.
  if (budget.exceeded) throw budget.exceeded
  // CEL compares the items of a list itself, and finds no secret among them: a wrong `false`.
  if (watch.secret && text.includes('in') && /\bin\b/.test(blankQuoted(text)))
    throw new DiagnosticError({
      code: 'expression/failed',
      message: 'a secret cannot be searched for with `in`',
      at: origin.at,
      hint: 'compare it with each: x == "a" || x == "b"',
    })
  if (value === undefined)
    throw new DiagnosticError({
      code: 'expression/result',
      message: 'the result is not a value that a playbook can hold',
      at: origin.at,
      hint: 'convert it with string(…)',
    })
  return value as Value
}

/** Every path that an expression reads, without the names that its own macros bind. */
function collect(node: CelNode, bound: ReadonlySet<string>, found: FoundPath[]): void {
  const path = pathOf(node)
  if (path) {
    if (!bound.has(path[0]!) && !reservedWords.has(path[0]!))
      found.push({ path, start: startOf(node), end: node.end })
    return
  }
  if (node.op === 'comprehension') return collectComprehension(node.args as CelLoop, bound, found)
  const alternate = node.meta?.alternate
  if (alternate) return collect(alternate, bound, found)
  const macro = node.meta?.macro
  if (macro?.var !== undefined && macro.val && macro.exp) {
    collect(macro.val, bound, found)
    return collect(macro.exp, new Set([...bound, macro.var]), found)
  }
  for (const child of nodesIn(node.args)) collect(child, bound, found)
}

function collectComprehension(
  { iterable, iterVarName, init, step }: CelLoop,
  bound: ReadonlySet<string>,
  found: FoundPath[],
): void {
  collect(iterable, bound, found)
  collect(init, bound, found)
  collect(step, new Set([...bound, iterVarName]), found)
}

function nodesIn(args: unknown): CelNode[] {
  if (Array.isArray(args)) return args.flatMap(nodesIn)
  return typeof args === 'object' && args !== null && 'op' in args && 'args' in args
    ? [args as CelNode]
    : []
}
