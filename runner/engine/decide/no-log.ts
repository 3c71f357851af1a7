import { Secret } from '../../contract/secret.ts'

/** What is hidden of a task with `no_log`, where it shows elsewhere, is called by this name. */
const hiddenName = 'of no_log'

/** Looks for the texts of an answer from now on: what a `no_log` task read is hidden wherever a host says it. */
export function watchFor(answer: object): void {
  for (const part of ['text', 'stdout', 'stderr', 'body'] as const) {
    const text = (answer as Readonly<Record<string, unknown>>)[part]
    if (typeof text === 'string') Secret.seen(hiddenName, text)
  }
}

const concealed = new WeakMap<object, unknown>()

/**
 * The register of a `no_log` task as expressions see it: each text in it is a secret. A part that is not known yet throws only when it
 * is touched.
 */
export function concealedRegister(value: unknown, name: string): unknown {
  if (typeof value === 'string') return Secret.seen(name, value)
  if (typeof value !== 'object' || value === null || value instanceof Secret) return value
  const known = concealed.get(value)
  if (known !== undefined) return known
  const made = Array.isArray(value)
    ? value.map((item: unknown, at) => concealedRegister(item, `${name}.${at}`))
    : concealedMap(value, name)
  concealed.set(value, made)
  return made
}

function concealedMap(value: object, name: string): object {
  const made = Object.create(null) as Record<string, unknown>
  for (const key of Object.keys(value))
    Object.defineProperty(made, key, {
      get: () => concealedRegister((value as Record<string, unknown>)[key], `${name}.${key}`),
      enumerable: true,
      configurable: true,
    })
  return made
}
