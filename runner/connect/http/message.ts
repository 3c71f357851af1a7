import { withoutEnd } from '../../text/trim-end.ts'
import { reveal } from '../../contract/secret-text.ts'
import { Secret } from '../../contract/secret.ts'
import { readJson } from '../../contract/json.ts'
import { isMap, type Value } from '../../contract/value.ts'
import { plainText } from '../ssh/plain-text.ts'
import type { HttpResponse } from './http-model.ts'

/** The headers of a request in lower case; those that the playbook wrote win. */
export function headersOf(
  written: Readonly<Record<string, string>> | undefined,
  body: Value | undefined,
  token: Secret | null,
): Readonly<Record<string, string>> {
  const own = Object.fromEntries(
    Object.entries(written ?? {}).map(([name, value]) => [name.toLowerCase(), value]),
  )
  return {
    accept: 'application/json, application/problem+json, */*;q=0.5',
    'accept-encoding': 'identity',
    'user-agent': 'trueup',
    ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    ...(token === null ? {} : { authorization: `Bearer ${reveal(token)}` }),
    ...own,
  }
}

/** A body as it goes over the wire: JSON, a form, or a text that the headers call something else. */
export function bodyText(
  body: Value | undefined,
  headers: Readonly<Record<string, string>>,
): string | undefined {
  if (body === undefined) return undefined
  const type = headers['content-type'] ?? ''
  if (type.startsWith('application/x-www-form-urlencoded') && isMap(body)) {
    return new URLSearchParams(
      Object.entries(body).map(([name, value]): [string, string] => [
        name,
        value instanceof Secret ? reveal(value) : String(value),
      ]),
    ).toString()
  }
  if (!/\bjson\b/.test(type) && (typeof body === 'string' || body instanceof Secret))
    return typeof body === 'string' ? body : reveal(body)
  return JSON.stringify(opened(body))
}

function opened(value: Value): unknown {
  if (value instanceof Secret) return reveal(value)
  if (Array.isArray(value)) return value.map(opened)
  if (isMap(value))
    return Object.fromEntries(Object.entries(value).map(([key, held]) => [key, opened(held)]))
  return value
}

/** The JSON of a body, or undefined when the body is not JSON or nests too deeply to be handled. */
export function parseJson(text: string): Value | undefined {
  return readJson(text).value
}

/** What a refusing answer says of itself: `404 Not Found: Session X could not be found`. A secret's body is not quoted. */
export function refusalText(response: HttpResponse, secret: boolean): string {
  const status = `${response.status}${response.reason === '' ? '' : ` ${plainText(response.reason, 60)}`}`
  if (secret) return status
  const text = response.body.toString('utf8')
  const json = parseJson(text)
  const said: string[] = []
  if (isMap(json)) {
    for (const key of [
      'title',
      'detail',
      'error',
      'error_description',
      'message',
      'errors',
      'Message',
      'err_msg',
    ]) {
      const value = json[key]
      if (value === undefined || value === null || value === '') continue
      const words = plainText(typeof value === 'string' ? value : JSON.stringify(value))
      if (words !== response.reason) said.push(words)
    }
  } else if (!/^\s*</.test(text)) said.push(plainText(text.trimStart().split('\n')[0] ?? ''))
  else said.push(plainText(/<title>([^<]*)<\/title>/i.exec(text)?.[1] ?? ''))
  const words = said.filter((each) => each !== '').join(': ')
  return words === '' ? status : `${status}: ${words}`
}

/** Whether a path holds `.` or `..` as a part, encoded or not: it would lead to another service, which would get the token. */
export function climbs(path: string): boolean {
  const route = path.split(/[?#]/, 1)[0]!
  // A backslash is a slash to URLs of http.
  return route.split(/[/\\]|%2f|%5c/i).some((part) => /^(?:\.|%2e){1,2}$/i.test(part))
}

/** The address of a request. A service's path is appended to its URL; without a service it is absolute. Gives the fault in words when the text is not an address. */
export function addressOf(base: string | null, path: string): URL | string {
  // eslint-disable-next-line no-control-regex
  if (/[\u0000-\u0020\u007f]/.test(path))
    return `"${plainText(path, 80)}" holds a blank or a control character: encode it`
  if (base !== null && climbs(path))
    return `"${plainText(path, 80)}" climbs out of the service with .. or . between its slashes`
  try {
    if (base === null) {
      const url = new URL(path)
      return url.protocol === 'http:' || url.protocol === 'https:'
        ? url
        : `"${plainText(path, 80)}" is neither http nor https`
    }
    return new URL(`${withoutEnd(base, '/')}/${path.replace(/^\/+/, '')}`)
  } catch {
    return base === null
      ? `"${plainText(path, 80)}" is not an absolute URL`
      : `"${base}" is not a URL`
  }
}
