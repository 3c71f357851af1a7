import { createPaint } from '../../report/screen-text.ts'
import { bookManual } from '../book-manual.ts'
import { hasColor, widthOf, type Io } from '../io.ts'
import { checkBook, settle } from '../load.ts'
import { forTerminal } from './types.ts'

/** `trueup docs BOOK`: the book as a manual page; Markdown where the output is no terminal. */
export async function docsCommand(io: Io, path: string): Promise<number> {
  const { book, inputs, diagnostics } = await checkBook(path, null, null)
  settle(io, diagnostics)
  const page = bookManual(book!, inputs)
  io.stdout.write(io.stdout.isTTY ? `${forTerminal(page, Math.min(120, widthOf(io.stdout, io.env)), createPaint(hasColor(io.stdout, io.env))).join('\n')}\n` : page)
  return 0
}
