import { resolve } from 'node:path'
import { outcomes } from '../../model/outcome.ts'
import { readPlan, type PlanFile } from '../../journal/saved-plan.ts'
import { cleanLine } from '../../report/screen-text.ts'
import { countOf } from '../../text/count.ts'
import { clock } from '../../wiring/clock.ts'
import type { Io } from '../../wiring/io.ts'
import { seconds } from '../../wiring/seconds.ts'
import { signFile } from '../../wiring/sign-file.ts'
import { trustOf } from '../../wiring/trust-of-user.ts'

/** The options of `trueup approve`. */
export interface ApproveFlags {
  readonly sign: string
  readonly maxAge: string
}

/** `trueup approve PLAN --sign KEY`: says what a saved plan would do, and signs it for `trueup apply --approved`. */
export function approveCommand(io: Io, file: string, { sign, maxAge }: ApproveFlags): number {
  const path = resolve(io.cwd, file)
  const plan = readPlan(path, clock.now(), seconds('--max-age', maxAge), trustOf(io))
  for (const line of summaryOf(plan)) io.stdout.write(`${cleanLine(line)}\n`)
  const signature = signFile('plan', path, resolve(io.cwd, sign))
  io.stdout.write(`signed: ${cleanLine(signature)}\n`)
  return 0
}

function summaryOf({ playbook, made, entries, limit }: PlanFile): readonly string[] {
  const hosts = new Set(entries.map(({ host }) => host))
  const counts = outcomes
    .map((outcome) => [outcome, entries.filter((each) => each.outcome === outcome).length] as const)
    .filter(([, count]) => count > 0)
    .map(([outcome, count]) => `${outcome} ${count}`)
  const destroying = entries.filter(
    ({ effect, outcome }) => effect === 'destroys' && outcome === 'would change',
  )
  return [
    `${playbook.title}, made ${made}, ${countOf(hosts.size, 'host')}${limit === null ? '' : `, limit ${limit}`}`,
    counts.join(' · ') || 'no tasks',
    ...destroying
      .slice(0, 20)
      .map(({ host, sentence, identity }) => `! ${host}: ${sentence} ${identityText(identity)}`),
    ...(destroying.length > 20 ? [`! and ${destroying.length - 20} more`] : []),
  ]
}

function identityText(identity: Readonly<Record<string, string>>): string {
  return Object.entries(identity)
    .map(([name, value]) => `${name}=${value}`)
    .join(' ')
}
