import { describe, expect, it } from 'vitest'
import { countText, renderDiagnostics } from './diagnostics.ts'

const at = {
  file: '/playbooks/site.yaml',
  line: 6,
  column: 9,
  width: 8,
  source: '        runnning: true',
}
const plain = { color: false, width: 80, folder: '/playbooks' }

describe('diagnostics', () => {
  it('show place, message, code, the line with a caret, and the hint', () => {
    expect(
      renderDiagnostics(
        [
          {
            code: 'schema/unknown-key',
            message: "unknown key 'runnning'",
            at,
            hint: "did you mean 'running'?",
          },
        ],
        plain,
      ).split('\n'),
    ).toEqual([
      "site.yaml:6:9: unknown key 'runnning' [schema/unknown-key]",
      '  6 |         runnning: true',
      '    |         ^^^^^^^^',
      "  hint: did you mean 'running'?",
    ])
  })

  it('show each mistake once, and name the host', () => {
    const one = { code: 'run/limit', message: 'x', host: 'n1' } as const
    expect(renderDiagnostics([one, one, { ...one, host: 'n2' }], plain).split('\n')).toEqual([
      'n1: x [run/limit]',
      'n2: x [run/limit]',
    ])
  })

  it('keep the caret under its text behind tabs and control characters', () => {
    const [, line, carets] = renderDiagnostics(
      [
        {
          code: 'run/limit',
          message: 'x',
          at: { ...at, column: 4, width: 3, source: '\t\u0007aBAD' },
        },
      ],
      plain,
    ).split('\n')
    expect(carets!.indexOf('^')).toBe(line!.indexOf('BAD'))
    expect(carets!.match(/\^+/)![0]).toHaveLength(3)
  })

  it('cut a long line around the caret', () => {
    const source = `${'a'.repeat(5000)}BAD${'b'.repeat(5000)}`
    const lines = renderDiagnostics(
      [{ code: 'run/limit', message: 'x', at: { ...at, column: 5001, width: 3, source } }],
      { ...plain, width: 60 },
    ).split('\n')
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(60)
    expect(lines[2]!.indexOf('^')).toBe(lines[1]!.indexOf('BAD'))
  })

  it('keep the beginning and the end of a message that quotes a value of pages', () => {
    const text = renderDiagnostics(
      [{ code: 'run/limit', message: `the input x '${'y'.repeat(1_000_000)}' is not a size` }],
      plain,
    )
    expect(text.length).toBeLessThan(5000)
    expect(text.replaceAll('\n', '').replaceAll(' ', '')).toMatch(
      /^theinputx'y+…y+'isnotasize\[run\/limit\]$/,
    )
  })

  it('show twenty of one code and count the rest, each code by itself', () => {
    const many = Array.from({ length: 10_000 }, (_, i) => ({
      code: 'run/limit' as const,
      message: `m${i}`,
    }))
    const lines = renderDiagnostics(
      [...many, { code: 'run/budget', message: 'other' }],
      plain,
    ).split('\n')
    expect(lines).toHaveLength(22)
    expect(lines.slice(19)).toEqual([
      'm19 [run/limit]',
      'and 9980 more of the same [run/limit]',
      'other [run/budget]',
    ])
    expect(renderDiagnostics(many.slice(0, 21), plain).split('\n')).toHaveLength(21)
    expect(renderDiagnostics(many, { ...plain, most: Infinity }).split('\n')).toHaveLength(10_000)
  })

  it('have colour where there is some', () => {
    expect(
      renderDiagnostics([{ code: 'run/limit', message: 'x', at }], { ...plain, color: true }),
    ).toContain('\u001b[31m')
  })

  it.each([10, 20, 40])('fit %i columns', (width) => {
    expect(
      renderDiagnostics(
        [
          {
            code: 'read/io',
            message: 'a rather long message about a mistake',
            at,
            hint: 'type something else',
          },
        ],
        { ...plain, width },
      ),
    ).toContain('[read/io]')
  })

  it('are counted in words', () => {
    expect(
      countText([
        { code: 'run/limit', message: 'x' },
        { code: 'run/limit', message: 'y', severity: 'warning' },
        { code: 'run/budget', message: 'z' },
      ]),
    ).toBe('2 errors, 1 warning')
  })
})
