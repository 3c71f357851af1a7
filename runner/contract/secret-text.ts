import { encodedForms } from './secret-encodings.ts'

// The text of a secret lies here and not in the object: no inspection, spread or serializer can reach it.
const texts = new WeakMap<object, string>()

/** Shorter ones would be found in every second word, and name nothing. */
const shortest = 4
/** The texts of all secrets so far in the forms in which a host may echo them, each with its name, by their first letters. */
const forms = new Map<string, { readonly text: string; readonly name: string }[]>()
const known = new Set<string>()

/** Remember the text of a new secret. Only `Secret`'s constructor calls it. */
export function keep(secret: object, text: string, name: string): void {
  texts.set(secret, text)
  for (const form of encodedForms(text)) {
    if (form.length < shortest || known.has(form)) continue
    known.add(form)
    const start = form.slice(0, shortest)
    const held = forms.get(start)
    // The longest first: where one secret begins another, nothing of the other may stay.
    if (held)
      held.splice(held.findIndex((each) => each.text.length < form.length) >>> 0, 0, {
        text: form,
        name,
      })
    else forms.set(start, [{ text: form, name }])
  }
}

/** Whether there is any secret to look for. */
export function anyKept(): boolean {
  return known.size > 0
}

/** A text in which every secret that it holds is replaced by its name. */
export function hide(text: string): string {
  if (known.size === 0) return text
  let hidden = ''
  let from = 0
  for (let at = 0; at + shortest <= text.length; at++) {
    const found = forms
      .get(text.slice(at, at + shortest))
      ?.find((each) => text.startsWith(each.text, at))
    if (!found) continue
    hidden += `${text.slice(from, at)}(secret ${found.name})`
    from = at + found.text.length
    at = from - 1
  }
  return hidden + text.slice(from)
}

/** The text of a secret, for the last step before the wire. Importing this outside `connect/` and `lab/` fails the import table. */
export function reveal(secret: object): string {
  const text = texts.get(secret)
  if (text === undefined) throw new TypeError('not a secret')
  return text
}
