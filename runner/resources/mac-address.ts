/** The form of a card's address that params take: with colons, hyphens, or neither. */
export const macPattern = '^[0-9A-Fa-f]{2}(?:[:-]?[0-9A-Fa-f]{2}){5}$'

/** A card's address in the form of HSM: pairs of small digits with colons. What is not an address stays as it is. */
export function macForm(text: string): string {
  const digits = text.toLowerCase().replace(/[-:.]/g, '')
  return /^[0-9a-f]{12}$/.test(digits) ? digits.match(/../g)!.join(':') : text
}
