/** Names that only the shell of a node sees: the streams of its session. */
export const sessionFiles = {
  in: '/dev/pts/in',
  out: '/dev/pts/out',
  err: '/dev/pts/err',
  none: '/dev/pts/none',
} as const

/**
 * What the shell carries as its standard input: it takes a text, and the session's input comes as it comes. A command
 * that finds this in its hands reads the session's.
 */
export const sessionStdin = '\u0000session\u0000'

/** The same, as a script begins with it; `exec </dev/null` takes it away, which the shell's pipes would not survive. */
export const loginStdin = '\u0000login\u0000'

/** The descriptor that is open when it was taken away. */
export const takenFd = 63

/** The operand that `dd >&2` is given. */
export const toErrors = 'session=2'

/** An input that holds nothing. The shell takes an empty text for no redirection at all. */
export const emptyStdin = '\u0000empty\u0000'
