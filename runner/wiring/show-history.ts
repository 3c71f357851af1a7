import type { RunOutcome } from '../report/forms.ts'
import { DiagnosticError } from '../model/diagnostic.ts'
import { parseDuration } from '../text/duration.ts'
import { clock } from './clock.ts'
import { jsonText } from '../text/json-text.ts'
import { historyEntry, historyLine, outcomeOfRun, replay, restLines } from '../report/history.ts'
import { runAgain } from '../report/next-command.ts'
import { cut } from '../report/screen-text.ts'
import { owedIn } from '../journal/outcome-of-log.ts'
import { findRun, listRuns, readLog, recordsOfHost, type Brief } from '../journal/read-log.ts'
import { runsFolder } from '../journal/state-folder.ts'
import { shapeOf } from './recorded-run.ts'
import { viewOf } from './choose-report.ts'
import { writeForProgram } from './gate.ts'
import { widthOf, type Io } from './io.ts'
import { stateHome } from './trust-of-user.ts'

/** The options of `trueup history`. */
export interface HistoryFlags {
  readonly stateDir?: string
  readonly count: number
  readonly compare?: readonly string[]
  readonly json?: boolean
  /** A part of the file or the title of the playbook. */
  readonly playbook?: string
  readonly host?: string
  readonly outcome?: RunOutcome
  /** A duration back from now, or a moment. */
  readonly since?: string
}
/** The options of `trueup show`. */
export interface ShowFlags {
  readonly stateDir?: string
  readonly host?: string
  readonly json?: boolean
  readonly diff?: boolean
  readonly diffFull?: boolean
}

/** `trueup history`: the latest runs, a line each, numbered as `show` and `resume` take them. */
export function historyCommand(io: Io, flags: HistoryFlags): number {
  const folder = runsFolder(stateHome(io), flags.stateDir)
  const runs = listRuns(folder)
  if (runs.length === 0) {
    io.stderr.write(`${folder} has no run log yet\n`)
    return 0
  }
  const numbered = runs.map((brief, at) => ({ brief, number: at + 1 }))
  const found = numbered.filter(({ brief }) => fits(brief, flags)).slice(0, flags.count)
  if (flags.json) {
    const all = found.map(({ brief, number }) => historyEntry(brief, number))
    writeForProgram(io.stdout, `${jsonText(all)}\n`)
    return 0
  }
  if (found.length === 0) io.stderr.write('no run fits\n')
  const width = io.stdout.isTTY ? widthOf(io.stdout, io.env) : 1000
  for (const { brief, number } of found)
    io.stdout.write(`${cut(historyLine(brief, number, io.cwd), width)}\n`)
  return 0
}

/** Whether a run is one of those that are asked for. Only a look at its hosts reads its whole log. */
function fits(brief: Brief, { playbook, host, outcome, since }: HistoryFlags): boolean {
  const { header } = brief
  const named = `${header.playbook.file}\n${header.playbook.title}`.toLowerCase()
  return (
    (playbook === undefined || named.includes(playbook.toLowerCase())) &&
    (outcome === undefined || outcomeOfRun(brief) === outcome) &&
    (since === undefined || header.at >= momentOf(since)) &&
    (host === undefined || hadHost(brief, host))
  )
}

function hadHost({ file }: Brief, host: string): boolean {
  try {
    return readLog(file).records.some(
      (record) => record.type === 'play-started' && record.hosts.includes(host),
    )
  } catch {
    // The command that asks for a damaged log reports it.
    return false
  }
}

/** Milliseconds since the epoch of `2d`, counted back from now, or of `2026-11-30` and `2026-11-30T08:00:00Z`. */
function momentOf(since: string): number {
  const seconds = parseDuration(since)
  const at = seconds === null ? Date.parse(since) : clock.now() - seconds * 1000
  if (!Number.isNaN(at)) return at
  throw new DiagnosticError({
    code: 'cli/since',
    message: `--since takes a duration or a date, and '${since}' is neither`,
    hint: 'write --since 2d, or --since 2026-11-30',
  })
}

/** `trueup show RUN`: the log as the run itself was reported; `--host` for one host, `--json` as records. */
export function showCommand(io: Io, word: string, flags: ShowFlags): number {
  const brief = findRun(runsFolder(stateHome(io), flags.stateDir), word)
  const { header, records, cut: isCut } = readLog(brief.file)
  const shown = flags.host === undefined ? records : recordsOfHost(header.run, records, flags.host)
  if (flags.json) {
    for (const record of shown) writeForProgram(io.stdout, `${jsonText(record, 0)}\n`)
    return 0
  }
  const shape = shapeOf(header)
  replay(header, shown, {
    write: (text) => void io.stdout.write(text),
    view: viewOf(io, header.mode, {
      diff: flags.diff !== false,
      diffFull: flags.diffFull === true,
      verbose: 0,
      outputs: 'all',
    }),
    again: {
      command: runAgain({ playbook: header.playbook.file, shape, inputs: [], folder: io.cwd }),
    },
  })
  const lines = restLines(brief, shown, { ...owedIn(shown), isCut }, flags.host)
  if (lines.length > 0) io.stdout.write(`${lines.join('\n')}\n`)
  return 0
}
