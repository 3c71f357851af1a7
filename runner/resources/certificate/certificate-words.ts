/** What openssl says of a certificate, by the names of its lines. */
export function linesOf(text: string): Readonly<Record<string, string>> {
  return Object.fromEntries(
    text.split('\n').flatMap((line) => {
      const at = line.indexOf('=')
      return at < 0 ? [] : [[line.slice(0, at).trim(), line.slice(at + 1).trim()]]
    }),
  )
}

/** A name as one line without blanks around `=`, whatever release of openssl has written it: `O=HPE, CN=api-gw`. */
export function nameOf(text: string | undefined): string | null {
  return text === undefined ? null : text.replace(/ ?= ?/g, '=')
}

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/** A time as openssl writes it, `Jan  1 00:00:00 2027 GMT`, in the form `2027-01-01T00:00:00Z`. */
export function timeOf(text: string | undefined): string | null {
  const [, month = '', day = '', clock = '', year = ''] =
    /^([A-Z][a-z]{2}) +(\d{1,2}) (\d\d:\d\d:\d\d) (\d{4}) GMT$/.exec(text ?? '') ?? []
  const number = months.indexOf(month) + 1
  return number === 0
    ? null
    : `${year}-${String(number).padStart(2, '0')}-${day.padStart(2, '0')}T${clock}Z`
}

/** The names and addresses that a certificate is for, as its extension lists them. */
export function namesIn(text: string): readonly string[] {
  return text
    .split(/[\n,]/)
    .flatMap((part) => /^\s*(?:DNS|IP Address):(\S+)\s*$/.exec(part)?.[1] ?? [])
    .toSorted()
}

/** Whether one of the names, of which some may begin with `*.`, covers a name. */
export function covers(names: readonly string[], wanted: string): boolean {
  const name = wanted.toLowerCase()
  return names
    .map((each) => each.toLowerCase())
    .some(
      (each) => each === name || (each.startsWith('*.') && name.replace(/^[^.]+/, '*') === each),
    )
}

/** The first certificate of a text in PEM; null where the text has no certificate. */
export function certificateIn(text: string): string | null {
  const begin = text.indexOf('-----BEGIN CERTIFICATE-----')
  const end = '-----END CERTIFICATE-----'
  const at = text.indexOf(end, begin)
  return begin < 0 || at < 0 ? null : `${text.slice(begin, at + end.length)}\n`
}
