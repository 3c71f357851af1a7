import type { Playbook } from '../model/playbook.ts'
import type { Diagnostic } from '../model/diagnostic.ts'
import { foldNames } from '../text/host-ranges.ts'
import { foldLog, paidIn } from './outcome-of-log.ts'
import { listRuns, readLog, type Brief } from './read-log.ts'

/** How many logs are looked through, and how many of those that ended badly are read. */
const recent = 40
const most = 5

/** Warns of handlers that an earlier run of this playbook left unpaid on one of these hosts; null where nothing is owed. */
export function unpaidBefore(
  folder: string,
  playbook: Playbook,
  hosts: ReadonlySet<string>,
): Diagnostic | null {
  const runs = listRuns(folder, recent).filter(
    ({ header }) => header.mode === 'run' && header.playbook.file === playbook.file,
  )
  const resumed = new Set(runs.map(({ header }) => header.resumes))
  const open = runs
    .filter((brief) => mayOwe(brief) && !resumed.has(brief.header.run))
    .slice(0, most)
  for (const brief of open) {
    const owed = debtsOf(brief, runs.slice(0, runs.indexOf(brief)), hosts)
    if (owed.size === 0) continue
    const { run } = brief.header
    const sentences = [...new Set([...owed.values()].flat())]
    const more = sentences.length > 1 ? ` and ${sentences.length - 1} more` : ''
    return {
      code: 'run/owed',
      severity: 'warning',
      message: `run ${run} left handlers unpaid on ${foldNames([...owed.keys()], 120)}: "${sentences[0]}"${more}`,
      hint: `pay them with \`trueup resume ${run}\`: this run notifies them only where it changes something again`,
    }
  }
  return null
}

/** A run that ended well paid what it owed. */
function mayOwe({ state, end }: Brief): boolean {
  if (state === 'running') return false
  return !end || end.interrupted || end.failedHosts.length + end.unreachableHosts.length > 0
}

/** What a run still owes, by host: without what later runs have paid. */
function debtsOf(
  brief: Brief,
  later: readonly Brief[],
  hosts: ReadonlySet<string>,
): ReadonlyMap<string, readonly string[]> {
  const owed = new Map<string, string[]>()
  try {
    const folded = foldLog(readLog(brief.file).records)
    for (const play of folded.plays.keys())
      for (const [host, sentences] of folded.owing(play))
        if (hosts.has(host)) owed.set(host, [...(owed.get(host) ?? []), ...sentences])
    if (owed.size === 0) return owed
    for (const { file, state } of later) {
      if (state === 'running') continue
      for (const [host, sentences] of paidIn(readLog(file).records)) {
        const left = owed.get(host)?.filter((sentence) => !sentences.has(sentence))
        if (left && left.length > 0) owed.set(host, left)
        else owed.delete(host)
      }
    }
  } catch {
    // The command that asks for a damaged log reports it.
    return new Map()
  }
  return owed
}
