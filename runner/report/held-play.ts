import { countOf } from '../text/count.ts'
import type { PlayStory, TaskStory } from './story.ts'
import { cleanLine } from './screen-text.ts'
import { playText } from './task-lines.ts'

/** The heading of a play until something is said below it: a play of which all tasks are left out is one line. */
export interface HeldPlay {
  begin(play: PlayStory, heading: readonly string[]): void
  /** The lines of a task that every host left out wait; any other lines bring out what waits before them. */
  task(task: TaskStory, lines: readonly string[]): void
  /** The heading that waits; empty where none does. */
  waiting(): readonly string[]
  /** Something else is said in the play. */
  bringOut(): void
  /** The play is over: what waits becomes one line. */
  end(one: (text: string) => readonly string[]): void
}

/** Holds headings back. With `everything`, nothing waits. */
export function createHeldPlay(
  say: (lines: readonly string[]) => void,
  everything: boolean,
): HeldPlay {
  let held: {
    readonly play: PlayStory
    readonly heading: readonly string[]
    readonly lines: string[]
    tasks: number
    readonly reasons: Set<string>
  } | null = null
  const bringOut = (): void => {
    const waiting = held
    held = null
    if (waiting) say([...waiting.heading, ...waiting.lines])
  }
  return {
    begin(play, heading) {
      bringOut()
      held = { play, heading, lines: [], tasks: 0, reasons: new Set() }
      if (everything) bringOut()
    },
    task(task, lines) {
      const groups = [...task.groups.values()]
      if (held && groups.every(({ outcome }) => outcome === 'skipped')) {
        held.lines.push(...lines)
        held.tasks += 1
        for (const { reason } of groups) held.reasons.add(reason ?? '')
        return
      }
      bringOut()
      say(lines)
    },
    waiting: () => held?.heading ?? [],
    bringOut,
    end(one) {
      const waiting = held
      held = null
      if (!waiting) return
      if (waiting.tasks === 0) return say(waiting.heading)
      const { play, tasks, reasons } = waiting
      const [reason = ''] = reasons
      const why = reasons.size === 1 && reason !== '' ? `: ${cleanLine(reason)}` : '; -v says why'
      say(one(`${playText(play)}: left out, ${countOf(tasks, 'task')}${why}`))
    },
  }
}
