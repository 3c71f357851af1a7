import { isMap } from './json-reader.ts'
import { problem, type Reply } from './service-route.ts'

/** An RFC 7807 answer as connexion gives it, the framework of CFS and BOS. */
export function refused(status: number, title: string, detail: string): Reply {
  return problem(status, { type: 'about:blank', title, detail, status })
}

/** Connexion: no such path. */
export const noSuchUrl = refused(
  404,
  'Not Found',
  'The requested URL was not found on the server. If you entered the URL manually please check your spelling and try again.',
)

/** A JSON value that is a map, or null. */
export function mapOf(value: unknown): Readonly<Record<string, unknown>> | null {
  return isMap(value) ? value : null
}
