import { isMap, type Value } from '../../contract/value.ts'
import { textAt, valueAt } from '../service-answers.ts'

/** The power of a node, as PCS says it. */
export function powerOf(text: string | null): 'on' | 'off' | 'undefined' {
  return text === 'on' || text === 'off' ? text : 'undefined'
}

/** Ids of the transitions that PCS has not finished. */
export function underWay(json: Value | undefined): readonly string[] {
  return itemsAt(json, 'transitions')
    .flatMap((each) =>
      /^(?:new|in-progress|abort-signaled)$/.test(textAt(each, 'transitionStatus') ?? '')
        ? [textAt(each, 'transitionID') ?? '']
        : [],
    )
    .filter((id) => id !== '')
}

/** The maps of a list in an answer. */
export function itemsAt(json: Value | undefined, field: string): readonly Value[] {
  const list = valueAt(json, field)
  return Array.isArray(list) ? list.filter(isMap) : []
}
