import type { Diagnostic } from '../model/diagnostic.ts'
import { patternFault } from '../text/pattern.ts'
import type { Located } from '../source/located.ts'

/** What is wrong with a regular expression of a manifest, or null. It is a pattern and no template. */
export function regexpFault(located: Located): Diagnostic | null {
  if (located.kind !== 'scalar') return null
  const { text } = located
  const braces = text.indexOf('{{')
  if (braces >= 0)
    return {
      code: 'manifest/regexp',
      message: 'a regular expression is not rendered: {{ }} has no meaning in it',
      at: located.locate(braces, Math.max(2, text.indexOf('}}') + 2 - braces)),
      hint: 'match more than is wanted and take a part of it, or compute the field: !expr PROBE.stdout.split("\\n").filter(l, l.startsWith(key + "="))',
    }
  const fault = patternFault(text)
  return fault
    ? {
        code: 'manifest/regexp',
        message: `this is not a regular expression: ${fault.message}`,
        at: located.locate(fault.index, Math.max(1, fault.length)),
        hint: fault.hint,
      }
    : null
}
