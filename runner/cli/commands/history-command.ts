import { jsonText } from '../../text/json-text.ts'
import { historyLine, replay, restLines } from '../../report/history.ts'
import { runAgain } from '../../report/next-command.ts'
import { cut } from '../../report/screen-text.ts'
import { owedIn } from '../../journal/outcome-of-log.ts'
import { findRun, listRuns, readLog, recordsOfHost } from '../../journal/read-log.ts'
import { runsFolder } from '../../journal/state-folder.ts'
import { shapeOf } from '../../wiring/recorded-run.ts'
import { viewOf } from '../../wiring/choose-report.ts'
import { writeForProgram } from '../../wiring/gate.ts'
import { widthOf, type Io } from '../../wiring/io.ts'
import { stateHome } from '../../wiring/trust-of-user.ts'

/** The options of `trueup history`. */
export interface HistoryFlags {
  readonly stateDir?: string
  readonly count: number
  readonly compare?: readonly string[]
  readonly json?: boolean
}
/** The options of `trueup show`. */
export interface ShowFlags {
  readonly stateDir?: string
  readonly host?: string
  readonly json?: boolean
  readonly diff?: boolean
}

/** `trueup history`: the latest runs, a line each, numbered as `show` and `resume` take them. */
export function historyCommand(io: Io, flags: HistoryFlags): number {
  const folder = runsFolder(stateHome(io), flags.stateDir)
  const runs = listRuns(folder)
  if (runs.length === 0) {
    io.stderr.write(`${folder} has no run log yet\n`)
    return 0
  }
  const width = io.stdout.isTTY ? widthOf(io.stdout, io.env) : 1000
  const lines = runs
    .slice(0, flags.count)
    .map((brief, at) => cut(historyLine(brief, at + 1, io.cwd), width))
  io.stdout.write(`${lines.join('\n')}\n`)
  return 0
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
