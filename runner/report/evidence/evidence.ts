import type { Note } from '../../model/note.ts'
import type { Outcome } from '../../model/outcome.ts'
import type { OutcomeEvent } from '../../model/event.ts'
import { commandOfRun, type Header, type PlanOrigin, type Source } from '../../model/record.ts'
import { createTally } from '../../model/tally.ts'
import type { Value } from '../../contract/value.ts'
import { compareNames } from '../../text/xname.ts'
import { causesOf, type Cause } from './causes.ts'
import { changesOf, type Difference } from './changes-of-run.ts'
import { fleetOf, type Fleet } from './fleet.ts'
import { hostResults, rounded, type HostResult } from './host-results.ts'
import { sortRecords, type Recorded, type TaskRecord } from './sorted.ts'
import { timesOf, type Times } from './times-of-run.ts'
import { verdictOf, type Verdict } from './verdict.ts'
import { warningsOf, type Warned } from './warnings.ts'

/** A run as it was recorded, and what only the log as a whole tells. */
export interface RecordedRun {
  readonly header: Header
  readonly records: readonly Recorded[]
  readonly state: 'ended' | 'running' | 'cut off'
  /** The handlers that hosts owe, with those hosts. */
  readonly owed: ReadonlyMap<string, readonly string[]>
  /** Applies without a known end. */
  readonly begun: readonly Extract<Note, { type: 'acting' }>[]
  /** The command to type next; null where there is nothing to do. */
  readonly next: string | null
}

/** One task of a run, over all hosts. */
export interface TaskResult {
  readonly play: string
  readonly id: string
  readonly verb: string
  readonly sentence: string
  readonly at: string
  readonly counts: Readonly<Partial<Record<Outcome, number>>>
  readonly median: number
  readonly slowest: { readonly seconds: number; readonly host: string } | null
}

/** A step that a person was asked to confirm. */
export interface Confirmation {
  readonly at: number
  readonly sentence: string
  /** In words: `confirmed`, `confirmed by --yes`, `not confirmed`. */
  readonly answer: string
}

/** Everything that a report says of a run; every form is made of it. */
export interface Evidence {
  readonly run: string
  readonly title: string
  readonly file: string
  /** What was typed: `run`, `plan`, `apply` or `resume`. */
  readonly command: 'run' | 'plan' | 'apply' | 'resume'
  readonly verdict: Verdict
  readonly at: number
  readonly seconds: number
  readonly user: string
  readonly controller: string
  readonly trueup: string
  readonly sources: readonly Source[]
  readonly inventory: readonly Source[]
  readonly inputs: Readonly<Record<string, Value>>
  readonly secretInputs: readonly string[]
  readonly limit: string | null
  readonly tags: readonly string[] | null
  readonly skipTags: readonly string[] | null
  readonly startAt: string | null
  readonly plan: (Partial<PlanOrigin> & { readonly file: string }) | null
  readonly resumes: string | null
  readonly confirmations: readonly Confirmation[]
  readonly counts: Readonly<Record<Outcome, number>>
  readonly hosts: readonly HostResult[]
  readonly fleet: Fleet
  readonly causes: readonly Cause[]
  readonly changes: readonly Difference[]
  readonly tasks: readonly TaskResult[]
  readonly times: Times
  readonly warnings: readonly Warned[]
  readonly owed: readonly { readonly handler: string; readonly hosts: readonly string[] }[]
  readonly begun: readonly { readonly host: string; readonly actions: readonly string[] }[]
  readonly next: string | null
}

/** What a report says of a run. */
export function evidenceOf(run: RecordedRun): Evidence {
  const { header, records, owed, begun, next } = run
  const sorted = sortRecords(header, records)
  const { ended, tasks } = sorted
  const hosts = hostResults(sorted)
  const at = sorted.started?.at ?? header.at
  return {
    ...aboutOf(header),
    verdict: verdictOf(header, run.state, ended),
    at,
    seconds: ended?.seconds ?? (sorted.last - at) / 1000,
    confirmations: confirmationsOf(tasks),
    counts: countsOf(tasks),
    hosts,
    fleet: fleetOf(hosts, header.groups ?? {}),
    causes: causesOf(sorted),
    changes: changesOf(sorted),
    tasks: tasks.filter(({ outcomes: found }) => found.length > 0).map(taskResult),
    times: timesOf(sorted, at),
    warnings: warningsOf(sorted.warnings),
    owed: [...owed].map(([handler, names]) => ({
      handler,
      hosts: [...names].sort(compareNames),
    })),
    begun: begun.map(({ host, actions }) => ({ host, actions })),
    next,
  }
}

function aboutOf(
  header: Header,
): Pick<
  Evidence,
  | 'run'
  | 'title'
  | 'file'
  | 'command'
  | 'user'
  | 'controller'
  | 'trueup'
  | 'sources'
  | 'inventory'
  | 'inputs'
  | 'secretInputs'
  | 'limit'
  | 'tags'
  | 'skipTags'
  | 'startAt'
  | 'plan'
  | 'resumes'
> {
  const { playbook, inventory, plan, approved } = header
  return {
    run: header.run,
    title: playbook.title,
    file: playbook.file,
    command: commandOfRun(header),
    user: header.user,
    controller: header.controller,
    trueup: header.trueup,
    sources: playbook.sources,
    inventory: inventory.files,
    inputs: header.inputs,
    secretInputs: header.secretInputs,
    limit: header.limit,
    tags: header.tags,
    skipTags: header.skipTags,
    startAt: header.startAt ?? null,
    plan: plan === null ? null : { file: plan, ...approved },
    resumes: header.resumes,
  }
}

function countsOf(tasks: readonly TaskRecord[]): Readonly<Record<Outcome, number>> {
  const tally = createTally()
  for (const { outcomes: found } of tasks) for (const outcome of found) tally.add(outcome)
  return tally.counts
}

function taskResult({ play, label, outcomes: found }: TaskRecord): TaskResult {
  const counts: Partial<Record<Outcome, number>> = {}
  for (const { outcome } of found) counts[outcome] = (counts[outcome] ?? 0) + 1
  const seconds = found.map((event) => event.seconds).sort((a, b) => a - b)
  const slowest = found.reduce<OutcomeEvent | null>(
    (most, event) => (most && most.seconds >= event.seconds ? most : event),
    null,
  )
  return {
    play,
    id: label.id,
    verb: label.verb,
    sentence: label.sentence,
    at: label.at,
    counts,
    median: rounded(seconds[Math.floor(seconds.length / 2)] ?? 0),
    slowest: slowest && { seconds: rounded(slowest.seconds), host: slowest.host },
  }
}

function confirmationsOf(tasks: readonly TaskRecord[]): readonly Confirmation[] {
  return tasks
    .filter(({ label }) => label.verb === 'confirm')
    .flatMap(({ label, outcomes: found }) =>
      found
        // One host asks for all; the others only hear a no.
        .filter((event, at) => event.outcome === 'ok' || at === 0)
        .map((event) => ({
          at: event.at,
          sentence: label.sentence,
          answer: event.reason ?? event.error?.message ?? event.outcome,
        })),
    )
}
