/** Where a text names something, by offset: `{{ name.field }}` in a template, `name.field` in an expression. */
export function placesOfName(
  text: string,
  name: string,
  language: 'template' | 'expression',
): readonly number[] {
  const parts =
    language === 'expression'
      ? [{ start: 0, text }]
      : [...text.matchAll(/\{\{(?!!)[^{}]*\}\}/g)].map((match) => ({
          start: match.index,
          text: match[0],
        }))
  return parts.flatMap(({ start, text: part }) =>
    rootsIn(part)
      .filter(({ word }) => word === name)
      .map(({ at }) => start + at),
  )
}

/** The words that begin a path: no field of another one, no named argument, no part of a quoted text. */
function rootsIn(text: string): readonly { readonly word: string; readonly at: number }[] {
  const found: { readonly word: string; readonly at: number }[] = []
  for (const match of text.matchAll(/"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|[A-Za-z_]\w*/g)) {
    const [word] = match
    if (/^["']/.test(word)) continue
    const before = text.slice(0, match.index).trimEnd()
    const after = text.slice(match.index + word.length)
    const isField = before.endsWith('.') && !before.endsWith('../')
    const isArgument = /^=(?!=)/.test(after)
    if (!isField && !isArgument && !before.endsWith('@')) found.push({ word, at: match.index })
  }
  return found
}
