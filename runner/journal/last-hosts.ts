import { DiagnosticError } from '../model/diagnostic.ts'
import { foldNames } from '../text/host-ranges.ts'
import type { Inventory } from '../model/host.ts'
import { foldLog } from './outcome-of-log.ts'
import { listRuns, readLog } from './read-log.ts'

type LastWord = 'failed' | 'changed'

/** A limit and what it may refer to. */
export interface LimitOfLastRun {
  /** The folder of the run logs. */
  readonly folder: string
  readonly limit: string
  /** The playbook's path, absolute. */
  readonly playbook: string
  readonly inventory: Inventory
}

/** Whether a limit refers to the hosts of the last run. */
export function refersToLastRun(limit: string): boolean {
  return /@(?:failed|changed)\b/.test(limit)
}

/**
 * The names of the hosts of a limit in which `@failed` and `@changed` are the hosts of the last run of this playbook. They join by
 * every operator that a pattern has: the operators have one rank and work from left to right.
 */
export function hostsOfLastRun({ folder, limit, playbook, inventory }: LimitOfLastRun): string {
  const last = listRuns(folder).find(
    ({ header }) => header.mode === 'run' && header.playbook.file === playbook,
  )
  if (!last)
    throw new DiagnosticError({
      code: 'run/no-log',
      message: `${limit} refers to the last run of this playbook, and no log of a run was found`,
      hint: 'write the names of the hosts; `trueup history` lists the runs that have a log',
    })
  const folded = foldLog(readLog(last.file).records)
  const hosts = {
    failed: new Set([...folded.failed, ...folded.unreachable]),
    changed: folded.changed,
  }
  const look = `\`trueup show ${last.header.run}\` shows how it went`
  const named = (word: LastWord): readonly string[] => {
    const names = [...inventory.hosts.keys()].filter((name) => hosts[word].has(name))
    if (names.length === 0)
      throw new DiagnosticError({
        code: 'run/limit',
        message: `no host ${word} in the last run of this playbook (${last.header.run})`,
        hint: look,
      })
    return names
  }
  const found = evaluate(limit, (term) =>
    /^@(?:failed|changed)$/.test(term)
      ? named(term.slice(1) as LastWord)
      : inventory.select(term).map((host) => host.name),
  )
  if (found.size === 0)
    throw new DiagnosticError({
      code: 'run/limit',
      message: `the limit '${limit}' matches no host after the last run of this playbook (${last.header.run})`,
      hint: look,
    })
  return foldNames(
    [...inventory.hosts.keys()].filter((name) => found.has(name)),
    Number.POSITIVE_INFINITY,
  )
}

/** The hosts of a pattern whose terms are looked up one by one. */
function evaluate(
  pattern: string,
  lookUp: (term: string) => readonly string[],
): ReadonlySet<string> {
  let found = new Set<string>()
  // A comma in brackets belongs to a range.
  for (const [, operator = '', term = ''] of pattern.matchAll(
    /(^|[,!&^])((?:\[[^\]]*\]|[^,!&^[])*)/g,
  )) {
    const names = new Set(lookUp(term.trim()))
    if (operator === '!') for (const name of names) found.delete(name)
    else if (operator === '&') found = new Set([...found].filter((name) => names.has(name)))
    else if (operator === '^')
      for (const name of names) void (found.delete(name) || found.add(name))
    else for (const name of names) found.add(name)
  }
  return found
}
