import type { Environment } from '@marcbachmann/cel-js'
import type { Computed, Scope } from '../model/playbook.ts'
import { DiagnosticError, type Diagnostic, type Place } from '../model/diagnostic.ts'
import { Signal } from '../model/signal.ts'
import { kindOf, type Value } from '../contract/value.ts'
import {
  checkingEnvironment,
  evaluating,
  fromCel,
  lazily,
  reservedWords,
  toCel,
  touch,
  type Watch,
} from './cel.ts'
import { blankQuoted, jinjaHint } from './jinja.ts'
import { followName, isFault, type Names } from './names.ts'
import { didYouMean } from './suggest.ts'
import type { TemplateOrigin } from './template.ts'

/** A compiled expression, and what is wrong with it. */
export interface CompiledExpression {
  readonly computed: Computed
  readonly diagnostics: readonly Diagnostic[]
}

interface CelNode {
  readonly op: string
  readonly args: unknown
  readonly start: number
  readonly end: number
  /** What a macro became. */
  readonly meta?: {
    readonly alternate?: CelNode
    readonly macro?: {
      readonly args?: readonly CelNode[]
      readonly var?: string
      readonly val?: CelNode
      readonly exp?: CelNode
    }
  }
}
interface Comprehension {
  readonly iterable: CelNode
  readonly iterVarName: string
  readonly init: CelNode
  readonly step: CelNode
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
    collect(parsed.ast as unknown as CelNode, new Set(), found)
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
      const value = run(parsed, scope, roots, origin)
      if (kind === 'condition' && typeof value !== 'boolean')
        throw new DiagnosticError(notBoolean(text, kindOf(value), origin.at))
      return value
    },
  }
  return { computed, diagnostics }
}

