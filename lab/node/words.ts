/** The words of a line that is one simple command without expansions, or null: only the shell may read anything else. */
export function wordsOf(line: string): string[] | null {
  const words: string[] = []
  let word: string | null = null
  for (let i = 0; i < line.length; i++) {
    const letter = line[i]!
    if (letter === "'") {
      const end = line.indexOf("'", i + 1)
      if (end < 0) return null
      word = (word ?? '') + line.slice(i + 1, end)
      i = end
    } else if (letter === '"') {
      const end = line.indexOf('"', i + 1)
      if (end < 0 || /[$`\\]/.test(line.slice(i + 1, end))) return null
      word = (word ?? '') + line.slice(i + 1, end)
      i = end
    } else if (letter === '\\') {
      if (i + 1 >= line.length || line[i + 1] === '\n') return null
      word = (word ?? '') + line[++i]!
    } else if (letter === ' ' || letter === '\t') {
      if (word !== null) words.push(word)
      word = null
    } else if (/[$`|&;<>(){}*?[\]#~!\n]/.test(letter) || (letter === '=' && words.length === 0)) {
      return null
    } else {
      word = (word ?? '') + letter
    }
  }
  if (word !== null) words.push(word)
  return words
}
