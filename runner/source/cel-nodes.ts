import type { CelBudget } from './cel-budget.ts'
import { weightOf } from './cel-budget.ts'
import { FunctionFault, strictName } from './cel-functions.ts'

/** A node of the syntax tree of cel-js, as far as it is used here. */
export interface CelNode {
  op: string
  args: unknown
  readonly start: number
  readonly end: number
  /** What the checker found. */
  readonly checkedType?: CelType
  /** How the operands are combined; set by the checker. */
  handle?(...operands: unknown[]): unknown
  /** What a macro became. */
  readonly meta?: { readonly alternate?: CelNode; readonly macro?: CelMacro }
  clone(op: CelOperation, args: unknown): CelNode
  setMeta(key: string, value: unknown): CelNode
}
/** A macro: its arguments are nodes that it evaluates by itself. */
export interface CelMacro {
  readonly args?: CelNode[]
  readonly var?: string
  val?: CelNode
  exp?: CelNode
}
/** A loop of `map`, `filter`, `all` and `exists`. */
export interface CelLoop {
  iterable: CelNode
  readonly iterVarName: string
  init: CelNode
  step: CelNode
}
/** Checks or evaluates nodes. */
export interface CelRunner {
  run(node: CelNode, context: CelContext): unknown
  check(node: CelNode, context: CelContext): CelType
  getType(name: string): CelType
  createError(code: string, message: string, node: CelNode): Error
}
interface CelType {
  readonly kind: string
  readonly type: string
}
/** The names of an evaluation. */
export interface CelContext {
  getValue(name: string): unknown
}
interface CelMeta extends Omit<CelOperation, 'name'> {
  readonly alternate?: CelNode
  readonly macro?: CelMacro
}
interface CelOperation {
  readonly name: string
  check(checker: CelRunner, node: CelNode, context: CelContext): CelType
  evaluate(runner: CelRunner, node: CelNode, context: CelContext): unknown
}

/** The name in a context under which the budget of the evaluation stands; no expression can write it. */
export const budgetName = '\u0000budget'

/**
 * Puts strict functions in the place of those of cel-js, lets null be compared with anything, and makes loops and whatever
 * grows look at the budget. It changes the tree that it is given.
 */
function strict(node: CelNode): CelNode {
  inside(node)
  switch (node.op) {
    case '==':
    case '!=':
      return wrapped(node, equality)
    case '+':
      return wrapped(node, measured)
    case 'in':
      return wrapped(node, searched)
    case '-_':
    case '/':
      return wrapped(node, inRange)
    case 'call':
    case 'rcall':
      return node.meta?.macro || node.meta?.alternate ? node : wrapped(node, called)
    default:
      return node
  }
}

/** The same for the outermost node, which cel-js holds on to: it becomes a shell around what it was. */
export function strictRoot(root: CelNode): void {
  const { check, evaluate, alternate, macro } = root.meta as CelMeta
  const inner = root.clone({ name: root.op, check, evaluate }, root.args)
  if (alternate) inner.setMeta('alternate', alternate)
  if (macro) inner.setMeta('macro', macro)
  root.op = 'root'
  root.args = strict(inner)
  root.setMeta('alternate', undefined).setMeta('macro', undefined).setMeta('async', false)
  root.setMeta('check', shell.check).setMeta('evaluate', shell.evaluate)
}

/** What an operation works on: the receiver of a call first, then its arguments. */
export function operandsOf(node: CelNode): readonly CelNode[] {
  if (node.op === 'call') return (node.args as [string, CelNode[]])[1]
  if (node.op === 'rcall') {
    const [, receiver, args] = node.args as [string, CelNode, CelNode[]]
    return [receiver, ...args]
  }
  if (Array.isArray(node.args)) return node.args.flat().filter(isNode)
  return isNode(node.args) ? [node.args] : []
}

function wrapped(node: CelNode, operation: CelOperation): CelNode {
  return node.clone(operation, node).setMeta('async', false)
}

function inside(node: CelNode): void {
  const { meta } = node
  if (meta?.alternate) return inside(meta.alternate)
  if (meta?.macro) return insideMacro(meta.macro)
  switch (node.op) {
    case '.':
    case '[]':
    case '||':
    case '&&':
    case '?:':
    case 'list':
    case 'map':
      return each(node.args as unknown[])
    case 'call':
    case 'rcall': {
      const args = node.args as [string, ...unknown[]]
      args[0] = strictName(args[0])
      return each(args)
    }
    case 'comprehension': {
      const loop = node.args as CelLoop
      loop.iterable = strict(loop.iterable)
      loop.init = strict(loop.init)
      loop.step = wrapped(strict(loop.step), step)
      return
    }
    default:
      if (Array.isArray(node.args)) each(node.args)
      else if (isNode(node.args)) node.args = strict(node.args)
  }
}

