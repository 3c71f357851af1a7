import type { Environment } from '@marcbachmann/cel-js'
import { readJson } from '../contract/json.ts'
import { Secret } from '../contract/secret.ts'
import { toCel } from './cel-values.ts'

/** What an expression may do with a secret: compare it, ask for a part of it, and read the JSON in it. */
export function registerSecrets(environment: Environment): Environment {
  const asking =
    (question: (text: string, part: string) => boolean) =>
    (secret: Secret, part: string): boolean =>
      secret.answers((text) => question(text, part))
  return environment
    .registerType('secret', { ctor: Secret, fields: {} })
    .registerOperator('secret == secret', (a: Secret, b: Secret) => a.equals(b))
    .registerOperator('secret == string', (a: Secret, b: string) => a.equals(b))
    .registerFunction(
      'secret.contains(string): bool',
      asking((text, part) => text.includes(part)),
    )
    .registerFunction(
      'secret.startsWith(string): bool',
      asking((text, part) => text.startsWith(part)),
    )
    .registerFunction(
      'secret.endsWith(string): bool',
      asking((text, part) => text.endsWith(part)),
    )
    .registerFunction('fromJson(secret): dyn', (secret: Secret) => toCel(jsonOf(secret)))
}

/** What the JSON of a secret says, each of its texts a secret. */
function jsonOf(secret: Secret): unknown {
  let value: unknown
  secret.answers((text) => {
    value = readJson(text).value
    return true
  })
  if (value === undefined) throw new Error(`fromJson: ${String(secret)} is not JSON`)
  return concealed(value, secret.name)
}

function concealed(value: unknown, name: string): unknown {
  if (typeof value === 'string') return Secret.seen(name, value)
  if (Array.isArray(value)) return value.map((item) => concealed(item, name))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, held]) => [key, concealed(held, name)]),
  )
}
