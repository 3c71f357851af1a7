import type { Listener } from '../model/event.ts'

// Valid inside JSON texts, but not harmless on a terminal.
const unsafe = /[\u007f-\u009f\u00ad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g

/** One event a line, as `schemas/event.schema.json` describes them. Secrets show by name. */
export function createJsonReport(write: (text: string) => void): Listener {
  return (event) => write(`${jsonText(event, 0)}\n`)
}

/** A value as JSON that is safe to look at. */
export function jsonText(value: unknown, indent = 2): string {
  return JSON.stringify(value, null, indent).replace(
    unsafe,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}
