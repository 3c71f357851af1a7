/** A line of authorized_keys that holds a key. */
export interface KeyLine {
  /** Type and blob: what a key is compared by. */
  readonly id: string
  readonly options: string
  readonly comment: string
}

const types = /^(?:ssh-[a-z0-9-]+|ecdsa-sha2-[a-z0-9-]+|sk-[a-z0-9@.-]+)(?:@openssh\.com)?$/

/** The key of a line, or null for a comment, an empty line or what is no key. Options may hold blanks inside double quotes. */
export function parseKey(line: string): KeyLine | null {
  const trimmed = line.trim()
  if (trimmed === '' || trimmed.startsWith('#')) return null
  const bare = keyAt(trimmed, '')
  if (bare) return bare
  const options = /^(?:"(?:\\.|[^"\\])*"|[^\s"])+/.exec(trimmed)?.[0] ?? ''
  return options === '' ? null : keyAt(trimmed.slice(options.length).trim(), options)
}

function keyAt(text: string, options: string): KeyLine | null {
  const [type = '', blob = '', ...comment] = text.split(/\s+/)
  return types.test(type) && /^[A-Za-z0-9+/]+={0,3}$/.test(blob)
    ? { id: `${type} ${blob}`, options, comment: comment.join(' ') }
    : null
}

/** The keys of a text of one line or several. */
export function keysOf(text: string): readonly KeyLine[] {
  return text
    .split('\n')
    .map(parseKey)
    .filter((key) => key !== null)
}

/** The line of a key. */
export function keyLine({ id, options, comment }: KeyLine): string {
  return [options, id, comment].filter((part) => part !== '').join(' ')
}

/**
 * The file with the keys of `lines` set and those of `gone` taken out. Every other line stays as and where it is; a key that is there
 * keeps its line unless its options differ.
 */
export function edited(text: string, lines: readonly KeyLine[], gone: ReadonlySet<string>): string {
  const kept: string[] = []
  const seen = new Set<string>()
  for (const line of text === '' ? [] : text.replace(/\n$/, '').split('\n')) {
    const key = parseKey(line)
    if (key && gone.has(key.id)) continue
    const wanted = key && lines.find((each) => each.id === key.id)
    if (wanted) seen.add(wanted.id)
    kept.push(
      wanted && wanted.options !== key.options
        ? keyLine({ id: key.id, options: wanted.options, comment: key.comment })
        : line,
    )
  }
  const added = lines.filter((line) => !seen.has(line.id)).map(keyLine)
  const all = [...kept, ...added]
  return all.length === 0 ? '' : `${all.join('\n')}\n`
}
