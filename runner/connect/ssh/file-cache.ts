import { statSync } from 'node:fs'

/** Reads files for the length of a run: one that has not changed since is not parsed again for the next host. */
export function rereader<T>(parse: (file: string) => T): (file: string) => T {
  const seen = new Map<string, { readonly stamp: string; readonly value: T }>()
  return (file) => {
    const stamp = stampOf(file)
    const held = seen.get(file)
    if (held?.stamp === stamp) return held.value
    const value = parse(file)
    seen.set(file, { stamp, value })
    return value
  }
}

function stampOf(file: string): string {
  try {
    const found = statSync(file, { throwIfNoEntry: false })
    return found === undefined
      ? 'absent'
      : `${found.mtimeMs}/${found.size}/${found.ino}/${found.mode}`
  } catch (error) {
    return (error as Error).message
  }
}
