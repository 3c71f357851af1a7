/** The line below the marker of an entry, or null where there is no such entry. */
export function entryIn(table: string, name: string): string | null {
  const lines = table.split('\n')
  const at = lines.indexOf(markerOf(name))
  return at < 0 ? null : (lines[at + 1] ?? '')
}

/** The table with this entry, or without it (null); everything else stays as and where it is. */
export function withEntry(table: string, name: string, entry: string | null): string {
  const lines = table === '' ? [] : table.replace(/\n$/, '').split('\n')
  const at = lines.indexOf(markerOf(name))
  const written = entry === null ? [] : [markerOf(name), entry]
  const after = at < 0 ? [...lines, ...written] : lines.toSpliced(at, 2, ...written)
  return after.map((line) => `${line}\n`).join('')
}

function markerOf(name: string): string {
  return `# trueup: ${name}`
}
