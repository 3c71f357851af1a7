import type { Task } from '../../model/playbook.ts'
import type { Once, Result, Subject } from '../model.ts'

/** Where hosts of a play meet: barriers, and tasks that one host runs for all. */
export interface Meeting {
  /** Resolves when every host still in play has come to this task, or has left. */
  arrive(subject: Subject, task: Task): Promise<void>
  /** Runs the task if this host is the first still in play, else waits for the result. */
  once(
    subject: Subject,
    task: Task,
    take: () => Promise<Result>,
  ): Promise<{ readonly result: Result; readonly isOwner: boolean }>
  /** What the look-ahead may know of a `run_once` task. */
  peek(task: Task): Once
  /** The hosts still in play. */
  present(): readonly Subject[]
  /** The host is done with the play, well or badly. */
  leave(subject: Subject): void
}

interface OnceRecord {
  result: Result | null
  taken: boolean
}

/**
 * A meeting of these hosts on their way through `tasks`; `met` is called once for each barrier, when all have come and
 * before any goes on. A host that waits at a later barrier is not waited for: only some hosts enter a rescue.
 */
export function createMeeting(
  subjects: readonly Subject[],
  tasks: Iterable<Task>,
  met: (task: Task) => void,
): Meeting {
  const order = new Map([...tasks].map((task, i) => [task.id, i]))
  const waiting = new Map<Subject, number>()
  const present = new Set(subjects)
  const barriers = new Map<
    string,
    { readonly task: Task; readonly here: Set<Subject>; met: boolean }
  >()
  const records = new Map<string, OnceRecord>()
  let wake: (() => void)[] = []

  function changed(): void {
    for (const barrier of barriers.values()) {
      if (
        barrier.met ||
        [...present].some((each) => !barrier.here.has(each) && !isPast(each, barrier.task))
      )
        continue
      barrier.met = true
      for (const each of barrier.here) waiting.delete(each)
      met(barrier.task)
    }
    const all = wake
    wake = []
    for (const go of all) go()
  }
  const change = (): Promise<void> => new Promise((resolve) => wake.push(resolve))
  const isPast = (subject: Subject, task: Task): boolean =>
    (waiting.get(subject) ?? -1) > order.get(task.id)!
  const first = (task: Task): Subject | null =>
    subjects.find((each) => present.has(each) && !isPast(each, task)) ?? null

  return {
    async arrive(subject, task) {
      let barrier = barriers.get(task.id)
      if (!barrier) barriers.set(task.id, (barrier = { task, here: new Set(), met: false }))
      barrier.here.add(subject)
      if (!barrier.met) waiting.set(subject, order.get(task.id)!)
      changed()
      while (!barrier.met) await change()
    },
    async once(subject, task, take) {
      let record = records.get(task.id)
      if (!record) records.set(task.id, (record = { result: null, taken: false }))
      for (;;) {
        if (record.result) return { result: record.result, isOwner: false }
        if (!record.taken && first(task) === subject) {
          record.taken = true
          record.result = await take()
          changed()
          return { result: record.result, isOwner: true }
        }
        await change()
      }
    },
    peek(task) {
      const register = records.get(task.id)?.result?.register ?? null
      return { owner: first(task), register }
    },
    present: () => [...present],
    leave(subject) {
      present.delete(subject)
      changed()
    },
  }
}
