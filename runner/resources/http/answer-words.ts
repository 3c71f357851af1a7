import { parseJson } from '../../contract/json.ts'
import { isMap } from '../../contract/value.ts'

/** Whether a status says that a request did what it should. */
export function isSuccess(status: number | null): boolean {
  return status !== null && status >= 200 && status < 300
}

/** What a service says of its refusal, in one line: the body, or the title and detail of a problem. */
export function wordsIn(body: string | null): string {
  const problem = parseJson(body ?? '')
  const details = isMap(problem)
    ? [problem['title'], problem['detail'], problem['message']].filter(
        (each) => typeof each === 'string',
      )
    : []
  const words = (details.length > 0 ? details.join(': ') : (body ?? '')).replace(/\s+/g, ' ').trim()
  return words === '' ? '' : `: ${words.slice(0, 300)}`
}
