import { readFileSync } from 'node:fs'
import { hostname } from 'node:os'

/** When a process began, as Linux tells it, so that another one with its number is not taken for it; null where nothing tells. */
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

/** Whether a process of this controller is still there; of another controller that cannot be told. */
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
