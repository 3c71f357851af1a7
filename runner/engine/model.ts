import type { Change, Effect, ExecAction, HttpAction, RefuseAction } from '../contract/change.ts'
import type { Answered, Probe, SeenReading } from '../contract/probe.ts'
import type { ParamFault } from '../contract/resource.ts'
import type { AnyDiff, State, WantedState } from '../contract/state.ts'
import type { Value } from '../contract/value.ts'
import type { Diagnostic } from '../model/diagnostic.ts'
import type {
  ChangeLabel,
  Listener,
  OutcomeEvent,
  PassLabel,
  Said,
  TaskLabel,
} from '../model/event.ts'
import type { Outcome } from '../model/outcome.ts'
import type { GuessStore } from '../model/guess-store.ts'
import type { Host, Inventory } from '../model/host.ts'
import type { Notary } from '../model/note.ts'
import type { PlannedEntry, PlanPromise } from '../model/plan.ts'
import type {
  Computed,
  ConfirmTask,
  EnsureTask,
  Play,
  Playbook,
  RunTask,
  Scope,
  Task,
  WaitTask,
} from '../model/playbook.ts'
import type {
  Answer,
  Apply,
  Become,
  Clock,
  Connections,
  Endpoint,
  Guard,
  Interrupt,
  WorldAction,
} from '../model/session.ts'

// The nouns of the engine. This file imports nothing of the engine, and every wing of it imports this file.

// ---- Where something is read, and with what

/** Where a probe or an action goes: a session, and the connection that it shares with other users' sessions. */
export interface Where {
  readonly endpoint: Endpoint
  readonly become: Become | null
  /** Key of the session: connection and user. */
  readonly session: string
  /** Key of the connection. */
  readonly connection: string
}

/** A probe that needs an answer. */
export interface Want {
  readonly where: Where
  readonly probe: Probe
  readonly key: string
  readonly subject: string
  /** Hears how far it is, where its probe says so while it works. */
  progress?(probe: Probe, text: string): void
}

/**
 * Gives readings to an evaluation: at a task's turn those that count, in a look-ahead also guesses. Undefined is what is not
 * read yet. Each evaluation gets its reader as an argument; nothing keeps one for the next.
 */
export interface Reader {
  read(where: Where, probe: Probe, key: string): Answered | undefined
  /** The same for a fact's probe: others wait for facts, so they are worth guessing. */
  fact(where: Where, probe: Probe, key: string): Answered | undefined
  /** Registers that a look-ahead predicts; they hide the subject's own. */
  readonly predicted?: ReadonlyMap<string, Register>
}

/** A register: a value whose parts may throw a Signal when they are touched. */
export type Register = () => unknown

/** Params as far as an evaluation touched them: plain values, which need no reader any more. */
export type Rendered = Readonly<Record<string, unknown>>

// ---- Who a task is about

/** One host's way through one play. */
export interface Subject {
  readonly host: Host
  readonly play: Play
  readonly inventory: Inventory
  /** The names that its expressions see; a view joins them with a reader. */
  readonly names: Scope
  readonly registers: Map<string, Register>
  /** Registers of `no_log` tasks: nothing of them is ever said. */
  readonly unsaid: ReadonlySet<string>
  /** Plans: the changes that are pending on this host, in their order, and the sentence of a pending boot. */
  readonly pending: PendingChange[]
  boot: string | null
  /** Sentences of handlers that were notified. */
  readonly notified: Set<string>
  /** Milliseconds for which its current task waited for its turn, and did nothing. */
  queued: number
  /** What was made true here in this pass, by thing. */
  readonly repairs: Map<string, readonly Repair[]>
}

/** A change that a plan foresees, or cannot rule out. */
export interface PendingChange {
  readonly sentence: string
  /** Words of its params, by which a later task that waits for it is found. */
  readonly about: ReadonlySet<string>
}

/** What one evaluation sees: a subject through a reader, and the names of a task's expressions. */
export interface View {
  readonly subject: Subject
  readonly reader: Reader
  readonly scope: Scope
}

/** What a task made true in this pass of a play, so that a later one that undoes it is found out. */
export interface Repair {
  readonly task: EnsureTask
  readonly item: number | null
  readonly items: readonly Value[] | null
  readonly params: Rendered
  readonly fields: readonly string[]
}

// ---- What a task's readings say

