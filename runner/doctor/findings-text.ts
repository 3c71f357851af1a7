import { countOf } from '../text/count.ts'
import type { Finding, Verdict } from './finding.ts'

const headings = { playbook: 'Playbooks', service: 'Services', host: 'Hosts' } as const
const order: readonly Verdict[] = ['fails', 'differs', 'ok']

/** All findings for people: one line for a service or a host that is as proved, and each difference with what to do about it. */
export function findingsText(findings: readonly Finding[]): string {
  const parts = (['playbook', 'service', 'host'] as const).flatMap((of) => {
    const ours = findings.filter((each) => each.of === of)
    return ours.length === 0 ? [] : [`${headings[of]}\n${rows(ours)}`]
  })
  return `${parts.join('\n')}\n${summary(findings)}\n`
}

function rows(findings: readonly Finding[]): string {
  const names = [...new Set(findings.map(({ name }) => name))]
  const width = Math.max(...names.map((name) => name.length))
  return names
    .map((name) => {
      const ours = findings.filter((each) => each.name === name)
      const worst = order.find((verdict) => ours.some((each) => each.verdict === verdict))!
      const first = `  ${worst.padEnd(7)}  ${name.padEnd(width)}  `
      const lines = worst === 'ok' ? [fine(ours)] : ours.flatMap(wrongLines)
      return lines
        .map((line, i) => `${i === 0 ? first : ' '.repeat(first.length)}${line}\n`)
        .join('')
    })
    .join('')
}

/** The most telling words of what is right. */
function fine(findings: readonly Finding[]): string {
  const routes = findings.filter(({ check }) => check.startsWith('GET ')).length
  const others = findings.filter(({ check }) => !check.startsWith('GET '))
  return [
    ...others.map(({ says }) => says),
    ...(routes === 0
      ? []
      : [
          routes === 1
            ? '1 route answers as types read it'
            : `${routes} routes answer as types read them`,
        ]),
  ].join('; ')
}

function wrongLines({ verdict, check, says, hint }: Finding): readonly string[] {
  if (verdict === 'ok') return []
  return [
    `${verdict === 'fails' ? '' : 'differs: '}${check}: ${says}`,
    ...(hint === undefined ? [] : [`  hint: ${hint}`]),
  ]
}

function summary(findings: readonly Finding[]): string {
  const of = (verdict: Verdict): number =>
    findings.filter((each) => each.verdict === verdict).length
  return `${countOf(findings.length, 'check')}: ${of('ok')} ok, ${of('differs')} differ, ${of('fails')} fail.`
}
