import { cleanText } from '../screen-text.ts'
import { diagnosticLines } from '../diagnostics.ts'
import type { OutcomeEvent } from '../../model/event.ts'
import { countsAsFailed } from '../../model/tally.ts'
import type { Evidence } from './evidence.ts'
import { escaped } from './markup.ts'
import { plainDiff } from './changes-of-run.ts'
import type { Sorted, TaskRecord } from './sorted.ts'

/** Cases past which a report has one case for each task, and not one for each task and host: test viewers stop reading. */
const casesAtMost = 20_000

/** A run as JUnit XML: a suite for each play, a case for each task on each host. */
export function evidenceJunit(evidence: Evidence, { tasks }: Sorted): string {
  const all = tasks.reduce((sum, { outcomes }) => sum + outcomes.length, 0)
  const suites = new Map<string, Case[]>()
  for (const task of tasks) {
    const cases = suites.get(task.play) ?? []
    suites.set(task.play, cases)
    cases.push(...(all > casesAtMost ? [foldedCase(task)] : task.outcomes.map(caseOf(task))))
  }
  const every = [...suites.values()].flat()
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites ${attributes({ name: evidence.title, ...countsOf(every) })}>\n${[
    ...suites,
  ]
    .map(([name, cases]) => suiteText(name, cases, evidence.at))
    .join('')}</testsuites>\n`
}

/** One case: how it ended is `body`. */
interface Case {
  readonly name: string
  readonly place: string
  readonly seconds: number
  readonly kind: 'failure' | 'error' | 'skipped' | 'passed'
  readonly body: string
}

function suiteText(name: string, cases: readonly Case[], at: number): string {
  const head = attributes({ name, timestamp: new Date(at).toISOString(), ...countsOf(cases) })
  const lines = cases.map(
    (each) =>
      `    <testcase ${attributes({ name: each.name, classname: each.place, time: each.seconds.toFixed(3) })}>${each.body}</testcase>\n`,
  )
  return `  <testsuite ${head}>\n${lines.join('')}  </testsuite>\n`
}

function countsOf(cases: readonly Case[]): Readonly<Record<string, string | number>> {
  const count = (kind: Case['kind']): number => cases.filter((each) => each.kind === kind).length
  return {
    tests: cases.length,
    failures: count('failure'),
    errors: count('error'),
    skipped: count('skipped'),
    time: cases.reduce((sum, { seconds }) => sum + seconds, 0).toFixed(3),
  }
}

function caseOf({ label }: TaskRecord): (event: OutcomeEvent) => Case {
  return (event) => ({
    name: `${label.verb}: ${label.sentence}`,
    place: event.host,
    seconds: event.seconds,
    ...ending(event),
  })
}

function ending(event: OutcomeEvent): Pick<Case, 'kind' | 'body'> {
  const { outcome, reason, diff, units, changes } = event
  if (countsAsFailed(event) || outcome === 'unreachable' || outcome === 'interrupted') {
    const kind = outcome === 'failed' ? 'failure' : 'error'
    const error = event.error ?? event.items?.find((item) => item.error)?.error
    const lines = error ? diagnosticLines(error, { color: false, width: 200 }) : [reason ?? outcome]
    const differs = outcome === 'failed' && diff ? plainDiff(diff, units) : []
    const message = error?.message ?? reason ?? outcome
    return {
      kind,
      body: element(kind, { message, type: error?.code ?? outcome }, [...lines, ...differs]),
    }
  }
  if (outcome === 'skipped')
    return { kind: 'skipped', body: element('skipped', { message: reason ?? 'left out' }, []) }
  const said = [
    ...(outcome === 'ok' ? [] : [`${outcome}${reason === undefined ? '' : `: ${reason}`}`]),
    ...(changes ?? []).map(({ title }) => title),
    ...(diff ? plainDiff(diff, units) : []),
  ]
  return { kind: 'passed', body: said.length === 0 ? '' : element('system-out', {}, said) }
}

/** A task with all its hosts as one case: the worst of them decides. */
function foldedCase(task: TaskRecord): Case {
  const cases = task.outcomes.map(caseOf(task))
  const bad = cases.filter(({ kind }) => kind === 'failure' || kind === 'error')
  const first = bad[0] ?? cases[0]
  const seconds = Math.max(0, ...cases.map((each) => each.seconds))
  const name = `${task.label.verb}: ${task.label.sentence}`
  if (!first || bad.length === 0)
    return { name, place: `${cases.length} hosts`, seconds, kind: 'passed', body: '' }
  const lines = bad.slice(0, 200).map(({ place }) => place)
  return {
    name,
    place: `${bad.length} of ${cases.length} hosts`,
    seconds,
    kind: first.kind,
    body: `${first.body}${element('system-out', {}, lines)}`,
  }
}

function element(
  name: string,
  of: Readonly<Record<string, string | number>>,
  lines: readonly string[],
): string {
  const head = attributes(of)
  return `<${name}${head === '' ? '' : ` ${head}`}>${xmlText(lines.join('\n'))}</${name}>`
}

function attributes(of: Readonly<Record<string, string | number>>): string {
  return Object.entries(of)
    .map(([name, value]) => `${name}="${xmlText(String(value)).replaceAll('\n', '&#10;')}"`)
    .join(' ')
}

// XML has no way to write these, not even as references.
const unwritable = /[\ufffe\uffff]/g

/** A text of any origin as XML. `cleanText` has made control characters and lone surrogates visible. */
function xmlText(text: string): string {
  return escaped(cleanText(text).replace(unwritable, '\ufffd'))
}
