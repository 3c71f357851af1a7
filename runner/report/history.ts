import type { RunOutcome } from './forms.ts'
import type { Event } from '../model/event.ts'
import type { Outcome } from '../model/outcome.ts'
import { commandOfRun, type Header, type LogRecord } from '../model/record.ts'
import type { Note } from '../model/note.ts'
import { countOf } from '../text/count.ts'
import { durationText } from '../text/duration.ts'
import { fromFolder } from '../text/from-folder.ts'
import { foldNames } from '../text/host-ranges.ts'
import { jsonText } from '../text/json-text.ts'
import { createPlainReport, type ReportOptions } from './plain.ts'
import { cleanLine, cut } from './screen-text.ts'

/** A run in short. */
export interface RunInShort {
  readonly header: Header
  readonly end: Extract<Event, { type: 'run-ended' }> | null
  readonly state: 'ended' | 'running' | 'cut off'
}

/** What a log tells beside its events. */
export interface LogRest {
  /** The handlers that hosts owe, with those hosts. */
  readonly owed: ReadonlyMap<string, readonly string[]>
  /** Applies without a known end. */
  readonly begun: readonly Extract<Note, { type: 'acting' }>[]
  /** The last line of the log was not written whole. */
  readonly isCut: boolean
}

/** How a run ended: `pending` is a plan that would change something, `true` a run that changed nothing. */
export function outcomeOfRun({ end, state }: RunInShort): RunOutcome {
  if (!end) return state === 'running' ? 'running' : 'killed'
  if (end.interrupted) return 'interrupted'
  if (end.exit === 1) return 'failed'
  if (end.exit === 2) return 'pending'
  return end.changedHosts.length > 0 ? 'changed' : 'true'
}

/** A run as `trueup history --json` has it. */
export function historyEntry(run: RunInShort, number: number): object {
  const { header, end } = run
  return {
    number,
    run: header.run,
    at: new Date(header.at).toISOString(),
    command: commandOfRun(header),
    playbook: header.playbook.file,
    title: header.playbook.title,
    user: header.user,
    controller: header.controller,
    limit: header.limit,
    outcome: outcomeOfRun(run),
    exit: end?.exit ?? null,
    seconds: end?.seconds ?? null,
    totals: end?.totals ?? null,
    failedHosts: end?.failedHosts ?? [],
    unreachableHosts: end?.unreachableHosts ?? [],
    changedHosts: end?.changedHosts ?? [],
  }
}

/** A line of `trueup history`. */
export function historyLine(
  { header, end, state }: RunInShort,
  number: number,
  folder: string,
): string {
  const what = commandOfRun(header)
  const result = end
    ? `${resultText(end)}, ${durationText(end.seconds)}, exit ${end.exit}`
    : state === 'running'
      ? 'still running'
      : 'cut off: it was killed'
  return cleanLine(
    `${String(number).padStart(3)}  ${header.run}  ${what.padEnd(6)}  ${fromFolder(header.playbook.file, folder)}  ${header.user}@${header.controller}  ${result}`,
  )
}

function resultText(end: Extract<Event, { type: 'run-ended' }>): string {
  const counts = (Object.entries(end.totals) as [Outcome, number][])
    .filter(([, count]) => count > 0)
    .map(([outcome, count]) => `${outcome} ${count}`)
  return `${end.interrupted ? 'interrupted; ' : ''}${counts.join(', ') || 'no tasks'}`
}

/** Reports a run again from its log. */
export function replay(
  header: Header,
  records: readonly LogRecord[],
  options: ReportOptions,
): void {
  const report = createPlainReport(options)
  options.write(`${cleanLine(headline(header))}\n`)
  const open = new Set<number>()
  for (const record of records) {
    if (!isEvent(record)) continue
    if (record.type === 'play-started') open.add(record.play)
    if (record.type === 'play-ended') open.delete(record.play)
    report(record)
  }
  // A play without an end is reported as far as it came.
  for (const play of open) report({ type: 'play-ended', at: header.at, play })
}

function headline({ run, user, controller, at, resumes, plan }: Header): string {
  const when = new Date(at).toISOString().slice(0, 19).replace('T', ' ')
  const after = resumes === null ? '' : `, resumed ${resumes}`
  return `run ${run} of ${user}@${controller}, ${when} UTC${after}${plan === null ? '' : `, applied ${plan}`}`
}

const eventTypes: ReadonlySet<string> = new Set([
  'run-started',
  'play-started',
  'outcome',
  'exchange',
  'warning',
  'play-ended',
  'run-ended',
])

function isEvent(record: LogRecord): record is LogRecord & Event {
  return eventTypes.has(record.type)
}

/** What no event tells: owed handlers, applies without a known end, outputs of named actions; of one host also its registers. */
export function restLines(
  { header, end, state }: RunInShort,
  records: readonly LogRecord[],
  { owed, begun, isCut }: LogRest,
  only: string | undefined,
): readonly string[] {
  const lines = [
    ...[...owed].map(([name, hosts]) => `owed          ${name}: ${foldNames(hosts, 200)}`),
    ...begun.map(
      ({ host, actions }) =>
        `begun         ${host}: ${actions.join('; ')} (the log does not say how it ended)`,
    ),
    ...outputLines(records, only),
    ...(only === undefined ? [] : registerLines(records)),
    ...(isCut ? ['the last line of the log was not written whole'] : []),
    ...(state === 'running' ? [`the run still goes on, as process ${header.pid}`] : []),
    ...(state !== 'running' && !end
      ? [`the log ends before the run did: it was killed; trueup resume ${header.run}`]
      : []),
  ]
  return lines.map(cleanLine)
}

function outputLines(records: readonly LogRecord[], only: string | undefined): readonly string[] {
  const outputs = records.filter((record) => record.type === 'action-output')
  const shown = outputs.slice(0, only === undefined ? 20 : outputs.length)
  const left = outputs.length - shown.length
  return [
    ...shown.map(
      ({ host, name, output }) =>
        `output        ${host}: ${name}: ${cut(jsonText(output, 0), 300)}`,
    ),
    ...(left > 0 ? [`and ${countOf(left, 'more output')}; --host shows all of a host`] : []),
  ]
}

function registerLines(records: readonly LogRecord[]): readonly string[] {
  return records.flatMap((record) =>
    record.type === 'registered'
      ? [`register      ${record.name}: ${cut(jsonText(record.value, 0), 300)}`]
      : [],
  )
}
