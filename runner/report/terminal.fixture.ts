import { PassThrough } from 'node:stream'
import { Terminal } from '@xterm/headless'

/** A terminal as people have one, without a window: what is written to its streams is what they would see. */
export interface Emulator {
  readonly stream: NodeJS.WriteStream
  /** Standard error of the same terminal. */
  readonly errors: NodeJS.WriteStream
  /** Everything that was written, with its sequences. */
  raw(): string
  /** The lines that stand on it, from the first that scrolled away to the last that is not empty. */
  lines(): Promise<readonly string[]>
  /** The looks of a letter: `fg` is its colour, -1 the usual one. */
  colorAt(text: string): Promise<number>
  /** Another size, when all that was written for the old one stands on it. */
  resize(columns: number, rows: number): Promise<void>
}

/** A terminal of this size. */
export function createEmulator(columns: number, rows = 24): Emulator {
  const terminal = new Terminal({
    cols: columns,
    rows,
    scrollback: 10_000,
    // The line discipline of a terminal does so.
    convertEol: true,
    allowProposedApi: true,
  })
  let raw = ''
  const streamOf = (): NodeJS.WriteStream => {
    const stream = Object.assign(new PassThrough(), { isTTY: true, columns, rows })
    stream.write = ((chunk: string | Uint8Array) => {
      raw += String(chunk)
      terminal.write(chunk)
      return true
    }) as typeof stream.write
    return stream as unknown as NodeJS.WriteStream
  }
  const [stream, errors] = [streamOf(), streamOf()]
  const parsed = (): Promise<void> => new Promise((resolve) => terminal.write('', resolve))
  const { buffer } = terminal
  return {
    stream,
    errors,
    raw: () => raw,
    async lines() {
      await parsed()
      const all = Array.from({ length: buffer.active.length }, (_, at) =>
        buffer.active.getLine(at)!.translateToString(true),
      )
      while (all.at(-1) === '') all.pop()
      return all
    },
    async colorAt(text) {
      await parsed()
      for (let at = 0; at < buffer.active.length; at += 1) {
        const line = buffer.active.getLine(at)!
        const column = line.translateToString(true).indexOf(text)
        if (column >= 0)
          return line.getCell(column)!.isFgDefault() ? -1 : line.getCell(column)!.getFgColor()
      }
      throw new Error(`nowhere: ${text}`)
    },
    async resize(wide, high) {
      await parsed()
      terminal.resize(wide, high)
      Object.assign(stream, { columns: wide, rows: high })
      Object.assign(errors, { columns: wide, rows: high })
    },
  }
}
