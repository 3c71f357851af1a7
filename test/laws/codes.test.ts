import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { codes } from '../../runner/model/codes.ts'

const root = join(import.meta.dirname, '../..')
const texts = ['runner', 'lab'].flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter(
      (file) =>
        file.endsWith('.ts') &&
        !/\.(?:test|fixture|generated)\.ts$/.test(file) &&
        file !== join('model', 'codes.ts'),
    )
    .map((file) => readFileSync(join(root, folder, file), 'utf8')),
)
const areas = new Set(
  texts.flatMap((text) => [...text.matchAll(/code: ['`]([a-z]+)\//g)].map((match) => match[1]!)),
)

// Codes that are put together while running: `read/` with the code of a failed read, and the faults of names in texts and expressions.
const composed: Readonly<Record<string, readonly string[]>> = {
  read: [
    'denied',
    'exit',
    'io',
    'lost',
    'missing-tool',
    'not-text',
    'status',
    'timeout',
    'too-large',
  ],
  expression: ['not-set-yet', 'unknown-field', 'unknown-name'],
  template: ['not-set-yet', 'unknown-field', 'unknown-name'],
}

describe('the table of codes', () => {
  const used = new Set(
    texts.flatMap((text) =>
      [...text.matchAll(/'([a-z]+)\/([a-z0-9-]+)'/g)]
        .filter((match) => areas.has(match[1]!))
        .map((match) => `${match[1]}/${match[2]}`),
    ),
  )
  const built = Object.entries(composed).flatMap(([area, names]) =>
    names.map((name) => `${area}/${name}`),
  )

  it('lists every code that the source names', () => {
    expect([...used].filter((code) => !Object.hasOwn(codes, code)).sort()).toEqual([])
  })

  it('lists nothing that the source does not name', () => {
    expect(Object.keys(codes).filter((code) => !used.has(code) && !built.includes(code))).toEqual(
      [],
    )
  })

  it('puts codes together only in the areas that this test knows', () => {
    const templated = new Set(
      texts.flatMap((text) => [...text.matchAll(/code: `([a-z]+)\/\$/g)].map((match) => match[1]!)),
    )
    expect([...templated].filter((area) => !Object.hasOwn(composed, area))).toEqual([])
  })

  it('is in order', () => {
    expect(Object.keys(codes)).toEqual([...Object.keys(codes)].sort())
  })
})
