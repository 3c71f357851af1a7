import { thrownText } from '../../text/thrown-text.ts'
import { asDiagnosticError } from '../../model/diagnostic.ts'
import type { ChangeLabel, Said } from '../../model/event.ts'
import { Interrupted, Unreachable } from '../../model/session.ts'
import { Unknown } from '../../model/signal.ts'
import type { AnyDiff } from '../../contract/state.ts'
import type { Result, Trouble, Turn } from '../model.ts'
import { causeOf } from '../decide/pending.ts'
import { joined } from '../decide/said.ts'
import { failure, unknownResult } from '../decide/result.ts'

/** What was done of a task: it travels as a value, so that nothing that is thrown later can lose it. */
export interface Done {
  readonly actions: number
  readonly of: number
  readonly diff?: AnyDiff
  readonly changes: readonly ChangeLabel[]
  /** What its commands said. */
  readonly said?: readonly Said[]
}

/** Does what follows an action. Whatever is thrown becomes an outcome that keeps what was done. */
export async function afterActing(
  turn: Turn,
  done: Done,
  work: () => Promise<Result>,
): Promise<Result> {
  try {
    return await work()
  } catch (thrown) {
    return stillDone(done, outcomeOf(turn, thrown))
  }
}

/** An outcome that keeps what was done before it: its handlers are owed, and the error says how far the task came. */
export function stillDone(done: Done, result: Result): Result {
  const { actions, of, diff, changes, said } = done
  const before = ` (done before it: ${actions} of ${of})`
  const { error } = result
  const isSaid = error === undefined || actions === 0 || error.message.includes(before)
  const { notBegun, ...rest } = result
  return {
    ...rest,
    ...(notBegun && actions === 0 ? { notBegun } : {}),
    ...(diff ? { diff } : {}),
    changes,
    ...(said ? { said: joined(said, result.said) } : {}),
    notify: actions > 0,
    ...(isSaid ? {} : { error: withWords(error, before) }),
  }
}

function withWords(error: Trouble, words: string): Trouble {
  return {
    ...error,
    message: `${error.message}${words}`,
    ...(error.plain !== undefined ? { plain: `${error.plain}${words}` } : {}),
  }
}

/** Turns what was thrown into an outcome: the trouble of one host, or a defect of one type, stops no other host. */
export function outcomeOf(turn: Turn, thrown: unknown): Result {
  const { subject, task } = turn
  if (thrown instanceof Unknown) return unknownResult(thrown.until)
  if (thrown instanceof Interrupted) return interruptedResult(turn, thrown.message, thrown.begun)
  if (thrown instanceof Unreachable) {
    // A host whose connection was ended with the run has answered until then.
    if (turn.run.options.stop?.aborted)
      return interruptedResult(turn, thrown.midway ? midway : 'interrupted', true)
    return failure('unreachable', unreachableTrouble(turn, thrown))
  }
  const error = asDiagnosticError(thrown)
  if (!error) return failure('failed', defectOf(turn, thrown))
  const first = error.diagnostics[0]!
  if (subject.pending.length > 0 && (error.kind === 'read' || error.kind === 'refused'))
    return error.kind === 'refused' || lasting.has(first.code)
      ? foreseenTrouble(causeOf(turn), first.message)
      : unknownResult(causeOf(turn))
  return failure('failed', {
    ...first,
    at: first.at ?? task.at,
    host: first.host ?? subject.host.name,
  })
}

/** Readings that fail for what stands there; others fail for what a task before will bring. */
const lasting: ReadonlySet<string> = new Set(['read/io', 'read/too-large', 'read/not-text'])

/** The pending change may take the trouble away, or have nothing to do with it: who plans sees what it is. */
function foreseenTrouble(until: string, message: string): Result {
  const unknown = unknownResult(until)
  const plain = unknown.reason!
  return { ...unknown, plain, reason: `${plain}; as things are: ${message}` }
}

const midway = 'interrupted; the change under way may have been made'

function interruptedResult({ task, subject }: Turn, message: string, begun: boolean): Result {
  const trouble: Trouble = {
    code: 'run/interrupted',
    message,
    plain: message,
    at: task.at,
    host: subject.host.name,
    hint: 'go on where the run ended with `trueup resume last`',
  }
  return { ...failure('interrupted', trouble), ...(begun ? {} : { notBegun: true }) }
}

function unreachableTrouble({ subject, task }: Turn, thrown: Unreachable): Trouble {
  const name = thrown.host === subject.host.name ? '' : `${thrown.host}: `
  const perhaps = thrown.midway ? '; the change under way may have been made' : ''
  const message = `${name}${thrown.message}${perhaps}`
  return {
    code: 'run/unreachable',
    message,
    plain: message,
    at: task.at,
    hint:
      thrown.hint ??
      `see whether it is up and answers, then go on with \`trueup run … --limit @failed\``,
    host: subject.host.name,
  }
}

function defectOf({ subject, task }: Turn, thrown: unknown): Trouble {
  const words = thrownText(thrown)
  return {
    code: 'internal/defect',
    message: `a defect of trueup or of the type ${task.type?.name ?? '-'}: ${words}`,
    at: task.at,
    host: subject.host.name,
    hint: 'report it with the playbook that shows it',
  }
}
