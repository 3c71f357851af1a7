import type { Listener } from '../model/event.ts'
import { jsonText } from '../text/json-text.ts'

/** Writes one event a line, as `schemas/event.schema.json` describes them. Secrets show by name. */
export function createJsonReport(write: (text: string) => void): Listener {
  return (event) => write(`${jsonText(event, 0)}\n`)
}
