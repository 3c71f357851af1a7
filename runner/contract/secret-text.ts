import { createSecretTable, shortestSecret } from './secret-table.ts'

// The text of a secret lies here and not in the object: no inspection, spread or serializer can reach it.
const texts = new WeakMap<object, string>()

/** What is looked for in everything that this process puts out. A process carries out one command. */
const table = createSecretTable()

/** How a secret's text is looked for: in its forms of at least so many letters, or as it is. */
export type Watch = number | 'exactly'

/** Remember the text of a new secret. Only `Secret` calls it. */
export function keep(secret: object, text: string, name: string, watch: Watch): void {
  texts.set(secret, text)
  if (watch === 'exactly') table.addExactly(text, name)
  else table.add(text, name, Math.max(watch, shortestSecret))
}

/** A password in an address, which no table knows. */
const userinfo = /([A-Za-z][A-Za-z0-9+.-]{0,31}:\/\/[^\s/@:?#]{0,255}):[^\s/@]+@/g

/** A text in which every secret that it holds is replaced by its name, and each password in an address. */
export function hide(text: string): string {
  const hidden = table.hide(text)
  return hidden.includes('@') && hidden.includes('://')
    ? hidden.replace(userinfo, '$1:(password hidden)@')
    : hidden
}

/** The text of a secret, for the last step before the wire. Importing this outside `connect/` and `lab/` fails the import table. */
export function reveal(secret: object): string {
  const text = texts.get(secret)
  if (text === undefined) throw new TypeError('not a secret')
  return text
}
