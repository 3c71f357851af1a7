import { describe, expect, it } from 'vitest'
import { findingsOf, findingsText } from './findings.ts'

const nasty = 'no room\n::error file=x::injected %0A\u001b[31m'
const findings = findingsOf([
  {
    code: 'param/unknown',
    message: 'file has no param "fiel"',
    hint: 'did you mean file?',
    at: { file: '/work/play,book:1.yaml', line: 7, column: 9, width: 4, source: 'x' },
  },
  { code: 'advice/unguarded-run', severity: 'warning', message: nasty, host: 'n1' },
])
const options = { folder: '/work', version: '0.1.0' }

describe('findings for pipelines', () => {
  it('are SARIF with rules, levels and ranges', () => {
    const said = JSON.parse(findingsText(findings, 'sarif', options)) as {
      runs: readonly { tool: { driver: { rules: readonly { id: string }[] } }; results: object[] }[]
    }
    expect(said).toMatchObject({ version: '2.1.0' })
    expect(said.runs[0]!.tool.driver.rules.map(({ id }) => id)).toEqual([
      'advice/unguarded-run',
      'param/unknown',
    ])
    expect(said.runs[0]!.results[0]).toMatchObject({
      ruleId: 'param/unknown',
      ruleIndex: 1,
      level: 'error',
      locations: [
        {
          physicalLocation: {
            artifactLocation: { uri: 'play%2Cbook%3A1.yaml' },
            region: { startLine: 7, startColumn: 9, endColumn: 13 },
          },
        },
      ],
    })
    expect(said.runs[0]!.results[1]).toMatchObject({ level: 'warning' })
  })

  it('are annotations of GitHub, one a line, whatever is in them', () => {
    const lines = findingsText(findings, 'github', options).trimEnd().split('\n')
    expect(lines).toEqual([
      '::error file=play%2Cbook%3A1.yaml,line=7,col=9,title=param/unknown::file has no param "fiel"%0Adid you mean file?',
      '::warning title=advice/unguarded-run::no room%0A::error file=x::injected %250A',
    ])
  })

  it('are code quality of GitLab, with fingerprints that stay', () => {
    const one = JSON.parse(findingsText(findings, 'gitlab', options)) as { fingerprint: string }[]
    const two = JSON.parse(findingsText(findings, 'gitlab', options)) as { fingerprint: string }[]
    expect(one).toEqual(two)
    expect(new Set(one.map(({ fingerprint }) => fingerprint)).size).toBe(2)
    expect(one[0]).toMatchObject({
      check_name: 'param/unknown',
      severity: 'major',
      location: { path: 'play,book:1.yaml', lines: { begin: 7 } },
    })
  })

  it('are JSON with a name of the format', () => {
    expect(JSON.parse(findingsText(findings, 'json', options))).toMatchObject({
      format: 'trueup-findings',
      findings: [
        { code: 'param/unknown', line: 7 },
        { code: 'advice/unguarded-run', file: null },
      ],
    })
  })
})