/** A probe of a task, and its answer. */
export interface Asked {
  readonly probe: Probe
  readonly key: string
  readonly where: Where
  readonly answered: Answered
}

/** A task's state as read, and what differs from the wish. */
export interface Drifted {
  readonly params: Rendered
  readonly where: Where
  readonly environment: Readonly<Record<string, string>>
  readonly asked: ReadonlyMap<string, Asked>
  readonly state: State
  readonly diff: AnyDiff
}

/** What a task's readings say: the current state, the wish, what differs, and how that would be repaired. */
export interface Judged extends Drifted {
  /** The params that say which thing is meant, as far as they are known. */
  readonly identity: readonly (readonly [name: string, value: unknown])[]
  /** How many rounds of probes it took. */
  readonly rounds: number
  readonly wanted: WantedState
  /** Null where nothing differs, or nothing is repaired. */
  readonly draft: Draft | null
  /** Why what came back is a failure and not an answer; null where it is one. */
  readonly unanswered: ParamFault | null
}

/** What a read-back brings along: outputs of named actions, the wish that was fixed before a change. */
export interface Before {
  readonly outputs: Readonly<Record<string, SeenReading>>
  readonly wanted?: WantedState
  /** Params that were rendered then; the others are rendered again. */
  readonly params?: Rendered
}

/** The repairs of a task's drift, checked: every drifted field is repaired, every guard is a probe of the task. */
export interface Draft {
  readonly changes: readonly Change[]
  readonly refusal: RefuseAction | null
  /** Nothing is to be done but to wait; why. */
  readonly awaits: string | null
  /** The worst of its changes' effects. */
  readonly effect: Effect | 'none'
  readonly boots: boolean
  readonly labels: readonly ChangeLabel[]
}

/** One exchange's worth of an apply. */
export interface Segment {
  readonly where: Where
  /** Guards of this connection, repeated by the applying script. */
  readonly guards: readonly Guard[]
  /** Guards of other connections, read again immediately before. */
  readonly remote: readonly { readonly where: Where; readonly guard: Guard; readonly key: string }[]
  readonly actions: readonly WorldAction[]
}

/** What a task comes to for one host (and item), before anything is done about it. */
export type Examined =
  | { readonly kind: 'skipped'; readonly reason: string }
  | { readonly kind: 'holds'; readonly judged: Judged | null }
  | { readonly kind: 'drifts'; readonly judged: Judged }
  | Untrue
  | { readonly kind: 'spared'; readonly reason: string }
  | Runs
  | { readonly kind: 'asks'; readonly task: ConfirmTask }
  | { readonly kind: 'silent'; readonly task: WaitTask; readonly why: string }
  | { readonly kind: 'unknown'; readonly until: string }

/** A condition that does not hold, or a failure that does: what it names, in words, and what the task read. */
export interface Untrue {
  readonly kind: 'untrue'
  readonly condition: Computed
  readonly values: readonly string[]
  readonly judged: Judged | null
  /** It is `failed_when`, and it holds: no other reading makes it well. */
  readonly fails: boolean
}

/** What is not true, and may become so. */
export type Lacking = Extract<Examined, { readonly kind: 'drifts' | 'untrue' | 'silent' }>

/** A call that is to be made. */
export interface Runs {
  readonly kind: 'runs'
  readonly task: RunTask
  readonly where: Where
  readonly params: Rendered
  readonly action: ExecAction | HttpAction
}

// ---- What a turn came to

/** An error of a task, and its words without values, for a task whose values are hidden. */
export interface Trouble extends Diagnostic {
  /** What is said instead of the message where `no_log` hides values. */
  readonly plain?: string
}

/** What a turn came to, for the outcome event and for what follows. */
export interface Result {
  readonly outcome: Outcome
  readonly reason?: string
  /** The reason without values. */
  readonly plain?: string
  readonly diff?: AnyDiff
  readonly changes?: readonly ChangeLabel[]
  readonly error?: Trouble
  readonly register: Register
  /** Handlers are owed: at least one action was done, or in a plan would be. */
  readonly notify: boolean
  /** Plans: the host would boot, which hides what is behind it. */
  readonly boots?: true
  /** Plans: it is not known what the task will do, and it may destroy something. */
  readonly mayDestroy?: true
  /** Plans: what the change is about that is pending, or that cannot be ruled out. */
  readonly about?: ReadonlySet<string>
  readonly shown?: Value
  /** What its commands said. */
  readonly said?: readonly Said[]
  readonly items?: readonly (Omit<Result, 'items'> & {
    readonly item: Value
    readonly label?: string
  })[]
  /** `ignore_errors` covers it: not a moved guard, not an unreachable host. */
  readonly mayIgnore?: boolean
  /** The run ended before the task had begun to wait or to act: it has no outcome to tell. */
  readonly notBegun?: true
}

