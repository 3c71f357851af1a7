import type { Listener } from '../model/event.ts'
import { asciiStream, showsUtf8 } from '../report/ascii.ts'
import { createJsonReport } from '../report/json-report.ts'
import type { NextCommand } from '../report/next-command.ts'
import { createPlainReport } from '../report/plain.ts'
import { createPaint } from '../report/screen-text.ts'
import type { ScreenReport } from '../report/terminal.ts'
import type { View } from '../report/task-lines.ts'
import type { RunFlags } from './flags.ts'
import { writeForProgram } from './gate.ts'
import { hasColor, widthOf, type Io } from './io.ts'

/** What the report shows, and how wide. */
export function viewOf(
  io: Io,
  mode: View['mode'],
  flags: Pick<RunFlags, 'diff' | 'diffFull' | 'verbose' | 'outputs'>,
): View {
  const color = hasColor(io.stdout, io.env)
  return {
    paint: createPaint(color),
    color,
    width: widthOf(io.stdout, io.env),
    diff: flags.diff === true || flags.diffFull === true,
    // A pipe or a file gets all of it: it has no screen to fill.
    whole: flags.diffFull === true || !io.stdout.isTTY,
    verbosity: flags.verbose,
    outputs: flags.outputs ?? (['none', 'acts'] as const)[flags.verbose] ?? 'all',
    mode,
    folder: io.cwd,
  }
}

/** The report of a form of output: a screen on a terminal, plain lines elsewhere, JSON when asked for. */
export async function chooseReport(
  io: Io,
  mode: View['mode'],
  command: NextCommand,
  flags: RunFlags,
): Promise<ScreenReport> {
  const { env } = io
  const stdout = showsUtf8(env) ? io.stdout : asciiStream(io.stdout)
  const write = (text: string): void => {
    stdout.write(text)
  }
  if (flags.output === 'json')
    return withoutScreen(createJsonReport((text) => writeForProgram(io.stdout, text)))
  const view = viewOf(io, mode, flags)
  const again = { command, hasLog: flags.log !== false }
  const isScreen = flags.output === 'auto' && stdout.isTTY && env['TERM'] !== 'dumb' && !env['CI']
  if (!isScreen) return withoutScreen(createPlainReport({ write, view, again }))
  const { createTerminalReport } = await import('../report/terminal.ts')
  return createTerminalReport({
    stream: stdout,
    others: io.stderr.isTTY && io.stderr !== io.stdout ? [io.stderr] : [],
    view,
    again,
    ending: () => (io.stop.aborted ? 'stops' : io.drain.aborted ? 'drains' : 'no'),
  })
}

/** A report without a screen: a question is asked at once. */
function withoutScreen(hear: Listener): ScreenReport {
  return { hear, end: async () => {}, lend: (ask) => ask() }
}
