import type { Playbook } from '../model/playbook.ts'
import type { Diagnostic } from '../model/diagnostic.ts'
import { foldNames } from '../text/host-ranges.ts'
import { countOf } from '../text/count.ts'
import { foldLog, paidIn, type Folded } from './outcome-of-log.ts'
import { listRuns, readLog, type Brief } from './read-log.ts'

/** How many logs are looked through, and how many that owe something are named. */
const recent = 40
const most = 5

/** An earlier run that left handlers unpaid. */
export interface UnpaidRun {
  readonly run: string
  readonly folded: Folded
  /** What it still owes in a play of its log. */
  owed(play: number, host: string): readonly string[]
}

/** The runs of a playbook that still owe handlers, the newest first: without what later runs have paid or taken over. */
export function unpaidRuns(folder: string, file: string): readonly UnpaidRun[] {
  const runs = listRuns(folder, recent).filter(
    ({ header }) => header.mode === 'run' && header.playbook.file === file,
  )
  const resumed = new Set(runs.filter(tookOver).map(({ header }) => header.resumes))
  const unpaid: UnpaidRun[] = []
  for (const [at, brief] of runs.entries()) {
    if (unpaid.length === most) break
    // Those that owe nothing do not count: many runs may fail at the same place before one comes to an end.
    const owing =
      mayOwe(brief) && !resumed.has(brief.header.run) ? unpaidRun(brief, runs.slice(0, at)) : null
    if (owing) unpaid.push(owing)
  }
  return unpaid
}

/** Warns of handlers that earlier runs of this playbook left unpaid on one of these hosts; null where nothing is owed. */
export function unpaidBefore(
  folder: string,
  playbook: Playbook,
  hosts: ReadonlySet<string>,
): Diagnostic | null {
  const open = unpaidRuns(folder, playbook.file).flatMap((unpaid) => {
    const owing = owingHosts(unpaid).filter((host) => hosts.has(host))
    return owing.length > 0 ? [{ unpaid, owing }] : []
  })
  const first = open[0]
  if (!first) return null
  const { run } = first.unpaid
  const sentences = sentencesOf(first.unpaid, first.owing)
  const more = sentences.length > 1 ? ` and ${sentences.length - 1} more` : ''
  const others = open.length > 1 ? `; so did ${countOf(open.length - 1, 'earlier run')}` : ''
  return {
    code: 'run/owed',
    severity: 'warning',
    message: `run ${run} left handlers unpaid on ${foldNames(first.owing, 120)}: "${sentences[0]}"${more}${others}`,
    hint: `pay all of them with \`trueup resume ${run}\`: this run notifies them only where it changes something again`,
  }
}

/** The hosts that owe something from a run. */
export function owingHosts({ folded, owed }: UnpaidRun): readonly string[] {
  const hosts = new Set<string>()
  for (const play of folded.plays.keys())
    for (const host of folded.owing(play).keys()) if (owed(play, host).length > 0) hosts.add(host)
  return [...hosts]
}

function sentencesOf({ folded, owed }: UnpaidRun, hosts: readonly string[]): readonly string[] {
  const plays = [...folded.plays.keys()]
  return [...new Set(plays.flatMap((play) => hosts.flatMap((host) => owed(play, host))))]
}

/** A resumed run notes all that it owes before its first play: one that was killed before owes nothing yet. */
function tookOver({ header, file }: Brief): boolean {
  if (header.resumes === null) return false
  try {
    return readLog(file).records.some(({ type }) => type === 'play-started')
  } catch {
    // The command that asks for a damaged log reports it.
    return false
  }
}

/** A run that ended well paid what it owed. */
function mayOwe({ state, end }: Brief): boolean {
  if (state === 'running') return false
  return !end || end.interrupted || end.failedHosts.length + end.unreachableHosts.length > 0
}

/** What a run still owes, without what later runs have paid; null of nothing, and of a log that does not read. */
function unpaidRun(brief: Brief, later: readonly Brief[]): UnpaidRun | null {
  try {
    const folded = foldLog(readLog(brief.file).records)
    if ([...folded.plays.keys()].every((play) => folded.owing(play).size === 0)) return null
    const paid = paidLater(later)
    const unpaid: UnpaidRun = {
      run: brief.header.run,
      folded,
      owed: (play, host) =>
        folded.owed(play, host).filter((sentence) => paid.get(host)?.has(sentence) !== true),
    }
    return owingHosts(unpaid).length > 0 ? unpaid : null
  } catch {
    // The command that asks for a damaged log reports it.
    return null
  }
}

function paidLater(later: readonly Brief[]): ReadonlyMap<string, ReadonlySet<string>> {
  const all = new Map<string, Set<string>>()
  for (const { file, state } of later) {
    if (state === 'running') continue
    for (const [host, sentences] of paidIn(readLog(file).records))
      all.set(host, new Set([...(all.get(host) ?? []), ...sentences]))
  }
  return all
}
