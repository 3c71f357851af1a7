import type { Header } from '../model/record.ts'
import { hostsOfPlays } from '../engine/schedule/run-playbook.ts'
import { foldLog, owedIn } from '../journal/outcome-of-log.ts'
import { readLog, type Brief } from '../journal/read-log.ts'
import { nextCommand, type Again } from '../report/recap.ts'
import { resumeRun, runAgain, type NextCommand, type RunShape } from '../report/next-command.ts'
import type { RecordedRun } from '../report/evidence/evidence.ts'
import type { Recorded } from '../report/evidence/sorted.ts'
import { isNode } from '../text/xname.ts'
import { wasAtOnce } from './at-once-name.ts'
import { defaultShape } from './flags.ts'
import type { Loaded } from './load-all.ts'
import { nextOfRun } from './next-of-run.ts'

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
  const run = recordedRun(header, records, state, {
    command: nextOfLog(header, records, folder),
    hasLog: true,
  })
  // The log of `exec` and its like does not hold the command that was typed.
  return wasAtOnce(header.playbook.file) ? { ...run, next: null } : run
}

function nextOfLog(header: Header, records: readonly Recorded[], folder: string): NextCommand {
  const { file } = header.playbook
  return nextOfRun({
    mode: header.mode,
    playbookFile: file,
    isOfPlan: header.plan !== null,
    hasLog: true,
    folded: () => foldLog(records),
    resume: () => resumeRun(header.run, defaultShape),
    again: runAgain({ playbook: file, shape: shapeOf(header), inputs: [], folder }),
  })
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
