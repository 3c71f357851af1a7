import type { Value } from './value.ts'

/** The value of a JSON text, or undefined when it is none: a body that is no JSON is an answer too. */
export function parseJson(text: string): Value | undefined {
  // What cannot begin a value need not be thrown at: most of what commands print is no JSON.
  if (!/^\s*[[{"\d\-tfn]/.test(text)) return undefined
  try {
    return JSON.parse(text) as Value
  } catch {
    return undefined
  }
}
