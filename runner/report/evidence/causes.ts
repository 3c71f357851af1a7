import { placeText, type Diagnostic } from '../../model/diagnostic.ts'
import type { OutcomeEvent } from '../../model/event.ts'
import { outcomes, type Outcome } from '../../model/outcome.ts'
import { canonical } from '../../contract/value.ts'
import { foldNames } from '../../text/host-ranges.ts'
import { compareNames } from '../../text/xname.ts'
import type { Places } from '../geometry.ts'
import { anyAddress, anyHost } from '../kinds.ts'
import { cleanText } from '../screen-text.ts'
import { plainDiff } from './changes-of-run.ts'
import { createPlacesOf, type Sorted } from './sorted.ts'

/** Why hosts failed: one entry for all hosts to which the same happened in one task. */
export interface Cause {
  readonly outcome: Outcome
  /** `ignored` or `rescued`: the hosts went on. */
  readonly spared: 'ignored' | 'rescued' | null
  readonly verb: string
  readonly sentence: string
  /** When it happened first. */
  readonly at: number
  readonly code: string | null
  readonly message: string
  readonly hint: string | null
  /** What differed, a line each. */
  readonly diff: readonly string[]
  /** What the commands of the first host said, a line each. */
  readonly said: readonly string[]
  /** Where the task stands that failed. */
  readonly where: { readonly file: string; readonly line: number; readonly column: number } | null
  /** The author's own line, with its place. */
  readonly excerpt: { readonly place: string; readonly line: string } | null
  readonly hosts: readonly string[]
  /** The hosts by where they are, where that is shorter. */
  readonly place: string | null
  /** What `--limit` takes. */
  readonly limit: string
}

/** Bad outcomes with what they share. */
interface Kind {
  readonly first: OutcomeEvent
  readonly error: Diagnostic | undefined
  readonly task: Sorted['tasks'][number]
  readonly hosts: string[]
}

/** The failures of a run, grouped by what went wrong: the worst first, then the ones with the most hosts. */
export function causesOf({ tasks }: Sorted): readonly Cause[] {
  const kinds = new Map<string, Kind>()
  const placesOf = createPlacesOf()
  for (const [at, task] of tasks.entries())
    for (const event of task.outcomes) {
      if (!isBad(event.outcome)) continue
      const error = event.error ?? event.items?.find((item) => item.error)?.error
      const key = `${at} ${keyOf(event, error)}`
      const held = kinds.get(key)
      if (held) held.hosts.push(event.host)
      else kinds.set(key, { first: event, error, task, hosts: [event.host] })
    }
  return [...kinds.values()]
    .map((kind) => causeOf(kind, placesOf(kind.task)))
    .sort(
      (a, b) =>
        outcomes.indexOf(a.outcome) - outcomes.indexOf(b.outcome) ||
        b.hosts.length - a.hosts.length ||
        a.at - b.at,
    )
}

function isBad(outcome: Outcome): boolean {
  return outcome === 'failed' || outcome === 'unreachable' || outcome === 'interrupted'
}

function keyOf(event: OutcomeEvent, error: Diagnostic | undefined): string {
  const text = canonical([
    event.outcome,
    sparedOf(event),
    error?.code ?? event.reason ?? null,
    error?.message ?? null,
    error?.hint ?? null,
    event.outcome === 'failed' ? (event.diff ?? null) : null,
  ])
  return anyAddress(anyHost(text, event.host))
}

function sparedOf({ ignored, rescued }: OutcomeEvent): Cause['spared'] {
  return ignored === true ? 'ignored' : rescued === true ? 'rescued' : null
}

function causeOf({ first, error, task, hosts }: Kind, placed: Places): Cause {
  const names = [...hosts].sort(compareNames)
  const shared = (text: string): string =>
    cleanText(names.length > 1 ? anyAddress(anyHost(text, first.host)) : text).trimEnd()
  // Where a host did not answer, no line of the playbook is at fault.
  const at = first.outcome === 'failed' ? error?.at : undefined
  return {
    outcome: first.outcome,
    spared: sparedOf(first),
    verb: task.label.verb,
    sentence: task.label.sentence,
    at: first.at,
    code: error?.code ?? null,
    message: shared(error?.message ?? first.reason ?? first.outcome),
    hint: error?.hint === undefined ? null : shared(error.hint),
    diff: first.outcome === 'failed' && first.diff ? plainDiff(first.diff, first.units) : [],
    where: error?.at ? { file: error.at.file, line: error.at.line, column: error.at.column } : null,
    said: saidBy(first).map(shared),
    excerpt:
      at?.source === undefined || at.source.trim() === ''
        ? null
        : { place: placeText(at), line: cleanText(at.source).trimEnd() },
    hosts: names,
    place: placed(names),
    limit: foldNames(names, Number.POSITIVE_INFINITY),
  }
}

/** The last lines that the commands of an outcome said. */
function saidBy({ said, items }: OutcomeEvent): readonly string[] {
  const all = [...(said ?? []), ...(items ?? []).flatMap((item) => item.said ?? [])]
  return all.slice(0, 5).flatMap(({ of, stdout = '', stderr = '' }) => [
    `$ ${of}`,
    ...`${stdout}\n${stderr}`
      .split('\n')
      .filter((line) => line.trim() !== '')
      .slice(-20),
  ])
}