function insideMacro(macro: CelMacro): void {
  // `has` takes a path apart by itself; every other macro evaluates its arguments.
  if (macro.val && macro.exp) {
    macro.val = strict(macro.val)
    macro.exp = strict(macro.exp)
  } else if (macro.args && macro.args.length > 1) each(macro.args)
}

function each(list: unknown[]): void {
  for (const [i, item] of list.entries()) {
    if (Array.isArray(item)) each(item)
    else if (isNode(item)) list[i] = strict(item)
  }
}

function isNode(value: unknown): value is CelNode {
  return typeof value === 'object' && value !== null && 'op' in value && 'args' in value
}

function budgetOf(context: CelContext): CelBudget | undefined {
  return context.getValue(budgetName) as CelBudget | undefined
}

/** An operation around a node that is checked as it was. */
function around(
  name: string,
  evaluate: (value: unknown, node: CelNode, context: CelContext, runner: CelRunner) => unknown,
): CelOperation {
  return {
    name,
    check: (checker, node, context) => checker.check(node.args as CelNode, context),
    evaluate: (runner, node, context) =>
      evaluate(runner.run(node.args as CelNode, context), node.args as CelNode, context, runner),
  }
}

const shell = around('root', (value) => value)

const step: CelOperation = {
  name: 'step',
  check: (checker, node, context) => checker.check(node.args as CelNode, context),
  evaluate(runner, node, context) {
    budgetOf(context)?.work(1)
    return runner.run(node.args as CelNode, context)
  },
}

const measured = around('measured', (value, _, context) => {
  budgetOf(context)?.made(value)
  return value
})

/** A call costs what its arguments weigh: `contains` reads its text, also when it gives only true or false. */
const called: CelOperation = {
  name: 'called',
  check: (checker, node, context) => checker.check(node.args as CelNode, context),
  evaluate(runner, node, context) {
    const inner = node.args as CelNode
    const values = operandsOf(inner).map((operand) => runner.run(operand, context))
    const budget = budgetOf(context)
    budget?.work(1 + values.reduce<number>((sum, value) => sum + weightOf(value), 0))
    const value = call(inner, values, runner)
    budget?.made(value)
    return value
  },
}

function call(node: CelNode, values: unknown[], runner: CelRunner): unknown {
  try {
    return node.op === 'call'
      ? node.handle!(values, node, runner)
      : node.handle!(values, runner, node)
  } catch (error) {
    if (error instanceof FunctionFault) error.node ??= node
    throw error
  }
}

const most = 2n ** 63n
const inRange = around('in range', (value, node, _, runner) => {
  if (typeof value !== 'bigint' || (value < most && value >= -most)) return value
  throw runner.createError('numeric_overflow', `integer overflow: ${value}`, node)
})

const searched: CelOperation = {
  name: 'searched',
  check: (checker, node, context) => checker.check(node.args as CelNode, context),
  evaluate(runner, node, context) {
    const inner = node.args as CelNode
    const [left, right] = inner.args as [CelNode, CelNode]
    const item = runner.run(left, context)
    const list = runner.run(right, context)
    budgetOf(context)?.work(1 + weightOf(list))
    return inner.handle!(item, list, inner, runner)
  },
}

/** Null equals null and nothing else, whatever the other side is; the rest is compared as cel-js does. */
const equality: CelOperation = {
  name: 'equality',
  check(checker, node, context) {
    const inner = node.args as CelNode
    const sides = (inner.args as [CelNode, CelNode]).map((side) => checker.check(side, context))
    return sides.some(({ kind, type }) => kind === 'null' || type === 'null')
      ? checker.getType('bool')
      : checker.check(inner, context)
  },
  evaluate(runner, node, context) {
    const inner = node.args as CelNode
    const [left, right] = (inner.args as [CelNode, CelNode]).map((side) =>
      runner.run(side, context),
    )
    if (left === null || right === null) return (left === right) === (inner.op === '==')
    budgetOf(context)?.work(1 + weightOf(left))
    return inner.handle!(left, right, inner, runner)
  },
}
