/** Compares versions as rpm does: runs of digits by number, of letters by text, digits are newer than letters, `~` is older than nothing. */
function compareVersions(a: string, b: string): number {
  const left = parts(a)
  const right = parts(b)
  for (let i = 0; i < Math.max(left.length, right.length); i++) {
    const x = left[i]
    const y = right[i]
    if (x === '~' || y === '~') {
      if (x === y) continue
      return x === '~' ? -1 : 1
    }
    if (x === undefined || y === undefined) return x === undefined ? -1 : 1
    const numbers = [/^\d/.test(x), /^\d/.test(y)]
    if (numbers[0] !== numbers[1]) return numbers[0] ? 1 : -1
    const order = numbers[0]
      ? Number(BigInt(x) > BigInt(y)) - Number(BigInt(x) < BigInt(y))
      : Number(x > y) - Number(x < y)
    if (order !== 0) return order
  }
  return 0
}

/** Compares `version-release` texts. */
export function compareEditions(a: string, b: string): number {
  const [versionA = '', releaseA] = a.split('-')
  const [versionB = '', releaseB] = b.split('-')
  return (
    compareVersions(versionA, versionB) ||
    (releaseA === undefined || releaseB === undefined ? 0 : compareVersions(releaseA, releaseB))
  )
}

function parts(text: string): string[] {
  return text.match(/\d+|[A-Za-z]+|~/g) ?? []
}
