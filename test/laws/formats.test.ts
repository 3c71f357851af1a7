import { describe, expect, it } from 'vitest'
import type { ParamSchema } from '../../runner/contract/param-schema.ts'
import type { Value } from '../../runner/contract/value.ts'
import { canonical } from '../../runner/contract/value.ts'
import { paramsOfCase } from '../../runner/manifest/case-params.ts'
import { formatNames, formatOf, type FormatName } from '../../runner/text/formats.ts'
import { readValue } from '../../runner/schema/read-value.ts'
import { noFiles, unknownValue, writtenValue } from '../../runner/schema/written.ts'

// Every entrance reads a format by the one table: what one takes, all take, as the same value.

const texts: readonly string[] = [
  '',
  ' ',
  '0',
  '0644',
  '644',
  '99999',
  '50G',
  ' 50 GiB ',
  '1.5t',
  '9999999E',
  '-5',
  '30s',
  '1h 30m',
  '30',
  '1d',
  '/etc/x',
  '/etc//../x',
  '~root/x',
  '~/x',
  'etc/x',
  '/a\nb',
  'a\r',
  'a\0b',
  'x3000c0s19b1n0',
  ' X3000C0S019B1N00 ',
  'x3000c0s19b1',
  'x3000',
  's0',
  'a(b',
  '^a.*b$',
  '(?=a)',
  'https://host/path?x=1',
  'http://u:p@host/',
  'ftp://host/',
  'https://',
  '{{ x }}',
]
const others: readonly Value[] = [0, 1, -1, 1.5, 644, true, false, null, [], ['a'], { a: 'b' }]
const place = { file: 'here', line: 1, column: 1 }

interface Verdict {
  readonly codes: readonly string[]
  readonly value: string | null
}

type Entrance = (schema: ParamSchema, value: Value) => Verdict

const entrances: Readonly<Record<string, Entrance>> = {
  reader: (schema, value) => {
    const codes: string[] = []
    const made = readValue(schema, writtenValue(value, place, noFiles), {
      name: 'type.it',
      files: noFiles,
      report: ({ code }) => codes.push(code),
    })
    return { codes, value: made === unknownValue ? null : canonical(made) }
  },
  'case of a type': (schema, value) => {
    const params = { type: 'object', properties: { it: schema } } as const
    const { params: made, faults } = paramsOfCase(params, { it: value }, 'type')
    return {
      codes: faults.map(({ code }) => code),
      value: faults.length > 0 ? null : canonical(made['it']),
    }
  },
}

const named = formatNames.filter((name) => formatOf(name).isLocal !== true)

describe('a format', () => {
  it.each(named)('%s is read alike by every entrance', (format) => {
    const schema: ParamSchema = { type: 'string', description: 'It.', format }
    for (const value of [...texts, ...others]) {
      const verdicts = Object.entries(entrances).map(([name, read]) => [name, read(schema, value)])
      const [, first] = verdicts[0]!
      for (const [name, verdict] of verdicts)
        expect(verdict, `${format}, ${JSON.stringify(value)}, ${String(name)}`).toEqual(first)
    }
  })

  it.each(named)('%s takes some of the texts, and refuses others', (format: FormatName) => {
    const schema: ParamSchema = { type: 'string', description: 'It.', format }
    const taken = texts.filter((text) => entrances['reader']!(schema, text).codes.length === 0)
    expect(taken.length).toBeGreaterThan(0)
    expect(taken.length).toBeLessThan(texts.length)
  })
})
