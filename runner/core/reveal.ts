// The text of a secret lies here and not in the object: no inspection, spread or serializer can reach it.
const texts = new WeakMap<object, string>()

/** Shorter ones would be found in every second word, and name nothing. */
const shortest = 4
/** The texts of all secrets so far, each with its name: what a host echoes must be known to be hidden. */
const names = new Map<string, string>()

/** Remember the text of a new secret. Only `Secret`'s constructor calls it. */
export function keep(secret: object, text: string, name: string): void {
  texts.set(secret, text)
  // Files end in a line end that an echo may lack.
  const bare = text.trim()
  if (bare.length >= shortest) names.set(bare, name)
}

/** Whether there is any secret to look for. */
export function anyKept(): boolean {
  return names.size > 0
}

/** A text in which every secret that it holds is replaced by its name. */
export function hide(text: string): string {
  let hidden = text
  for (const [secret, name] of names) if (hidden.includes(secret)) hidden = hidden.replaceAll(secret, `(secret ${name})`)
  return hidden
}

/** The text of a secret, for the last step before the wire. Importing this outside `connect/` and `lab/` fails the import table. */
export function reveal(secret: object): string {
  const text = texts.get(secret)
  if (text === undefined) throw new TypeError('not a secret')
  return text
}
