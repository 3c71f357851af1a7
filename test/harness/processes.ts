import { readFileSync } from 'node:fs'
import type { ChildProcess } from 'node:child_process'

/** Waits until something holds, however slow the machine is: a test's own time limit ends a wait in vain. */
export async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 10))
}

/** Waits until a process has written such words to its standard error. */
export async function says(child: ChildProcess, words: string): Promise<void> {
  let said = ''
  child.stderr!.on('data', (chunk: Buffer) => (said += chunk.toString()))
  await until(() => said.includes(words))
}

/** Whether a process is at work. One that has ended and waits for its parent to notice is not. */
export function isAlive(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
  } catch {
    return false
  }
}
