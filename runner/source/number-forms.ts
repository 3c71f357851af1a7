import type { Diagnostic, Place } from '../model/diagnostic.ts'
import type { Value } from '../contract/value.ts'
import type { Located } from './located.ts'

/** Warnings for numbers that do not come out as they are written: a version `1.10` is the number 1.1, and `08` is 8. */
export function numberForms(located: Located): readonly Diagnostic[] {
  if (located.kind === 'list') return located.items.flatMap(numberForms)
  if (located.kind === 'map')
    return [...located.entries.values()].flatMap((entry) => numberForms(entry.value))
  if (located.quoted || located.tag !== null) return []
  return numberForm(located.value, located.text, located.at)
}

/** The same of one scalar; `text` is as written, without quotes. */
export function numberForm(value: Value, text: string, at: Place): readonly Diagnostic[] {
  if (typeof value !== 'number' || String(value) === text || !/\d/.test(text)) return []
  return [
    {
      code: 'yaml/number-form',
      message: `${text} is the number ${value} here`,
      at,
      hint: `quote it if you mean the text: "${text}"; otherwise write ${value}`,
      severity: 'warning',
    },
  ]
}
