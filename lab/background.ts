import { rmSync } from 'node:fs'
import { DiagnosticError, type Diagnostic } from '../runner/model/diagnostic.ts'
import { controlSocket, listenForControl } from './control.ts'
import { raiseLab, type LabOptions } from './lab.ts'

const mark = 'diagnostics: '

/** What a process says that could not carry its lab: its diagnostics as one line, or the message of another error. */
export function endedText(error: Error): string {
  return error instanceof DiagnosticError
    ? `${mark}${JSON.stringify(error.diagnostics)}`
    : error.message
}

/** The diagnostics in what such a process has said; none where it ended for another reason. */
export function saidDiagnostics(said: string): readonly Diagnostic[] {
  const line = said.split('\n').find((each) => each.startsWith(mark))
  return line ? (JSON.parse(line.slice(mark.length)) as readonly Diagnostic[]) : []
}

/** Raises a lab and serves it until it is ordered to go down, or the process is asked to end. */
export async function serveLab(
  options: LabOptions,
  ended: (stop: () => void) => void,
): Promise<void> {
  const lab = await raiseLab(options)
  let stop: () => void = () => {}
  const stopped = new Promise<void>((resolve) => (stop = resolve))
  // Nothing answers on a socket that a killed lab left behind: the process that starts a lab has asked first.
  rmSync(controlSocket(lab.folder), { force: true })
  try {
    const control = await listenForControl(lab, stop)
    ended(stop)
    await stopped
    await new Promise<void>((resolve) => control.close(() => resolve()))
  } finally {
    await lab.close()
  }
}
