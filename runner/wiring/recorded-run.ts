import type { Header } from '../model/record.ts'
import { hostsOfPlays } from '../engine/schedule/run-playbook.ts'
import { foldLog, owedIn } from '../journal/outcome-of-log.ts'
import { readLog, type Brief } from '../journal/read-log.ts'
import { nextCommand, type Again } from '../report/recap.ts'
import { resumeRun, runAgain, type NextCommand, type RunShape } from '../report/next-command.ts'
import type { RecordedRun } from '../report/evidence/evidence.ts'
import type { Recorded } from '../report/evidence/sorted.ts'
import { isNode } from '../text/xname.ts'
import { defaultShape } from './flags.ts'
import type { Loaded } from './load-all.ts'

/** A run with what its records come to. */
export function recordedRun(
  header: Header,
  records: readonly Recorded[],
  state: RecordedRun['state'],
  again: Again,
): RecordedRun {
  const started = records.find((record) => record.type === 'run-started')
  const ended = records.find((record) => record.type === 'run-ended')
  const begun = new Set(
    records.flatMap((record) => (record.type === 'play-started' ? record.hosts : [])),
  )
  const next =
    started && ended ? nextCommand(started, ended, started.hosts > begun.size, again) : null
  const wasCut = state === 'cut off' && header.mode === 'run'
  return {
    header,
    records,
    state,
    ...owedIn(records),
    next: next ?? (wasCut ? resumeRun(header.run, defaultShape) : null),
  }
}

/** A run from its log. */
export function runOfLog({ file, state }: Brief, folder: string): RecordedRun {
  const { header, records } = readLog(file)
  return recordedRun(header, records, state, {
    command: nextOfLog(header, records, folder),
    hasLog: true,
  })
}

/** What to type after an earlier run: what it left open is for `resume`. */
function nextOfLog(header: Header, records: readonly Recorded[], folder: string): NextCommand {
  const again = runAgain({
    playbook: header.playbook.file,
    shape: shapeOf(header),
    inputs: [],
    folder,
  })
  const { plays, owing, end } = foldLog(records)
  const isOpen =
    [...plays.keys()].some((play) => owing(play).size > 0) ||
    (end !== null && (end.interrupted || end.cutShortHosts.length + end.notBegun > 0))
  const canResume = header.mode === 'run' && header.plan === null
  return (verb, limit) =>
    canResume && verb === 'run' && isOpen ? resumeRun(header.run, defaultShape) : again(verb, limit)
}

/** The options of a logged run that its next command keeps. */
export function shapeOf(header: Header): RunShape {
  return {
    ...defaultShape,
    inventory: header.inventory.paths,
    ...(header.limit === null ? {} : { limit: header.limit }),
    ...(header.tags === null ? {} : { tags: header.tags }),
    ...(header.skipTags === null ? {} : { skipTags: header.skipTags }),
  }
}

/** The groups of the hosts of a run whose names do not say where they are: a host stands in its most special group. */
export function groupsOf(
  { playbook, inventory }: Pick<Loaded, 'playbook' | 'inventory'>,
  limit: string | undefined,
): Readonly<Record<string, readonly string[]>> | undefined {
  const plays = hostsOfPlays({ playbook, inventory, ...(limit === undefined ? {} : { limit }) })
  const groups: Record<string, string[]> = Object.create(null)
  for (const host of new Set(plays.flat())) {
    if (isNode(host.name)) continue
    const group = smallest(host.groups, inventory.groups)
    if (group !== null) (groups[group] ??= []).push(host.name)
  }
  return Object.keys(groups).length === 0 ? undefined : { ...groups }
}

function smallest(names: readonly string[], groups: Loaded['inventory']['groups']): string | null {
  const size = (name: string): number => groups.get(name)?.length ?? Infinity
  return names.reduce<string | null>(
    (least, name) => (least === null || size(name) < size(least) ? name : least),
    null,
  )
}
