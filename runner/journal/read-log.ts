import { closeSync, constants, fstatSync, openSync, readSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { DiagnosticError } from '../model/diagnostic.ts'
import { foldNames } from '../text/host-ranges.ts'
import type { Event } from '../model/event.ts'
import { madeLimit, readFile } from '../files/read-file.ts'
import { isAlive } from './process-identity.ts'
import { logVersion, type Header, type LogRecord } from '../model/record.ts'

/** A run log as read. */
export interface ReadLog {
  readonly header: Header
  readonly records: readonly LogRecord[]
  /** The last line was not written whole: the run was killed, or its disk was full. */
  readonly cut: boolean
}

/** A run in short, from both ends of its log. */
export interface Brief {
  readonly header: Header
  readonly file: string
  readonly end: Extract<Event, { type: 'run-ended' }> | null
  readonly state: 'ended' | 'running' | 'cut off'
}

/** How a log ends: its last record where that says so. */
export type Ending = Pick<Brief, 'file' | 'end'>

/** Bytes that are read first of either end of a log. */
const edge = 8 * 1024

/** The logs of a folder that fit, the newest first. Other files are ignored. */
export function listRuns(
  folder: string,
  fits: (file: string) => boolean = () => true,
): readonly Brief[] {
  return logNames(folder)
    .map((name) => join(folder, name))
    .filter(fits)
    .flatMap((file) => briefOf(file) ?? [])
}

/** The newest logs of a folder. */
export function newestRuns(folder: string, most: number): readonly Brief[] {
  return logNames(folder)
    .slice(0, most)
    .flatMap((name) => briefOf(join(folder, name)) ?? [])
}

/** How a log ends: the last kilobyte of most of them is enough. Null of one that does not read. */
export function endingOf(file: string): Ending | null {
  return withLog(file, (descriptor, size) => {
    const last = lastOf(descriptor, size, 1024)
    return { file, end: last?.type === 'run-ended' ? last : null }
  })
}

/** The log that `RUN` names: `last`, a number counted from the newest, or the beginning of its name. */
export function findRun(
  folder: string,
  word: string,
  fits: (brief: Brief) => boolean = () => true,
): Brief {
  const runs = listRuns(folder)
  const hint =
    runs.length > 0
      ? '`trueup history` lists them'
      : `${folder} has no run log; --state-dir names another folder`
  const none = (message: string): DiagnosticError =>
    new DiagnosticError({ code: 'run/no-log', message, hint })
  if (word === 'last') return runs.find(fits) ?? raise(none('no run has been logged yet'))
  if (/^[0-9]{1,5}$/.test(word) && Number(word) >= 1)
    return (
      runs[Number(word) - 1] ?? raise(none(`there are ${runs.length} run logs, and not ${word}`))
    )
  const found = runs.filter((brief) => brief.header.run.startsWith(word))
  if (found.length === 0) throw none(`no run begins with '${word}'`)
  if (found.length > 1)
    throw new DiagnosticError({
      code: 'run/no-log',
      message: `'${word}' begins ${found.length} runs: ${found
        .slice(0, 5)
        .map((brief) => brief.header.run)
        .join(', ')}`,
      hint: 'give more of its name',
    })
  return found[0]!
}

/** Reads a whole log. A last line that was cut is left out and reported; any other line that does not parse is an error. */
export function readLog(file: string): ReadLog {
  const read = readFile(file, madeLimit)
  if ('code' in read)
    throw new DiagnosticError({
      code: 'run/log-damaged',
      message: `${file} cannot be read: ${read.words}`,
      hint: 'run the playbook again',
    })
  // A letter that was cut off stands in the last line, which is left out.
  const lines = read.bytes.toString('utf8').split('\n')
  const cut = lines.pop() !== ''
  const records = lines.map(
    (line, at) =>
      parse(line) ??
      raise(
        new DiagnosticError({
          code: 'run/log-damaged',
          message: `line ${at + 1} of ${file} is not a record`,
          hint: 'the file was edited, or the disk lost a part of it: run the playbook again',
        }),
      ),
  )
  records.forEach((record, at) => {
    if (record.n !== at)
      throw new DiagnosticError({
        code: 'run/log-damaged',
        message: `records are missing before line ${at + 1} of ${file}`,
        hint: 'the file was edited, or the disk lost a part of it: run the playbook again',
      })
  })
  const [header] = records
  if (header?.type !== 'header')
    throw new DiagnosticError({
      code: 'run/log-damaged',
      message: `${file} does not begin as a run log`,
      hint: 'run the playbook again',
    })
  if (header.version > logVersion)
    throw new DiagnosticError({
      code: 'run/log-version',
      message: `${file} was written by trueup ${header.trueup}, which keeps logs in another way`,
      hint: 'use that version of trueup, or a later one',
    })
  return { header, records, cut }
}

/** The records of one host. Throws DiagnosticError when the run did not have it. */
export function recordsOfHost(
  run: string,
  records: readonly LogRecord[],
  host: string,
): readonly LogRecord[] {
  const hosts = new Set(
    records.flatMap((record) => (record.type === 'play-started' ? record.hosts : [])),
  )
  if (!hosts.has(host))
    throw new DiagnosticError({
      code: 'cli/one-host',
      message: `run ${run} had no host '${host}'`,
      hint: `its hosts are ${foldNames([...hosts], 500)}`,
    })
  return records
    .filter((record) => !('host' in record) || record.host === host)
    .map((record) => (record.type === 'play-started' ? { ...record, hosts: [host] } : record))
}

/** The names of the logs of a folder, the newest first. */
export function logNames(folder: string): readonly string[] {
  try {
    return readdirSync(folder)
      .filter((name) => name.endsWith('.jsonl'))
      .sort()
      .reverse()
  } catch {
    return []
  }
}

function briefOf(file: string): Brief | null {
  return withLog(file, (descriptor, size) => {
    const header = headerOf(descriptor, size)
    if (!header) return null
    const end = lastOf(descriptor, size, edge)
    if (end?.type === 'run-ended') return { header, file, end, state: 'ended' }
    return { header, file, end: null, state: isAlive(header) ? 'running' : 'cut off' }
  })
}

/** Reads parts of a log; null of one that does not read. */
function withLog<T>(file: string, read: (descriptor: number, size: number) => T): T | null {
  try {
    const descriptor = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK)
    try {
      return read(descriptor, fstatSync(descriptor).size)
    } finally {
      closeSync(descriptor)
    }
  } catch {
    return null
  }
}

