import type { Diagnostic } from '../model/diagnostic.ts'
import { editsOf, type Edit } from '../source/fix-text.ts'
import { meantIn } from '../source/suggest.ts'

/** A repair that the editor offers for a diagnostic. */
export interface QuickFix {
  readonly diagnostic: Diagnostic
  readonly title: string
  readonly edit: Edit
  /** Only this can be meant: `trueup validate --fix` makes it too. */
  readonly isCertain: boolean
}

/** The repairs of a file for these diagnostics of it. */
export function quickFixes(text: string, found: readonly Diagnostic[]): readonly QuickFix[] {
  const certain = editsOf(text, found)
  const meant = found.flatMap((diagnostic) => {
    const word = certain.has(diagnostic) ? null : meantIn(diagnostic.hint)
    return word === null ? [] : [{ ...diagnostic, fix: { replace: word }, of: diagnostic }]
  })
  const guesses = editsOf(text, meant)
  return [
    ...[...certain].map(([diagnostic, edit]) => ({
      diagnostic,
      title: titleOf(diagnostic),
      edit,
      isCertain: true,
    })),
    ...meant.flatMap((each) => {
      const edit = guesses.get(each)
      return edit
        ? [{ diagnostic: each.of, title: titleOf(each), edit: kept(text, edit), isCertain: false }]
        : []
    }),
  ]
}

function titleOf({ fix }: Diagnostic): string {
  return fix && 'replace' in fix ? `write ${fix.replace}` : `remove ${fix?.removeKey ?? 'it'}`
}

/** Where quotes stand around the word, they stay. */
function kept(text: string, edit: Edit): Edit {
  const [first, last] = [text[edit.start], text[edit.end - 1]]
  return first !== undefined && first === last && /["']/.test(first)
    ? { start: edit.start + 1, end: edit.end - 1, text: edit.text }
    : edit
}
