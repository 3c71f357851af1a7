import { closeSync, constants, fstatSync, openSync, readSync, statSync, type Stats } from 'node:fs'

/** Why a path of the controller cannot be read as a file. */
export interface FileFault {
  readonly code: string
  /** Follows the name of the path: `the file does not exist`. */
  readonly words: string
}
/** The bytes of a file, or why they could not be read. */
export type FileRead = { readonly bytes: Buffer; readonly stats: Stats } | FileFault
/** The text of a file, or why it could not be read. */
export type TextRead = { readonly text: string } | FileFault

/** Most bytes of a file that a person writes: playbooks, inventories, vars, templates, types, keys. */
const writtenLimit = 16 << 20
/** Most bytes of a file that a program writes: plans, run logs, kept answers. */
export const madeLimit = 512 << 20

const step = 1 << 16

/**
 * Reads a regular file whole, and nothing else: a pipe, a device, a socket and a folder are refused before they are opened, and a
 * file that gives more than `most` bytes is refused, whatever size it says it has. Every file of the controller that trueup
 * reads goes through here (or through `readPieces`), so that none can keep it waiting for ever.
 */
export function readFile(path: string, most: number = writtenLimit): FileRead {
  return read(path, most, false)
}

/** The beginning of a regular file, of at most `most` bytes. */
export function readHead(path: string, most: number): FileRead {
  return read(path, most, true)
}

function read(path: string, most: number, isHead: boolean): FileRead {
  const opened = openRegular(path)
  if ('code' in opened) return opened
  const { handle, stats } = opened
  try {
    if (stats.size > most && !isHead) return tooLarge(most)
    // One byte more than the file has: most are read in one piece, and the end shows by itself.
    let bytes = Buffer.allocUnsafe(Math.min(stats.size || step, most) + 1)
    let total = 0
    for (;;) {
      const length = readSync(handle, bytes, total, bytes.length - total, null)
      if (length === 0) return { bytes: bytes.subarray(0, total), stats }
      total += length
      if (total > most) return isHead ? { bytes: bytes.subarray(0, most), stats } : tooLarge(most)
      if (total === bytes.length) bytes = Buffer.concat([bytes], Math.min(2 * total, most + 1))
    }
  } catch (error) {
    return faultOf(error)
  } finally {
    closeSync(handle)
  }
}

/** The text of a file in UTF-8. Bytes that are not UTF-8 are a fault (`ENOTTEXT`). */
export function readText(path: string, most: number = writtenLimit): TextRead {
  const read = readFile(path, most)
  if ('code' in read) return read
  try {
    return { text: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(read.bytes) }
  } catch {
    return { code: 'ENOTTEXT', words: `it is not UTF-8 text: see line ${badLine(read.bytes)}` }
  }
}

/** The first line whose bytes are not UTF-8. */
function badLine(bytes: Buffer): number {
  let line = 1
  for (let from = 0; from < bytes.length; line++) {
    const end = bytes.indexOf(10, from)
    const next = end < 0 ? bytes.length : end + 1
    const part = bytes.subarray(from, next)
    if (!Buffer.from(part.toString('utf8'), 'utf8').equals(part)) return line
    from = next
  }
  return line
}

/** The error of a fault, for callers that throw. */
export function unreadable({ code, words }: FileFault): Error {
  return Object.assign(new Error(words), { code })
}

/** Gives a regular file of any size to `take`, piece by piece. Null, or why it cannot be read. */
export function readPieces(path: string, take: (piece: Buffer) => void): FileFault | null {
  const opened = openRegular(path)
  if ('code' in opened) return opened
  const { handle, stats } = opened
  try {
    const piece = Buffer.allocUnsafe(1 << 20)
    let total = 0
    for (;;) {
      const length = readSync(handle, piece, 0, piece.length, null)
      if (length === 0) return null
      total += length
      // A file below /proc may have no size and no end. What is written to a log meanwhile is left out by its hash later.
      if (total > stats.size + madeLimit) return { code: 'EFBIG', words: 'it does not end' }
      take(piece.subarray(0, length))
    }
  } catch (error) {
    return faultOf(error)
  } finally {
    closeSync(handle)
  }
}

/** Why a path is not a regular file; null where it is one. */
export function notRegular(stats: Stats): FileFault | null {
  if (stats.isFile()) return null
  if (stats.isDirectory()) return { code: 'EISDIR', words: 'it is a folder' }
  const kind = stats.isFIFO() ? 'pipe' : stats.isSocket() ? 'socket' : 'device'
  return { code: 'ENOTFILE', words: `it is a ${kind}, and not a file` }
}

/** Why a call of the file system failed, in words. */
export function faultOf(error: unknown): FileFault {
  const { code = 'unknown', message } = error as NodeJS.ErrnoException
  return { code, words: faultWords[code] ?? message }
}

const faultWords: Readonly<Record<string, string>> = {
  ENOENT: 'the file does not exist',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EISDIR: 'it is a folder',
  ENOTDIR: 'a part of the path is not a folder',
  ELOOP: 'its links lead in a circle',
  ENAMETOOLONG: 'the path is too long',
  EAGAIN: 'it has nothing to read now, and is not an ordinary file',
}

function tooLarge(most: number): FileFault {
  return {
    code: 'EFBIG',
    words: `it has more than ${most < 1 << 20 ? `${most >> 10} KiB` : `${most >> 20} MiB`}`,
  }
}

/** A pipe that this process was given by the shell that started it: `-e @<(pass show site)`, `-e @/dev/stdin`. */
const handedOver = /^\/dev\/(?:stdin|fd\/\d+)$/

function openRegular(path: string): { readonly handle: number; readonly stats: Stats } | FileFault {
  try {
    // First without opening: to open a device can start what it stands for.
    const found = statSync(path)
    if (handedOver.test(path) && found.isFIFO())
      return { handle: openSync(path, constants.O_RDONLY), stats: found }
    const before = notRegular(found)
    if (before) return before
    const handle = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY)
    const stats = fstatSync(handle)
    const fault = notRegular(stats)
    if (!fault) return { handle, stats }
    closeSync(handle)
    return fault
  } catch (error) {
    return faultOf(error)
  }
}
