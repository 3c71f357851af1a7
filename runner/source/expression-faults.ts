import type { Code } from '../model/codes.ts'
import { kindOf } from '../contract/value.ts'
import type { Diagnostic, Place } from '../model/diagnostic.ts'
import type { Scope } from '../model/playbook.ts'
import { evaluating } from './cel.ts'
import { FunctionFault, writtenName } from './cel-functions.ts'
import { operandsOf, type CelLoop, type CelNode } from './cel-nodes.ts'
import { patternFault } from '../text/pattern.ts'
import { blankQuoted } from './jinja.ts'
import { didYouMean } from './suggest.ts'
import type { TemplateOrigin } from './template-syntax.ts'

/** What cel-js throws. */
interface CelError extends Error {
  readonly code?: string
  readonly summary?: string
  readonly range?: { readonly start: number; readonly end: number }
  readonly node?: CelNode
}

/** The functions of conditions. */
export const functionNames: ReadonlySet<string> = new Set(
  evaluating.getDefinitions().functions.map(({ name }) => writtenName(name)),
)

/** The functions that expressions know, as they are written. */
export const expressionFunctions: ReadonlySet<string> = new Set(
  evaluating
    .getDefinitions()
    // Optional values are a part of the library that is not switched on.
    .functions.filter(({ receiverType }) => !/^optional/i.test(receiverType ?? ''))
    .map(({ name, receiverType }) =>
      receiverType === 'CelNamespace' ? `cel.${name}` : writtenName(name),
    ),
)

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
    sorted: 'write list.sort(), or list.sort("field")',
    distinct: 'write list.unique()',
    combine: 'write map.merge(other)',
    dict2items: 'write map.map(k, {"key": k, "value": map[k]})',
    items2dict: 'write toMap(list)',
    now: 'write run.started: the moment at which the run began',
    get: 'write default(map.key, fallback)',
    defined: 'write has(x.y)',
    empty: 'write size(x) == 0',
  },
)

/** The fault of a text that is not an expression. */
export function syntaxFault(error: unknown, text: string, origin: TemplateOrigin): Diagnostic {
  return faultAt(error as CelError, 'expression/syntax', origin, syntaxHint(text))
}

/** The fault of an expression whose types do not fit, found before anything runs. */
export function typeFault(error: unknown, origin: TemplateOrigin): Diagnostic {
  const { summary = '' } = error as CelError
  const called = calledFunction(summary)
  const unknown = called !== null && !functionNames.has(called) ? called : null
  const hint =
    unknown !== null
      ? (otherFunctions[unknown] ?? didYouMean(unknown, functionNames))
      : typeHint(summary)
  return faultAt(error as CelError, 'expression/type', origin, hint)
}

/** The faults of patterns that stand in the expression itself. */
export function patternFaults(node: CelNode, origin: TemplateOrigin): readonly Diagnostic[] {
  const faults = insideOf(node).flatMap((each) => patternFaults(each, origin))
  if (node.op !== 'rcall' || (node.args as unknown[])[0] !== 'matches') return faults
  const [, pattern] = operandsOf(node)
  if (pattern?.op !== 'value' || typeof pattern.args !== 'string') return faults
  const fault = patternFault(pattern.args)
  if (!fault) return faults
  return [
    ...faults,
    {
      code: 'expression/pattern',
      message: `'${pattern.args}' is not a pattern: ${fault.message}`,
      at: placeOf(pattern, origin),
      hint: fault.hint,
    },
  ]
}

/** The nodes below a node; of a macro, what it became. */
function insideOf(node: CelNode): readonly CelNode[] {
  const { alternate, macro } = node.meta ?? {}
  if (alternate) return [alternate]
  if (macro) return macro.val && macro.exp ? [macro.val, macro.exp] : (macro.args ?? [])
  if (node.op !== 'comprehension') return operandsOf(node)
  const { iterable, init, step } = node.args as CelLoop
  return [iterable, init, step]
}

/** The fault of an expression that was evaluated. */
export function runFault(
  thrown: unknown,
  text: string,
  origin: TemplateOrigin,
  scope: Scope,
): Diagnostic {
  const error = thrown as CelError
  const isMissing = missing.has(error.code ?? '')
  const nothing = nullOperand(error, isMissing, scope)
  if (nothing) {
    const written = text.slice(startOf(nothing), nothing.end).trim()
    return {
      code: isMissing ? 'expression/missing' : 'expression/failed',
      message: `${written} is null`,
      at: placeOf(nothing, origin),
      hint: `test it before (${written} != null && …), or write default(${written}, …)`,
    }
  }
  if (isMissing)
    return faultAt(
      error,
      'expression/missing',
      origin,
      'give it a value, or write default(x, fallback)',
    )
  if (thrown instanceof FunctionFault)
    return {
      code: 'expression/failed',
      message: thrown.message,
      at: thrown.node ? placeOf(thrown.node as CelNode, origin) : origin.at,
      hint: thrown.hint,
    }
  return faultAt(error, 'expression/failed', origin, typeHint(error.summary ?? ''))
}

/** The fault of a condition that gives no truth. */
export function notBoolean(text: string, what: string, at: Place): Diagnostic {
  return {
    code: 'expression/not-boolean',
    message: `a condition gives true or false; this gives ${what}`,
    at,
    hint: `compare it with something: ${text.trim().slice(0, 40)} == …`,
  }
}

