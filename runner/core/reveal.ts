// The text of a secret lies here and not in the object: no inspection, spread or serializer can reach it.
const texts = new WeakMap<object, string>()

/** Remember the text of a new secret. Only `Secret`'s constructor calls it. */
export function keep(secret: object, text: string): void {
  texts.set(secret, text)
}

/** The text of a secret, for the last step before the wire. Importing this outside `connect/` and `lab/` fails the import table. */
export function reveal(secret: object): string {
  const text = texts.get(secret)
  if (text === undefined) throw new TypeError('not a secret')
  return text
}
