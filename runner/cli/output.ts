import type { Listener } from '../model/event.ts'
import { createJsonReport } from '../report/json.ts'
import { createPlainReport } from '../report/plain.ts'
import { createPaint } from '../report/screen-text.ts'
import type { ScreenReport } from '../report/terminal.ts'
import type { View } from '../report/task-lines.ts'
import type { Again, RunFlags } from './flags.ts'
import { hasColor, widthOf, type Io } from './io.ts'

/** The report that fits the output: a screen on a terminal, plain lines elsewhere, JSON when asked for. */
export async function chooseReport(
  io: Io,
  mode: 'run' | 'plan',
  command: Again,
  flags: RunFlags,
): Promise<ScreenReport> {
  const { stdout, env } = io
  const write = (text: string): void => {
    stdout.write(text)
  }
  if (flags.output === 'json') return alone(createJsonReport(write))
  const color = hasColor(stdout, env)
  const view: View = {
    paint: createPaint(color),
    color,
    width: widthOf(stdout, env),
    diff: flags.diff === true,
    verbosity: flags.verbose,
    mode,
    folder: io.cwd,
  }
  const again = { command }
  const isScreen = flags.output === 'auto' && stdout.isTTY && env['TERM'] !== 'dumb' && !env['CI']
  if (!isScreen) return alone(createPlainReport({ write, view, again }))
  const { createTerminalReport } = await import('../report/terminal.ts')
  return createTerminalReport({ stream: stdout, view, again })
}

/** A report that keeps no screen: whoever asks a question simply asks. */
function alone(hear: Listener): ScreenReport {
  return { hear, end: async () => {}, lend: (ask) => ask() }
}
