/** What `ssh -G` prints: each keyword in lower case, with its values. */
export interface ResolvedOptions {
  one(keyword: string): string | undefined
  all(keyword: string): readonly string[]
}

/** Reads what `ssh -G` prints. */
export function readResolvedOptions(printed: string): ResolvedOptions {
  const found = new Map<string, string[]>()
  for (const line of printed.split('\n')) {
    const at = line.indexOf(' ')
    if (at < 0) continue
    const keyword = line.slice(0, at).toLowerCase()
    found.set(keyword, [...(found.get(keyword) ?? []), line.slice(at + 1)])
  }
  return {
    one: (keyword) => found.get(keyword)?.[0],
    all: (keyword) => found.get(keyword) ?? [],
  }
}
