/** What is said of something that was thrown: code of others may throw anything, and words that cannot be read. */
export function thrownText(thrown: unknown): string {
  try {
    if (thrown instanceof Error) return String(thrown.message)
    return `it threw ${String(thrown)}`
  } catch {
    return `it threw ${typeof thrown === 'object' ? 'an object' : `a ${typeof thrown}`} that has no text`
  }
}
