import { pruneLogs, type Retention } from './retention.ts'
import { closeSync, fsyncSync, mkdirSync, openSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import type { Diagnostic } from '../model/diagnostic.ts'
import type { Event, Listener } from '../model/event.ts'
import type { Notary, Note } from '../model/note.ts'
import { jsonText } from '../text/json-text.ts'
import { isKept, type Header } from '../model/record.ts'

/** A run log that is being written. */
export interface RunLog {
  readonly hear: Listener
  readonly note: Notary
  close(): void
}

/** How long records wait that say that nothing was done, in milliseconds. */
const patience = 20

/** Where a log is written, and which older logs stay. */
export interface LogFile {
  readonly folder: string
  readonly name: string
  readonly retention: Retention
}

/**
 * Writes a run log, a record a line. Each record of something that was done is with the kernel before the run goes on, so that
 * killing this process loses none; what must also survive a power cut is synced. Records that a host was read and found true come
 * by the dozen and wait for the next one of the others, or for a moment. A disk that takes no more is said once and ends the log,
 * not the run.
 */
export function writeRunLog(
  file: LogFile,
  header: Header,
  warn: (diagnostic: Diagnostic) => void,
): RunLog {
  let descriptor: number | null = null
  let given = false
  let n = 0
  let waiting = ''
  let soon: NodeJS.Timeout | undefined
  /** What was said before the run began; the header stays first. */
  let early: Event[] | null = []

  function write(record: Event | Note | Header, sync: boolean): void {
    if (given) return
    waiting += `${jsonText({ n, ...record }, 0)}\n`
    n += 1
    if (saysNothingWasDone(record)) soon ??= setTimeout(flush, patience)
    else flush(sync)
  }

  function flush(sync = false): void {
    clearTimeout(soon)
    soon = undefined
    if (given || waiting === '') return
    try {
      descriptor ??= openLog(file, header.at)
      const text = waiting
      waiting = ''
      writeAll(descriptor, text)
      if (sync) fsyncSync(descriptor)
    } catch (error) {
      given = true
      warn(unwritten(error as Error))
    }
  }

  return {
    hear(event) {
      if (!isKept(event)) return
      if (early && event.type !== 'run-started') return void early.push(event)
      if (event.type === 'run-started') {
        write({ ...header, at: event.at }, true)
        for (const each of early ?? []) write(each, false)
        early = null
      }
      write(event, event.type === 'run-ended')
    },
    note: (note) => write(note, note.type === 'action-output'),
    close() {
      flush()
      if (descriptor !== null) closeSync(descriptor)
      descriptor = null
      given = true
    },
  }
}

function openLog({ folder, name, retention }: LogFile, now: number): number {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  pruneLogs(folder, retention, now)
  return openSync(join(folder, name), 'a', 0o600)
}

function writeAll(descriptor: number, text: string): void {
  const bytes = Buffer.from(text)
  for (let at = 0; at < bytes.length;) at += writeSync(descriptor, bytes, at)
}

function unwritten({ message }: Error): Diagnostic {
  return {
    code: 'run/log-unwritten',
    severity: 'warning',
    message: `the run log cannot be written: ${message}`,
    hint: 'the run goes on without it, and cannot be resumed from here on; make room, or name another folder with --state-dir',
  }
}

/** Whether a record may wait to be written: the run did nothing of which a later one must know. */
export function saysNothingWasDone(record: Event | Note | Header): boolean {
  if (record.type === 'exchange') return record.actions === 0
  return record.type === 'outcome' && (record.outcome === 'ok' || record.outcome === 'skipped')
}
