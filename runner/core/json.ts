import type { Value } from './value.ts'

/** The value of a JSON text, or undefined when it is none: a body that is no JSON is an answer too. */
export function parseJson(text: string): Value | undefined {
  try {
    return JSON.parse(text) as Value
  } catch {
    return undefined
  }
}
