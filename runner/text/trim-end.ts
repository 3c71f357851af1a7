/** A text without these letters at its end. A pattern such as `/\/+$/` would try each of a thousand slashes in its middle, too. */
export function withoutEnd(text: string, letters: string): string {
  let end = text.length
  while (end > 0 && letters.includes(text[end - 1]!)) end--
  return text.slice(0, end)
}
