import type { ConfirmQuestion, StepQuestion } from '../engine/model.ts'
import { confirmText, stepText } from '../report/question-text.ts'
import { compilePattern } from '../text/pattern.ts'
import { askLine } from './ask.ts'
import { widthOf, type Io } from './io.ts'

/** Gives the screen to a question. */
type Lend = <T>(ask: () => Promise<T>) => Promise<T>

/** The answers to a question, each with what its letter means. */
type Choices = Readonly<Record<string, string>>

/** Asks until one of the choices is typed, in whole or by its first letter; `?` explains them. Null without an answer. */
async function choose(io: Io, question: string, choices: Choices): Promise<string | null> {
  for (;;) {
    const answer = await askLine(io, question)
    if (answer === null) return null
    const typed = answer.trim().toLowerCase()
    const word = Object.keys(choices).find((each) => each === typed || each[0] === typed)
    if (word !== undefined) return word
    const lines = Object.entries(choices).map(
      ([each, means]) => `  ${each[0]!}, ${each.padEnd(5)} ${means}\n`,
    )
    io.stderr.write(lines.join(''))
  }
}

/** Asks a person to confirm a step. In a rolling play `all` answers for the passes that follow too. */
export function confirmer(
  io: Io,
  lend: Lend,
): (question: ConfirmQuestion) => Promise<boolean | string> {
  const agreed = new Set<string>()
  return async (question) => {
    const { sentence, attended, pass, answer: pattern } = question
    if (pattern !== undefined) return lend(() => typeValue(io, question, pattern))
    if (agreed.has(sentence)) return true
    const choices: Choices = {
      yes: 'go on',
      no: 'stop here: nothing behind it is done',
      ...(pass && !attended ? { all: 'go on, with the passes that follow too' } : {}),
    }
    const text = confirmText(question, widthOf(io.stderr, io.env))
    const answer = await lend(() => choose(io, text, choices))
    if (answer === 'all') agreed.add(sentence)
    return answer === 'yes' || answer === 'all'
  }
}

/** Asks until what is typed matches; nothing at all is a no. */
async function typeValue(
  io: Io,
  question: ConfirmQuestion,
  pattern: string,
): Promise<string | false> {
  const text = confirmText(question, widthOf(io.stderr, io.env))
  for (;;) {
    const typed = (await askLine(io, text))?.trim() ?? ''
    if (typed === '') return false
    if (compilePattern(pattern).test(typed)) return typed
    io.stderr.write(`  type a value that matches ${pattern}, or nothing to stop here\n`)
  }
}

/** What `--step` needs beside the terminal. */
export interface Stepping {
  readonly lend: Lend
  /** What would change, as the report shows it. */
  readonly diffOf: (question: StepQuestion) => string
  /** Ends the run: nothing new begins. */
  readonly quit: () => void
}

const stepChoices: Choices = {
  yes: 'do it on these hosts',
  no: 'leave it out',
  diff: 'show what would change',
  all: 'do it, and all tasks that follow',
  quit: 'end the run here; `trueup resume last` goes on',
}

/** Asks before each task, with its hosts and what would change. */
export function stepper(
  io: Io,
  { lend, diffOf, quit }: Stepping,
): (question: StepQuestion) => Promise<boolean> {
  let all = false
  let over = false
  let turn: Promise<unknown> = Promise.resolve()
  const ask = async (question: StepQuestion): Promise<boolean> => {
    const text = stepText(question, widthOf(io.stderr, io.env))
    for (;;) {
      if (all || over) return all
      const answer = await choose(io, text, stepChoices)
      if (answer === 'diff') {
        io.stderr.write(diffOf(question))
        continue
      }
      all = answer === 'all'
      if (answer === 'quit') {
        over = true
        quit()
      }
      return answer === 'yes' || all
    }
  }
  return (question) => {
    // One question at a time: handlers of several hosts may ask together.
    // Ctrl-C ends the run by itself; the task that was asked about is left out.
    const answer = turn.then(() => lend(() => ask(question))).catch(() => false)
    turn = answer
    return answer
  }
}
