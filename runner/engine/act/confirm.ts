import { registered } from '../decide/register.ts'
import { failure } from '../decide/result.ts'
import { valueOf } from '../../model/value-tree.ts'
import type { ConfirmTask } from '../../model/playbook.ts'
import type { ConfirmQuestion, Result, TurnOf } from '../model.ts'

/** Asks a person, once for all hosts. How it was answered stands in the log of the run. */
export async function confirm(turn: TurnOf<ConfirmTask>): Promise<Result> {
  const { run, task } = turn
  const { yes, confirmed = [], answers, confirm: ask } = run.options
  const given = answers?.get(task.sentence)
  if (given !== undefined) return agreed(`answered by --confirm: ${given}`, given)
  if (confirmed.includes(task.sentence)) return agreed('confirmed by --confirm')
  if (yes && !task.attended && task.answer === undefined) return agreed('confirmed by --yes')
  if (!ask) return cannotAsk(turn)
  const answer = await ask(await questionOf(turn))
  // A person may do anything while being asked.
  run.store.void(
    run.subjects.map((each) => each.host.name),
    null,
  )
  if (typeof answer === 'string') return agreed(`answered: ${answer}`, answer)
  return answer ? agreed('confirmed') : notConfirmed(turn)
}

function agreed(reason: string, answer?: string): Result {
  const state = answer === undefined ? {} : { answer }
  return { outcome: 'ok', reason, register: () => registered(state, false), notify: false }
}

/** The text that the playbook gives, and the sentence with the hosts that it is about. */
async function questionOf(turn: TurnOf<ConfirmTask>): Promise<ConfirmQuestion> {
  const { run, task } = turn
  const { text, teaching } = task
  const texts: string[] = []
  if (teaching?.warning !== undefined) texts.push(`Warning: ${teaching.warning}`)
  if (text) texts.push(String(await run.asking.known(turn, ({ scope }) => valueOf(text, scope))))
  return {
    texts: texts.map((text) => text.trimEnd()),
    sentence: task.sentence,
    hosts: run.present().map((each) => each.host.name),
    attended: task.attended === true,
    ...(task.answer === undefined ? {} : { answer: task.answer }),
    ...(run.pass ? { pass: run.pass } : {}),
  }
}

function cannotAsk({ task, subject }: TurnOf<ConfirmTask>): Result {
  const { sentence, attended, answer } = task
  return failure('failed', {
    code: 'run/no-terminal',
    message: 'a person must confirm this, and trueup does not run in a terminal and cannot ask',
    at: task.at,
    host: subject.host.name,
    hint:
      answer !== undefined
        ? `run it on a terminal, or give what is to be typed: --confirm '${sentence}=VALUE' (--yes does not answer it)`
        : attended
          ? `run it on a terminal; when it is done, say so with --confirm '${sentence}' (--yes does not answer it)`
          : 'run it on a terminal, or confirm everything with --yes',
  })
}

function notConfirmed({ task, subject }: TurnOf<ConfirmTask>): Result {
  return failure('failed', {
    code: 'run/not-confirmed',
    message: 'it was not confirmed',
    at: task.at,
    host: subject.host.name,
    hint: 'no later task was run: `trueup resume last` asks again, and continues from there',
  })
}
