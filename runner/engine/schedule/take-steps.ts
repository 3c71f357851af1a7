import type { Leaving } from '../../model/note.ts'
import { tasksOf, type Block, type Retries, type Step, type Task } from '../../model/playbook.ts'
import { isEnding } from '../decide/drain.ts'
import type { Subject } from '../model.ts'
import type { Pass } from './pass.ts'
import { pauseBefore } from './turn.ts'
import { takeTask, type Standing } from './take-task.ts'

/** Takes a host through steps in order; `rest` is what comes behind them. */
export async function takeSteps(
  pass: Pass,
  subject: Subject,
  list: readonly Step[],
  { rest: after, caught }: Standing,
): Promise<Leaving> {
  for (const [i, step] of list.entries()) {
    if (step.kind === 'task' && !pass.selected(step)) continue
    const standing = { rest: () => behind(pass, list, i + 1, after), caught }
    const left =
      step.kind === 'block'
        ? await takeBlock(pass, subject, step, standing)
        : await takeTask(pass, subject, step, standing)
    if (left !== 'done') return left
  }
  return 'done'
}

async function takeBlock(
  pass: Pass,
  subject: Subject,
  { block, rescue, always, again }: Block,
  { rest, caught }: Standing,
): Promise<Leaving> {
  const behindBlock = function* (): Generator<Task> {
    yield* mainLine(always)
    yield* rest()
  }
  // A rescue whose tasks are all deselected by tags does not count as a rescue.
  const rescues = [...tasksOf(rescue)].some(pass.selected)
  let left: Leaving = 'done'
  for (let tries = 0; ; tries++) {
    const isLast = !mayTryAgain(pass, again, tries)
    const inside: Standing = { rest: behindBlock, caught: caught || rescues || !isLast }
    left = await takeSteps(pass, subject, block, inside)
    if (left !== 'failed' || isLast) break
    if (!(await restBefore(pass, subject, again!, tries))) break
  }
  if (left === 'failed' && rescues)
    left = await takeSteps(pass, subject, rescue, { rest: behindBlock, caught })
  if (left === 'unreachable' || left === 'stopped') return left
  const last = await takeSteps(pass, subject, always, { rest, caught })
  return last === 'done' ? left : last
}

function mayTryAgain({ options }: Pass, again: Retries | undefined, tries: number): boolean {
  return (
    again !== undefined && tries < again.retries && options.mode === 'run' && !isEnding(options)
  )
}

/** Rests before a block is begun again. False: the run ends meanwhile. */
async function restBefore(
  { options, store }: Pass,
  { host }: Subject,
  again: Retries,
  tries: number,
): Promise<boolean> {
  const { clock, drain, stop } = options
  await clock.sleep(pauseBefore(again, tries) * 1000, drain ?? stop)
  store.void([host.name], null)
  return !isEnding(options)
}

function* behind(
  { selected }: Pass,
  list: readonly Step[],
  from: number,
  after: () => Iterable<Task>,
): Generator<Task> {
  for (const task of mainLine(list, from)) if (selected(task)) yield task
  yield* after()
}

/** The tasks in order as they run when nothing fails, from a place on. */
function* mainLine(steps: readonly Step[], from = 0): Generator<Task> {
  for (let i = from; i < steps.length; i++) {
    const step = steps[i]!
    if (step.kind === 'task') yield step
    else {
      yield* mainLine(step.block)
      yield* mainLine(step.always)
    }
  }
}
