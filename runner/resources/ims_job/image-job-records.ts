import type { Value } from '../../contract/value.ts'
import { textAt } from '../service-answers.ts'
import type { Stage } from '../service-job.ts'

/** How far a job is, by its status; `until` says how far it must come. */
export function stageOf(status: string | null, until: string | undefined): Stage {
  if (status === 'success') return 'succeeded'
  if (status === 'error') return 'failed'
  if (status === 'creating') return 'pending'
  return until === 'waiting_on_user' &&
    (status === 'waiting_on_user' || status === 'packaging_artifacts')
    ? 'succeeded'
    : 'running'
}

/** Orders records of IMS for `sort`. */
export function youngestFirst(a: Value, b: Value): number {
  return (textAt(a, 'created') ?? '') < (textAt(b, 'created') ?? '') ? 1 : -1
}
