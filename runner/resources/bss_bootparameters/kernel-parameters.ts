// A word of the kernel's command line; a value in quotes may hold blanks.
const word = /(?:[^\s"]|"[^"]*"?)+/g

/** The parameters of a command line by name: one that stands several times has all its values, with blanks between; one without a value has ''. */
export function parametersIn(text: string): { readonly [name: string]: string } {
  const found = new Map<string, string[]>()
  for (const each of text.match(word) ?? []) {
    const name = nameOf(each)
    found.set(name, [...(found.get(name) ?? []), each.slice(name.length + 1)])
  }
  return Object.fromEntries([...found].map(([name, values]) => [name, values.join(' ')]))
}

/** How often a parameter stands in a command line. */
export function timesIn(text: string, wanted: string): number {
  return (text.match(word) ?? []).filter((each) => nameOf(each) === wanted).length
}

/** A command line with these parameters: each keeps its place, a new one comes last, and null takes one away. */
export function withParameters(
  text: string,
  wanted: { readonly [name: string]: string | null },
): string {
  const placed = text.replace(word, (each) => {
    const name = nameOf(each)
    if (!Object.hasOwn(wanted, name)) return each
    const value = wanted[name]!
    return value === null ? '' : written(name, value)
  })
  const added = Object.entries(wanted).flatMap(([name, value]) =>
    value === null || timesIn(text, name) > 0 ? [] : [written(name, value)],
  )
  return [placed.replace(/\s{2,}/g, ' ').trim(), ...added].filter((each) => each !== '').join(' ')
}

function written(name: string, value: string): string {
  return value === '' ? name : `${name}=${value}`
}

function nameOf(each: string): string {
  return each.split('=', 1)[0]!
}
