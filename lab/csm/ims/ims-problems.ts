import { flaskMethods } from '../connexion/described-routes.ts'
import { bodyAsJson, numberIn } from '../python.ts'
import { json, problem, type Asked, type Reply, type Unrouted } from '../service-route.ts'
import { errorsIn, keptOf, type Errors, type Fields } from './marshmallow.ts'

const cannotRead =
  'Input data was understood, but failed validation. Re-run request with valid input values for the fields indicated in the response.'

/** IMS: a body was needed. */
const noInput = problem(400, {
  status: 400,
  title: 'Bad Request',
  detail:
    'No input provided. Determine the specific information that is missing or invalid and then re-run the request with valid information.',
})
/** IMS: no such record. */
export const noResource = problem(404, {
  status: 404,
  title: 'Not Found',
  detail: 'Requested resource does not exist. Re-run request with valid ID.',
})
/** Its framework: an error that IMS did not expect. */
export const brokenInside = json(500, { message: 'Internal Server Error' })

/** IMS: what is wrong with each field. */
function invalid(errors: Errors): Reply {
  return problem(422, { status: 422, title: 'Unprocessable Entity', detail: cannotRead, errors })
}

/** IMS: a request that it understands and does not do. */
export function unprocessable(detail: string): Reply {
  return problem(422, { status: 422, title: 'Unprocessable Entity', detail })
}

/** IMS: a request that it does not do; the title says more only where IMS puts its sentence there. */
export function badRequest(detail: string | null, title = 'Bad Request'): Reply {
  return problem(400, { status: 400, title, ...(detail === null ? {} : { detail }) })
}

/** IMS: an image has its artifacts already. */
export const patchConflict = problem(409, {
  status: 409,
  title: 'Conflict',
  detail:
    'Requested resource exists, but cannot be patched due to a patch conflict. Re-run request with valid input values.',
})

/** What Flask and flask-restful answer where no route is meant. */
export function unroutedInIms({ method, below, allowed }: Unrouted): Reply {
  if (allowed.length === 0)
    return problem(404, {
      status: 404,
      title: 'Not Found',
      detail:
        'The requested URL was not found on the server. If you entered the URL manually please check your spelling and try again.',
    })
  const headers = { allow: flaskMethods(allowed).join(', ') }
  if (method === 'OPTIONS')
    return { status: 200, contentType: 'text/html; charset=utf-8', headers, body: '' }
  const sentence = 'The method is not allowed for the requested URL.'
  const more = /^\/(?:version|healthz\/)/.test(below)
    ? {}
    : { status: 405, title: 'Method Not Allowed', detail: sentence }
  return { ...json(405, { message: sentence, ...more }), headers }
}

/** A body in the form of its schema, or the refusal. */
export type Input =
  | { readonly given: Readonly<Record<string, unknown>>; readonly refused: null }
  | { readonly refused: Reply }

/** Reads a body as IMS does: its type, then JSON, then whether it says anything, then its fields. `change` comes before the fields. */
export function inputOf(
  asked: Asked,
  fields: Fields,
  change: (value: unknown) => unknown = (value) => value,
): Input {
  const read = readBody(asked)
  if (read.refused) return read
  const value = change(read.value)
  if (value === undefined) return { refused: brokenInside }
  const errors = errorsIn(value, fields)
  return errors ? { refused: invalid(errors) } : { given: keptOf(value, fields), refused: null }
}

function readBody(
  asked: Asked,
): { readonly value: unknown; readonly refused: null } | { readonly refused: Reply } {
  if (!/^application\/(?:json|[^;]*\+json)\s*(?:;|$)/i.test(asked.headers['content-type'] ?? ''))
    return {
      refused: json(415, {
        message:
          "Did not attempt to load JSON data because the request Content-Type was not 'application/json'.",
      }),
    }
  const value = bodyAsJson(asked)
  if (value === undefined)
    return {
      refused: json(400, {
        message: 'The browser (or proxy) sent a request that this server could not understand.',
      }),
    }
  return isNothing(value) ? { refused: noInput } : { value, refused: null }
}

// What is false in Python.
function isNothing(value: unknown): boolean {
  return (
    !value ||
    numberIn(value) === 0 ||
    (typeof value === 'object' && Object.keys(value).length === 0)
  )
}
