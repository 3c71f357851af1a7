import { readFileSync } from 'node:fs'
import { hostname } from 'node:os'

/** When a process began, as Linux reports it, so that a later process with the same number is not taken for it; null where the system does not report it. */
export function beganOf(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // Its name may hold blanks and brackets: the fields are counted behind it.
    const began = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]
    return began === undefined
      ? null
      : `${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()} ${began}`
  } catch {
    return null
  }
}

/** Whether a process of this controller still runs; false for another controller, which cannot be asked. */
export function isAlive({
  pid,
  controller,
  began,
}: {
  readonly pid: number
  readonly controller: string
  readonly began: string | null
}): boolean {
  if (controller !== hostname()) return false
  const now = beganOf(pid)
  if (now !== null && began !== null) return now === began
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
