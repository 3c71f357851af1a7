import { explained } from './explained.ts'
import { firstFault, type Schema } from './json-schema.ts'
import { noSuchUrl, refused } from '../problems.ts'
import { bodyAsJson } from '../python.ts'
import { notPlayed, type Asked, type Reply, type Route, type Unrouted } from '../service-route.ts'
import type { System } from '../system.ts'
import type { Release } from '../system-model.ts'

/** What a request may hold, by its description in the API. */
export interface Operation {
  readonly body?: Schema
  /** Parameters of the query, in the order of the description. */
  readonly query?: Readonly<Record<string, Schema>>
  /** Parameters of the path, by the names of the route. */
  readonly path?: Readonly<Record<string, Schema>>
  /** Parameters that the real service knows and the lab does not play. */
  readonly unplayed?: readonly string[]
}

/** A request that its description lets pass. */
export interface Call {
  readonly asked: Asked
  readonly params: Asked['params']
  /** Parameters that were given or have a default, in their types. */
  readonly query: Readonly<Record<string, string | number | boolean | undefined>>
  /** What the query said, and null for what it did not say: pages repeat it. */
  readonly body: unknown
}

/** What an operation does once its request is found to be well-formed. */
export type Answer = (call: Call, system: System) => Reply | Promise<Reply>

/** What a path and method of a service are. */
export interface Described {
  readonly method: string
  readonly path: string
  readonly source: string
  readonly since?: Release
  /** By release, as the API changes. */
  operation(release: Release): Operation
  readonly answer: Answer
}

/** A route that holds its requests against the description of the API before it answers, as connexion does. */
export function described({ operation, answer, ...route }: Described): Route {
  return {
    ...route,
    async answer(asked, system) {
      if (asked.headers['cray-tenant-name'] !== undefined) return notPlayed('tenants')
      const call = understood(operation(system.release), asked)
      return 'refused' in call ? call.refused : answer(call, system)
    },
  }
}

/** The request in the types of its description, or the refusal; the body is looked at first. */
function understood(operation: Operation, asked: Asked): Call | { readonly refused: Reply } {
  const body = operation.body ? bodyOf(asked) : undefined
  if (body !== undefined && typeof body === 'object' && body !== null && 'refusal' in body)
    return { refused: body.refusal as Reply }
  if (operation.body) {
    const fault = firstFault(body, operation.body)
    if (fault) {
      const path = fault.path.length > 0 ? ` - '${fault.path.join('.')}'` : ''
      return { refused: refused(400, 'Bad Request', `${fault.message}${path}`) }
    }
  }
  const query: Record<string, string | number | boolean | undefined> = {}
  for (const [name, schema] of Object.entries(operation.query ?? {})) {
    const text = asked.query.getAll(name).at(-1)
    const value = text === undefined ? undefined : typed(text, schema)
    if (value === null)
      return {
        refused: refused(
          400,
          'Bad Request',
          `Wrong type, expected '${schema.type}' for query parameter '${name}'`,
        ),
      }
    const wrong = value === undefined ? null : wrongParameter(value, schema)
    if (wrong) return { refused: wrong }
    query[name] = value ?? (schema.default as string | undefined)
  }
  for (const [name, schema] of Object.entries(operation.path ?? {})) {
    const wrong = wrongParameter(asked.params[name]!, schema)
    if (wrong) return { refused: wrong }
  }
  const unplayed = operation.unplayed?.find((name) => asked.query.has(name))
  if (unplayed) return { refused: notPlayed(`the parameter '${unplayed}'`) }
  return { asked, params: asked.params, query, body }
}

// Connexion tells JSON by the content type, and takes no body for null.
function bodyOf(asked: Asked): unknown {
  const type = asked.headers['content-type'] ?? ''
  const isJson = /^application\/(?:json|[^;]*\+json)\s*(?:;|$)/i.test(type)
  const value = isJson ? bodyAsJson(asked) : undefined
  if (value !== undefined && value !== null) return value
  if (asked.body === '') return null
  // A type with parameters, or in capitals, is not JSON's where the body cannot be read.
  return {
    refusal: /^application\/(?:json|[^/]*\+json)$/.test(type)
      ? refused(400, 'Bad Request', 'Request body is not valid JSON')
      : refused(
          415,
          'Unsupported Media Type',
          `Invalid Content-type (${type}), expected JSON data`,
        ),
  }
}

/** A parameter in its type; null where it is of another. */
function typed(text: string, schema: Schema): string | number | boolean | null {
  if (schema.type === 'boolean')
    return /^(?:true|false)$/i.test(text) ? text.toLowerCase() === 'true' : null
  if (schema.type === 'integer')
    return /^\s*[+-]?\d+(?:_\d+)*\s*$/.test(text) ? Number(text.replaceAll('_', '')) : null
  return text
}

function wrongParameter(value: string | number | boolean, schema: Schema): Reply | null {
  const fault = firstFault(value, schema)
  return fault && refused(400, 'Bad Request', explained(fault, value, schema))
}

/** What Flask and connexion answer where no route is meant. */
export function unroutedInConnexion({ method, allowed }: Unrouted): Reply {
  if (allowed.length === 0) return noSuchUrl
  const headers = { allow: flaskMethods(allowed).join(', ') }
  if (method === 'OPTIONS')
    return { status: 200, contentType: 'text/html; charset=utf-8', headers, body: '' }
  return {
    ...refused(405, 'Method Not Allowed', 'The method is not allowed for the requested URL.'),
    headers,
  }
}

/** The methods that Flask says a path has: HEAD with GET, and OPTIONS always. */
export function flaskMethods(allowed: readonly string[]): readonly string[] {
  return [...new Set([...allowed, ...(allowed.includes('GET') ? ['HEAD'] : []), 'OPTIONS'])]
}

/** Connexion: an error that the service did not expect. */
export const brokenInside = refused(
  500,
  'Internal Server Error',
  'The server encountered an internal error and was unable to complete your request. Either the server is overloaded or there is an error in the application.',
)

/** Connexion: done, and nothing to say. */
export const doneEmpty: Reply = {
  status: 204,
  contentType: 'application/problem+json',
  body: '',
}
