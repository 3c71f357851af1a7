import { refused } from '../problems.ts'
import { unmarshal, type GoStruct } from '../go/go-json.ts'
import { json, type Asked, type Reply } from '../service-route.ts'

const titles: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  404: 'Not Found',
  405: 'Method Not Allowed',
  409: 'Conflict',
  500: 'Internal Server Error',
}

/** An error of HSM in its own form. */
export function hsmProblem(status: number, detail: string): Reply {
  return refused(status, titles[status]!, detail)
}

/** What HSM says where something was done and there is nothing to show. */
export function done(message: string): Reply {
  return json(200, { code: 0, message })
}

/** Made: the addresses of what was made, of which the first stands in a header too. */
export function made(...uris: readonly string[]): Reply {
  return {
    ...json(
      201,
      uris.map((uri) => ({ URI: uri })),
    ),
    headers: { location: uris[0]! },
  }
}

/** A body in the form of its structure, or the refusal. */
export function bodyOf(
  asked: Asked,
  type: GoStruct,
):
  | { readonly value: Readonly<Record<string, any>>; readonly refused: null }
  | { readonly refused: Reply } {
  const body = unmarshal(asked.body, type)
  return body.error === null
    ? { value: body.value, refused: null }
    : { refused: hsmProblem(500, `error decoding JSON ${body.error}`) }
}