// ---- What a turn works with

/** What a turn needs of the play that it belongs to. */
export interface PlayRun {
  readonly options: RunOptions
  readonly index: number
  readonly hub: Hub
  readonly store: ReadingStore
  readonly asking: Asking
  /** All hosts of this pass through the play. */
  readonly subjects: readonly Subject[]
  /** Connections that could not be reached ahead of time: they are not tried again before a task needs them. */
  readonly unreachableAhead: Set<string>
  once(task: Task): Once
  /** Of a rolling play: which pass this is. */
  readonly pass?: PassLabel
  /** The hosts still in play. */
  present(): readonly Subject[]
  /** Waits for one of the `forks` places; a host takes one before its own connection is used. Rejects with Interrupted. */
  admit(subject: Subject): Promise<void>
  /** Takes a place if one is free. */
  tryAdmit(subject: Subject): boolean
  /** Waits while the turn does nothing: says so, and counts that time apart. */
  inQueue<T>(turn: Turn, wait: () => Promise<T>): Promise<T>
  /** Tells how far a probe is that says so while it works. */
  howFar(turn: Turn, probe: Probe, text: string): void
}

/** A task's turn on a host: what is evaluated for it may ask, and what is asked brings the tasks ahead along. */
export interface Turn {
  readonly run: PlayRun
  readonly subject: Subject
  readonly task: Task
  /** Items of the loop; null without a loop, or while they are not known. */
  readonly items: readonly Value[] | null
  /** Place of the current item in the loop; null without a loop. */
  readonly item: number | null
  readonly rest: () => Iterable<Task>
  /** Whether this turn holds the connections exclusively already. */
  readonly locked: boolean
  /** It has changed something: what it reads now is waited for, also when the run ends early. */
  readonly acted?: true
  /** When it was decided what to do: the sequence at which its readings began, and the moment at which they had come. */
  readonly decided?: { readonly began: number; readonly at: number }
}

/** A turn of a task whose verb is known. */
export type TurnOf<T extends Task> = Turn & { readonly task: T }

/** Who runs a `run_once` task, and what it registered if it has run. */
export interface Once {
  readonly owner: Subject | null
  readonly register: Register | null
}

/** Evaluates what needs readings, and asks for them. */
export interface Asking {
  /** Evaluates on readings that count at a turn that `began` then, and asks for what is missing as often as it takes. Rejects with Unknown in a plan. */
  known<T>(turn: Turn, evaluate: (view: View) => T, began?: number): Promise<T>
  /** What an apply through a session may bring along: what is needed behind it, as far as that session answers it. */
  ahead(
    turn: Turn,
    where: Where,
    more?: { readonly readBack?: Task; readonly assumed?: ReadonlyMap<string, Register> },
  ): readonly Want[]
}

/** Carries wants and applies to sessions: equal wants of many hosts become one, and what is wanted at once travels at once. */
export interface Hub {
  /** Resolves when the answers are in the store; rejects with Unreachable or DiagnosticError. All wants are of one session. */
  ask(wants: readonly Want[]): Promise<void>
  /** Begins to open a host's connection, and goes on when that has left this process: the host works while this one thinks. */
  prepare(host: Host): Promise<void>
  /**
   * Carries an apply and the wants behind it in one exchange. `hosts` are the subjects that it may touch; `wants` is
   * called when their readings have been voided, so that it asks again for what they were.
   */
  apply(
    where: Where,
    apply: Apply,
    wants: () => readonly Want[],
    hosts: readonly string[],
  ): Promise<Answer>
  /** Runs while no other turn applies through these connections; `inQueue` is called with each wait for another turn. Rejects with Interrupted when the run ends before its turn. */
  exclusive<T>(
    connections: readonly string[],
    work: () => Promise<T>,
    inQueue: (wait: () => Promise<void>) => Promise<void>,
  ): Promise<T>
  /** A change boots this host: from now on its readings count only within the boot in which they were read. */
  booted(where: Where): void
  /** Events are said to belong to this play: those of one host, or of all that have no play of their own. */
  play(index: number, host?: string): void
}

