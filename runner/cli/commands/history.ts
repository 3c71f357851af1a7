import { DiagnosticError } from '../../model/diagnostic.ts'
import type { Event, Outcome } from '../../model/event.ts'
import { foldNames } from '../../text/host-ranges.ts'
import { durationText } from '../../text/duration.ts'
import { fromFolder } from '../../report/diagnostics.ts'
import { jsonText } from '../../report/json.ts'
import { createPlainReport } from '../../report/plain.ts'
import { cleanLine, createPaint, cut } from '../../report/screen-text.ts'
import { sameAgain, type RunFlags } from '../flags.ts'
import { hasColor, widthOf, type Io } from '../io.ts'
import { foldLog } from '../../journal/outcome-of-log.ts'
import { findRun, listRuns, readLog, type Brief } from '../../journal/read-log.ts'
import type { Header, LogRecord } from '../../journal/record.ts'
import { countOf } from '../../text/count.ts'
import { runsFolder } from '../../journal/state-folder.ts'

/** Where logs are looked for. */
export interface HistoryFlags {
  readonly stateDir?: string
  readonly count: number
}
/** What is shown of a log. */
export interface ShowFlags {
  readonly stateDir?: string
  readonly host?: string
  readonly json?: boolean
  readonly diff?: boolean
}

/** `trueup history`: the latest runs, a line each, numbered as `show` and `resume` take them. */
export function historyCommand(io: Io, flags: HistoryFlags): number {
  const folder = runsFolder(io, flags)
  const runs = listRuns(folder)
  if (runs.length === 0) {
    io.stderr.write(`there is no run log in ${folder} yet\n`)
    return 0
  }
  const width = io.stdout.isTTY ? widthOf(io.stdout, io.env) : 1000
  const lines = runs
    .slice(0, flags.count)
    .map((brief, at) => cut(historyLine(brief, at + 1, io.cwd), width))
  io.stdout.write(`${lines.join('\n')}\n`)
  return 0
}

function historyLine({ header, end, state }: Brief, number: number, folder: string): string {
  const what = header.plan === null ? (header.resumes === null ? header.mode : 'resume') : 'apply'
  const result = end
    ? `${resultText(end)}, ${durationText(end.seconds)}`
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

/** `trueup show RUN`: the log told as the run itself was; `--host` for one host, `--json` as records. */
export function showCommand(io: Io, word: string, flags: ShowFlags): number {
  const brief = findRun(runsFolder(io, flags), word)
  const { header, records, cut: isCut } = readLog(brief.file)
  const { host } = flags
  if (
    host !== undefined &&
    !records.some((record) => record.type === 'play-started' && record.hosts.includes(host))
  ) {
    throw new DiagnosticError({
      code: 'cli/one-host',
      message: `run ${header.run} had no host '${host}'`,
      hint: `its hosts are ${foldNames([...new Set(records.flatMap((record) => (record.type === 'play-started' ? record.hosts : [])))], 500)}`,
    })
  }
  const shown =
    host === undefined
      ? records
      : records
          .filter((record) => !('host' in record) || record.host === host)
          .map((record) => (record.type === 'play-started' ? { ...record, hosts: [host] } : record))
  if (flags.json) {
    for (const record of shown) io.stdout.write(`${jsonText(record, 0)}\n`)
    return 0
  }
  tell(io, header, shown, flags)
  const lines = afterwards(shown, host)
  if (isCut) lines.push('the last line of the log was not written whole')
  if (brief.state === 'running') lines.push(`the run is still at work, as process ${header.pid}`)
  else if (!brief.end)
    lines.push(`the log ends before the run did: it was killed; trueup resume ${header.run}`)
  if (lines.length > 0) io.stdout.write(`${lines.map(cleanLine).join('\n')}\n`)
  return 0
}

function tell(io: Io, header: Header, records: readonly LogRecord[], flags: ShowFlags): void {
  const color = hasColor(io.stdout, io.env)
  const again: RunFlags = {
    forks: 1,
    verbose: 0,
    output: 'plain',
    batch: true,
    inventory: header.inventory.paths,
    ...(header.limit === null ? {} : { limit: header.limit }),
    ...(header.tags === null ? {} : { tags: header.tags }),
    ...(header.skipTags === null ? {} : { skipTags: header.skipTags }),
  }
  const report = createPlainReport({
    write: (text) => void io.stdout.write(text),
    view: {
      paint: createPaint(color),
      color,
      width: widthOf(io.stdout, io.env),
      diff: flags.diff !== false,
      verbosity: 0,
      mode: header.mode,
      folder: io.cwd,
    },
    again: { command: sameAgain(again, header.playbook.file, io.cwd, {}) },
  })
  const when = new Date(header.at).toISOString().slice(0, 19).replace('T', ' ')
  io.stdout.write(
    `${cleanLine(`run ${header.run} of ${header.user}@${header.controller}, ${when} UTC${header.resumes === null ? '' : `, resumed ${header.resumes}`}${header.plan === null ? '' : `, applied ${header.plan}`}`)}\n`,
  )
  let open: number | null = null
  for (const record of records) {
    if (!eventTypes.has(record.type)) continue
    if (record.type === 'play-started') open = record.play
    if (record.type === 'play-ended') open = null
    report(record as Event)
  }
  // What was told of a play that never ended is told as far as it came.
  if (open !== null) report({ type: 'play-ended', at: header.at, play: open })
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

/** What no event tells: what is owed, what was begun and has no end, what named actions said. */
function afterwards(records: readonly LogRecord[], only: string | undefined): string[] {
  const folded = foldLog(records)
  const lines: string[] = []
  const debts = new Map<string, Set<string>>()
  for (const play of folded.plays.keys())
    for (const [host, names] of folded.owing(play))
      for (const name of names) debts.set(name, (debts.get(name) ?? new Set()).add(host))
  for (const [name, hosts] of debts)
    lines.push(`owed          ${name}: ${foldNames([...hosts], 200)}`)
  for (const { host, actions } of folded.begun)
    lines.push(`begun         ${host}: ${actions.join('; ')} (nobody knows how it ended)`)
  const outputs = records.filter((record) => record.type === 'action-output')
  for (const { host, name, output } of outputs.slice(0, only === undefined ? 20 : outputs.length))
    lines.push(`output        ${host}: ${name}: ${cut(jsonText(output, 0), 300)}`)
  if (only === undefined && outputs.length > 20)
    lines.push(`and ${countOf(outputs.length - 20, 'more output')}; --host shows all of a host`)
  for (const record of only === undefined ? [] : records)
    if (record.type === 'registered')
      lines.push(`register      ${record.name}: ${cut(jsonText(record.value, 0), 300)}`)
  return lines
}
