import { mayDestroy } from '../../contract/resource.ts'
import { Secret } from '../../contract/secret.ts'
import type { PendingChange, Reader, Turn } from '../model.ts'
import { itemNames, paramsOf, viewOf } from './scope.ts'

/** Words of paths that say nothing of the thing that is meant. */
const common: ReadonlySet<string> = new Set(
  'dev etc usr var opt tmp mnt srv run lib bin sbin home root local present absent directory true false'.split(
    ' ',
  ),
)

/** How many pending changes are looked at: those of a long plan are too many to look at for each task. */
const lookedAt = 200

/** The words of a task's params, as far as they are known: what it is about. Secrets say nothing. */
export function aboutOf(turn: Turn): ReadonlySet<string> {
  const params = paramsNow(turn)
  const words = new Set<string>()
  for (const name of Object.keys(params)) collectWords(knownOf(params, name), words)
  return words
}

/** Whether a task of which a plan does not know what it will do may destroy something. */
export function mayDestroyHere(turn: Turn): boolean {
  const { verb, type } = turn.task
  // Most types destroy nothing: their params are not rendered for this.
  if (verb !== 'ensure' || type?.destroys === undefined) return false
  return type.destroys === true || mayDestroy(type, knownOf(paramsNow(turn), 'state'))
}

/** The params of a task on what has been read so far; nothing is asked for. */
function paramsNow({ run, subject, task, items, item }: Turn): Readonly<Record<string, unknown>> {
  const read: Reader['read'] = (where, _probe, key) =>
    run.store.fresh(where, key, subject.host.name, 0)
  const view = viewOf(subject, task, { read, fact: read }, itemNames(items, item))
  return paramsOf(task, view.scope).params
}

/** A param, or undefined where it is unknown or wrong: the task itself reports that. */
function knownOf(params: Readonly<Record<string, unknown>>, name: string): unknown {
  try {
    return params[name]
  } catch {
    return undefined
  }
}

function collectWords(value: unknown, words: Set<string>): void {
  if (typeof value === 'string') {
    for (const word of value.split(/[^\w.-]+/))
      if (word.length > 2 && !common.has(word)) words.add(word)
  } else if (typeof value === 'object' && value !== null && !(value instanceof Secret))
    for (const held of Object.values(value)) collectWords(held, words)
}

/**
 * The sentence of the pending change that a task waits for: the one whose params it shares most with. Where it shares nothing with
 * any, it is the last one: when that has been made, all of them have.
 */
export function causeOf(turn: Turn): string {
  const pending = turn.subject.pending.slice(-lookedAt)
  const about = aboutOf(turn)
  let best = pending.at(-1)!
  let most = 0
  for (const change of pending) {
    const shared = sharedWith(change, about)
    if (shared > 0 && shared >= most) [best, most] = [change, shared]
  }
  return best.sentence
}

/** How much of what a change is about a task is about, too; a longer match counts more than a part of one. */
function sharedWith({ about }: PendingChange, words: ReadonlySet<string>): number {
  const shared = [...about].filter((word) => words.has(word)).length
  return about.size === 0 ? 0 : (shared * shared) / about.size
}