function parse(
  text: string,
  origin: TemplateOrigin,
  diagnostics: Diagnostic[],
): ReturnType<Environment['parse']> | null {
  const braces = blankQuoted(text).indexOf('{{')
  if (braces >= 0) {
    diagnostics.push({
      code: 'expression/braces',
      message: 'an expression has no braces: it is computed as it stands',
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
    return evaluating.parse(text)
  } catch (error) {
    diagnostics.push(celFault(error, 'expression/syntax', origin, syntaxHint(text)))
    return null
  }
}

function syntaxHint(text: string): string {
  const bare = blankQuoted(text)
  if (/=~/.test(bare)) return 'write text.matches("…")'
  if (/(?<![=!<>])=(?!=)/.test(bare)) return 'write == to compare'
  if (/(?<!&)&(?!&)/.test(bare)) return 'write &&'
  return 'an expression looks like: facts.sp >= 5 && host.name != "x"'
}

/** Functions by the names that other languages have for them. */
const otherFunctions: Readonly<Record<string, string>> = Object.assign(
  Object.create(null) as Record<string, string>,
  {
    len: 'write size(x)',
    length: 'write size(x)',
    find: 'write text.indexOf("…"), or text.contains("…")',
    search: 'write text.matches("…")',
    match: 'write text.matches("…")',
    regex_search: 'write text.matches("…")',
    startswith: 'write text.startsWith("…")',
    endswith: 'write text.endsWith("…")',
    strip: 'write text.trim()',
    splitlines: 'write text.split("\\n")',
    lower: 'write text.lowerAscii()',
    upper: 'write text.upperAscii()',
    str: 'write string(x)',
    float: 'write double(x)',
    any: 'write list.exists(x, …)',
    some: 'write list.exists(x, …)',
    includes: 'write x in list',
    select: 'write list.filter(x, …)',
    get: 'write default(map.key, fallback)',
    defined: 'write has(x.y)',
    empty: 'write size(x) == 0',
  },
)

interface CelError extends Error {
  readonly code?: string
  readonly summary?: string
  readonly range?: { readonly start: number; readonly end: number }
}

function celFault(thrown: unknown, code: string, origin: TemplateOrigin, hint: string): Diagnostic {
  const error = thrown as CelError
  const { range } = error
  return {
    code,
    message: inWords((error.summary ?? error.message).split('\n', 1)[0]!),
    at: range ? origin.locate(range.start, Math.max(1, range.end - range.start)) : origin.at,
    hint,
  }
}

const functionNames: ReadonlySet<string> = new Set(
  evaluating.getDefinitions().functions.map(({ name }) => name),
)

/** What CEL says, without its own terms. */
function inWords(said: string): string {
  const called = /overload for '(?:\S*\.)?(\w+)\((.*)\)'/.exec(said)
  if (called)
    return functionNames.has(called[1]!)
      ? `${called[1]} does not take what it is given: ${called[2]}`
      : `there is no function '${called[1]}'`
  return said
    .replace(
      /^no such overload: (.*)$/i,
      (_, types: string) =>
        `these types do not go together: ${types.replaceAll(/dyn<(\w+)>/g, '$1')}`,
    )
    .replace(/^No such key: (.*)$/, "there is no '$1'")
    .replace(/^Unexpected token: EOF$/, 'it ends where a value should follow')
    .replace(/^Unexpected token: (.*)$/, "'$1' is out of place")
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
  const checked = environment.check(text)
  if (!checked.valid) {
    const error = checked.error as CelError
    const called = /overload for '(?:\S*\.)?(\w+)\(/.exec(error.summary ?? '')?.[1]
    const unknown = called !== undefined && !functionNames.has(called) ? called : null
    diagnostics.push(
      celFault(
        error,
        'expression/type',
        origin,
        unknown !== null
          ? (otherFunctions[unknown] ?? didYouMean(unknown, functionNames))
          : typeHint(error.summary ?? ''),
      ),
    )
  } else if (kind === 'condition' && checked.type !== 'bool' && checked.type !== 'dyn') {
    diagnostics.push(notBoolean(text, `${checked.type ?? 'something else'}`, origin.at))
  }
}

function typeHint(summary: string): string {
  if (/int [=!<>]+ string|string [=!<>]+ int/.test(summary))
    return 'compare a number with a number: drop the quotes, or convert with int(…) or string(…)'
  if (/\+/.test(summary)) return 'convert with string(…) before joining texts'
  return 'convert with int(…), string(…) or double(…), or compare with the same type'
}

function notBoolean(text: string, what: string, at: Place): Diagnostic {
  return {
    code: 'expression/not-boolean',
    message: `a condition gives true or false; this gives ${what}`,
    at,
    hint: `compare it with something: ${text.trim().slice(0, 40)} == …`,
  }
}

/** Signals pass: also where CEL met an error beside one, because what is not known yet may make the error moot. */
function run(
  parsed: (context: Record<string, unknown>) => unknown,
  scope: Scope,
  roots: readonly string[],
  origin: TemplateOrigin,
): Value {
  const watch: Watch = { signal: null }
  const context = Object.create(null) as Record<string, unknown>
  for (const name of roots) {
    if (Object.hasOwn(scope, name))
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
    throw new DiagnosticError(runFault(error as CelError, origin))
  }
  if (value === undefined)
    throw new DiagnosticError({
      code: 'expression/result',
      message: 'this gives no value that a playbook can hold',
      at: origin.at,
      hint: 'convert it with string(…)',
    })
  return value as Value
}

function runFault(error: CelError, origin: TemplateOrigin): Diagnostic {
  const missing = ['no_such_key', 'unknown_variable', 'index_out_of_bounds'].includes(
    error.code ?? '',
  )
  return missing
    ? celFault(
        error,
        'expression/missing',
        origin,
        'give it a value, or write default(x, fallback)',
      )
    : celFault(error, 'expression/failed', origin, typeHint(error.summary ?? ''))
}

/** Every path that an expression reads, without the names that its own macros bind. */
function collect(node: CelNode, bound: ReadonlySet<string>, found: FoundPath[]): void {
  const path = pathOf(node)
  if (path) {
    if (!bound.has(path[0]!) && !reservedWords.has(path[0]!))
      found.push({ path, start: startOf(node), end: node.end })
    return
  }
  if (node.op === 'comprehension')
    return collectComprehension(node.args as Comprehension, bound, found)
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
  { iterable, iterVarName, init, step }: Comprehension,
  bound: ReadonlySet<string>,
  found: FoundPath[],
): void {
  collect(iterable, bound, found)
  collect(init, bound, found)
  collect(step, new Set([...bound, iterVarName]), found)
}

function pathOf(node: CelNode): string[] | null {
  if (node.op === 'id') return [node.args as string]
  if (node.op !== '.' && node.op !== '[]') return null
  const [left, right] = node.args as [CelNode, CelNode | string]
  const before = pathOf(left)
  if (!before) return null
  if (typeof right === 'string') return [...before, right]
  // A computed index ends what is known of the path; what computes it is read by itself.
  return right.op === 'value' && (typeof right.args === 'string' || typeof right.args === 'bigint')
    ? [...before, String(right.args)]
    : null
}

function startOf(node: CelNode): number {
  return node.op === 'id' ? node.start : startOf((node.args as [CelNode])[0])
}

function nodesIn(args: unknown): CelNode[] {
  if (Array.isArray(args)) return args.flatMap(nodesIn)
  return typeof args === 'object' && args !== null && 'op' in args && 'args' in args
    ? [args as CelNode]
    : []
}
