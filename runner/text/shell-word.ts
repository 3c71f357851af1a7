/** A text as one word of a POSIX shell: bare where the shell reads it as it is, else in single quotes. */
export function shellWord(text: string): string {
  return /^[A-Za-z0-9_/.:@%+,=-]+$/.test(text) ? text : singleQuoted(text)
}

/** A text in single quotes, in which a POSIX shell changes nothing. */
export function singleQuoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`
}

/** An argv as a command line. */
export function shellWords(argv: readonly string[]): string {
  return argv.map(shellWord).join(' ')
}
