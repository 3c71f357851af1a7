import ajv from 'ajv'
import { describe, expect, it } from 'vitest'
import { Matcher } from '../contract/matcher.ts'
import { Secret } from '../contract/secret.ts'
import { eventSchema } from './event-schema.ts'
import { label, storyOf } from './events.fixture.ts'
import { createJsonReport } from './json-report.ts'

const Ajv = ajv.default
const valid = new Ajv({ strict: true, allowUnionTypes: true }).compile(eventSchema())
const events = storyOf(
  { hosts: ['a1', 'a2'], tasks: [label('one'), label('two', { type: null, verb: 'require' })] },
  [
    ['a1', 'one', 'starts'],
    ['a1', 'one', { progress: '1 of 2' }],
    [
      'a1',
      'one',
      {
        outcome: 'changed',
        changes: [{ title: 'write', effect: 'replaces', actions: ['write /etc/x'] }],
        diff: {
          token: { from: null, to: new Secret('the token', 'canary-8461') },
          free: { from: 1, to: new Matcher('at_least', 5) },
        },
        items: [{ item: 'x', outcome: 'ok' }],
      },
    ],
    [
      'a2',
      'one',
      {
        outcome: 'failed',
        ignored: true,
        shown: 'a\u009b31m\u202e\u2028',
        error: {
          code: 'action/failed',
          message: 'no',
          at: { file: 'b.yaml', line: 1, column: 2 },
          hint: undefined,
          host: 'a2',
        },
      },
    ],
  ],
)

describe('a JSON report', () => {
  const lines: string[] = []
  const hear = createJsonReport((line) => lines.push(line))
  for (const event of [
    ...events,
    {
      type: 'warning',
      at: 1,
      diagnostic: { code: 'action/trouble', message: 'careful', severity: 'warning' },
    } as const,
  ])
    hear(event)

  it('is one event a line, each as the schema says', () => {
    expect(lines).toHaveLength(events.length + 1)
    for (const line of lines) {
      expect(line.indexOf('\n')).toBe(line.length - 1)
      expect(valid(JSON.parse(line)), `${line} ${JSON.stringify(valid.errors)}`).toBe(true)
    }
  })

  it('covers every kind of event', () => {
    expect(new Set(lines.map((line) => (JSON.parse(line) as { type: string }).type)).size).toBe(9)
  })

  it('shows no secret, and nothing that acts on a terminal', () => {
    expect(lines.join('')).not.toContain('canary')
    expect(lines.join('')).toContain('(secret the token)')
    expect(lines.join('')).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028\u202e]/)
    expect(
      (JSON.parse(lines.find((line) => line.includes('"shown"'))!) as { shown: string }).shown,
    ).toBe('a\u009b31m\u202e\u2028')
  })

  it('is refused by the schema when it says something else', () => {
    expect(valid({ type: 'play-ended', at: 1, play: 0, more: 1 })).toBe(false)
    expect(valid({ type: 'run-stopped', at: 1 })).toBe(false)
  })
})
