import { DefaultRenderer, Listr, ListrLogger, ProcessOutput, Spinner } from 'listr2'
import { countOf } from '../text/count.ts'
import { durationText } from '../text/duration.ts'
import type { Event, Listener } from '../model/event.ts'
import { diagnosticLines } from './diagnostics.ts'
import { asReadNowText, exchangeText, showsAsReadNow, type ReportOptions } from './plain.ts'
import { createRecap } from './recap.ts'
import { cells, cleanLine, createPaint, cut, hang } from './screen-text.ts'
import { sourcesLines } from './sources-line.ts'
import { countsOf, createStory, type PlayStory, type TaskStory } from './story.ts'
import {
  bySeverity,
  countsText,
  hostsText,
  looks,
  showsOutputs,
  taskText,
  toldGroups,
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

interface Feed {
  /** Text that is settled since the last call: it stays on the screen. */
  settled(): string
  /** What is under way, redrawn as it changes. */
  live(spinner: string): string
}

/** Live lines at most; further tasks that are under way are counted. */
const liveLines = 10

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

/** One line per task with counts on a screen that is redrawn by listr2: settled tasks above, what is under way below. */
export function createTerminalReport({
  stream,
  view: seen,
  again,
}: Omit<ReportOptions, 'write'> & { readonly stream: NodeJS.WriteStream }): ScreenReport {
  const recap = createRecap()
  let kept: string[] = []
  let began = 0
  let screen: { close(): Promise<void> } | null = null

  const view = (): View => ({ ...seen, width: Math.max(20, (stream.columns || 80) - 1) })
  const keep = (lines: readonly string[]): void => {
    kept.push(...lines)
  }

  const story = screenStory(keep, view)

  const feed: Feed = {
    settled() {
      const text = kept.join('\n')
      kept = []
      return text
    },
    live: (spinner) => liveOf(story.current(), spinner, view(), stream.rows || 24, began),
  }

  async function close(): Promise<void> {
    await screen?.close()
    screen = null
    const rest = feed.settled()
    if (rest !== '') stream.write(`${rest}\n`)
  }

  return {
    hear(event: Event) {
      recap.hear(event)
      if (event.type === 'run-started') began = Date.now()
      if (event.type === 'run-ended') keep(['', ...recap.lines(view(), again)])
      else {
        const lines = eventLines(event, view())
        if (lines) keep(lines)
        else story.hear(event)
      }
      if (event.type === 'run-started') screen ??= openScreen(stream, feed)
    },
    end: close,
    async lend(ask) {
      await close()
      try {
        return await ask()
      } finally {
        screen = openScreen(stream, feed)
      }
    },
  }
}

/** The story of a play as lines that stay on the screen. */
function screenStory(
  keep: (lines: readonly string[]) => void,
  view: () => View,
): ReturnType<typeof createStory> {
  // Once for a play, however many passes it has.
  let saidAsReadNow: number | null = null
  return createStory(
    {
      play(play) {
        keep(['', ...boldLines(`${cleanLine(play.name)} (${countOf(play.hosts, 'host')})`, view())])
      },
      task(play, task) {
        if (saidAsReadNow !== play.play && showsAsReadNow(task)) {
          saidAsReadNow = play.play
          keep(hang('  ', asReadNowText, view().width).map((line) => view().paint('dim', line)))
        }
        keep(taskLines(play, task, view()))
      },
      playEnded() {},
    },
    { diffs: view().diff, said: (task) => showsOutputs(task, view()) },
  )
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
    case 'warning':
      return diagnosticLines({ severity: 'warning', ...event.diagnostic }, view)
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

function liveOf(
  play: PlayStory | null,
  spinner: string,
  view: View,
  rows: number,
  began: number,
): string {
  if (!play) return ''
  return liveText(play, spinner, view, Math.min(liveLines, rows - 3), (Date.now() - began) / 1000)
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
  for (const { outcome, spared, hosts, details } of toldGroups(task, view, width - 4)) {
    const isCalm = outcome === 'ok' || outcome === 'skipped'
    if (isCalm && details.length === 0 && view.verbosity === 0) continue
    if (play.hosts === 1 && spared === '') {
      lines.push(...details.map((line) => `    ${line}`))
      continue
    }
    const who = `${hostsText(hosts, play.hosts)}${spared === '' ? '' : ` (${spared})`}`
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

function liveText(
  play: PlayStory,
  spinner: string,
  view: View,
  room: number,
  seconds: number,
): string {
  const { paint, width } = view
  const underWay = play.tasks.filter((task) => task.running.size > 0 || task.groups.size > 0)
  const lines = underWay.slice(0, Math.max(1, room)).map((task) => {
    const counts = countsText(countsOf(task), createPaint(false))
    const [host, progress] = [...task.running].find(([, text]) => text !== '') ??
      [...task.running][0] ?? ['', '']
    const others = task.running.size > 1 ? ` and ${task.running.size - 1} more` : ''
    const now =
      host === ''
        ? ''
        : `${cleanLine(host)}${others}${progress === '' ? '' : `: ${cleanLine(progress)}`}`
    const line = cut(
      `${spinner} ${taskText(task)}${counts === '' ? '' : `  ${counts}`}${now === '' ? '' : `  ${now}`}`,
      width,
    )
    return `${paint('cyan', line.slice(0, 1))}${line.slice(1)}`
  })
  const more = underWay.length - lines.length
  const foot = [
    more > 0 ? `${more} more tasks under way` : '',
    play.hosts > 1 ? `${play.done} of ${play.hosts} hosts done` : '',
    seconds >= 1 ? durationText(Math.floor(seconds)) : '',
  ]
    .filter((part) => part !== '')
    .join(' · ')
  return [...lines, ...(foot === '' ? [] : [paint('dim', cut(`  ${foot}`, width))])].join('\n')
}

/** listr2 renders through a class of its own: this one shows the story instead of listr2's tasks, which therefore control nothing. */
class StoryRenderer extends DefaultRenderer {
  // Whether there is a screen was decided before: listr2 must not look again.
  static override nonTTY = true
  private readonly feed: Feed
  private readonly dots: Spinner

  constructor(
    tasks: ConstructorParameters<typeof DefaultRenderer>[0],
    options: ConstructorParameters<typeof DefaultRenderer>[1] & { readonly feed?: Feed },
    events: ConstructorParameters<typeof DefaultRenderer>[2],
  ) {
    const dots = new Spinner()
    super(tasks, { ...options, spinner: dots }, events)
    this.dots = dots
    this.feed = options.feed!
  }

  override update(): void {
    const settled = this.feed.settled()
    if (settled !== '') {
      this['updater'].clear()
      this['logger'].process.toStdout(settled)
    }
    super.update()
  }

  override create(): string {
    return this.feed.live(this.dots.fetch())
  }
}

function openScreen(stream: NodeJS.WriteStream, feed: Feed): { close(): Promise<void> } {
  let finish = (): void => {}
  const finished = new Promise<void>((resolve) => (finish = resolve))
  const logger = new ListrLogger({
    useIcons: true,
    toStderr: [],
    processOutput: new ProcessOutput(stream, process.stderr),
  })
  const listr = new Listr([{ title: '', task: () => finished }], {
    renderer: StoryRenderer,
    rendererOptions: { feed, logger, clearOutput: true } as never,
    registerSignalListeners: false,
    exitOnError: false,
  } as never)
  const done = listr.run()
  return {
    async close() {
      finish()
      await done
    },
  }
}
