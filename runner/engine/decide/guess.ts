import type { Judged, Turn } from '../model.ts'

/** Readings that others wait for are worth guessing next time: those of registers, and of first rounds. */
export function keepAsGuess({ run, task }: Turn, judged: Judged): void {
  if (task.register === undefined && judged.rounds < 2) return
  for (const { where, key } of judged.asked.values()) run.store.chained(where, key)
}

/** The hosts whose readings a task's changes may touch. */
export function touchedHosts({ run, task, subject }: Turn): readonly string[] {
  return task.runOnce ? run.subjects.map((each) => each.host.name) : [subject.host.name]
}
