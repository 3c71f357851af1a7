/** What stands between two marks, and what the second mark says (`3 0`: the end of frame 3, exit 0). */
export interface Segment {
  readonly content: Buffer
  readonly words: readonly string[]
}

/** Cuts a stream at its marks: lines that begin with a text which nobody on the host could know beforehand. */
export interface Splitter {
  push(bytes: Uint8Array): readonly Segment[]
  /** Bytes held since the last mark. */
  held(): number
  /** What came since the last mark. */
  rest(): Buffer
  /** Forgets all but the last bytes since the last mark. */
  trim(keep: number): void
}

/** A splitter for one stream. The line feed before a mark belongs to the mark, so that content without a final one keeps its shape. */
export function splitter(mark: string): Splitter {
  const needle = `\n${mark} `
  const tail = needle.length + 64
  let chunks: Buffer[] = []
  let size = 0
  const joined = (): Buffer => {
    if (chunks.length !== 1) chunks = [Buffer.concat(chunks)]
    return chunks[0]!
  }
  // Searching all of a long frame at every chunk would cost its square: a mark that has just come ends in the last bytes.
  const mayEndHere = (chunk: Buffer): boolean => {
    if (chunk.length < tail || chunks.length < 2) return true
    const before = chunks[chunks.length - 2]!
    return (
      before.length < tail ||
      Buffer.concat([before.subarray(before.length - tail), chunk]).includes(needle)
    )
  }
  const cut = (): readonly Segment[] => {
    const found: Segment[] = []
    if (size < needle.length) return found
    const data = joined()
    // A character a byte.
    const text = data.toString('latin1')
    let from = 0
    for (let at = text.indexOf(needle); at >= 0; at = text.indexOf(needle, from)) {
      const end = text.indexOf('\n', at + needle.length)
      if (end < 0) break
      found.push({
        content: data.subarray(from, at),
        words: text.slice(at + needle.length, end).split(' '),
      })
      from = end + 1
    }
    if (from > 0) chunks = from < data.length ? [data.subarray(from)] : []
    size -= from
    return found
  }
  return {
    push(bytes) {
      const chunk = Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes)
      chunks.push(chunk)
      size += chunk.length
      return mayEndHere(chunk) ? cut() : []
    },
    held: () => size,
    rest: joined,
    trim(keep) {
      if (size <= keep) return
      chunks = [Buffer.from(joined().subarray(size - keep))]
      size = keep
    },
  }
}
