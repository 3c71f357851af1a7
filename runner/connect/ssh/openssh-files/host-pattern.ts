/** Whether a text matches a pattern of OpenSSH: `*` is any text, `?` one character, all else (brackets too) is itself. */
export function matchesPattern(pattern: string, text: string): boolean {
  // Most are plain names.
  if (!/[*?]/.test(pattern)) return pattern === text
  let at = 0
  let position = 0
  let star = -1
  let resume = 0
  while (position < text.length) {
    if (at < pattern.length && pattern[at] === '*') {
      star = at++
      resume = position
    } else if (at < pattern.length && (pattern[at] === '?' || pattern[at] === text[position])) {
      at++
      position++
    } else if (star >= 0) {
      at = star + 1
      position = ++resume
    } else return false
  }
  while (pattern[at] === '*') at++
  return at === pattern.length
}

/** Whether a list of patterns takes a text: one must match, and a negated one (`!x`) that matches vetoes the list. */
export function matchesList(patterns: readonly string[], text: string): boolean {
  let found = false
  for (const pattern of patterns) {
    if (pattern.startsWith('!')) {
      if (matchesPattern(pattern.slice(1), text)) return false
    } else if (!found) found = matchesPattern(pattern, text)
  }
  return found
}

/** Whether a list written with commas takes a host name, without case, as known_hosts and `Match host` do. */
export function matchesHostList(list: string, name: string): boolean {
  return matchesList(list.toLowerCase().split(','), name.toLowerCase())
}
