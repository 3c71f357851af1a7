/** What ends when output cannot be written any more. */
export interface LostOutput {
  /** Why, in words; null while all is written, or where only the reader of a pipe has gone. */
  why(): string | null
}

/** The reader has gone, so the rest of the output is not missed. */
const readerGone: ReadonlySet<string> = new Set(['EPIPE', 'ERR_STREAM_DESTROYED'])
const words: Readonly<Record<string, string>> = {
  ENOSPC: 'no space is left there',
  EDQUOT: 'the quota is used up there',
  EFBIG: 'the file is as large as it may be',
  EIO: 'the terminal or the disk is gone',
}

/**
 * When output cannot be written (a closed pipe, a full disk, a terminal that is gone), no more is written to that stream, no
 * exception passes, and `lost` is called once: the run drains. A full disk is said on the other stream.
 */
export function surviveLostOutput(
  stdout: NodeJS.WriteStream,
  stderr: NodeJS.WriteStream,
  lost: () => void,
): LostOutput {
  let why: string | null = null
  const closed = new Set<NodeJS.WriteStream>()
  const over = (stream: NodeJS.WriteStream, error: NodeJS.ErrnoException): void => {
    if (closed.has(stream)) return
    closed.add(stream)
    const code = error.code ?? ''
    if (!readerGone.has(code)) {
      const name = stream === stdout ? 'the output' : 'standard error'
      why ??= `${name} cannot be written: ${words[code] ?? error.message}`
      if (stream === stdout) stderr.write(`${why}\n`)
    }
    lost()
  }
  for (const stream of [stdout, stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => over(stream, error))
    // A stream to a file throws where it is written to.
    const write = stream.write.bind(stream) as (...args: unknown[]) => boolean
    stream.write = ((...args: unknown[]) => {
      if (closed.has(stream)) return true
      try {
        return write(...args)
      } catch (error) {
        over(stream, error as NodeJS.ErrnoException)
        return true
      }
    }) as NodeJS.WriteStream['write']
  }
  return { why: () => why }
}
