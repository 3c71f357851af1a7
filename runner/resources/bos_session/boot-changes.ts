import { refuse, type Change } from '../../contract/change.ts'
import { jobChanges, type Stage } from '../service-job.ts'
import { goalOf, type Goal } from './session-goal.ts'

interface Wish {
  readonly template_name: string
  readonly operation?: string | undefined
  readonly stage: boolean
  readonly include_disabled: boolean
}
interface Current {
  readonly image: string | null
  readonly waiting: readonly string[] | null
  readonly power: string | null
  readonly session: string | null
  readonly outcome: Stage | null
  readonly trouble: string | null
  readonly remedy: string | null
  readonly next: string | null
}

/** Whether PCS decides; under `read` nothing is decided. */
export function isAuto(operation: string | undefined): boolean {
  return operation === undefined || operation === 'auto'
}

/** What brings the nodes where they are to be, and waits for them; or why that is refused. */
export function bootChanges(
  _diff: object,
  { template_name, operation, stage: isStaged, include_disabled }: Wish,
  current: Current,
): readonly Change<Goal>[] {
  const goal = goalOf(operation, isStaged)
  const limit = current.waiting!
  const chosen = isAuto(operation) ? (current.power === 'off' ? 'boot' : 'reboot') : operation!
  const stage = current.outcome!
  const body = {
    name: current.next!,
    operation: chosen,
    template_name,
    limit: limit.join(','),
    ...(isStaged ? { stage: true } : {}),
    ...(include_disabled ? { include_disabled } : {}),
  }
  return jobChanges({
    called: `the session ${stage === 'none' ? current.next : current.session}`,
    title: `${titleOf(goal, chosen, limit, current.image)} by the session ${current.next}`,
    repairs: [goal],
    stage,
    // 409: the same request was sent before and its answer was lost.
    create: {
      do: 'http',
      service: 'bos',
      method: 'POST',
      path: '/v2/sessions',
      body,
      statuses: [201, 409],
      name: 'created',
    },
    // A staged session only records what the nodes are to do.
    ...(isStaged
      ? {}
      : {
          marks: {
            kind: 'boot',
            effect: 'destroys',
            boots: limit,
            guard: [`node ${limit[0]!}`, ...limit.slice(1).map((xname) => `node ${xname}`)],
          },
        }),
    objection: current.trouble === null ? null : refuse(current.trouble, current.remedy ?? ''),
    trouble: `the session ${current.session} has failed`,
    remedy: `look at it with \`cray bos sessions status list ${current.session}\``,
  })
}

function titleOf(
  goal: Goal,
  operation: string,
  limit: readonly string[],
  image: string | null,
): string {
  const nodes = limit.join(', ')
  if (goal === 'off') return `shut ${nodes} down`
  const boot =
    operation === 'shutdown'
      ? `shutdown of ${nodes}`
      : `${operation} ${nodes} into the image ${image}`
  return goal === 'staged' ? `stage the ${boot}` : boot
}
