/** The values of a parameter that may stand several times and hold several, with commas between; none where all are empty. */
export function listIn(query: URLSearchParams, name: string): readonly string[] {
  const joined = query.getAll(name).join(',')
  return joined === '' ? [] : joined.split(',')
}

/** A whole number in a form that Go's strconv takes with base 0; null where it takes none. */
export function goInteger(text: string): number | null {
  const [, sign = '', digits = ''] =
    /^([+-]?)(0[xX][0-9a-fA-F]+|0[bB][01]+|0[oO]?[0-7]+|0|[1-9]\d*)$/.exec(text) ?? []
  if (digits === '') return null
  const octal = /^0\d/.test(digits) ? digits.replace(/^0/, '0o') : digits
  return Number(octal) * (sign === '-' ? -1 : 1)
}
