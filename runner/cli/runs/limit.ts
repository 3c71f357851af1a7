import { resolve } from 'node:path'
import { RunbookError } from '../../core/diagnostic.ts'
import type { Io } from '../io.ts'
import { runsFolder } from '../state-folder.ts'
import type { RunFlags } from '../flags.ts'
import { foldLog } from './fold.ts'
import { listRuns, readLog } from './read.ts'

const words = /(^|[,!&^])\s*@(failed|changed)\s*(?=$|[,!&^])/g

/**
 * A limit in which `@failed` and `@changed` are the hosts of the last run of this book. The operators have one rank and work
 * from left to right, so that of several names each takes the operator that stood before the word.
 */
export function withLastHosts(io: Io, flags: RunFlags, bookPath: string): RunFlags {
  const { limit } = flags
  if (limit === undefined || !/@(?:failed|changed)\b/.test(limit)) return flags
  const file = resolve(io.cwd, bookPath)
  const last = listRuns(runsFolder(io, flags)).find(({ header }) => header.mode === 'run' && header.book.file === file)
  if (!last) throw new RunbookError({ code: 'run/no-log', message: `there is no log of a run of this book, so nobody knows what ${limit} means`, hint: 'write the names, or look at `trueup history`' })
  const folded = foldLog(readLog(last.file).records)
  const hosts = { failed: [...new Set([...folded.failed, ...folded.unreachable])], changed: [...folded.changed] }
  return {
    ...flags,
    limit: limit.replace(words, (_match, operator: string, word: 'failed' | 'changed', offset: number) => {
      const names = hosts[word]
      if (names.length === 0) throw new RunbookError({ code: 'run/limit', message: `no host ${word} in the last run of this book (${last.header.run})`, hint: `\`trueup show ${last.header.run}\` tells how it went` })
      return expanded(operator, names, limit.slice(0, offset))
    }),
  }
}

function expanded(operator: string, names: readonly string[], before: string): string {
  if (operator !== '&') return `${operator}${names.join(operator === '' ? ',' : operator)}`
  // What is in both: everything, less everything that is in neither list; written with the operators that there are.
  return names.length === 1 ? `&${names[0]}` : refuse(before)
}

function refuse(before: string): never {
  throw new RunbookError({ code: 'inventory/pattern', message: 'behind & only one name or group may stand, and the last run has several hosts', hint: `write it the other way round: '@failed&${before.trim()}'` })
}