const missing: ReadonlySet<string> = new Set([
  'no_such_key',
  'unknown_variable',
  'index_out_of_bounds',
])

function faultAt(error: CelError, code: Code, origin: TemplateOrigin, hint: string): Diagnostic {
  const { range } = error
  return {
    code,
    message: inWords((error.summary ?? error.message).split('\n', 1)[0]!),
    at: range ? origin.locate(range.start, Math.max(1, range.end - range.start)) : origin.at,
    hint,
  }
}

function placeOf(node: CelNode, origin: TemplateOrigin): Place {
  const start = startOf(node)
  return origin.locate(start, Math.max(1, node.end - start))
}

function syntaxHint(text: string): string {
  const bare = blankQuoted(text)
  if (/=~/.test(bare)) return 'write text.matches("…")'
  if (/(?<![=!<>])=(?!=)/.test(bare)) return 'write == to compare'
  if (/(?<!&)&(?!&)/.test(bare)) return 'write &&'
  return 'an expression looks like: facts.sp >= 5 && host.name != "x"'
}

function typeHint(summary: string): string {
  if (/int [=!<>]+ string|string [=!<>]+ int/.test(summary))
    return 'compare a number with a number: drop the quotes, or convert with int(…) or string(…)'
  if (/\+/.test(summary)) return 'convert with string(…) before joining texts'
  return 'convert with int(…), string(…) or double(…), or compare with the same type'
}

const overload = /overload for '(?:(.*)\.)?(\w+)\((.*)\)'/

function calledFunction(summary: string): string | null {
  const called = overload.exec(summary)?.[2]
  return called === undefined ? null : writtenName(called)
}

/** What CEL says, without its own terms. */
function inWords(said: string): string {
  const called = overload.exec(said)
  if (called) {
    const name = writtenName(called[2]!)
    if (!functionNames.has(name)) return `the function '${name}' does not exist`
    const takes = called[1] === undefined ? '' : ` of ${typeName(called[1])}`
    return `${name}${takes} does not take what it is given: ${typeList(called[3]!) || 'nothing'}`
  }
  return said
    .replace(
      /^no such overload: (.*)$/i,
      (_, types: string) => `these types do not go together: ${typeName(types)}`,
    )
    .replace(
      /^No such key: index out of bounds, index (-?\d+) (?:< 0|>= size (\d+))$/,
      (_, place: string, size: string | undefined) =>
        size === undefined
          ? `a list has no item ${place}: its last one is list[list.size() - 1]`
          : `this list has no item ${place}: it has ${size}, the first is item 0`,
    )
    .replace(/^No such key: (.*)$/, "'$1' does not exist")
    .replace(/^Unexpected token: EOF$/, 'it ends where a value should follow')
    .replace(/^Unexpected token: (.*)$/, "'$1' is out of place")
    .replace(
      /^Expression of type '(.*)' cannot be range of a comprehension.*$/,
      (_, type: string) => `a loop wants a list or a map, not ${typeName(type)}`,
    )
}

function typeName(name: string): string {
  return name.replaceAll(/dyn<(\w+)>/g, '$1')
}

function typeList(list: string): string {
  return split(list).map(typeName).join(', ')
}

/** The types of a list of arguments: `map<string, int>, null` are two. */
function split(list: string): readonly string[] {
  const parts: string[] = ['']
  let depth = 0
  for (const letter of list) {
    depth += letter === '<' ? 1 : letter === '>' ? -1 : 0
    if (letter === ',' && depth === 0) parts.push('')
    else parts[parts.length - 1] += letter
  }
  return parts.map((part) => part.trim()).filter((part) => part !== '')
}

/** The operand that is null where that is why the evaluation failed. */
function nullOperand(error: CelError, isMissing: boolean, scope: Scope): CelNode | null {
  const { node, summary = '' } = error
  if (!node) return null
  if (/got 'null'$|type 'null' cannot be range/.test(summary)) return node
  if (isMissing) {
    const [left] = operandsOf(node)
    const path = left && pathOf(left)
    return path && at(scope, path) === null ? left : null
  }
  const types = operandTypes(summary)
  const index = types.findIndex((type) => typeName(type) === 'null')
  return index < 0 ? null : (operandsOf(node)[index] ?? null)
}

function operandTypes(summary: string): readonly string[] {
  const called = overload.exec(summary)
  if (called) return [...(called[1] === undefined ? [] : [called[1]]), ...split(called[3]!)]
  if (/^no such overload: [!-]null$/.test(summary)) return ['null']
  const compared = /^no such overload: (.+) (?:[=!<>]=|[<>+*/%-]|in) (.+)$/.exec(summary)
  return compared ? [compared[1]!, compared[2]!] : []
}

function at(scope: Scope, path: readonly string[]): unknown {
  let value: unknown = scope
  for (const part of path) {
    if (kindOf(value) !== 'a map' && kindOf(value) !== 'a list') return undefined
    if (!Object.hasOwn(value as object, part)) return undefined
    value = (value as Record<string, unknown>)[part]
  }
  return value
}

/** The names of a path such as `reg.list[0].name`, or null for another kind of node. */
export function pathOf(node: CelNode): string[] | null {
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

/** Where the text of a node begins: cel-js gives an operation the place of its sign. */
export function startOf(node: CelNode): number {
  const [first] = operandsOf(node)
  return first && node.op !== 'call' ? Math.min(node.start, startOf(first)) : node.start
}
