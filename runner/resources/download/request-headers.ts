import { Secret } from '../../contract/secret.ts'
import { invalid } from '../unclear.ts'

/** The headers as curl's and wget's configuration has them: on standard input no other user sees them. */
export function requestOf(
  authorization: string | Secret | undefined,
  headers: Readonly<Record<string, string>>,
): string | Secret {
  const lines = Object.entries(headers).map(([name, value]) => headerLine(name, value))
  if (authorization === undefined) return lines.join('')
  if (authorization instanceof Secret)
    return authorization.map((text) => [...lines, headerLine('Authorization', text)].join(''))
  return [...lines, headerLine('Authorization', authorization)].join('')
}

function headerLine(name: string, value: string): string {
  if (!/^[A-Za-z0-9-]+$/.test(name) || /[\r\n]/.test(value))
    return invalid(
      `the header ${name} has a name or a value that no header can have`,
      'write one line, and letters, digits and - in its name',
    )
  return `header = "${`${name}: ${value}`.replace(/["\\]/g, '\\$&')}"\n`
}
