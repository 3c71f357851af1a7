/** The name servers and the search domains that a resolv.conf names; of several search lines the last counts. */
export function resolverLines(text: string): {
  readonly named: readonly string[]
  readonly searched: readonly string[]
} {
  const lines = text.split('\n').map((line) => line.trim().split(/\s+/))
  const named = lines.flatMap(([word, address]) =>
    word === 'nameserver' && address !== undefined ? [address] : [],
  )
  const searches = lines.filter(([word]) => word === 'search' || word === 'domain')
  return { named, searched: searches.at(-1)?.slice(1) ?? [] }
}

/** The words of a list, each once. */
export function once(list: string | undefined): readonly string[] {
  return [...new Set((list ?? '').split(/\s+/).filter(Boolean))]
}
