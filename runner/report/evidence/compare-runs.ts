import { foldNames } from '../../text/host-ranges.ts'
import { durationText } from '../../text/duration.ts'
import { outcomes, type Outcome } from '../../model/outcome.ts'
import { cleanLine } from '../screen-text.ts'
import type { Evidence, TaskResult } from './evidence.ts'
import type { HostStatus } from './host-results.ts'
import { timeText } from './look-of-page.ts'

/** What one run did otherwise than another. */
export interface Comparison {
  readonly runs: readonly [RunName, RunName]
  readonly isSame: boolean
  /** Files, inputs and options that differ, in words. */
  readonly inputs: readonly string[]
  /** Hosts that ended otherwise. */
  readonly hosts: readonly {
    readonly was: Ended
    readonly is: Ended
    readonly hosts: readonly string[]
  }[]
  /** Tasks whose outcomes differ. */
  readonly tasks: readonly {
    readonly task: string
    readonly was: TaskResult['counts'] | null
    readonly is: TaskResult['counts'] | null
  }[]
  /** Why hosts failed that did not fail so before, and what no longer goes wrong. */
  readonly causes: { readonly come: readonly string[]; readonly gone: readonly string[] }
}

/** How a host ended in a run. */
type Ended = HostStatus | 'not in the run'

interface RunName {
  readonly run: string
  readonly title: string
  readonly at: number
  readonly verdict: string
  readonly seconds: number
}

/** What the second run did otherwise than the first. */
export function compareRuns(first: Evidence, second: Evidence): Comparison {
  const inputs = inputChanges(first, second)
  const hosts = hostChanges(first, second)
  const tasks = taskChanges(first, second)
  const causes = {
    come: missingIn(causesOf(second), causesOf(first)),
    gone: missingIn(causesOf(first), causesOf(second)),
  }
  const parts = [inputs, hosts, tasks, causes.come, causes.gone]
  return {
    runs: [nameOf(first), nameOf(second)],
    isSame: parts.every((part) => part.length === 0),
    inputs,
    hosts,
    tasks,
    causes,
  }
}

function nameOf({ run, title, at, verdict, seconds }: Evidence): RunName {
  return { run, title, at, verdict: verdict.words, seconds }
}

function inputChanges(first: Evidence, second: Evidence): readonly string[] {
  const files = (of: Evidence): ReadonlyMap<string, string> =>
    new Map([...of.sources, ...of.inventory].map(({ file, sha256 }) => [file, sha256]))
  const inputs = (of: Evidence): ReadonlyMap<string, string> =>
    new Map([
      ...Object.entries(of.inputs).map(([name, value]) => [name, JSON.stringify(value)] as const),
      ['--limit', of.limit ?? ''],
      ['--tags', of.tags?.join(',') ?? ''],
      ['--skip-tags', of.skipTags?.join(',') ?? ''],
    ])
  return [
    ...mapChanges(files(first), files(second), () => ''),
    ...mapChanges(
      inputs(first),
      inputs(second),
      (was, is) => `: ${was || 'none'} → ${is || 'none'}`,
    ),
    ...(first.trueup === second.trueup ? [] : [`trueup: ${first.trueup} → ${second.trueup}`]),
  ]
}

function mapChanges(
  was: ReadonlyMap<string, string>,
  is: ReadonlyMap<string, string>,
  how: (was: string, is: string) => string,
): readonly string[] {
  const names = [...new Set([...was.keys(), ...is.keys()])].sort()
  return names.flatMap((name) => {
    const [before, now] = [was.get(name), is.get(name)]
    if (before === now) return []
    if (before === undefined) return [`${name} is new`]
    return now === undefined ? [`${name} is gone`] : [`${name} changed${how(before, now)}`]
  })
}

function hostChanges(first: Evidence, second: Evidence): Comparison['hosts'] {
  const [was, is] = [first, second].map(
    ({ hosts }) => new Map(hosts.map(({ name, status }) => [name, status])),
  ) as [Map<string, HostStatus>, Map<string, HostStatus>]
  const kinds = new Map<string, Comparison['hosts'][number] & { readonly hosts: string[] }>()
  for (const name of new Set([...was.keys(), ...is.keys()])) {
    const before: Ended = was.get(name) ?? 'not in the run'
    const now: Ended = is.get(name) ?? 'not in the run'
    if (before === now) continue
    const key = `${before} ${now}`
    const held = kinds.get(key)
    if (held) held.hosts.push(name)
    else kinds.set(key, { was: before, is: now, hosts: [name] })
  }
  return [...kinds.values()]
}

function taskChanges(first: Evidence, second: Evidence): Comparison['tasks'] {
  const [was, is] = [first, second].map(
    ({ tasks }) => new Map(tasks.map((each) => [`${each.verb}: ${each.sentence}`, each.counts])),
  ) as [Map<string, TaskResult['counts']>, Map<string, TaskResult['counts']>]
  return [...new Set([...was.keys(), ...is.keys()])]
    .map((task) => ({ task, was: was.get(task) ?? null, is: is.get(task) ?? null }))
    .filter((each) => countsWords(each.was) !== countsWords(each.is))
}

function countsWords(counts: TaskResult['counts'] | null): string {
  if (counts === null) return 'not there'
  const found = outcomes.filter((each: Outcome) => counts[each] !== undefined)
  return found.map((each) => `${each} ${counts[each]!}`).join(', ')
}

function causesOf({ causes }: Evidence): readonly string[] {
  return causes.map(
    ({ outcome, sentence, message }) => `${outcome}: ${sentence}: ${message.split('\n')[0]!}`,
  )
}

function missingIn(these: readonly string[], those: readonly string[]): readonly string[] {
  const known = new Set(those)
  return these.filter((each) => !known.has(each))
}

/** A comparison in lines. */
export function comparisonText({ runs, isSame, inputs, hosts, tasks, causes }: Comparison): string {
  const lines = [
    ...runs.map(
      ({ run, title, at, verdict, seconds }, which) =>
        `${which === 0 ? 'was' : 'is '}  ${run}  ${title}, ${timeText(at)}: ${verdict}, ${durationText(seconds)}`,
    ),
    ...(isSame ? ['both did the same'] : []),
    ...section('made from', inputs),
    ...section(
      'hosts',
      hosts.map(
        (each) => `${each.was} → ${each.is}: ${foldNames(each.hosts, 300)} (${each.hosts.length})`,
      ),
    ),
    ...section(
      'tasks',
      tasks.map(({ task, was, is }) => `${task}: ${countsWords(was)} → ${countsWords(is)}`),
    ),
    ...section('goes wrong now', causes.come),
    ...section('goes wrong no longer', causes.gone),
  ]
  return `${lines.map(cleanLine).join('\n')}\n`
}

function section(name: string, lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : [`${name}:`, ...lines.map((line) => `  ${line}`)]
}
