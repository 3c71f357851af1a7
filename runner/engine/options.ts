import type { Playbook, Task } from '../model/playbook.ts'
import type { Listener } from '../model/event.ts'
import type { Inventory } from '../model/host.ts'
import type { Notary } from '../model/note.ts'
import type { GuessStore } from '../model/guess-store.ts'
import type { Clock, Connections, Interrupt } from '../model/session.ts'
import type { PlannedEntry, PlanPromise } from '../model/plan.ts'

/** Everything a run needs; the engine gets its world as values. */
export interface RunOptions {
  readonly playbook: Playbook
  readonly inventory: Inventory
  /** The one branch on this lies in the engine, after the plan of a task. */
  readonly mode: 'run' | 'plan'
  readonly connections: Connections
  readonly clock: Clock
  readonly emit: Listener
  /** The run's name; made up when absent. */
  readonly run?: string
  /** Keeps what a later run must know; each note is written before the run goes on. */
  readonly note?: Notary
  /** Handlers that an earlier run left unpaid, of a play of this playbook on a host: they are paid first. */
  readonly owed?: (play: number, host: string) => readonly string[]
  readonly guesses: GuessStore
  /** Hosts whose own connections are open at once. */
  readonly forks: number
  /** A pattern; it must match something. */
  readonly limit?: string
  readonly tags?: readonly string[]
  readonly skipTags?: readonly string[]
  /** Id of the task that the run begins with: those before it are left out. */
  readonly startAt?: string
  /** Asked before each task and handler, once for all hosts; `false` leaves it out. Hosts then meet before each task. */
  readonly step?: (task: Task) => Promise<boolean>
  /** `false`: one probe at a time, nothing ahead (`--no-batch`). */
  readonly batch: boolean
  /** Asks a person; `null` where there is no terminal. */
  readonly confirm: ((question: string) => Promise<boolean>) | null
  /** `--yes`: confirms are answered. */
  readonly yes: boolean
  /** Plans: hears what a saved plan keeps of each task. */
  readonly record?: (entry: PlannedEntry) => void
  /** Runs: the saved plan that is kept. */
  readonly promise?: PlanPromise
  /** Drains the run: no new task begins. */
  readonly drain?: Interrupt
  /** Stops it: what runs is killed. */
  readonly stop?: Interrupt
}

/** How a run ended: its exit code (0, 1, 2, 130). Everything else was said in events. */
export interface RunResult {
  readonly exit: number
}
