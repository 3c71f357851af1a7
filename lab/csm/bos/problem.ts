import { refused } from '../problems.ts'
import type { Reply } from '../route.ts'

/** BOS: no such template, session or component. */
export function noResource(detail: string): Reply {
  return refused(404, 'The resource was not found', detail)
}

/** BOS: it will not do that. */
export function bad(detail: string): Reply {
  return refused(400, 'Bad Request', detail)
}

/** A time as BOS writes it. */
export function stamp(at: number): string {
  return new Date(at).toISOString().replace(/\.\d+Z$/, '')
}