/** The first line, however long: the outline of a large playbook is. */
function headerOf(descriptor: number, size: number): Header | null {
  for (let length = edge; ; length *= 4) {
    const text = at(descriptor, 0, Math.min(length, size))
    const end = text.indexOf('\n')
    if (end < 0 && length < size) continue
    const record = parse(end < 0 ? text : text.slice(0, end))
    return record?.type === 'header' ? record : null
  }
}

/** The last line: where hosts failed it names them all. */
function lastOf(descriptor: number, size: number, first: number): LogRecord | null {
  for (let length = first; ; length *= 4) {
    const text = at(descriptor, Math.max(0, size - length), Math.min(length, size)).trimEnd()
    const before = text.lastIndexOf('\n')
    if (before < 0 && length < size) continue
    return parse(text.slice(before + 1))
  }
}

function at(descriptor: number, from: number, length: number): string {
  const bytes = Buffer.allocUnsafe(length)
  return bytes.subarray(0, readSync(descriptor, bytes, 0, length, from)).toString('utf8')
}

function parse(line: string): LogRecord | null {
  try {
    const record = JSON.parse(line) as LogRecord | null
    return typeof record === 'object' && record !== null && typeof record.type === 'string'
      ? record
      : null
  } catch {
    return null
  }
}

function raise(error: Error): never {
  throw error
}
