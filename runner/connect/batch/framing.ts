/** What stands between two marks, and what the second mark says (`3 0`: the end of frame 3, exit 0). */
export interface Segment {
  readonly content: Buffer
  readonly words: readonly string[]
}

/** Cuts a stream at its marks: lines that begin with a text that no program on the host could know beforehand. */
export interface Splitter {
  push(bytes: Uint8Array): readonly Segment[]
  /** Bytes held since the last mark. */
  held(): number
  /** What came since the last mark. */
  rest(): Buffer
  /** Forgets all but the last bytes since the last mark. */
  trim(keep: number): void
}

/** Whether a mark is one of life (`h`), or says that the script answers to lines with such marks (`p`). */
export function isBeat(words: readonly string[]): boolean {
  return words[0] === 'h' || words[0] === 'p'
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
    let data = joined()
    // A character a byte.
    let text = data.toString('latin1')
    let from = 0
    for (let at = text.indexOf(needle); at >= 0;) {
      const end = text.indexOf('\n', at + needle.length)
      if (end < 0) break
      const words = text.slice(at + needle.length, end).split(' ')
      if (isBeat(words)) {
        // It may stand anywhere: what was printed before it goes on behind it.
        found.push({ content: Buffer.alloc(0), words })
        data = Buffer.concat([data.subarray(0, at), data.subarray(end + 1)])
        text = text.slice(0, at) + text.slice(end + 1)
        at = text.indexOf(needle, from)
        continue
      }
      found.push({ content: data.subarray(from, at), words })
      from = end + 1
      at = text.indexOf(needle, from)
    }
    chunks = from < data.length ? [data.subarray(from)] : []
    size = data.length - from
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
