import { isUtf8 } from 'node:buffer'
import { createHash } from 'node:crypto'
import { isAbsolute, resolve } from 'node:path'
import type { LocalFile } from '../contract/param-schema.ts'
import type { LocalFiles } from '../schema/written.ts'
import { hashFolder } from './local-folders.ts'
import { faultOf, readPieces, unreadable } from '../files/read-file.ts'

const resolved = new WeakSet<object>()

/** The local files that the params of a playbook in this folder name. */
export function filesFrom(folder: string): LocalFiles {
  return {
    read: (text) => {
      const path = fromFolder(folder, text)
      try {
        return { value: hashFile(path) }
      } catch (error) {
        return { wrong: `cannot read ${path}: ${fileFault(error)}` }
      }
    },
    readFolder: (text) => {
      const path = fromFolder(folder, text)
      const read = hashFolder(path, (file) => hashFile(file))
      if ('wrong' in read) return { wrong: `cannot copy ${path}: ${read.wrong}`, hint: read.hint }
      resolved.add(read.value)
      return read
    },
    isFile: isHashed,
  }
}

/** A file larger than this is not shown as a text. */
const writeLimit = 65_536

function textOf(bytes: Buffer): string | undefined {
  return isUtf8(bytes) && !bytes.includes(0) ? bytes.toString() : undefined
}

/** Reads a local file's size and SHA-256. Throws what the file system says. */
function hashFile(path: string): LocalFile {
  const hash = createHash('sha256')
  const small: Buffer[] = []
  let size = 0
  const fault = readPieces(path, (piece) => {
    hash.update(piece)
    size += piece.length
    if (size <= writeLimit) small.push(Buffer.from(piece))
  })
  if (fault) throw unreadable(fault)
  const text = size <= writeLimit ? textOf(Buffer.concat(small)) : undefined
  const file: LocalFile = { path, size, sha256: hash.digest('hex'), text }
  resolved.add(file)
  return file
}

/** Whether this is a file that was hashed here, and not a map that looks like one. */
export function isHashed(value: unknown): value is LocalFile {
  return typeof value === 'object' && value !== null && resolved.has(value)
}

/** A path as the playbook means it: relative to its own folder. */
export function fromFolder(folder: string, path: string): string {
  return isAbsolute(path) ? path : resolve(folder, path)
}

/** Why a file could not be read, in words. */
export function fileFault(error: unknown): string {
  return faultOf(error).words
}
