import { parseJson } from '../../contract/json.ts'
import { Secret } from '../../contract/secret.ts'
import { isMap, type ValueMap } from '../../contract/value.ts'

/** What Vault keeps at a path, in secrets; what is not secret of it stands beside. */
export interface Entry {
  readonly exists: boolean
  /** The names of its keys. */
  readonly keys: readonly string[]
  /** All of it, as JSON. */
  readonly data: Secret
  /** The newest version; 0 where there was none, or where the engine keeps none. */
  readonly version: number
}

/** The entry that an answer holds; `versions`: the engine keeps versions, and wraps the data once more. */
export function entryIn(body: Secret, versions: boolean): Entry {
  let keys: readonly string[] = []
  let exists = false
  let version = 0
  const data = body.map((text) => {
    const answer = parseJson(text)
    const held = versions ? fieldOf(answer, 'data') : answer
    const number = versions ? fieldOf(fieldOf(answer, 'metadata'), 'version') : 0
    exists = isMap(held)
    keys = isMap(held) ? Object.keys(held) : []
    version = typeof number === 'number' ? number : 0
    return JSON.stringify(isMap(held) ? held : {})
  })
  return { exists, keys, data, version }
}

function fieldOf(value: unknown, name: string): unknown {
  return isMap(value as ValueMap) ? (value as ValueMap)[name] : undefined
}

/** The value of one key, as a secret; a value that is not a text stands as JSON. */
export function valueIn(data: Secret, key: string): Secret {
  return data.map((text) => {
    const held = fieldOf(parseJson(text), key)
    return typeof held === 'string' ? held : JSON.stringify(held ?? null)
  })
}

/** The data with these values in it, as JSON in a secret: other keys stay as they are. */
export function dataWith(data: Secret | null, values: { readonly [key: string]: Secret }): Secret {
  const kept =
    data?.map((text) => {
      const held = parseJson(text)
      const others = isMap(held)
        ? Object.entries(held).filter(([key]) => !Object.hasOwn(values, key))
        : []
      return others
        .map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)},`)
        .join('')
    }) ?? ''
  const written = Object.entries(values).flatMap(([key, value], index) => [
    `${index === 0 ? '' : ','}${JSON.stringify(key)}:`,
    value.map((text) => JSON.stringify(text)),
  ])
  return Secret.compose(['{', kept, ...written, '}'])
}
