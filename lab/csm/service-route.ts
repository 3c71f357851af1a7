import { isMap } from './json-reader.ts'
import type { System } from './system.ts'
import type { Release } from './system-model.ts'

/** A request as a service sees it. */
export interface Asked {
  readonly method: string
  /** The path without its query, still encoded. */
  readonly path: string
  readonly query: URLSearchParams
  /** The query as it is written, with its question mark. */
  readonly search?: string
  /** What stood in the place of the pattern's `:names`, decoded. */
  readonly params: Readonly<Record<string, string>>
  /** Its headers, by their names in lower case. */
  readonly headers: Readonly<Record<string, string | undefined>>
  /** Its body as a text; what is not UTF-8 stands in it as replacement characters. */
  readonly body: string
  /** The body as it came; absent: it is the text. */
  readonly bytes?: Buffer
}

/** What a service answers. */
export interface Reply {
  readonly status: number
  readonly contentType?: string
  /** Beside the content type. */
  readonly headers?: Readonly<Record<string, string>>
  readonly body: string
  /** In the place of the text. */
  readonly bytes?: Buffer
}

/** One route of a service. */
export interface Route {
  readonly method: string
  /** Below the service's prefix; `:name` stands for one segment, `:name*` at the end for all that is left. */
  readonly path: string
  /** The file or page that the behaviour was taken from. */
  readonly source: string
  /** The first release that has it; absent: all have. */
  readonly since?: Release
  answer(asked: Asked, system: System): Reply | Promise<Reply>
}

/** A request that no route of a service is for. */
export interface Unrouted {
  readonly method: string
  /** Its path below the service's prefix, still encoded. */
  readonly below: string
  /** The query as it is written, with its question mark. */
  readonly search: string
  /** The methods that the path has; empty where the path does not exist. */
  readonly allowed: readonly string[]
}

/** A service behind the gateway: a table of routes, and how its framework answers what is not in it. */
export interface ServiceTable {
  readonly name: string
  /** The name at which it is reached; absent: the gateway's. */
  readonly host?: string
  /** Its port on that name; 443 when absent. */
  readonly port?: number
  /** Bytes of a body past which it is refused; a mebibyte when absent. */
  readonly bodyLimit?: number
  /** How an inventory gets its token, where that is not the gateway's. */
  readonly token?: string
  /** `/apis/ims`: everything below belongs to it. */
  readonly prefix: string
  /** Literal segments win by standing first. */
  readonly routes: readonly Route[]
  /** Routes of the real service that the lab does not play, as `METHOD /path`: they are refused in the lab's own words. */
  readonly unplayed: readonly string[]
  /** Whether its framework answers HEAD wherever it answers GET. */
  readonly answersHead: boolean
  /** What its framework answers where no route is meant. */
  unrouted(asked: Unrouted): Reply
}

/** A JSON answer with its keys as given. */
export function json(status: number, value: unknown): Reply {
  return { status, contentType: 'application/json', body: `${JSON.stringify(value)}\n` }
}

/** A short answer in plain text, as the gateway gives it. */
export function plain(status: number, text: string): Reply {
  return { status, contentType: 'text/plain', body: text }
}

/** An RFC 7807 answer. */
export function problem(status: number, value: unknown): Reply {
  return { status, contentType: 'application/problem+json', body: `${JSON.stringify(value)}\n` }
}

/** An answer without a body. */
export function empty(status: number, contentType?: string): Reply {
  return { status, ...(contentType === undefined ? {} : { contentType }), body: '' }
}

/** What the lab says, and not the service, where it does not know what the service would do. */
export function notPlayed(what: string): Reply {
  return plain(
    501,
    `The rehearsal lab does not play ${what}. A real system may answer; docs/conformance.md says what the lab plays.\n`,
  )
}

/** The values of a pattern's `:names`, or null where the path does not fit it. */
export function matchPath(pattern: string, path: string): Record<string, string> | null {
  const wanted = pattern.split('/')
  const given = path.split('/')
  const rest = /^:(\w+)\*$/.exec(wanted.at(-1)!)?.[1]
  if (rest !== undefined && given.length >= wanted.length) {
    const tail = given.splice(wanted.length - 1).map(decoded)
    const before = matchPath(wanted.slice(0, -1).join('/'), given.join('/'))
    const isWhole = tail.every((each) => each !== null) && tail.join('/') !== ''
    return before && isWhole ? { ...before, [rest]: tail.join('/') } : null
  }
  if (wanted.length !== given.length) return null
  const params: Record<string, string> = {}
  for (const [index, part] of wanted.entries()) {
    const segment = given[index] ?? ''
    if (part.startsWith(':')) {
      const value = decoded(segment)
      // A slash that is written in code parts a path too.
      if (!value || value.includes('/')) return null
      params[part.slice(1)] = value
    } else if (part !== segment) {
      return null
    }
  }
  return params
}

/** The bytes of a body. */
export function bytesOf({ body, bytes }: Asked): Buffer {
  return bytes ?? Buffer.from(body)
}

/** A body as JSON; undefined where the body is not JSON. */
export function parsed(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch {
    return undefined
  }
}

/** A JSON value with the keys of its maps sorted, as Flask writes it. */
export function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (!isMap(value)) return value
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, held]) => [key, sorted(held)]),
  )
}

function decoded(segment: string): string | null {
  try {
    return decodeURIComponent(segment)
  } catch {
    return null
  }
}
