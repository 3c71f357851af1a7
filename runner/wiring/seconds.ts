import { DiagnosticError } from '../model/diagnostic.ts'
import { parseDuration } from '../text/duration.ts'

/** The seconds of an option that holds a duration. Throws DiagnosticError for any other text. */
export function seconds(option: string, text: string): number {
  const parsed = parseDuration(text)
  if (parsed !== null) return parsed
  throw new DiagnosticError({
    code: 'cli/duration',
    message: `${option} ${text} is not a duration`,
    hint: `write it as ${option} 30s, 90m, 24h or 7d`,
  })
}
