import { isIPv4 } from 'node:net'

/** Whether an address, or a range of them, lies in a range. */
export function covers(range: string, address: string): boolean {
  const [outer, inner] = [bitsOf(range), bitsOf(address)]
  return (
    outer.isV4 === inner.isV4 &&
    outer.bits.length <= inner.bits.length &&
    inner.bits.startsWith(outer.bits)
  )
}

// The leading bits that a range fixes; an address fixes all.
function bitsOf(text: string): { readonly isV4: boolean; readonly bits: string } {
  const [address = '', length] = text.split('/')
  const isV4 = isIPv4(address)
  const bits = isV4
    ? address
        .split('.')
        .map((part) => Number(part).toString(2).padStart(8, '0'))
        .join('')
    : groupsOf(address)
        .map((part) => parseInt(part, 16).toString(2).padStart(16, '0'))
        .join('')
  return { isV4, bits: length === undefined ? bits : bits.slice(0, Number(length)) }
}

function groupsOf(address: string): readonly string[] {
  const [head = '', tail] = address.split('::')
  const before = head === '' ? [] : head.split(':')
  const after = tail === undefined || tail === '' ? [] : tail.split(':')
  const missing = tail === undefined ? 0 : 8 - before.length - after.length
  return [...before, ...Array<string>(missing).fill('0'), ...after]
}
