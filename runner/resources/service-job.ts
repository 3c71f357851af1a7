import { refuse, type Change, type HttpAction, type RefuseAction } from '../contract/change.ts'

/** How far a service is with a job, whatever its own words are; `unknown`: the service itself has lost it. */
export const stages = ['none', 'pending', 'running', 'succeeded', 'failed', 'unknown'] as const
/** One of them. */
export type Stage = (typeof stages)[number]

/**
 * A job that a service does once and takes its time for: a session of CFS or BOS, a transition of PCS, a job of IMS. A run
 * that was ended after its request finds the job again by what it is, so it is looked for before each request.
 */
export interface ServiceJob<F extends string> {
  /** `the session build-x86-64`. */
  readonly called: string
  /** `create the session build-x86-64`. */
  readonly title: string
  readonly repairs: readonly F[]
  readonly stage: Stage
  /** The request that makes it. */
  readonly create: HttpAction
  /** What the request does beside making a record: a boot destroys what runs. */
  readonly marks?: {
    readonly kind: 'boot'
    readonly effect: 'destroys'
    readonly boots: readonly string[]
    readonly guard: readonly [string, ...string[]]
  }
  /** Why it must not be made, or why the one that is there is not the one that is meant. */
  readonly objection: RefuseAction | null
  /** What its failure is called, and what to do about it; the same for a job that has ended well without what was wanted. */
  readonly trouble: string
  readonly remedy: string
}

/** The one change of such a job: refused, made, waited for, or reported as failed. trueup never repeats it by itself. */
export function jobChanges<F extends string>({
  called,
  title,
  repairs,
  stage,
  create,
  marks,
  objection,
  trouble,
  remedy,
}: ServiceJob<F>): readonly Change<F>[] {
  const seen = `see ${called} through`
  if (objection) return [{ title: stage === 'none' ? title : seen, repairs, actions: [objection] }]
  if (stage === 'none')
    return [
      marks
        ? { title, repairs, ...marks, actions: [create] }
        : { title, repairs, actions: [create] },
    ]
  if (stage === 'pending' || stage === 'running')
    return [{ title: seen, repairs, actions: [{ do: 'await', why: `${called} is ${stage}` }] }]
  return [{ title: seen, repairs, actions: [refuse(trouble, remedy)] }]
}
