interface Listener {
  readonly address: string
  readonly port: number
}

const listens = '0A'

/** Who listens, by /proc/net/tcp or tcp6. The kernel prints addresses as words in the byte order of the machine: little-endian on all that we meet. */
export function listenersOf(table: string): readonly Listener[] {
  return table.split('\n').flatMap((line) => {
    const [, local, , state] = line.trim().split(/\s+/)
    const [address = '', port = ''] = (local ?? '').split(':')
    return state === listens && /^(?:[0-9A-F]{8}|[0-9A-F]{32})$/.test(address)
      ? [{ address: addressOf(address), port: Number.parseInt(port, 16) }]
      : []
  })
}

function addressOf(hex: string): string {
  const bytes = (hex.match(/.{8}/g) ?? []).flatMap((word) =>
    (word.match(/../g) ?? []).reverse().map((byte) => Number.parseInt(byte, 16)),
  )
  if (bytes.length === 4) return bytes.join('.')
  const groups = Array.from({ length: 8 }, (_, i) => (bytes[2 * i]! << 8) | bytes[2 * i + 1]!)
  if (groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff)
    return bytes.slice(12).join('.')
  return shortest(groups)
}

/** Groups as RFC 5952 writes them: the longest run of zeros is `::`. */
function shortest(groups: readonly number[]): string {
  const text = groups.map((group) => group.toString(16)).join(':')
  const runs = [...text.matchAll(/(?<![^:])0(?::0)+(?![^:])/g)].sort(
    (a, b) => b[0].length - a[0].length || a.index - b.index,
  )
  const [run] = runs
  return run
    ? `${text.slice(0, run.index).replace(/:$/, '')}::${text.slice(run.index + run[0].length).replace(/^:/, '')}`
    : text
}
