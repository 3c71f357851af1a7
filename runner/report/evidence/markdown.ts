import { outcomes } from '../../model/outcome.ts'
import { countOf } from '../../text/count.ts'
import { durationText } from '../../text/duration.ts'
import { foldNames } from '../../text/host-ranges.ts'
import { shellWord } from '../../text/shell-word.ts'
import { cleanLine, cleanText } from '../screen-text.ts'
import type { Cause } from './causes.ts'
import type { Difference } from './changes-of-run.ts'
import type { Evidence } from './evidence.ts'
import { planText, timeText } from './look-of-page.ts'

/** Lines of one difference that are shown: a comment of a pipeline is read, the page has all. */
const linesShown = 40
const entriesShown = 30

/** A run as Markdown, for merge requests, tickets and step summaries. What a host or a playbook wrote is text in it, never markup. */
export function evidenceMarkdown(evidence: Evidence): string {
  const { title, verdict, command, run, user, controller, at, seconds, hosts, trueup } = evidence
  return `${[
    `# ${words(title)}: ${words(verdict.words)}`,
    `${command} ${code(run)} by ${code(`${user}@${controller}`)}, ${timeText(at)}, ${durationText(seconds)}, ${countOf(hosts.length, 'host')}, trueup ${words(trueup)}`,
    countsTable(evidence),
    ...causes(evidence),
    ...changes(evidence),
    tasks(evidence),
    ...warnings(evidence),
    ...owed(evidence),
    ...(evidence.next === null ? [] : ['## Next', block([evidence.next])]),
    about(evidence),
  ].join('\n\n')}\n`
}

/** A text of any origin between other words: no letter of it is markup, a link or a mention. */
function words(text: string): string {
  return cleanLine(text)
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;')
    .replace(/>/g, '&gt;')
    .replace(/@/g, '&#64;')
    .replace(/[\\`*_[\]|~$]/g, (letter) => `\\${letter}`)
    .replace(/^[-+#=]|(?<=^\d{1,9})[.)]/, (letter) => `\\${letter}`)
    .replace(/:(?=\/\/)|(?<=www)\./gi, (letter) => `&#${letter.charCodeAt(0)};`)
}

/** A text of any origin as code in a line. */
function code(text: string): string {
  const line = cleanLine(text)
  const longest = Math.max(0, ...[...line.matchAll(/`+/g)].map(([run]) => run.length))
  const fence = '`'.repeat(longest + 1)
  const pad = line === '' || /^[` ]|[` ]$/.test(line) ? ' ' : ''
  return `${fence}${pad}${line}${pad}${fence}`
}

/** Lines of any origin as a block of code. */
function block(lines: readonly string[], language = ''): string {
  const shown = lines.slice(0, linesShown).map((line) => cleanText(line))
  if (lines.length > linesShown) shown.push(`… and ${lines.length - linesShown} more lines`)
  const text = shown.join('\n')
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([run]) => run.length))
  const fence = '`'.repeat(longest + 1)
  return `${fence}${language}\n${text}\n${fence}`
}

function countsTable({ counts }: Evidence): string {
  const present = outcomes.filter((each) => counts[each] > 0)
  if (present.length === 0) return 'No task has ended.'
  return [
    `| ${present.join(' | ')} |`,
    `| ${present.map(() => '---:').join(' | ')} |`,
    `| ${present.map((each) => counts[each]).join(' | ')} |`,
  ].join('\n')
}

function causes({ causes: all }: Evidence): readonly string[] {
  return all.length === 0
    ? []
    : ['## What went wrong', ...all.slice(0, entriesShown).flatMap(causeLines), ...rest(all.length)]
}

function causeLines(cause: Cause): readonly string[] {
  const { outcome, spared, hosts, verb, sentence, message, hint, diff, said, place, limit } = cause
  return [
    `**${hosts.length} ${outcome}**${spared === null ? '' : ` (${spared})`}: ${verb}: ${words(sentence)}${place === null ? '' : `, ${words(place)}`}`,
    block([...message.split('\n'), ...(hint === null ? [] : [`hint: ${hint}`])]),
    ...(diff.length === 0 ? [] : [block(diff, 'diff')]),
    ...(said.length === 0 ? [] : [block(said)]),
    code(`--limit ${shellWord(limit.length > 2000 ? '@failed' : limit)}`),
  ]
}

function changes({ changes: all, command }: Evidence): readonly string[] {
  return all.length === 0
    ? []
    : [
        command === 'plan' ? '## What would change' : '## What changed',
        ...all.slice(0, entriesShown).flatMap(changeLines),
        ...rest(all.length),
      ]
}

function changeLines(change: Difference): readonly string[] {
  const { effect, outcome, verb, sentence, item, reason, titles, diff, hosts, place } = change
  const mark = effect === 'destroys' ? '**destroys** ' : ''
  return [
    `${mark}**${hosts.length} ${outcome}**: ${verb}: ${words(sentence)}${item === null ? '' : ` (${code(item)})`}: ${place === null ? code(foldNames(hosts, 300)) : words(place)}`,
    ...(reason === null ? [] : [words(reason)]),
    ...(titles.length === 0 ? [] : [titles.map((title) => `- ${words(title)}`).join('\n')]),
    ...(diff.length === 0 ? [] : [block(diff, 'diff')]),
  ]
}

function rest(count: number): readonly string[] {
  return count > entriesShown ? [`and ${count - entriesShown} more`] : []
}

function tasks({ tasks: all }: Evidence): string {
  const rows = all.map(({ verb, sentence, counts, median, slowest }) => {
    const found = outcomes.filter((each) => counts[each] !== undefined)
    const slow = slowest ? `${durationText(median)} / ${durationText(slowest.seconds)}` : ''
    return `| ${verb}: ${words(sentence)} | ${found.map((each) => `${each} ${counts[each]!}`).join(', ')} | ${slow} |`
  })
  return [
    '## Tasks',
    '',
    '| task | hosts | median / slowest |',
    '| --- | --- | --- |',
    ...rows,
  ].join('\n')
}

function warnings({ warnings: all }: Evidence): readonly string[] {
  if (all.length === 0) return []
  const lines = all.slice(0, entriesShown).map(({ message, code: name, hosts }) => {
    const where = hosts.length === 0 ? '' : `: ${code(foldNames(hosts, 300))}`
    return `- ${words(message)} (${name})${where}`
  })
  return ['## Warnings', lines.join('\n'), ...rest(all.length)]
}

function owed({ owed: all, begun }: Evidence): readonly string[] {
  if (all.length + begun.length === 0) return []
  return [
    '## What is owed',
    [
      ...all.map(({ handler, hosts }) => `- ${words(handler)}: ${code(foldNames(hosts, 300))}`),
      ...begun.map(({ host, actions }) => `- begun on ${code(host)}: ${code(actions.join('; '))}`),
    ].join('\n'),
  ]
}

function about(evidence: Evidence): string {
  const { sources, inventory, secretInputs, inputs, limit, plan, resumes } = evidence
  const hashed = [...sources, ...inventory].map(
    ({ file, sha256 }) => `- ${code(file)} sha256 ${code(sha256)}`,
  )
  return [
    '## Made from',
    '',
    ...hashed,
    ...Object.entries(inputs).map(
      ([name, value]) => `- input ${code(name)}: ${code(JSON.stringify(value))}`,
    ),
    ...secretInputs.map((name) => `- input ${code(name)}: secret`),
    ...(limit === null ? [] : [`- limit ${code(limit)}`]),
    ...(plan === null ? [] : [`- plan ${code(planText(plan))}`]),
    ...(resumes === null ? [] : [`- went on with run ${code(resumes)}`]),
    ...evidence.confirmations.map(
      ({ sentence, answer, at }) =>
        `- a person was asked: ${words(sentence)}: ${words(answer)}, ${timeText(at)}`,
    ),
  ].join('\n')
}
