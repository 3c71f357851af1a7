import { durationText } from '../../text/duration.ts'
import type { Evidence } from './evidence.ts'
import { classes } from './look-of-page.ts'
import { markup, type Markup } from './markup.ts'
import type { Lane } from './times-of-run.ts'

const wide = 900
const high = 60

/** When hosts worked, and when they waited for their turn. */
export function timesSection({ times, seconds }: Evidence): Markup {
  const { load, lanes, queued, connecting, reading, applying } = times
  if (lanes.length === 0) return markup``
  const length = Math.max(0.001, seconds)
  const sums = [
    ['waiting for a turn', queued],
    ['connecting', connecting],
    ['reading', reading],
    ['changing', applying],
  ] as const
  const words = sums
    .filter(([, sum]) => sum > 0)
    .map(([what, sum]) => `${what} ${durationText(sum)}`)
    .join(' · ')
  return markup`<h2>Timeline</h2><p class="soft">Hosts at work, and above them (grey) hosts that waited for their turn, over ${durationText(length)}. All hosts together: ${words}</p>
${loadPicture(load)}<p class="soft">The hosts that ended last:</p><table>${lanes.map((lane) => laneRow(lane, length))}</table>`
}

function loadPicture(load: Evidence['times']['load']): Markup {
  const most = load.reduce((max, { working, queued }) => Math.max(max, working + queued), 1)
  const step = wide / load.length
  const bars = load.flatMap(({ working, queued }, at) => {
    const [work, wait] = [(working / most) * high, (queued / most) * high]
    const bar = (name: string, y: number, height: number): readonly Markup[] =>
      height < 0.5
        ? []
        : [
            markup`<rect class="${name}" x="${short(at * step)}" y="${short(y)}" width="${short(step)}" height="${short(height)}"/>`,
          ]
    return [...bar('o', high - work, work), ...bar('q', high - work - wait, wait)]
  })
  return markup`<svg width="${wide}" height="${high}" viewBox="0 0 ${wide} ${high}" role="img" aria-label="hosts at work over time, at most ${Math.round(most)} at once">${bars}</svg>`
}

function short(number: number): string {
  return String(Math.round(number * 10) / 10)
}

function laneRow({ host, spans }: Lane, length: number): Markup {
  const bars = spans
    .map((span) => ({ ...span, from: (span.from / length) * wide, to: (span.to / length) * wide }))
    // What is narrower than a dot cannot be seen.
    .filter(({ from, to }) => to - from >= 1)
    .map(
      ({ from, to, what, task }) =>
        markup`<rect class="${classes[what]}" x="${short(from)}" width="${short(to - from)}" height="10"><title>${task}: ${what}</title></rect>`,
    )
  return markup`<tr><td class="names">${host}</td><td><svg width="${wide}" height="10" role="img" aria-label="${host}">${bars}</svg></td></tr>`
}
