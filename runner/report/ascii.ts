/** Our marks, each with one ASCII character, so that lines keep their width. */
const marks: Readonly<Record<string, string>> = {
  '✖': 'x',
  '✔': '+',
  '●': '*',
  '·': '|',
  '→': '>',
  '…': '~',
  '█': '#',
  '░': '.',
}

/** Whether a terminal of this environment shows UTF-8: the first of the three variables that is set decides, as in POSIX. */
export function showsUtf8(env: Readonly<Record<string, string | undefined>>): boolean {
  const locale = env['LC_ALL'] || env['LC_CTYPE'] || env['LANG']
  return locale === undefined || locale === '' || /utf-?8/i.test(locale)
}

/** A text with our marks and the spinner in ASCII. What a host or a playbook wrote stays as it is: a log must not lose it. */
export function asciiText(text: string): string {
  return text.replace(/[✖✔●·→…█░]/g, (mark) => marks[mark]!).replace(/[\u2800-\u28ff]/g, '*')
}

/** A stream that gets our marks in ASCII. */
export function asciiStream(stream: NodeJS.WriteStream): NodeJS.WriteStream {
  const write = (chunk: string | Uint8Array, ...rest: never[]): boolean =>
    stream.write(typeof chunk === 'string' ? asciiText(chunk) : chunk, ...rest)
  return Object.create(stream, { write: { value: write, writable: true, configurable: true } })
}
