import { createHash } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import { outcomes } from '../../model/outcome.ts'
import { countOf } from '../../text/count.ts'
import { durationText } from '../../text/duration.ts'
import { foldNames } from '../../text/host-ranges.ts'
import { valueText } from '../diff-lines.ts'
import type { Evidence, TaskResult } from './evidence.ts'
import type { HostStatus } from './host-results.ts'
import { classes, planText, timeText } from './look-of-page.ts'
import { Markup, markup } from './markup.ts'
import { causesSection, changesSection } from './page-findings.ts'
import { fleetSection } from './page-fleet.ts'
import { pageScript } from './page-script.ts'
import { pageStyle } from './page-style.ts'
import { timesSection } from './page-times.ts'
import type { Recorded } from './sorted.ts'

// Compilers rewrite a template in which this stands.
const scriptEnd = new Markup('</script>')

/** A run as one HTML page that needs nothing else: no network, no other file. The records of the run are in it, compressed. */
export function evidencePage(evidence: Evidence, records: readonly Recorded[]): string {
  const title = `${evidence.title}: ${evidence.verdict.words}`
  const page = markup`<!doctype html><html lang="en"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy()}">
<meta name="viewport" content="width=device-width,initial-scale=1"><title>${title}</title><style>${new Markup(pageStyle)}</style></head>
<body>${head(evidence)}${fleetSection(evidence)}${causesSection(evidence)}${changesSection(evidence)}${tasksSection(evidence)}${timesSection(evidence)}${restSections(evidence)}
<script type="application/gzip" id="records" data-name="${evidence.run}.jsonl">${packed(records)}${scriptEnd}
<script>${new Markup(pageScript)}${scriptEnd}</body></html>
`
  return page.text
}

/** Nothing is loaded, and only our own style and script count, whatever a host or a playbook wrote. */
function policy(): string {
  const hash = (text: string): string =>
    `'sha256-${createHash('sha256').update(text).digest('base64')}'`
  return `default-src 'none'; style-src ${hash(pageStyle)}; script-src ${hash(pageScript)}; base-uri 'none'; form-action 'none'`
}

function packed(records: readonly Recorded[]): Markup {
  const lines = records.map((record) => `${JSON.stringify(record)}\n`)
  return new Markup(gzipSync(lines.join(''), { level: 9 }).toString('base64'))
}

function head(evidence: Evidence): Markup {
  const { title, verdict, run, user, controller, at, seconds, trueup, hosts, command } = evidence
  const by = new Map<HostStatus, number>()
  for (const { status } of hosts) by.set(status, (by.get(status) ?? 0) + 1)
  const counts = [...outcomes, 'not begun' as const].filter((each) => by.has(each))
  return markup`<header><h1>${title} <span class="verdict ${verdict.tone}">${verdict.words}</span></h1>
<p class="soft">${command} ${run} by ${user}@${controller}, ${timeText(at)}, ${durationText(seconds)}, trueup ${trueup}${verdict.exit === null ? '' : `, exit ${verdict.exit}`}</p>
<p>${countOf(hosts.length, 'host')}: ${counts.map((each) => `${each} ${by.get(each)!}`).join(' · ')}</p>
${confirmed(evidence)}<details><summary>made from</summary><table>${aboutRows(evidence)}</table></details></header>`
}

/** The plan that was applied, and what people were asked: who answers for the run. */
function confirmed({ plan, confirmations, user }: Evidence): Markup {
  const asked = confirmations.map(
    ({ sentence, answer, at }) =>
      markup`<p>${sentence}: <b>${answer}</b> by ${user}, ${timeText(at)}</p>`,
  )
  return markup`${plan === null ? '' : markup`<p>plan ${planText(plan)}</p>`}${asked}`
}

function aboutRows(evidence: Evidence): readonly Markup[] {
  const { resumes, limit, tags, skipTags, startAt, secretInputs } = evidence
  const row = (name: string, words: string | null): readonly Markup[] =>
    words === null ? [] : [markup`<tr><th>${name}</th><td class="hash">${words}</td></tr>`]
  const source = (name: string) => (each: { readonly file: string; readonly sha256: string }) =>
    row(name, `${each.file} sha256 ${each.sha256}`)
  return [
    ...evidence.sources.flatMap(source('playbook')),
    ...evidence.inventory.flatMap(source('inventory')),
    ...Object.entries(evidence.inputs).flatMap(([name, value]) =>
      row(`input ${name}`, valueText(value)),
    ),
    ...secretInputs.flatMap((name) => row(`input ${name}`, '(secret)')),
    ...row('limit', limit),
    ...row('tags', tags?.join(', ') ?? null),
    ...row('without tags', skipTags?.join(', ') ?? null),
    ...row('from the task', startAt),
    ...row('went on with the run', resumes),
  ]
}

function tasksSection({ tasks }: Evidence): Markup {
  const most = tasks.reduce((max, { counts }) => Math.max(max, sumOf(counts)), 1)
  return markup`<h2>Tasks</h2><table><tr><th></th><th>task</th><th></th><th>hosts</th><th>median / slowest</th></tr>${tasks.map(
    (task, at) => taskRow(task, at + 1, most),
  )}</table>`
}

function sumOf(counts: TaskResult['counts']): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0)
}

function taskRow(
  { verb, sentence, counts, median, slowest }: TaskResult,
  number: number,
  most: number,
): Markup {
  const present = [...outcomes].reverse().filter((each) => counts[each] !== undefined)
  let x = 0
  const bars = present.map((each) => {
    const width = (counts[each]! / most) * 200
    const bar = markup`<rect class="${classes[each]}" x="${x.toFixed(1)}" width="${width.toFixed(1)}" height="10"/>`
    x += width
    return bar
  })
  const words = present.map((each) => `${each} ${counts[each]!}`).join(' · ')
  const longest = slowest
    ? `${durationText(median)} / ${durationText(slowest.seconds)} ${slowest.host}`
    : ''
  return markup`<tr><td>${number}</td><td><code>${verb}</code> ${sentence}</td><td><svg width="200" height="10" role="img" aria-label="${words}">${bars}</svg></td><td>${words}</td><td>${longest}</td></tr>`
}

function restSections({ warnings, owed, begun, next, run }: Evidence): Markup {
  const warned = warnings.map(
    ({ code, message, hint, hosts }) =>
      markup`<div class="card"><p>${message} <small>[${code}]</small></p>${hint === null ? '' : markup`<p class="soft">${hint}</p>`}<p class="names">${foldNames(hosts, 2000)}</p></div>`,
  )
  const open = [
    ...owed.map(({ handler, hosts }) => markup`<li>${handler}: ${foldNames(hosts, 2000)}</li>`),
    ...begun.map(
      ({ host, actions }) =>
        markup`<li>begun on ${host}, with an unknown end: ${actions.join('; ')}</li>`,
    ),
  ]
  return markup`${warned.length === 0 ? '' : markup`<h2>Warnings</h2>${warned}`}
<h2>What is owed</h2>${open.length === 0 ? markup`<p>No handler is pending.</p>` : markup`<ul>${open}</ul>`}
${next === null ? '' : markup`<h2>Next</h2><p><code class="next">${next}</code></p>`}
<p class="soft">The records of run ${run} are in this page, compressed. <span class="scripted" hidden><button id="save">save them</button></span></p>`
}
