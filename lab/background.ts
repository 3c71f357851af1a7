import { rmSync } from 'node:fs'
import { controlSocket, listenForControl } from './control.ts'
import { raiseLab, type LabOptions } from './lab.ts'

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
