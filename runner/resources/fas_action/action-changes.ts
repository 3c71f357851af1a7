import { refuse, type Change, type HttpAction } from '../../contract/change.ts'
import { refused } from '../refused.ts'
import { jobChanges, type Stage } from '../service-job.ts'
import { actionBody, type ActionWish } from './action-body.ts'

interface Current {
  readonly outcome: Stage | null
  readonly trouble: string | null
  readonly remedy: string | null
}

/** What begins an action and waits for it; or why that is refused. */
export function fasActionChanges(
  _diff: object,
  wish: ActionWish & { readonly time_limit: number; readonly state: 'checked' | 'updated' },
  { outcome, trouble, remedy }: Current,
): readonly Change<'outcome'>[] {
  const stage = outcome!
  const updates = wish.state === 'updated'
  const title = updates ? `update firmware: ${wish.name}` : `dry run of ${wish.name}`
  const create: HttpAction = {
    do: 'http',
    service: 'fas',
    method: 'POST',
    path: '/actions',
    body: actionBody(wish, { updates, seconds: wish.time_limit }),
    statuses: [202],
  }
  if (stage === 'none' && updates && trouble !== null)
    return [
      {
        title,
        repairs: ['outcome'],
        effect: 'destroys',
        guard: ['actions'],
        // The dry run may stand before this task: behind it a plan shows the update.
        actions: [refuse(trouble, remedy ?? '', { mendable: true }), create],
      },
    ]
  if (stage === 'none' && updates)
    return [
      { title, repairs: ['outcome'], effect: 'destroys', guard: ['dry run'], actions: [create] },
    ]
  if (trouble !== null) return refused(title, ['outcome'], trouble, remedy ?? '')
  return jobChanges({
    called: updates ? `the update ${wish.name}` : `the dry run of ${wish.name}`,
    title,
    repairs: ['outcome'],
    stage,
    create,
    objection: null,
    trouble: `the action ${wish.name} has failed`,
    remedy: 'take another name for the next try',
  })
}
