import type { OutcomeEvent } from '../model/event.ts'
import { cleanLine, cut, hang } from './screen-text.ts'
import type { TaskStory } from './story.ts'
import { looks, taskText, type View } from './task-lines.ts'

/** Lines of a host's own words that are shown at once; all of them follow when the task is over. */
const wordsShown = 3

/** The first failure of its kind, as it happens: the host, why, and the last of its own words. */
export function failureLines(task: TaskStory, event: OutcomeEvent, view: View): readonly string[] {
  const { paint, width } = view
  const error = event.error ?? event.items?.find((item) => item.error)?.error
  const message = cleanLine((error?.message ?? event.reason ?? '').split('\n')[0] ?? '')
  const mark = event.ignored === true ? ' (ignored)' : event.rescued === true ? ' (rescued)' : ''
  const head = `${cleanLine(event.host)} at ${taskText(task)}${mark}: ${message}`
  const [first = '', ...rest] = hang(`${event.outcome.padEnd(12)} `, head, width)
  return [
    first.replace(event.outcome, () => paint(looks[event.outcome], event.outcome)),
    ...rest,
    ...wordsOf(event).map((line) => paint('dim', cut(`${' '.repeat(13)}${line}`, width))),
  ]
}

/** The last lines that the host itself said: of standard error where there is some. */
function wordsOf({ said, items, error }: OutcomeEvent): readonly string[] {
  const all = [...(said ?? []), ...(items ?? []).flatMap((item) => item.said ?? [])]
  const last = all.at(-1)
  const spoken = last?.stderr?.trim() || last?.stdout?.trim() || ''
  const lines = spoken === '' ? (error?.message ?? '').split('\n').slice(1) : spoken.split('\n')
  return lines
    .map(cleanLine)
    .filter((line) => line.trim() !== '')
    .slice(-wordsShown)
}
