import type { Place } from '../../model/diagnostic.ts'
import { Script } from 'node:vm'

/** Where something stands that the user wrote; the first line where it is not found. */
export function placeOf(file: string, text: string, near: string | RegExp | null): Place {
  const found =
    near === null ? -1 : typeof near === 'string' ? text.indexOf(near) : text.search(near)
  return offsetPlace(
    file,
    text,
    Math.max(found, 0),
    typeof near === 'string' && found >= 0 ? near.length : 1,
  )
}

/** The place of a part of a file. */
export function offsetPlace(file: string, text: string, offset: number, width: number): Place {
  const before = text.slice(0, offset).split('\n')
  return {
    file,
    line: before.length,
    column: before.at(-1)!.length + 1,
    width: Math.max(1, width),
    source: text.split('\n')[before.length - 1] ?? '',
  }
}

/** The import and export words of a module, and the comments and literals that may hide a text that looks like one. */
const tokens =
  /\/\/[^\n]*|\/\*[\s\S]*?\*\/|`(?:\\[\s\S]|[^`\\])*`|\b(?:import|export)\b[^'"`;()]*?\bfrom\s*(?:'([^'\n]+)'|"([^"\n]+)")|\bimport\s*(?:'([^'\n]+)'|"([^"\n]+)")|\b(?:import|require)\s*\(|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"/g

/** Where a module fails. The engine does not say it of a module that cannot be parsed, so that is parsed again as a script with as many lines. */
export function failedAt(file: string, text: string, error: Error): Place {
  const word = /^(\w+) is not defined|export named '(\w+)'/.exec(error.message)
  if (word) return placeOf(file, text, word[1] ?? word[2]!)
  if (!(error instanceof SyntaxError) || file.endsWith('.ts')) return placeOf(file, text, null)
  try {
    new Script(
      text
        .replace(tokens, (token) =>
          /^(?:import|export)/.test(token) ? token.replace(/[^\n]/g, ' ') : token,
        )
        .replace(/\bexport\s+default\b/, '0,           '),
      { filename: 'type' },
    )
  } catch (again) {
    const line = Number(/^type:(\d+)/.exec((again as Error).stack ?? '')?.[1] ?? 1)
    return { file, line, column: 1, source: text.split('\n')[line - 1] ?? '' }
  }
  return placeOf(file, text, null)
}
