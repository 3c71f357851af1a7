import type { OutcomeEvent, PassLabel, TaskLabel } from '../model/event.ts'
import { outcomes, type Outcome } from '../model/outcome.ts'
import { countOf } from '../text/count.ts'
import { foldNames } from '../text/host-ranges.ts'
import { plainTaskLines } from './plain.ts'
import { cells, cleanLine, cleanText, hang } from './screen-text.ts'
import { createStory } from './story.ts'
import type { View } from './task-lines.ts'

/** Columns that the names of hosts may take in a question; the rest is counted. */
const namesShown = 400

/** What is asked: of which hosts, and in which pass. */
interface Question {
  readonly texts: readonly string[]
  readonly sentence: string
  readonly hosts: readonly string[]
  readonly attended: boolean
  readonly answer?: string
  readonly pass?: PassLabel
}

/** A question with its hosts: on one line where they fit, else below it, broken between names. */
export function confirmText(question: Question, width: number): string {
  const above = question.texts.map((text) => `${cleanText(text)}\n\n`).join('')
  return `${above}${sentenceText(question, width)}`
}

function sentenceText(
  { hosts, pass, attended, answer, ...question }: Question,
  width: number,
): string {
  const sentence = cleanLine(question.sentence)
  const answers =
    answer !== undefined ? '[value] ' : pass && !attended ? '[y/n/a(ll passes)/?] ' : '[y/n] '
  if (hosts.join() === 'localhost') return `${sentence} ${answers}`
  const names = cleanLine(foldNames(hosts, namesShown))
  const line = `${sentence} (${names}) ${answers}`
  if (!pass && cells(line) <= width) return line
  const where = pass
    ? `pass ${pass.number} of ${pass.of}${pass.place === undefined ? '' : `, ${cleanLine(pass.place)}`}, ${pass.done} of ${countOf(pass.hosts, 'host')} done; `
    : ''
  return [
    ...hang('', sentence, width),
    ...hang('  ', `${where}now ${countOf(hosts.length, 'host')}:`, width),
    ...nameLines(names, width - 2).map((each) => `  ${each}`),
    answers,
  ].join('\n')
}

/** Names in lines: broken behind commas that separate names, never inside the brackets of one. */
function nameLines(names: string, width: number): readonly string[] {
  const pieces = piecesOf(names)
  const lines: string[] = []
  for (const piece of pieces) {
    const last = lines.at(-1)
    if (last !== undefined && cells(last) + cells(piece) <= width)
      lines[lines.length - 1] = last + piece
    else lines.push(piece)
  }
  return lines
}

/** Folded names one by one, each with the comma behind it. */
function piecesOf(names: string): readonly string[] {
  const pieces = ['']
  let isInside = false
  for (const letter of names) {
    if (letter === '[') isInside = true
    if (letter === ']') isInside = false
    pieces[pieces.length - 1] += letter
    if (letter === ',' && !isInside) pieces.push('')
  }
  return pieces
}

/** What a plan says, in the words of a question. */
const foreseen: Readonly<Partial<Record<Outcome, string>>> = {
  failed: 'would fail',
  ok: 'true already',
  skipped: 'left out',
}

/** A task with how many hosts it would change, and the answers. */
export function stepText(
  { task, outcomes: all }: { readonly task: TaskLabel; readonly outcomes: readonly OutcomeEvent[] },
  width: number,
): string {
  const counts = outcomes
    .map((each) => [each, all.filter(({ outcome }) => outcome === each).length] as const)
    .filter(([, count]) => count > 0)
    .map(([each, count]) => `${count} ${foreseen[each] ?? each}`)
  const text = `${task.verb}: ${cleanLine(task.sentence)} (${[countOf(all.length, 'host'), ...counts].join(', ')})`
  return `${hang('', text, width).join('\n')} [y/n/d(iff)/a(ll)/q(uit)/?] `
}

/** What a task would change, as a plan shows it. */
export function stepDiff(
  {
    task,
    play,
    outcomes: all,
  }: {
    readonly task: TaskLabel
    readonly play: number
    readonly outcomes: readonly OutcomeEvent[]
  },
  view: View,
): string {
  const shown: View = { ...view, mode: 'plan', diff: true, verbosity: Math.max(1, view.verbosity) }
  let text = ''
  const story = createStory(
    {
      play: () => undefined,
      task: (of, each) =>
        (text += plainTaskLines(of, each, shown)
          .map((line) => `${line}\n`)
          .join('')),
      playEnded: () => undefined,
    },
    { diffs: true },
  )
  const hosts = all.map(({ host }) => host)
  story.hear({ type: 'play-started', at: 0, play, name: '', hosts, tasks: [task] })
  for (const event of all) story.hear(event)
  story.hear({ type: 'play-ended', at: 0, play })
  return text
}
