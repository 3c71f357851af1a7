/** A file mode in four octal digits (`644` → `0644`), or null when it is not octal text. */
export function parseMode(text: string): string | null {
  return /^[0-7]{3,4}$/.test(text) ? text.padStart(4, '0') : null
}
