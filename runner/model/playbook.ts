import type { Diagnostic, Place } from './diagnostic.ts'
import type { AnyResourceType, CallableType, RepairableType } from '../contract/resource.ts'
import type { Value } from '../contract/value.ts'

/** The names that an expression sees: `host`, `facts`, `item`, vars and registers. Reading one may throw a Signal. */
export interface Scope {
  readonly [name: string]: unknown
}

/** A compiled template or condition. `paths` are the names it reads (`['facts', 'sp']`), as far as its text shows them. */
export interface Computed {
  readonly text: string
  readonly at: Place
  readonly paths: readonly (readonly string[])[]
  /** Throws a Signal for what is not known, DiagnosticError (with the place) for what is wrong. */
  evaluate(scope: Scope): Value
}

/** A value of a playbook in which some scalars are computed. */
export type Tree =
  | { readonly kind: 'constant'; readonly value: Value; readonly at: Place }
  | { readonly kind: 'computed'; readonly computed: Computed; readonly at: Place }
  | { readonly kind: 'list'; readonly items: readonly Tree[]; readonly at: Place }
  | { readonly kind: 'map'; readonly entries: { readonly [key: string]: Tree }; readonly at: Place }

/** The verbs of tasks. */
export const verbs = ['ensure', 'require', 'wait', 'read', 'run', 'confirm'] as const
export type Verb = (typeof verbs)[number]

/** The params of a task: a tree per field, and what turns a rendered value into what the type sees. */
export interface TaskParams {
  readonly fields: { readonly [name: string]: Tree }
  /** Checks one rendered value against its schema and gives its canonical form; throws DiagnosticError. */
  accept(field: string, value: Value, at: Place): unknown
  /** Checks how the rendered params go together; throws DiagnosticError. Absent: nothing is left to check. */
  check?(params: Readonly<Record<string, unknown>>): void
  /** The rules that are broken where these params, of those that are computed, have these values. */
  broken?(known: ReadonlyMap<string, unknown>): readonly Diagnostic[]
  /** The defaults of fields that were not written, in canonical form. */
  readonly defaults: { readonly [name: string]: unknown }
}

/** What a playbook teaches a person about a step, in plain text. */
export interface Teaching {
  readonly why?: string
  readonly warning?: string
  readonly exampleOutput?: string
  /** What to look at when it fails. */
  readonly whenItFails?: string
}

/** What each task has, whatever its verb: its sentence, and the keywords that go with every verb. */
export interface TaskKeywords {
  readonly kind: 'task'
  /** Unique in its playbook and stable while the playbook does not change. */
  readonly id: string
  readonly sentence: string
  readonly at: Place
  /** All must hold. */
  readonly when: readonly Computed[]
  readonly loop?: Tree
  /** How each item of the loop is named to people. */
  readonly label?: Tree
  readonly vars: { readonly [name: string]: Tree }
  readonly register?: string
  /** Sentences of handlers. */
  readonly notify: readonly string[]
  readonly tags: readonly string[]
  /** Absent: as the play says. `null`: not become. */
  readonly become?: Tree | null
  readonly delegateTo?: Tree
  readonly runOnce: boolean
  readonly barrier: boolean
  /** Each host pays the handlers that it owes before it comes to this task. */
  readonly flushHandlers?: true
  /** It may undo what an earlier task of its play made true: it cleans up after a block, or the playbook says so. */
  readonly mayUndo?: true
  readonly ignoreErrors: boolean
  readonly noLog: boolean
  /** Tries after the first, and seconds between them. */
  readonly retries: number
  readonly delay: number
  /** How many times longer each further pause is; absent: as long as the first. */
  readonly backoff?: number
  /** Seconds for each action or read of this task, and without `for` for its wait. */
  readonly timeout?: number
  readonly environment: { readonly [name: string]: Tree }
  readonly teaching?: Teaching
  /** What to look at when it fails: its own words, or those of the nearest block or play around it. */
  readonly whenItFails?: string
}

/** A task that works with a type. */
interface WithType<T extends AnyResourceType = AnyResourceType> {
  readonly type: T
  readonly params: TaskParams
}

/** How the state of a type is compared. */
interface Compared extends WithType {
  /** Conditions beside the type; all must hold, and they see what it read. */
  readonly that?: readonly Computed[]
  /** No param says what is wanted: the conditions alone do. */
  readonly onlyConditions?: true
  readonly failedWhen: readonly Computed[]
}

/** Seconds: how long `wait` waits, or a settle is given; and between two readings. */
interface WithTimes {
  readonly for?: number
  readonly every?: number
}

/** `ensure`: the state is compared, and what differs is repaired. */
export interface EnsureTask extends TaskKeywords, WithType<RepairableType>, WithTimes, Spared {
  readonly verb: 'ensure'
  /** It was written as `run`: what is to be true is that something happened, such as a reboot. */
  readonly event?: true
}

/** What says that a task need not be done: paths, or a command. */
export interface Spared {
  readonly creates?: Tree
  readonly removes?: Tree
  readonly unless?: Tree
}

/** The verb that a task was written with. */
export function verbOf(task: Task): Verb {
  return task.verb === 'ensure' && task.event ? 'run' : task.verb
}

