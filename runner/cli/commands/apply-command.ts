import { createHash } from 'node:crypto'
import { resolve } from 'node:path'
import { promiseOf, readPlan } from '../../journal/saved-plan.ts'
import { inputWords } from '../../playbook/given-inputs.ts'
import { runAgain } from '../../report/next-command.ts'
import { approverOf } from '../../wiring/approval.ts'
import { carryOut } from '../../wiring/carry-out.ts'
import { clock } from '../../wiring/clock.ts'
import { seconds } from '../../wiring/seconds.ts'
import type { ApplyFlags, RunFlags } from '../../wiring/flags.ts'
import type { Io } from '../../wiring/io.ts'
import { loadForApply } from '../../wiring/load-all.ts'
import { trustOf } from '../../wiring/trust-of-user.ts'

/** `trueup apply FILE`: does what a saved plan shows, and stops each host whose state is no longer as planned. */
export async function applyCommand(io: Io, file: string, flags: ApplyFlags): Promise<number> {
  const maxAge = seconds('--max-age', flags.maxAge)
  const path = resolve(io.cwd, file)
  let text = ''
  const plan = readPlan(path, clock.now(), maxAge, trustOf(io), (seen) => (text = seen))
  const by = flags.approved ? approverOf(io, path, text, flags.signers) : null
  const loaded = await loadForApply(io, plan, flags.extraVars ?? [])
  const kept: RunFlags = {
    ...flags,
    ...(plan.limit === null ? {} : { limit: plan.limit }),
    ...(plan.tags === null ? {} : { tags: plan.tags }),
    ...(plan.skipTags === null ? {} : { skipTags: plan.skipTags }),
    inventory: plan.inventory
      .filter((each) => each.about.kind !== 'answer')
      .map((each) => each.path),
  }
  return carryOut(io, {
    mode: 'run',
    loaded,
    flags: kept,
    again: runAgain({
      playbook: plan.playbook.file,
      shape: kept,
      inputs: inputWords(flags.extraVars ?? [], loaded.playbook.inputs),
      folder: io.cwd,
    }),
    promise: promiseOf(plan),
    // What the plan shows was computed at that moment.
    started: Date.parse(plan.made),
    plan: path,
    approved: { sha256: createHash('sha256').update(text).digest('hex'), made: plan.made, by },
  })
}