/** Readings under way. */
export interface Flight {
  readonly where: Where
  readonly subjects: Set<string>
  void: boolean
}

/** What is known of the world: readings, until something voids them. A void reading is still the best guess there is. */
export interface ReadingStore {
  /** A reading that counts at a turn that began at this sequence, or undefined. */
  fresh(where: Where, key: string, subject: string, turn: number): Answered | undefined
  /** The last answer to this probe, void or of an earlier run; it decides nothing. */
  guess(where: Where, key: string): Answered | undefined
  /** Whether to ask for it ahead of its turn is in vain: it has failed and nothing has changed since, or it came too late to count. */
  isVainAhead(where: Where, key: string): boolean
  /** A moment: what is asked from now on has a higher sequence. */
  tick(): number
  /** Announces readings under way, so that what voids them while they travel is not missed. */
  depart(where: Where, subjects: Set<string>): Flight
  arrive(
    flight: Flight,
    sequence: number,
    at: number,
    answers: readonly {
      readonly probe: Probe
      readonly key: string
      readonly answered: Answered
      readonly subjects: ReadonlySet<string>
    }[],
  ): void
  /** Voids the readings of these hosts on every connection, and all readings of the connection. `except` is the flight that acts. */
  void(hosts: readonly string[], connection: string | null, except?: Flight): void
  /** Voids everything: hosts have met, and others may have acted meanwhile. */
  voidAll(): void
  /** Marks a probe as one that other probes or conditions waited for, so that its reading is kept as a guess. */
  chained(where: Where, key: string): void
  /** Writes the guesses of this run. */
  save(): void
}

// ---- What a run is given, and gives back

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
  /** Only what is owed is done: no play runs. */
  readonly paysOnly?: true
  readonly guesses: GuessStore
  /** Hosts whose own connections are open at once. */
  readonly forks: number
  /** A pattern; it must match something. */
  readonly limit?: string
  readonly tags?: readonly string[]
  readonly skipTags?: readonly string[]
  /** Id of the task that the run begins with: those before it are left out. */
  readonly startAt?: string
  /** The moment that expressions know as the beginning of the run; absent: now. */
  readonly started?: number
  /** What an earlier run registered before that task, by host. What `read` tasks register is read again. */
  readonly known?: ReadonlyMap<string, ReadonlyMap<string, Value>>
  /** Asked before each task and handler, once for all hosts; `false` leaves it out. Hosts then meet before each task. */
  readonly step?: (question: StepQuestion) => Promise<boolean>
  /** `false`: one probe at a time, nothing ahead (`--no-batch`). */
  readonly batch: boolean
  /** Asks a person; `null` without a terminal. */
  /** Null without a terminal. A text is what was typed where the question wants a value. */
  readonly confirm: ((question: ConfirmQuestion) => Promise<boolean | string>) | null
  /** `--yes`: confirms are answered, but for those that want a person. */
  readonly yes: boolean
  /** Sentences of confirms that a person has answered beforehand. */
  readonly confirmed?: readonly string[]
  /** What a person has answered beforehand, by the sentence of the confirm. */
  readonly answers?: ReadonlyMap<string, string>
  /** Plans: hears what a saved plan keeps of each task. */
  readonly record?: (entry: PlannedEntry) => void
  /** Runs: the saved plan that is kept. */
  readonly promise?: PlanPromise
  /** Drains the run: no new task begins. */
  readonly drain?: Interrupt
  /** Stops it: what runs is killed. */
  readonly stop?: Interrupt
}

/** What a person is asked before a task: what a plan says of each of its hosts. */
export interface StepQuestion {
  readonly task: TaskLabel
  readonly play: number
  readonly outcomes: readonly OutcomeEvent[]
}

/** What a person is asked to confirm, for hosts of a play or of one pass of it. */
export interface ConfirmQuestion {
  /** What the playbook says above the question. */
  readonly texts: readonly string[]
  readonly sentence: string
  readonly hosts: readonly string[]
  /** Only a person who was there can answer: not for the passes that follow. */
  readonly attended: boolean
  /** A value is typed in the place of yes: what it must match. */
  readonly answer?: string
  readonly pass?: PassLabel
}

/** How a run ended: its exit code (0, 1, 2, 130). Everything else was said in events. */
export interface RunResult {
  readonly exit: number
}
