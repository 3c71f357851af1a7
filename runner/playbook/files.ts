import { createHash } from 'node:crypto'
import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { isAbsolute, resolve } from 'node:path'
import type { LocalFile } from '../contract/schema.ts'

const resolved = new WeakSet<object>()

/** Reads a local file's size and SHA-256. Throws what the file system says. */
export function hashFile(path: string): LocalFile {
  const handle = openSync(path, 'r')
  try {
    const { size, isFile } = statOf(handle)
    if (!isFile) throw Object.assign(new Error('it is not a file'), { code: 'ENOTFILE' })
    const hash = createHash('sha256')
    const buffer = Buffer.allocUnsafe(1 << 20)
    for (let length = readSync(handle, buffer); length > 0; length = readSync(handle, buffer))
      hash.update(buffer.subarray(0, length))
    const file: LocalFile = { path, size, sha256: hash.digest('hex') }
    resolved.add(file)
    return file
  } finally {
    closeSync(handle)
  }
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
  const { code, message } = error as NodeJS.ErrnoException
  const words: Readonly<Record<string, string>> = {
    ENOENT: 'there is no such file',
    EACCES: 'permission denied',
    EISDIR: 'it is a folder',
    ENOTDIR: 'a part of the path is no folder',
    ENOTFILE: 'it is not a file',
  }
  return words[code ?? ''] ?? message
}

function statOf(handle: number): { readonly size: number; readonly isFile: boolean } {
  const stat = fstatSync(handle)
  return { size: stat.size, isFile: stat.isFile() }
}
