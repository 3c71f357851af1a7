import type { System } from './system.ts'

/** A request as a service sees it. */
export interface Asked {
  readonly method: string
  /** The path without its query, still encoded. */
  readonly path: string
  readonly query: URLSearchParams
  /** What stood in the place of the pattern's `:names`, decoded. */
  readonly params: Readonly<Record<string, string>>
  readonly body: string
}

/** What a service answers. */
export interface Reply {
  readonly status: number
  readonly contentType?: string
  readonly body: string
}

/** One route of a service. */
export interface Route {
  readonly method: string
  /** Below the service's prefix; `:name` stands for one segment. */
  readonly path: string
  /** The file or page that the behaviour was taken from. */
  readonly source: string
  answer(asked: Asked, system: System): Reply | Promise<Reply>
}

/** A service behind the gateway: a table of routes, and how its framework answers what is not in it. */
export interface ServiceTable {
  readonly name: string
  /** `/apis/ims`: everything below belongs to it. */
  readonly prefix: string
  /** Literal segments win by standing first. */
  readonly routes: readonly Route[]
  /** The answer where no path matches. */
  readonly unknownPath: Reply
  /** The answer where the path exists, but not with this method. */
  readonly wrongMethod: Reply
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
export function empty(status: number): Reply {
  return { status, body: '' }
}

/** The values of a pattern's `:names`, or null where the path does not fit it. */
export function matchPath(pattern: string, path: string): Record<string, string> | null {
  const wanted = pattern.split('/')
  const given = path.split('/')
  if (wanted.length !== given.length) return null
  const params: Record<string, string> = {}
  for (const [index, part] of wanted.entries()) {
    const segment = given[index] ?? ''
    if (part.startsWith(':')) {
      const value = decoded(segment)
      if (!value) return null
      params[part.slice(1)] = value
    } else if (part !== segment) {
      return null
    }
  }
  return params
}

/** A body as JSON; undefined where it is none. */
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
  if (typeof value !== 'object' || value === null) return value
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
