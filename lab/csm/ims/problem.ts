import { problem, type Reply } from '../route.ts'

const cannotRead =
  'Input data was understood, but failed validation. Re-run request with valid input values for the fields indicated in the response.'

/** IMS: a body was needed. */
export const noInput = problem(400, {
  status: 400,
  title: 'Bad Request',
  detail:
    'No input provided. Determine the specific information that is missing or invalid and then re-run the request with valid information.',
})
/** IMS: the body is no JSON; the words are its framework's. */
export const notJson = problem(400, {
  status: 400,
  title: 'Bad Request',
  detail: 'The browser (or proxy) sent a request that this server could not understand.',
})
/** IMS: no such record. */
export const noResource = problem(404, {
  status: 404,
  title: 'Not Found',
  detail: 'Requested resource does not exist. Re-run request with valid ID.',
})
/** IMS: no such route, as in a release that is older than the route. */
export const noRoute = problem(404, {
  status: 404,
  title: 'Not Found',
  detail:
    'The requested URL was not found on the server. If you entered the URL manually please check your spelling and try again.',
})
/** IMS: the route knows no such method. */
export const noMethod = problem(405, {
  status: 405,
  title: 'Method Not Allowed',
  detail: 'The method is not allowed for the requested URL.',
})

/** IMS: what is wrong with each field. */
export function invalid(errors: Readonly<Record<string, readonly string[]>>): Reply {
  return problem(422, { status: 422, title: 'Unprocessable Entity', detail: cannotRead, errors })
}

/** IMS: a request that it understands and will not do. */
export function badRequest(detail: string): Reply {
  return problem(400, {
    status: 400,
    title: 'Bad Request',
    detail: `${detail} Determine the specific information that is missing or invalid and then re-run the request with valid information.`,
  })
}

/** IMS: an image has its artifacts already. */
export const patchConflict = problem(409, {
  status: 409,
  title: 'Conflict',
  detail:
    'Requested resource exists, but cannot be patched due to a patch conflict. Determine the specific information that is missing or invalid and then re-run the request with valid information.',
})
