/** A UUID as github.com/google/uuid reads one, or what it says is wrong. */
export function uuidIn(text: string): { readonly value: string } | { readonly error: string } {
  const form = { 36: text, 45: text.slice(9), 38: text.slice(1, 37), 32: text }[text.length]
  if (form === undefined) return { error: `invalid UUID length: ${text.length}` }
  if (text.length === 45 && text.slice(0, 9).toLowerCase() !== 'urn:uuid:')
    return { error: `invalid urn prefix: "${text.slice(0, 9)}"` }
  const digits = /^(\w{8})-(\w{4})-(\w{4})-(\w{4})-(\w{12})$/.exec(form)?.slice(1).join('')
  const hex = text.length === 32 ? text : (digits ?? '')
  if (!/^[0-9a-f]{32}$/i.test(hex)) return { error: 'invalid UUID format' }
  return {
    value: hex.toLowerCase().replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5'),
  }
}

/** The UUID that stands for none. */
export const noUuid = '00000000-0000-0000-0000-000000000000'
