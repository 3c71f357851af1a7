import { compilePattern } from '../text/pattern.ts'
import { tasksOf, type Playbook, type Task } from '../model/playbook.ts'
import { DiagnosticError } from '../model/diagnostic.ts'
import { countOf } from '../text/count.ts'
import { didYouMean } from '../source/suggest.ts'

/** All tasks of a playbook in their order, without its handlers. */
function allTasks(playbook: Playbook): readonly Task[] {
  return playbook.plays.flatMap((play) => [...tasksOf(play.tasks)])
}

/** The task of a sentence, or of a number of `--list-tasks`. Throws DiagnosticError unless it is exactly one. */
export function taskAt(playbook: Playbook, words: string): Task {
  const tasks = allTasks(playbook)
  const isNumber = /^\d+$/.test(words)
  const found = isNumber
    ? tasks.slice(Number(words) - 1, Number(words))
    : tasks.filter((task) => task.sentence === words)
  if (found.length === 1) return found[0]!
  if (found.length > 1) {
    const numbers = found.map((task) => tasks.indexOf(task) + 1)
    throw new DiagnosticError({
      code: 'cli/no-task',
      message: `${found.length} tasks say '${words}'`,
      hint: `give the number of one: ${numbers.join(', ')}`,
    })
  }
  throw new DiagnosticError({
    code: 'cli/no-task',
    message: `no task of the playbook is '${words}'`,
    hint: isNumber
      ? `the playbook has ${countOf(tasks.length, 'task')}; --list-tasks shows them`
      : didYouMean(words, new Set(tasks.map((task) => task.sentence))),
  })
}

/** The sentences of confirms that are answered beforehand. Throws DiagnosticError for one that no confirm of the playbook has. */
export function confirmedIn(playbook: Playbook, sentences: readonly string[]): readonly string[] {
  const confirms = allTasks(playbook).filter((task) => task.verb === 'confirm')
  const known = new Set(confirms.map(({ sentence }) => sentence))
  const wantsValue = new Set(
    confirms.filter(({ answer }) => answer !== undefined).map(({ sentence }) => sentence),
  )
  const valueless = sentences.find((sentence) => wantsValue.has(sentence))
  if (valueless !== undefined)
    throw new DiagnosticError({
      code: 'cli/no-confirm',
      message: `'${valueless}' asks for a value, and --confirm gives none`,
      hint: `write --confirm '${valueless}=VALUE'`,
    })
  const strange = sentences.filter(
    (sentence) => !known.has(sentence) && answerOf(sentence, wantsValue) === null,
  )
  if (strange.length === 0) return sentences.filter((sentence) => known.has(sentence))
  throw new DiagnosticError(
    strange.map((sentence) => ({
      code: 'cli/no-confirm' as const,
      message: `no confirm of the playbook says '${sentence}'`,
      hint:
        known.size === 0
          ? 'the playbook asks nothing: leave --confirm out'
          : didYouMean(sentence, known),
    })),
  )
}

/** The values that are typed beforehand, by sentence. Throws DiagnosticError for one that its confirm does not take. */
export function answersIn(
  playbook: Playbook,
  given: readonly string[],
): ReadonlyMap<string, string> {
  const patterns = new Map(
    allTasks(playbook).flatMap((task) =>
      task.verb === 'confirm' && task.answer !== undefined ? [[task.sentence, task.answer]] : [],
    ),
  )
  const answers = given.flatMap((each) => answerOf(each, patterns.keys()) ?? [])
  for (const [sentence, value] of answers)
    if (!compilePattern(patterns.get(sentence)!).test(value))
      throw new DiagnosticError({
        code: 'cli/no-confirm',
        message: `'${sentence}' does not take the value ${JSON.stringify(value)}`,
        hint: `give one that matches ${patterns.get(sentence)!}`,
      })
  return new Map(answers)
}

/** The sentence and the value of `SENTENCE=VALUE`; null where no sentence that wants one stands before it. */
function answerOf(
  given: string,
  sentences: Iterable<string>,
): readonly (readonly [string, string])[] | null {
  const sentence = [...sentences].find((each) => given.startsWith(`${each}=`))
  return sentence === undefined ? null : [[sentence, given.slice(sentence.length + 1)]]
}

/** The words that find a task again after the playbook has changed: its sentence where that is unique, else what was given. */
export function lastingName(playbook: Playbook, words: string): string {
  const { sentence } = taskAt(playbook, words)
  return allTasks(playbook).filter((task) => task.sentence === sentence).length === 1
    ? sentence
    : words
}

/** Throws DiagnosticError for a tag that no task has: a misspelt tag selects nothing, or excludes nothing. */
export function checkTags(playbook: Playbook, tags: readonly string[]): void {
  const known = new Set(
    [...allTasks(playbook), ...playbook.plays.flatMap((play) => play.handlers)].flatMap(
      (task) => task.tags,
    ),
  )
  const strange = tags.filter((tag) => !known.has(tag) && tag !== 'always' && tag !== 'never')
  if (strange.length === 0) return
  throw new DiagnosticError(
    strange.map((tag) => ({
      code: 'cli/no-tag' as const,
      message: `no task of the playbook has the tag '${tag}'`,
      hint:
        known.size === 0
          ? 'the playbook has no tags; --start-at or --step selects tasks too'
          : didYouMean(tag, known),
    })),
  )
}
