import type { Event, Listener } from '../model/event.ts'
import { outcomeTable } from '../model/outcome.ts'
import type { Diagnostic } from '../model/diagnostic.ts'
import { diagnosticLines } from './diagnostics.ts'
import { createHeldPlay } from './held-play.ts'
import { failureLines } from './failure-lines.ts'
import { createLiveArea, type LiveArea } from './live-area.ts'
import { liveLines, type Ending } from './live-lines.ts'
import { asReadNowText, exchangeText, showsAsReadNow, type ReportOptions } from './plain.ts'
import { showPlay, type Canvas, type PlayOnScreen } from './play-renderer.ts'
import { createRecap } from './recap.ts'
import { cells, cleanLine, hang } from './screen-text.ts'
import { sourcesLines } from './sources-line.ts'
import { createWarningGroups } from './warning-groups.ts'
import { countsOf, createStory, type PlayStory, type TaskStory } from './story.ts'
import {
  bySeverity,
  countsText,
  hostsText,
  looks,
  playText,
  showsOutputs,
  taskText,
  shownGroups,
  type View,
} from './task-lines.ts'

/** A report that owns the screen until it is ended. */
export interface ScreenReport {
  readonly hear: Listener
  /** Gives the screen back; resolves when everything has been written. */
  end(): Promise<void>
  /** Gives the screen to a question, and takes it back after the answer. */
  lend<T>(ask: () => Promise<T>): Promise<T>
}

/** What a screen is made of, beside the run. */
export interface ScreenOptions extends Omit<ReportOptions, 'write'> {
  readonly stream: NodeJS.WriteStream
  /** Other streams that end on the same terminal: what is written to them stands above the live lines. */
  readonly others?: readonly NodeJS.WriteStream[]
  /** Whether the run is being ended early. */
  readonly ending?: () => Ending
}

const spinner = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏']

const marks: { readonly [K in (typeof bySeverity)[number]]: string } = {
  failed: '✖',
  unreachable: '✖',
  interrupted: '✖',
  unknown: '?',
  'would change': '~',
  changed: '●',
  ok: '✔',
  skipped: '-',
}

/** One line per task with counts on a screen that is redrawn: settled tasks above, what is under way below. */
export function createTerminalReport(options: ScreenOptions): ScreenReport {
  const { stream, again } = options
  const recap = createRecap()
  const view = (): View => ({ ...options.view, width: Math.max(20, (stream.columns || 80) - 1) })
  const screen = createScreen(options, view)
  const warnings = createWarningGroups({ later: false })
  const keepWarnings = (all: readonly Diagnostic[]): void =>
    screen.keep(all.flatMap((each) => diagnosticLines({ severity: 'warning', ...each }, view())))
  const { story, waiting } = screenStory(screen, view, () => keepWarnings(warnings.rest()))
  screen.shows(story, waiting)
  return {
    hear(event: Event) {
      recap.hear(event)
      if (event.type === 'run-ended') {
        keepWarnings(warnings.rest())
        return screen.keep(['', ...recap.lines(view(), again)])
      }
      if (event.type === 'warning') {
        const warning = warnings.hear(event.diagnostic)
        return warning ? keepWarnings([warning]) : undefined
      }
      const lines = eventLines(event, view())
      if (lines) screen.keep(lines)
      else story.hear(event)
    },
    end: () => screen.close(),
    async lend(ask) {
      await screen.close()
      try {
        return await ask()
      } finally {
        screen.open()
      }
    },
  }
}

type Story = ReturnType<typeof createStory>

/** The terminal of a run: lines that stay, and the play that is under way. */
interface Screen {
  keep(lines: readonly string[]): void
  /** A play begins, or a task of it is over. */
  begin(play: PlayStory): void
  settle(task: TaskStory, failed: string | null): void
  over(): void
  /** Whose play is drawn, and the heading that nothing stands below yet. */
  shows(story: Pick<Story, 'current'>, heading: () => readonly string[]): void
  open(): void
  close(): Promise<void>
}

function createScreen({ stream, others = [], ending }: ScreenOptions, view: () => View): Screen {
  let kept: string[] = []
  let frame = 0
  let story: Pick<Story, 'current'> | null = null
  let heading: () => readonly string[] = () => []
  let area: LiveArea | null = null
  let shown: PlayOnScreen | null = null
  let closing = Promise.resolve()

  const flush = (): void => {
    const lines = kept
    kept = []
    if (lines.length === 0) return
    if (area) area.settle(lines)
    else stream.write(`${lines.join('\n')}\n`)
  }
  const canvas: Canvas = {
    draw(pending) {
      flush()
      const play = story?.current()
      frame += 1
      const moment = momentOf(frame, stream, ending)
      area?.draw(
        play && !play.ended ? [...heading(), ...liveLines(play, pending, view(), moment)] : [],
      )
    },
  }
  const leave = (): void => {
    const leaving = shown
    shown = null
    if (leaving) closing = Promise.all([closing, leaving.close()]).then(() => undefined)
  }
  const enter = (play: PlayStory): void => {
    leave()
    area ??= createLiveArea(stream, others)
    shown = showPlay(play.tasks.map(taskText), canvas)
    // What has settled before the screen was lent is not under way again.
    for (const task of play.tasks) if (task.index < play.next) shown.settle(task.index, null)
  }
  return {
    keep: (lines) => void kept.push(...lines),
    begin: enter,
    settle: (task, failed) => shown?.settle(task.index, failed),
    over: leave,
    shows(from, waiting) {
      story = from
      heading = waiting
    },
    open() {
      const play = story?.current()
      if (play) enter(play)
    },
    async close() {
      leave()
      await closing
      area?.close()
      area = null
      flush()
    },
  }
}

