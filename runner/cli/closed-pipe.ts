/** When the reader of a pipe has gone (`| head`), nothing more is written, no error is shown, and the run drains. */
export function closeQuietly(streams: readonly NodeJS.WriteStream[], closed: () => void): void {
  for (const stream of streams) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE' && error.code !== 'EIO' && error.code !== 'ERR_STREAM_DESTROYED')
        throw error
      stream.write = () => true
      closed()
    })
  }
}
