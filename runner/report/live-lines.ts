import { durationText } from '../text/duration.ts'
import { cells, cleanLine, cut } from './screen-text.ts'
import { countsOf, type AtWork, type PlayStory, type TaskStory } from './story.ts'
import { countsText, taskText, type View } from './task-lines.ts'

/** How a run is being ended early. */
export type Ending = 'no' | 'drains' | 'stops'

/** What the live lines show beside the story. */
export interface Moment {
  /** Milliseconds since the epoch. */
  readonly now: number
  readonly spinner: string
  readonly ending: Ending
  /** Lines that fit on the screen. */
  readonly rows: number
}

/** Tasks, and slowest hosts, that are shown at most. */
const tasksShown = 6
const slowestShown = 3
/** Seconds after which a host at a task is called slow. */
const slowAfter = 5

/** What is under way: a line for each task with a bar, the hosts that have been at one the longest, and how far the play is. */
export function liveLines(
  play: PlayStory,
  pending: readonly number[],
  view: View,
  moment: Moment,
): readonly string[] {
  const underWay = pending
    .map((at) => play.tasks[at]!)
    .filter((task) => task.running.size > 0 || task.groups.size > 0)
  const room = Math.max(1, Math.min(tasksShown, moment.rows - 3))
  const tasks = underWay.slice(0, room).flatMap((task) => taskLine(play, task, view, moment))
  const more = underWay.length - Math.min(room, underWay.length)
  const slowest =
    play.hosts > 1 && moment.rows > tasks.length + slowestShown + 2
      ? slowestLines(underWay, view, moment)
      : []
  return [...tasks, ...slowest, footLine(play, more, view, moment)]
}

/** The sentence, a bar with the hosts that are past the task, counts in their colours, and what one of its hosts does. */
function taskLine(
  play: PlayStory,
  task: TaskStory,
  view: View,
  { spinner, now }: Moment,
): readonly string[] {
  const { paint, width } = view
  const done = [...countsOf(task).values()].reduce((sum, count) => sum + count, 0)
  const text = taskText(task)
  if (play.hosts === 1) {
    const [only] = task.running.values()
    const doing = only && only.text !== '' ? `  ${cleanLine(only.text)}` : ''
    const time = only && now - only.since >= 1000 ? `  ${secondsText(now - only.since)}` : ''
    return [`${paint('cyan', spinner)} ${cut(`${text}${doing}${time}`, width - 2)}`]
  }
  const counts = countsText(countsOf(task), paint)
  const bar = width >= 70 ? `  ${barText(done, play.hosts, view)} ${done}/${play.hosts}` : ''
  const rest = `${bar}${counts === '' ? '' : `  ${counts}`}`
  const waits = waitingText(task)
  const room = width - 2 - cells(rest)
  const head = cut(text, Math.max(12, room))
  const left = width - 2 - cells(head) - cells(rest) - 2
  const said = waits !== '' && left >= 12 ? `  ${paint('dim', cut(waits, left))}` : ''
  return cells(head) + cells(rest) + 2 <= width
    ? [`${paint('cyan', spinner)} ${head}${rest}${said}`]
    : [`${paint('cyan', spinner)} ${cut(text, width - 2)}`]
}

/** What one of the hosts says of its progress: the one that has waited the longest. */
function waitingText({ running }: TaskStory): string {
  const [host, held] =
    [...running].find(([, { text, queued }]) => text !== '' && !queued) ?? ([] as never[])
  return host === undefined || held === undefined
    ? ''
    : `${cleanLine(host)}: ${cleanLine(held.text)}`
}

function barText(done: number, of: number, { paint, width }: View): string {
  const long = width >= 100 ? 16 : 8
  const full = Math.min(long, Math.floor((done / Math.max(1, of)) * long))
  return `${paint('green', '█'.repeat(full))}${paint('dim', '░'.repeat(long - full))}`
}

function slowestLines(
  tasks: readonly TaskStory[],
  { paint, width }: View,
  { now }: Moment,
): readonly string[] {
  const atWork = tasks.flatMap((task) =>
    [...task.running]
      .filter(([, { queued, since }]) => !queued && now - since >= slowAfter * 1000)
      .map(([host, held]) => ({ host, held, task })),
  )
  return atWork
    .sort((a, b) => a.held.since - b.held.since)
    .slice(0, slowestShown)
    .map(({ host, held, task }, at) =>
      paint('dim', cut(slowText(host, held, task, now, at), width)),
    )
}

function slowText(
  host: string,
  { since, text }: AtWork,
  task: TaskStory,
  now: number,
  at: number,
): string {
  const doing = text === '' ? taskText(task) : cleanLine(text)
  return `  ${at === 0 ? 'slowest' : '       '}  ${cleanLine(host)}  ${secondsText(now - since)}  ${doing}`
}

function footLine(play: PlayStory, more: number, view: View, moment: Moment): string {
  const { paint, width } = view
  const parts = [
    ...(moment.ending === 'no' ? [] : [endingText(play, moment.ending)]),
    ...(more > 0 ? [`${more} more tasks under way`] : []),
    ...passParts(play),
    ...(play.hosts > 1 && moment.ending === 'no' ? progressParts(play, moment.now) : []),
    ...(moment.now - play.began >= 1000 ? [secondsText(moment.now - play.began)] : []),
  ]
  const text = cut(`  ${parts.join(' · ')}`, width)
  return paint(moment.ending === 'no' ? 'dim' : ['bold', 'yellow'], text)
}

function passParts({ pass, done }: PlayStory): readonly string[] {
  if (!pass) return []
  const place = pass.place === undefined ? '' : `, ${cleanLine(pass.place)}`
  return [
    `pass ${pass.number} of ${pass.of}${place}, ${pass.done + done} of ${pass.hosts} hosts done`,
  ]
}

/** Hosts done, at work and in the queue, with the rate and what is left of it. */
function progressParts(play: PlayStory, now: number): readonly string[] {
  const { working, queued } = busyHosts(play)
  const seconds = (now - play.began) / 1000
  const rate = seconds > 2 ? play.done / seconds : 0
  const left = rate > 0 ? (play.hosts - play.done) / rate : 0
  return [
    ...(play.pass ? [] : [`${play.done} of ${play.hosts} hosts done`]),
    ...(working > 0 ? [`${working} at work`] : []),
    ...(queued > 0 ? [`${queued} in the queue`] : []),
    ...(rate > 0 ? [`${rate < 10 ? rate.toFixed(1) : Math.round(rate)} hosts/s`] : []),
    ...(left >= 2 ? [`about ${secondsText(left * 1000)} left`] : []),
  ]
}

function busyHosts(play: PlayStory): { readonly working: number; readonly queued: number } {
  let [working, queued] = [0, 0]
  for (const task of play.tasks)
    for (const held of task.running.values()) {
      if (held.queued) queued += 1
      else working += 1
    }
  return { working, queued }
}

function endingText(play: PlayStory, ending: Exclude<Ending, 'no'>): string {
  if (ending === 'stops') return 'stopping what runs'
  const { working } = busyHosts(play)
  const others = play.hosts - play.done - working
  const finish = `${working} ${working === 1 ? 'host finishes' : 'hosts finish'} what ${working === 1 ? 'it' : 'they'} began`
  return `draining: ${finish}, ${others} will not be begun; Ctrl-C again stops at once`
}

function secondsText(milliseconds: number): string {
  return durationText(Math.max(0, Math.floor(milliseconds / 1000)))
}