/** What the screen shows beside the story itself: the clock, the spinner, how the run ends, and the room. */
function momentOf(
  frame: number,
  stream: ScreenOptions['stream'],
  ending: ScreenOptions['ending'],
): Parameters<typeof liveLines>[3] {
  return {
    now: Date.now(),
    spinner: spinner[frame % spinner.length]!,
    ending: ending?.() ?? 'no',
    rows: stream.rows || 24,
  }
}

/** The story of a play as lines that stay on the screen. */
function screenStory(
  screen: Screen,
  view: () => View,
  over: () => void,
): { readonly story: Story; readonly waiting: () => readonly string[] } {
  // Once for a play, however many passes it has.
  let saidAsReadNow: number | null = null
  const held = createHeldPlay((lines) => screen.keep(lines), view().verbosity > 0)
  const story = createStory(
    {
      play(play) {
        held.begin(play, ['', ...boldLines(playText(play), view())])
        screen.begin(play)
      },
      task(play, task) {
        const isFirst = saidAsReadNow !== play.play && showsAsReadNow(task)
        if (isFirst) saidAsReadNow = play.play
        const said = isFirst ? hang('  ', asReadNowText, view().width) : []
        held.task(task, [
          ...said.map((line) => view().paint('dim', line)),
          ...taskLines(play, task, view()),
        ])
        screen.settle(task, failureIn(task))
      },
      failure(play, task, event) {
        // The other hosts may take long: the first failure of a kind is said when it happens, while there is time to stop.
        if (play.hosts === 1 || (task.running.size === 0 && play === story.current())) return
        held.bringOut()
        screen.keep(failureLines(task, event, view()))
      },
      playEnded() {
        held.end((text) => ['', ...boldLines(text, view())])
        over()
        screen.over()
      },
    },
    { diffs: view().diff, said: (task) => showsOutputs(task, view()) },
  )
  return { story, waiting: () => held.waiting() }
}

/** The sentence of a task that failed on some host; null of one that did not. */
function failureIn(task: TaskStory): string | null {
  const failed = [...task.groups.values()].some(
    ({ outcome, spared }) => outcomeTable[outcome].fails && spared === '',
  )
  return failed ? task.label.sentence : null
}

/** The lines of an event that belongs to no task; null for the events of the story. */
function eventLines(event: Event, view: View): readonly string[] | null {
  const { paint, width, folder } = view
  switch (event.type) {
    case 'run-started':
      return [
        ...boldLines(
          `${event.mode === 'plan' ? 'Plan' : 'Run'}: ${cleanLine(event.playbook)}`,
          view,
        ),
        ...sourcesLines(event, folder).flatMap((line) => hang('', line, width)),
      ]
    case 'exchange':
      return view.verbosity > 1
        ? hang('  ', exchangeText(event), width).map((line) => paint('dim', line))
        : []
    default:
      return null
  }
}

function boldLines(text: string, { paint, width }: View): readonly string[] {
  return hang('', text, width).map((line) => paint('bold', line))
}

/** A task that all hosts have passed: its line with counts, then the hosts that are not simply ok, each with its details. */
function taskLines(play: PlayStory, task: TaskStory, view: View): readonly string[] {
  const { paint, width } = view
  const counts = countsOf(task)
  const worst = bySeverity.find((outcome) => counts.has(outcome)) ?? 'ok'
  const lines = [
    ...headLines(
      `${paint(looks[worst], marks[worst])} `,
      taskText(task),
      countsText(counts, paint),
      width,
    ),
  ]
  const pad = 14
  const narrow = width < 50
  for (const { outcome, spared, hosts, details } of shownGroups(task, view, width - 4)) {
    const isCalm = outcome === 'ok' || outcome === 'skipped'
    if (isCalm && details.length === 0 && view.verbosity === 0) continue
    if (play.hosts === 1 && spared === '') {
      lines.push(...details.map((line) => `    ${line}`))
      continue
    }
    const who = `${hostsText(hosts, play)}${spared === '' ? '' : ` (${spared})`}`
    const [first = '', ...rest] = hang(`  ${outcome.padEnd(narrow ? 0 : pad - 2)} `, who, width)
    lines.push(
      first.replace(outcome, () => paint(looks[outcome], outcome)),
      ...rest,
      ...details.map((line) => `    ${line}`),
    )
  }
  return lines
}

/** The sentence with the counts behind it, or below it where the line is too long. */
function headLines(mark: string, text: string, counts: string, width: number): readonly string[] {
  const room = width - 2 - cells(text) - 2 - cells(counts)
  if (room >= 0)
    return [`${mark}${text}  ${' '.repeat(Math.max(0, Math.min(room, 60 - cells(text))))}${counts}`]
  const [first = '', ...rest] = hang('', text, width - 2)
  return [`${mark}${first}`, ...rest.map((line) => `  ${line}`), `  ${counts}`]
}
