import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { redact } from '../../runner/contract/secret.ts'
import { compare, isEmpty } from '../../runner/contract/state.ts'
import type { AnyResourceType } from '../../runner/contract/resource.ts'
import type { Case } from '../../runner/manifest/cases.ts'
import { paramsOfCase } from '../../runner/manifest/case-params.ts'
import { readCase } from '../../runner/manifest/case-read.ts'
import { asDiagnosticError } from '../../runner/model/diagnostic.ts'
import { builtinTypes } from '../../runner/resources/index.generated.ts'
import { parseYaml } from '../../runner/source/located-yaml.ts'
import { plain } from '../../runner/source/located.ts'

// A host may answer anything, up to the megabyte at which a reading ends. Each type then says what it read, or what is wrong with
// it, in one pass: whatever takes a minute here is quadratic.

const size = 1 << 18
const filled = (text: string): string => text.repeat(Math.ceil(size / text.length))

/** Texts that a parser may stumble over: they grow out of what the case has there. */
function hostile(text: string): readonly string[] {
  const line = text.split('\n').find((each) => each.trim() !== '') ?? 'a=b'
  const numbered = Array.from({ length: Math.ceil(size / (line.length + 6)) }, (_, i) =>
    line.replace(/[A-Za-z0-9_]{2,}/, (word) => `${word}${i}`),
  )
  return [
    `${text}${filled('\n')}x`,
    `${text.trimEnd()}${filled(' ')}x`,
    `${text}${filled(`${line}\n`)}`,
    numbered.join('\n'),
  ]
}

const fields = ['text', 'stdout', 'body'] as const

/** Each text that the cases of a type have, once for each probe, with its case. */
function textsOf(type: AnyResourceType): readonly [string, Case, string, string][] {
  const path = fileURLToPath(
    new URL(`../../runner/resources/${type.name}/cases.yaml`, import.meta.url),
  )
  const cases = plain(
    parseYaml(path, readFileSync(path, 'utf8')).value!,
  ) as unknown as readonly Case[]
  const found = new Map<string, [string, Case, string, string]>()
  for (const each of cases)
    for (const [probe, reading] of Object.entries(each.reads ?? {}))
      for (const field of fields)
        if (typeof reading[field] === 'string' && !each.mistake && !each.call)
          found.set(`${probe} ${field}`, [`${probe}.${field}`, each, probe, field])
  return [...found.values()]
}

/** What comes of a reading: the type compares and says what it would do, or refuses. A defect is thrown on. */
function judge(type: AnyResourceType, each: Case, reads: Case['reads']): void {
  const { params } = paramsOfCase(type.params, each.params ?? {}, type.name)
  try {
    const found = readCase(type, params, reads ?? {}, {}, () => undefined)
    if (found.failed !== undefined) return
    const state = type.observe(found.readings, params)
    const wanted = type.desire?.(params, state)
    if (wanted === undefined) return
    const diff = compare(wanted, state)
    const changes = isEmpty(diff) ? [] : type.change?.(diff, params, state)
    redact(JSON.stringify([diff, changes]))
  } catch (error) {
    if (!asDiagnosticError(error)) throw error
  }
}

const withTexts = builtinTypes.filter((type) => textsOf(type).length > 0)

describe.each(withTexts.map((type) => [type.name, type] as const))(
  'a long answer to %s',
  (_, type) => {
    it.each(textsOf(type))(
      'as its %s is read or refused',
      (_what, each, probe, field) => {
        const reading = each.reads![probe]!
        for (const text of hostile(String(reading[field])))
          expect(() =>
            judge(type, each, { ...each.reads, [probe]: { ...reading, [field]: text } }),
          ).not.toThrow()
      },
      60_000,
    )
  },
)