/** `read`: the state is registered. */
export interface ReadTask extends TaskKeywords, WithType {
  readonly verb: 'read'
  readonly failedWhen: readonly Computed[]
}

interface RequireStateTask extends TaskKeywords, Compared {
  readonly verb: 'require'
}
interface RequireConditionTask extends TaskKeywords {
  readonly verb: 'require'
  readonly type?: undefined
  readonly params?: undefined
  /** All must hold. */
  readonly that: readonly Computed[]
}
/** `require`: the state, or conditions, must be as they are wanted. */
export type RequireTask = RequireStateTask | RequireConditionTask

/** `wait`: the state is read until it is as it is wanted. */
export interface WaitTask extends TaskKeywords, Compared, WithTimes {
  readonly verb: 'wait'
}

/** `run`: a call that has no state. */
export interface RunTask extends TaskKeywords, WithType<CallableType>, Spared {
  readonly verb: 'run'
  readonly failedWhen: readonly Computed[]
  readonly changedWhen: readonly Computed[]
}

/** `confirm`: a person is asked. */
export interface ConfirmTask extends TaskKeywords {
  readonly verb: 'confirm'
  readonly type?: undefined
  readonly params?: undefined
  /** What is shown with the question. */
  readonly text?: Tree
  /** A person must be there: `--yes` does not answer it. */
  readonly attended?: true
  /** A person types a value in the place of yes: what it must match. */
  readonly answer?: string
}

/** A task that reads the state of a type. */
export type StateTask = EnsureTask | ReadTask | RequireStateTask | WaitTask

/** One task: a verb with its sentence, what it works with, and its keywords. What a verb does not have does not compile. */
export type Task = EnsureTask | ReadTask | RequireTask | WaitTask | RunTask | ConfirmTask

/** The conditions of a task that judge what it did or read, by their keywords; empty where its verb has none. */
export function judgingConditions(
  task: Task,
): Readonly<Record<'that' | 'failedWhen' | 'changedWhen', readonly Computed[]>> {
  return {
    that: ('that' in task ? task.that : undefined) ?? [],
    failedWhen: 'failedWhen' in task ? task.failedWhen : [],
    changedWhen: 'changedWhen' in task ? task.changedWhen : [],
  }
}

/** Tasks that are rescued or followed by others whatever happens. */
export interface Block {
  readonly kind: 'block'
  readonly at: Place
  readonly when: readonly Computed[]
  readonly block: readonly Step[]
  readonly rescue: readonly Step[]
  readonly always: readonly Step[]
  readonly teaching?: Teaching
  /** How often the block is begun again after a failure; absent: never. */
  readonly again?: Retries
}

/** Tries after the first, and the seconds between them. */
export interface Retries {
  readonly retries: number
  readonly delay: number
  /** How many times longer each further pause is; absent: as long as the first. */
  readonly backoff?: number
}
export type Step = Task | Block

/** Hosts and ordered tasks. */
export interface Play {
  readonly name: string
  readonly at: Place
  /** A pattern of the inventory. */
  readonly hosts: string
  /** Where the pattern stands. */
  readonly hostsAt?: Place
  readonly vars: { readonly [name: string]: Tree }
  readonly become: Tree | null
  /** `linear` makes all hosts meet before each task. */
  readonly strategy: 'free' | 'linear'
  /** The passes: numbers of hosts, percentages as text, or `cabinet`, `chassis`, `slot` for the hosts of one. Empty: all at once. */
  readonly serial: readonly (number | string)[]
  readonly maxFailPercentage?: number
  /** Hosts, or a percentage as text. Where it is given, the failed and the unreachable are counted apart. */
  readonly maxUnreachable?: number | string
  /** Where `meet_at_end: false` stands: each host goes on to the next play as soon as it is done with this one. */
  readonly goesOn?: Place
  readonly environment: { readonly [name: string]: Tree }
  readonly teaching?: Teaching
  /** Registers of earlier plays that its tasks may read. */
  readonly inherits?: readonly string[]
  /** The order in which its hosts begin: of their names, turned round, as the inventory is written, or patterns, the first ones first. */
  readonly order?: HostOrder
  readonly tasks: readonly Step[]
  readonly handlers: readonly Task[]
}

/** Words for an order of hosts. */
export const hostOrders = ['sorted', 'reverse', 'inventory'] as const
export type HostOrder =
  (typeof hostOrders)[number] | { readonly patterns: readonly string[]; readonly at: Place }

/** A loaded and checked playbook. */
export interface Playbook {
  readonly title: string
  readonly file: string
  /** Inputs as resolved: defaults, `-e`, answers. */
  readonly inputs: { readonly [name: string]: Value }
  readonly plays: readonly Play[]
  /** Every file it was made from, with its text. */
  readonly sources: readonly { readonly file: string; readonly text: string }[]
}

/** The tasks of steps, blocks unfolded, in order. */
export function* tasksOf(steps: readonly Step[]): Generator<Task> {
  for (const step of steps) {
    if (step.kind === 'task') yield step
    else for (const part of [step.block, step.rescue, step.always]) yield* tasksOf(part)
  }
}
