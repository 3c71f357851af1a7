import { refused } from '../problems.ts'
import { uuidIn } from '../go/go-uuid.ts'
import type { Asked, Reply } from '../service-route.ts'

const titles: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  404: 'Not Found',
  409: 'Conflict',
}

/** An error of FAS in its own form. */
export function fasProblem(status: 400 | 404 | 409, detail: string): Reply {
  return refused(status, titles[status]!, detail)
}

/** What a path names by its id; or the refusal. */
export function foundIn<T>(
  asked: Asked,
  param: string,
  records: ReadonlyMap<string, T>,
  kind: 'actions' | 'operations' | 'images',
): { readonly value: T } | { readonly refused: Reply } {
  const id = uuidIn(asked.params[param]!)
  if ('error' in id) return { refused: fasProblem(400, id.error) }
  const value = records.get(id.value)
  return value === undefined
    ? { refused: fasProblem(404, `Key /${kind}/${id.value} does not exist`) }
    : { value }
}

/** A time as Go prints it. */
export function goTime(at: number | null): string {
  return at === null
    ? ''
    : new Date(at)
        .toISOString()
        .replace('T', ' ')
        .replace(/\.?0*Z$/, ' +0000 UTC')
}
