import { countOf } from '../text/count.ts'
import type { Event, Listener } from '../model/event.ts'
import { fromFolder } from '../text/from-folder.ts'
import type { Diagnostic } from '../model/diagnostic.ts'
import { diagnosticLines } from './diagnostics.ts'
import { createHeldPlay, type HeldPlay } from './held-play.ts'
import { createRecap, type Again } from './recap.ts'
import { cleanLine } from './screen-text.ts'
import { sourcesLines } from './sources-line.ts'
import { createWarningGroups } from './warning-groups.ts'
import { createStory, type PlayStory, type TaskStory } from './story.ts'
import {
  hostsText,
  looks,
  playText,
  showsOutputs,
  taskText,
  shownGroups,
  type View,
} from './task-lines.ts'

/** Where a report writes, and what it shows. */
export interface ReportOptions {
  write(text: string): void
  readonly view: View
  readonly again: Again
}

/** Quiet seconds after which a plain report says how far it is. */
const quietFor = 30

/** Columns of the outcome that begins a line. */
const pad = 14

/** Plain lines, for pipes, files and terminals that are not screens: a line for each group of hosts with the same outcome of a task. */
export function createPlainReport({ write, view, again }: ReportOptions): Listener {
  const recap = createRecap()
  let lastWord = 0
  let now = 0

  function say(lines: readonly string[]): void {
    if (lines.length === 0) return
    lastWord = now
    write(`${lines.join('\n')}\n`)
  }
  // Two plans of one state are the same text: nothing in it goes by which host answers first.
  const warnings = createWarningGroups({ later: view.mode === 'plan' })
  const held = createHeldPlay(say, view.verbosity > 0)
  const sayWarnings = (all: readonly Diagnostic[]): void =>
    say(all.flatMap((each) => diagnosticLines({ severity: 'warning', ...each }, view)))

  const story = plainStory({ say, view, held, over: () => sayWarnings(warnings.rest()) })

  return (event) => {
    now = event.at
    if (lastWord === 0) lastWord = now
    recap.hear(event)
    if (event.type === 'run-ended') {
      sayWarnings(warnings.rest())
      say(['', ...recap.lines(view, again)])
    } else if (event.type === 'warning') {
      const warning = warnings.hear(event.diagnostic)
      if (warning) sayWarnings([warning])
    } else {
      const lines = eventLines(event, view)
      if (lines) say(lines)
      else story.hear(event)
    }
    const play = story.current()
    if (play && now - lastWord >= quietFor * 1000) {
      held.bringOut()
      say(heartbeatLines(play))
    }
  }
}

/** The story of a play in plain lines. */
function plainStory({
  say,
  view,
  held,
  over,
}: {
  say(lines: readonly string[]): void
  readonly view: View
  readonly held: HeldPlay
  readonly over: () => void
}): ReturnType<typeof createStory> {
  const { paint } = view
  // Once for a play, however many passes it has.
  let saidAsReadNow: number | null = null
  const story = createStory(
    {
      play(play) {
        held.begin(play, ['', paint('bold', `play: ${playText(play)}`)])
      },
      task(play, task) {
        const isFirst = saidAsReadNow !== play.play && showsAsReadNow(task)
        if (isFirst) saidAsReadNow = play.play
        held.task(task, [
          ...(isFirst ? [paint('dim', asReadNowText)] : []),
          ...plainTaskLines(play, task, view),
        ])
      },
      failure(play, task, event) {
        // The other hosts may take long: the first failure is reported at once.
        if (view.mode === 'plan' || play.hosts === 1) return
        if (task.running.size === 0 && play === story.current()) return
        held.bringOut()
        say([
          `${event.outcome.padEnd(pad)}${cleanLine(event.host)} at ${taskText(task)}: ${cleanLine(event.error!.message).slice(0, 200)}`,
        ])
      },
      playEnded() {
        held.end((text) => ['', paint('bold', `play: ${text}`)])
        over()
      },
    },
    { diffs: view.diff, said: (task) => showsOutputs(task, view) },
  )
  return story
}

/** Whether a task shows a state that was read behind a pending change. */
export function showsAsReadNow(task: TaskStory): boolean {
  return [...task.groups.values()].some((group) => group.asReadNow && group.outcome !== 'unknown')
}

/** The lines of an event that belongs to no task; null for the events of the story. */
function eventLines(event: Event, view: View): readonly string[] | null {
  const { paint, folder } = view
  switch (event.type) {
    case 'run-started': {
      const title = `${event.mode}: ${cleanLine(event.playbook)} (${cleanLine(fromFolder(event.file, folder))}), ${countOf(event.hosts, 'host')}`
      return [paint('bold', title), ...sourcesLines(event, folder)]
    }
    case 'exchange':
      return view.verbosity > 1 ? [paint('dim', exchangeText(event))] : []
    default:
      return null
  }
}

/** A task in plain lines: one for each group of hosts, and what is worth saying about it. */
export function plainTaskLines(play: PlayStory, task: TaskStory, view: View): readonly string[] {
  return shownGroups(task, view, Math.max(view.width, 40) - pad).flatMap(
    ({ outcome, spared, hosts, details }) => [
      `${view.paint(looks[outcome], outcome.padEnd(pad))}${taskText(task)}: ${hostsText(hosts, play)}${spared === '' ? '' : ` (${spared})`}`,
      ...details.map((line) => `${' '.repeat(pad)}${line}`),
    ],
  )
}

/** How far a play is, when nothing was said for long. */
function heartbeatLines(play: PlayStory): readonly string[] {
  const task = play.tasks.find((each) => each.running.size > 0)
  if (!task) return []
  const [host, { text }] =
    [...task.running].find(([, each]) => each.text !== '' && !each.queued) ?? [...task.running][0]!
  return [
    `${'…'.padEnd(pad)}${play.done} of ${play.hosts} hosts done; ${taskText(task)}: ${cleanLine(host)}${text === '' ? '' : ` ${cleanLine(text)}`}`,
  ]
}

/** Said once in a play, where the verdicts of a plan begin to lie behind a pending change. */
export const asReadNowText =
  'from here on, hosts that have a change pending above are shown as they are before it'

/** An exchange in words. */
export function exchangeText(event: {
  readonly connection: string
  readonly user: string
  readonly scripts: number
  readonly requests: number
  readonly probes: number
  readonly actions: number
  readonly seconds: number
}): string {
  return `exchange      ${cleanLine(event.connection)}${event.user === '' ? '' : ` as ${cleanLine(event.user)}`}: ${event.scripts} scripts, ${event.requests} requests, ${event.probes} probes, ${event.actions} actions, ${event.seconds.toFixed(2)}s`
}
