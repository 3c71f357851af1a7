import type { Diagnostic } from '../model/diagnostic.ts'
import type { Located } from './located.ts'

/**
 * Warnings for the words that YAML 1.1, and so Ansible, takes for a truth: here `no` is a text, and a text that is not empty
 * counts as true in `{{#if}}`.
 */
export function truthWords(located: Located): readonly Diagnostic[] {
  if (located.kind === 'list') return located.items.flatMap(truthWords)
  if (located.kind === 'map')
    return [...located.entries.values()].flatMap((entry) => truthWords(entry.value))
  const { text, quoted, tag, value, at } = located
  if (quoted || tag !== null || typeof value !== 'string') return []
  if (!/^(?:yes|no|on|off)$/i.test(text)) return []
  const meant = /^(?:yes|on)$/i.test(text) ? 'true' : 'false'
  return [
    {
      code: 'yaml/truth-word',
      message: `${text} is a text here, and not ${meant}`,
      at,
      hint: `write ${meant}, or quote it if you mean the word: "${text}"`,
      severity: 'warning',
    },
  ]
}
