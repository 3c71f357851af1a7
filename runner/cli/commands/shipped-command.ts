import { resolve } from 'node:path'
import { copyShipped, shippedFilesAt } from '../../manual/shipped-files.ts'
import type { Io } from '../../wiring/io.ts'

/** `trueup shipped [PATH]`: the files that came with trueup. */
export function shippedList(io: Io, path?: string): number {
  io.stdout.write(`${shippedFilesAt(path).join('\n')}\n`)
  return 0
}

/** `trueup shipped copy PATH TO`: copies files that came with trueup; a file that exists stays as it is. */
export function shippedCopy(io: Io, path: string, to: string): number {
  for (const copy of copyShipped(path, resolve(io.cwd, to))) io.stdout.write(`${copy}\n`)
  return 0
}
