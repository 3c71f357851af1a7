import type { Computed, Task, TaskKeywords, TaskParams, Tree, Verb } from '../model/playbook.ts'
import { isCallable, isRepairable, type AnyResourceType } from '../contract/resource.ts'

/** What was read of a task beside its keywords. */
export interface TaskParts {
  readonly type?: AnyResourceType | undefined
  readonly params?: TaskParams | undefined
  readonly that?: readonly Computed[]
  readonly onlyConditions?: true
  readonly times: { readonly for?: number; readonly every?: number }
  readonly spared: { readonly creates?: Tree; readonly removes?: Tree; readonly unless?: Tree }
  readonly asked: { readonly text?: Tree; readonly attended?: true; readonly answer?: string }
  readonly failedWhen: readonly Computed[]
  readonly changedWhen: readonly Computed[]
  /** A `run` of an event, such as a reboot. */
  readonly event?: boolean
}

/** The task of a verb. Null where its verb lacks what it needs: that has been reported. */
export function taskOfVerb(verb: Verb, keywords: TaskKeywords, parts: TaskParts): Task | null {
  if (verb === 'confirm') return { ...keywords, ...parts.asked, verb }
  if (parts.type === undefined || parts.params === undefined)
    return verb === 'require' && parts.that ? { ...keywords, verb, that: parts.that } : null
  const { type, params, that, onlyConditions, times, spared, failedWhen, changedWhen } = parts
  if (verb === 'ensure')
    return isRepairable(type) ? { ...keywords, ...times, verb, type, params } : null
  if (verb === 'run' && parts.event && isRepairable(type))
    return { ...keywords, ...spared, verb: 'ensure', event: true, type, params }
  if (verb === 'run')
    return isCallable(type)
      ? { ...keywords, ...spared, verb, type, params, failedWhen, changedWhen }
      : null
  if (verb === 'read') return { ...keywords, verb, type, params, failedWhen }
  const compared = {
    ...{ type, params, failedWhen },
    ...(that ? { that } : {}),
    ...(onlyConditions ? { onlyConditions } : {}),
  }
  return verb === 'wait'
    ? { ...keywords, ...times, ...compared, verb }
    : { ...keywords, ...compared, verb }
}
