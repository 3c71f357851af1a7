import { createHash } from 'node:crypto'
import { statSync } from 'node:fs'
import { extname } from 'node:path'
import type { Diagnostic } from '../model/diagnostic.ts'
import { readHead } from '../files/read-file.ts'

/** Names of data. Where every file has its executable bit (a share, a mounted image), these are still not programs. */
const dataNames: ReadonlySet<string> = new Set([
  '.yaml',
  '.yml',
  '.json',
  '.ini',
  '.toml',
  '.csv',
  '.cfg',
  '.conf',
  '.md',
  '.txt',
  '.log',
  '.pem',
  '.crt',
  '.cer',
  '.key',
  '.pub',
  '.hbs',
])
const leftovers =
  /~$|^#.*#$|\.(?:bak|orig|rej|old|tmp|retry|sw[a-p]|py[co]|rpm(?:save|new|orig)|dpkg-\w+)$/
/** Bytes of a program that its digest is made of, beside its size. */
const digested = 1 << 20

/** Whether a file of a folder is what an editor or a package manager left there. */
export function isLeftover(name: string): boolean {
  return leftovers.test(name)
}

/** Whether a file of this name may be a program. */
export function isProgramName(name: string): boolean {
  return !dataNames.has(extname(name)) && !isLeftover(name)
}

/** The words that begin a script by its first line (`#!/usr/bin/env python3`), as the kernel takes them; null where it has none. */
export function interpreterOf(head: string): readonly string[] | null {
  const match = /^#![ \t]*([^ \t\r\n]+)(?![^ \t\r\n])([^\r\n]*)\r?\n/.exec(head)
  if (!match) return null
  const rest = match[2]!.trim()
  return rest === '' ? [match[1]!] : [match[1]!, rest]
}

/** The command that starts a program: the file itself when it is executable, else its interpreter; or why it is not a program. */
export function commandOf(
  path: string,
): readonly string[] | { readonly fault: string; readonly hint: string } {
  try {
    const stats = statSync(path)
    if (!stats.isFile()) return { fault: `${path} is not a program`, hint: 'name a program' }
    if ((stats.mode & 0o111) !== 0) return [path]
    const interpreter = interpreterOf(headOf(path))
    return interpreter
      ? [...interpreter, path]
      : { fault: `${path} is not a program`, hint: `chmod +x ${path}` }
  } catch (error) {
    return {
      fault: `the program ${path} cannot be read: ${(error as NodeJS.ErrnoException).code ?? 'unknown'}`,
      hint: 'check the path: it is relative to the folder of the file that names it',
    }
  }
}

/** The beginning of a file, empty where it cannot be read. */
export function headOf(path: string): string {
  const read = readHead(path, 256)
  return 'bytes' in read ? read.bytes.toString('latin1') : ''
}

/** A digest of a program, by which a later run sees that it is another one. One that may be run but not read has none. */
export function digestOf(path: string): string | Diagnostic {
  const read = readHead(path, digested)
  if ('bytes' in read)
    return createHash('sha256').update(read.bytes).update(sizeBeyond(read.stats.size)).digest('hex')
  return read.code === 'EACCES'
    ? ''
    : {
        code: 'inventory/no-file',
        message: `${path} cannot be read: ${read.words}`,
        at: { file: path, line: 1, column: 1 },
        hint: 'check its permissions',
      }
}

function sizeBeyond(size: number): string {
  return size > digested ? String(size) : ''
}
