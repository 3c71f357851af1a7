import { closeSync, existsSync, fstatSync, mkdirSync, openSync, readSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'
import {
  keysByName,
  parseKnownHosts,
  type KeysByName,
  type KnownKey,
  type LookupName,
} from './known-hosts.ts'
import { word } from '../../batch/quote.ts'
import { readFile } from '../../../files/read-file.ts'
import { rereader } from '../file-cache.ts'

/** Most bytes of a known_hosts file. */
const knownHostsLimit = 128 << 20

/** Reads known_hosts files; a file that has not changed since is not parsed again. */
export interface KnownHostsReader {
  /** The lines of those files that are there which may name this host: patterns and hashed names are among them. */
  read(files: readonly string[], name: LookupName): readonly KnownKey[]
}

/** A reader for the length of a run. */
export function knownHostsReader(): KnownHostsReader {
  const readOne = rereader((file): KeysByName | null => {
    const read = readFile(file, knownHostsLimit)
    // A file that is not there or cannot be read knows no hosts; the host is then refused as unknown.
    return 'bytes' in read ? keysByName(parseKnownHosts(read.bytes.toString('utf8'), file)) : null
  })
  return { read: (files, name) => files.flatMap((file) => readOne(file)?.for(name) ?? []) }
}

/** The command that a person types to append a line: it makes a missing folder, and ends a last line that is not ended. */
export function appendingCommand(file: string, line: string): string {
  const folder = dirname(file)
  const making = existsSync(folder) ? '' : `mkdir -m 700 -p ${word(folder)} && `
  return `${making}printf '${lastLineIsOpen(file) ? '\\n' : ''}%s\\n' ${word(line)} >> ${word(file)}`
}

function lastLineIsOpen(file: string): boolean {
  try {
    const descriptor = openSync(file, 'r')
    try {
      return endsMidLine(descriptor)
    } finally {
      closeSync(descriptor)
    }
  } catch {
    return false
  }
}

/** Append a line in one write, so that two runs may do it at once. Gives the reason when it cannot be written. */
export function appendKnownHost(file: string, line: string): string | null {
  try {
    // One level, as OpenSSH does it; a recursive mkdir below /proc never returns.
    if (!existsSync(dirname(file))) mkdirSync(dirname(file), { mode: 0o700 })
    const descriptor = openSync(file, 'a+', 0o600)
    try {
      writeSync(descriptor, `${endsMidLine(descriptor) ? '\n' : ''}${line}\n`)
    } finally {
      closeSync(descriptor)
    }
    return null
  } catch (error) {
    return (error as Error).message
  }
}

function endsMidLine(descriptor: number): boolean {
  const { size } = fstatSync(descriptor)
  if (size === 0) return false
  const last = Buffer.alloc(1)
  readSync(descriptor, last, 0, 1, size - 1)
  return last[0] !== 10
}
