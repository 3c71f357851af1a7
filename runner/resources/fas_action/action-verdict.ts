import type { ValueMap } from '../../contract/value.ts'
import { mapsAt, textAt } from '../service-answers.ts'
import type { Stage } from '../service-job.ts'
import { differenceOf, type ActionWish } from './action-body.ts'

/** One operation of an action, as reports show it. */
interface OperationWords {
  readonly xname: string
  readonly target: string
  readonly words: string
}

/** The operations of an action by how they ended; `waiting`: they have not. */
export interface Operations {
  readonly succeeded: readonly OperationWords[]
  readonly failed: readonly OperationWords[]
  readonly no_operation: readonly OperationWords[]
  readonly no_solution: readonly OperationWords[]
  readonly waiting: readonly OperationWords[]
}

const statesOf = {
  succeeded: ['succeeded'],
  failed: ['failed', 'aborted', 'unknown'],
  no_operation: ['noOperation'],
  no_solution: ['noSolution'],
  waiting: ['initial', 'configured', 'blocked', 'inProgress', 'needsVerified', 'verifying'],
} as const

/** The operations that the description of an action lists. */
export function operationsIn(action: ValueMap | undefined): Operations {
  const of = (states: readonly string[]): readonly OperationWords[] =>
    states.flatMap((state) =>
      mapsAt(action, 'operationSummary', state, 'operationKeys').map((each) => {
        const target = textAt(each, 'targetName') || textAt(each, 'target') || ''
        const words = textAt(each, 'error') || textAt(each, 'stateHelper') || state
        return { xname: textAt(each, 'xname') ?? '', target, words }
      }),
    )
  return {
    succeeded: of(statesOf.succeeded),
    failed: of(statesOf.failed),
    no_operation: of(statesOf.no_operation),
    no_solution: of(statesOf.no_solution),
    waiting: of(statesOf.waiting),
  }
}

/** An operation in one line: `x3000c0s19b1 iLO 5: Firmware at requested version`. */
export function lineOf({ xname, target, words }: OperationWords): string {
  return `${xname} ${target}: ${words}`
}

/** How far an action is, why it has failed, and what to do about it. */
export interface Verdict {
  readonly stage: Stage
  readonly trouble: string | null
  readonly remedy: string | null
}

const holds = (stage: Stage): Verdict => ({ stage, trouble: null, remedy: null })

/** What is said of a dry run; undefined: FAS has no such action. */
export function verdictOfDryRun(action: ValueMap | undefined, wish: ActionWish): Verdict {
  if (action === undefined) return holds('none')
  const seen = underWay(action, wish)
  if (seen) return seen
  const operations = operationsIn(action)
  const [first] = operations.failed
  if (first) return failed(action, `the dry run of ${wish.name} has failed for ${lineOf(first)}`)
  const isEmpty = Object.values(operations).every((each) => each.length === 0)
  return isEmpty
    ? {
        stage: 'failed',
        trouble: `the dry run of ${wish.name} found no device that its filters leave`,
        remedy: 'correct the filters, and take another name for the next try',
      }
    : holds('succeeded')
}

/** What is said of an update, whose dry run and locks were looked at; undefined: it was not begun. */
export function verdictOfUpdate(
  action: ValueMap | undefined,
  wish: ActionWish,
  { dryRun, locked }: { readonly dryRun: ValueMap | undefined; readonly locked: readonly string[] },
): Verdict {
  const tried = verdictOfDryRun(dryRun, wish)
  const planned = operationsIn(dryRun).succeeded
  if (action === undefined) {
    if (tried.stage === 'none')
      return {
        stage: 'none',
        trouble: `FAS has no dry run of the name ${wish.name}`,
        remedy: 'put a task with the same params and without `state: updated` before this one',
      }
    // Nothing is left to do, or the dry run has more to say than the update.
    if (tried.stage !== 'succeeded' || planned.length === 0) return tried
    if (locked.length === 0) return holds('none')
    return {
      stage: 'none',
      trouble: `${locked.join(', ')} ${locked.length > 1 ? 'are' : 'is'} locked in HSM, and FAS would wait until its time limit`,
      remedy: 'unlock with `hsm_lock`, and lock again afterwards',
    }
  }
  const seen = underWay(action, wish)
  if (seen) return seen
  const operations = operationsIn(action)
  const done = [...operations.succeeded, ...operations.no_operation]
  const [first] = [
    ...operations.failed,
    // What the dry run would have updated, and the update did not.
    ...planned.filter(
      (each) => !done.some((other) => other.xname === each.xname && other.target === each.target),
    ),
  ]
  return first
    ? failed(action, `the update ${wish.name} has failed for ${lineOf(first)}`)
    : holds('succeeded')
}

function underWay(action: ValueMap, wish: ActionWish): Verdict | null {
  const difference = differenceOf(wish, action)
  if (difference !== null)
    return {
      stage: 'failed',
      trouble: `FAS has an action of the name ${wish.name} already, with another \`${difference}\``,
      remedy: 'take another name',
    }
  const state = textAt(action, 'state')
  if (state === 'completed') return null
  if (state === 'aborted') return failed(action, `the action ${wish.name} was aborted`)
  return holds(state === 'new' ? 'pending' : 'running')
}

function failed(action: ValueMap, trouble: string): Verdict {
  return {
    stage: 'failed',
    trouble,
    remedy: `look at it with \`cray fas actions describe ${textAt(action, 'actionID')}\`, and take another name for the next try`,
  }
}
