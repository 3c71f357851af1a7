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

interface Barrier {
  readonly task: Task
  readonly here: Set<Subject>
  met: boolean
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
  return new HostMeeting(subjects, tasks, met)
}

class HostMeeting implements Meeting {
  readonly #subjects: readonly Subject[]
  readonly #met: (task: Task) => void
  readonly #order: ReadonlyMap<string, number>
  readonly #present: Set<Subject>
  readonly #waiting = new Map<Subject, number>()
  readonly #barriers = new Map<string, Barrier>()
  readonly #records = new Map<string, OnceRecord>()
  #wake: (() => void)[] = []

  constructor(subjects: readonly Subject[], tasks: Iterable<Task>, met: (task: Task) => void) {
    this.#subjects = subjects
    this.#met = met
    this.#order = new Map([...tasks].map((task, i) => [task.id, i]))
    this.#present = new Set(subjects)
  }

  async arrive(subject: Subject, task: Task): Promise<void> {
    let barrier = this.#barriers.get(task.id)
    if (!barrier) this.#barriers.set(task.id, (barrier = { task, here: new Set(), met: false }))
    barrier.here.add(subject)
    if (!barrier.met) this.#waiting.set(subject, this.#order.get(task.id)!)
    this.#changed()
    while (!barrier.met) await this.#change()
  }

  async once(
    subject: Subject,
    task: Task,
    take: () => Promise<Result>,
  ): Promise<{ readonly result: Result; readonly isOwner: boolean }> {
    let record = this.#records.get(task.id)
    if (!record) this.#records.set(task.id, (record = { result: null, taken: false }))
    for (;;) {
      if (record.result) return { result: record.result, isOwner: false }
      if (!record.taken && this.#first(task) === subject) {
        record.taken = true
        record.result = await take()
        this.#changed()
        return { result: record.result, isOwner: true }
      }
      await this.#change()
    }
  }

  peek(task: Task): Once {
    const register = this.#records.get(task.id)?.result?.register ?? null
    return { owner: this.#first(task), register }
  }

  present(): readonly Subject[] {
    return [...this.#present]
  }

  leave(subject: Subject): void {
    if (this.#present.delete(subject)) this.#changed()
  }

  /** Opens the barriers that all have reached, and wakes every host that waits. */
  #changed(): void {
    for (const barrier of this.#barriers.values()) {
      if (barrier.met || this.#isAwaited(barrier)) continue
      barrier.met = true
      for (const each of barrier.here) this.#waiting.delete(each)
      this.#met(barrier.task)
    }
    const all = this.#wake
    this.#wake = []
    for (const go of all) go()
  }

  #change(): Promise<void> {
    return new Promise((resolve) => this.#wake.push(resolve))
  }

  #isAwaited({ here, task }: Barrier): boolean {
    return [...this.#present].some((each) => !here.has(each) && !this.#isPast(each, task))
  }

  #isPast(subject: Subject, task: Task): boolean {
    return (this.#waiting.get(subject) ?? -1) > this.#order.get(task.id)!
  }

  /** The first host in play that comes to this task. */
  #first(task: Task): Subject | null {
    return (
      this.#subjects.find((each) => this.#present.has(each) && !this.#isPast(each, task)) ?? null
    )
  }
}
