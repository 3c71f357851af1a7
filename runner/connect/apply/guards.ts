import { reveal } from '../../contract/secret-text.ts'
import { Secret } from '../../contract/secret.ts'
import { word } from '../batch/quote.ts'
import { readUnit, unsendable } from '../batch/units.ts'
import { statText } from '../batch/frame-readings.ts'
import type { Answered } from '../../contract/probe.ts'
import type { Guard } from '../../model/session.ts'
import type { ReadUnit } from '../batch/units.ts'

/**
 * A probe repeated in the script that acts. Its frame is kept in a variable, printed, and compared as a whole, output and
 * exit, with the frame that the expected answer would give; unless they are equal no action runs. NULs, which a variable
 * would lose, are turned into a byte that it keeps.
 */
export function guardUnit(guard: Guard): ReadUnit {
  if (unsendable(guard.probe) !== null)
    return {
      probes: [guard.probe],
      calls: [],
      limit: 1,
      cap: 1024,
      text: (frame) => `a=1;E m ${frame};E ${frame} r;D ${frame}\n`,
    }
  const unit = readUnit(guard.probe)
  return {
    ...unit,
    text(frame) {
      const expected = expectedFrame(guard, frame)
      const equal = expected === null ? 'false' : `[ "$g" = ${expected} ]`
      return `g=$( {\n${unit.text(frame)}} | tr '\\000' '\\001' )\nprintf '%s\\n' "$g"\n${equal} || { a=1;E m ${frame}; }\n`
    },
  }
}

/** The frame that an answer came from, as a word of the script; null for a failed read, which nothing equals. */
function expectedFrame(guard: Guard, frame: number): string | null {
  const given = contentOf(guard.expected)
  if (given === null) return null
  if (typeof given.content !== 'string')
    return `"$(printf '${escaped(given.content)}\\012%s' "$M ${frame} ${given.status}")"`
  return `${word(`${given.content.replaceAll('\0', '\u0001')}\n`)}"$M ${frame} ${given.status}"`
}

function contentOf(
  answer: Answered,
): { readonly content: string | Buffer; readonly status: string } | null {
  if ('failed' in answer) return null
  if ('exit' in answer) {
    const content =
      answer.raw === undefined ? plain(answer.stdout) : Buffer.from(plain(answer.raw), 'base64')
    return { content, status: String(answer.exit) }
  }
  if (!('exists' in answer)) return null
  if (!answer.exists) return { content: '', status: 'a' }
  if ('text' in answer)
    return answer.text === null ? null : { content: plain(answer.text), status: '0' }
  if ('sha256' in answer) return { content: `${answer.sha256}  -\n`, status: '0' }
  return { content: statText(answer), status: '0' }
}

/** Bytes that are not text, for the shell's `printf`: all but letters and digits by their numbers. */
function escaped(bytes: Buffer): string {
  return [...bytes]
    .map((byte) =>
      /[A-Za-z0-9]/.test(String.fromCharCode(byte))
        ? String.fromCharCode(byte)
        : `\\${(byte || 1).toString(8).padStart(3, '0')}`,
    )
    .join('')
}

// A script travels on standard input and lives in a shell's memory: no process list and no file shows it.
function plain(text: string | Secret): string {
  return text instanceof Secret ? reveal(text) : text
}
