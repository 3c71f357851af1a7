import { cells } from './screen-text.ts'

/** The lines at the foot of a terminal that are drawn again and again; what is settled stands above them. */
export interface LiveArea {
  /** Draws these lines in place of the last ones. */
  draw(lines: readonly string[]): void
  /** Puts lines above the live ones, where they stay. */
  settle(lines: readonly string[]): void
  /** Removes the live lines and gives the cursor back. */
  close(): void
}

/** What a live area needs of a stream. */
type Stream = Pick<NodeJS.WriteStream, 'write'> & { readonly columns?: number }

const hideCursor = '\u001b[?25l'
const showCursor = '\u001b[?25h'

/**
 * A live area on a terminal. What is written to `others` meanwhile, such as a warning on standard error, appears at once above the
 * live lines: nothing is held back, and nothing is drawn over.
 */
export function createLiveArea(stream: Stream, others: readonly NodeJS.WriteStream[]): LiveArea {
  let drawn: readonly string[] = []
  let isOpen = true
  const giveBack = (): void => void stream.write(showCursor)
  stream.write(hideCursor)
  process.once('exit', giveBack)

  /** What moves the cursor to the first live line and erases from there. */
  const erasing = (): string => {
    const columns = Math.max(1, stream.columns ?? 80)
    const rows = drawn.reduce((sum, line) => sum + Math.max(1, Math.ceil(cells(line) / columns)), 0)
    return rows === 0 ? '' : `\r\u001b[${rows}A\u001b[J`
  }
  const put = (above: string, lines: readonly string[]): void => {
    const text = `${erasing()}${above}${lines.map((line) => `${line}\n`).join('')}`
    drawn = lines
    if (text !== '') stream.write(text)
  }
  // The live stream's own writes are the live lines: each would draw them again, without an end.
  const foreign = others.filter((other) => other !== stream)
  const restore = foreign.map((other) =>
    letThrough(other, (write) => {
      const lines = drawn
      put('', [])
      write()
      put('', lines)
    }),
  )

  return {
    draw(lines) {
      if (isOpen && (lines.length > 0 || drawn.length > 0)) put('', lines)
    },
    settle(lines) {
      if (lines.length > 0) put(`${lines.join('\n')}\n`, isOpen ? drawn : [])
    },
    close() {
      if (!isOpen) return
      put('', [])
      isOpen = false
      process.off('exit', giveBack)
      giveBack()
      for (const each of restore) each()
    },
  }
}

/** Calls `around` with each write to a stream, until what it gives is called. */
function letThrough(stream: NodeJS.WriteStream, around: (write: () => void) => void): () => void {
  const before = stream.write
  const patched = ((...args: Parameters<typeof before>) => {
    let isWritten = true
    around(() => (isWritten = before.apply(stream, args)))
    return isWritten
  }) as typeof before
  stream.write = patched
  return () => {
    if (stream.write === patched) stream.write = before
  }
}
