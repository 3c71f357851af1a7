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
  const needle = Buffer.from(`\n${mark} `)
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
    return before.length < tail || Buffer.concat([before.subarray(before.length - tail), chunk]).includes(needle)
  }
  const cut = (): Segment | null => {
    if (size < needle.length) return null
    const data = joined()
    const at = data.indexOf(needle)
    const end = at < 0 ? -1 : data.indexOf(10, at + needle.length)
    if (end < 0) return null
    chunks = [data.subarray(end + 1)]
    size = data.length - end - 1
    return { content: data.subarray(0, at), words: data.toString('latin1', at + needle.length, end).split(' ') }
  }
  return {
    push(bytes) {
      const chunk = Buffer.from(bytes)
      chunks.push(chunk)
      size += chunk.length
      const found: Segment[] = []
      if (mayEndHere(chunk)) for (let segment = cut(); segment !== null; segment = cut()) found.push(segment)
      return found
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
