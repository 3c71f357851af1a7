import { refuse, type Change } from '../../contract/change.ts'
import { jobChanges, type Stage } from '../service-job.ts'

interface Wish {
  readonly template_name: string
  readonly operation?: string | undefined
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

/** What boots the nodes that do not run the image, and waits for them; or why that is refused. */
export function bootChanges(
  _diff: object,
  { template_name, operation, include_disabled }: Wish,
  current: Current,
): readonly Change<'booted'>[] {
  const limit = current.waiting!
  const chosen = isAuto(operation) ? (current.power === 'off' ? 'boot' : 'reboot') : operation!
  const stage = current.outcome!
  const body = {
    name: current.next!,
    operation: chosen,
    template_name,
    limit: limit.join(','),
    ...(include_disabled ? { include_disabled } : {}),
  }
  return jobChanges({
    called: `the session ${stage === 'none' ? current.next : current.session}`,
    title: `${chosen} ${limit.join(', ')} into the image ${current.image} by the session ${current.next}`,
    repairs: ['booted'],
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
    marks: {
      kind: 'boot',
      effect: 'destroys',
      boots: limit,
      guard: [`node ${limit[0]!}`, ...limit.slice(1).map((xname) => `node ${xname}`)],
    },
    objection: current.trouble === null ? null : refuse(current.trouble, current.remedy ?? ''),
    trouble: `the session ${current.session} has failed`,
    remedy: `look at it with \`cray bos sessions status list ${current.session}\``,
  })
}
