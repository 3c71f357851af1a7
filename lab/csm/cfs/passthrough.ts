/** Ansible's options that a session may pass on, and whether they want a whole number. */
const known: readonly {
  readonly short?: string
  readonly long: string
  readonly isNumber?: true
}[] = [
  { short: '-e', long: '--extra-vars' },
  { short: '-f', long: '--forks', isNumber: true },
  { long: '--skip-tags' },
  { long: '--start-at-task' },
  { short: '-t', long: '--tags' },
]

/** Whether a quotation has no end: CFS breaks over it. */
export function hasOpenQuotation(text: string): boolean {
  return text.replace(/"[^"]*"|'[^']*'/g, '').match(/["']/) !== null
}

/** What CFS finds wrong with the options that a session passes on to Ansible, in argparse's words; null: nothing. */
export function wrongPassthrough(text: string): string | null {
  const words = text.match(/(?:"[^"]*"|'[^']*'|[^\s"'])+/g) ?? []
  const unknown: string[] = []
  for (let i = 0; i < words.length; i += 1) {
    const word = words[i]!
    const found = optionOf(word)
    if (typeof found === 'string') return found
    if (!found) {
      unknown.push(word)
      continue
    }
    const { option, value } = found
    const name = [option.short, option.long].filter(Boolean).join('/')
    const given = value ?? words[i + 1]
    if (given === undefined || (value === undefined && given.startsWith('-')))
      return `argument ${name}: expected one argument`
    if (value === undefined) i += 1
    if (option.isNumber && !/^\s*[+-]?\d+(?:_\d+)*\s*$/.test(given))
      return `argument ${name}: invalid int value: '${given}'`
  }
  return unknown.length > 0 ? `unrecognized arguments: ${unknown.join(' ')}` : null
}

/** The option that a word is, with a value that is part of the word; a text where several are meant. */
function optionOf(
  word: string,
): { readonly option: (typeof known)[number]; readonly value?: string } | string | null {
  if (word.startsWith('--')) {
    const [name = '', value] = splitAt(word, '=')
    const exact = known.find((each) => each.long === name)
    const meant = exact ? [exact] : known.filter((each) => each.long.startsWith(name))
    if (meant.length > 1)
      return `ambiguous option: ${word} could match ${meant.map((each) => each.long).join(', ')}`
    return meant[0] ? { option: meant[0], ...(value === undefined ? {} : { value }) } : null
  }
  const option = known.find((each) => each.short !== undefined && word.startsWith(each.short))
  if (!option) return null
  const value = word.slice(2).replace(/^=/, '')
  return { option, ...(value === '' ? {} : { value }) }
}

function splitAt(text: string, mark: string): readonly [string, string?] {
  const at = text.indexOf(mark)
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + 1)]
}
