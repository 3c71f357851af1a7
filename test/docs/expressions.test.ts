import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { codes } from '../../runner/model/codes.ts'
import type { Place, DiagnosticError } from '../../runner/model/diagnostic.ts'
import { facts } from '../../runner/model/facts.ts'
import type { Value } from '../../runner/contract/value.ts'
import { loadPlaybook } from '../../runner/playbook/load-playbook.ts'
import { builtinTypes } from '../../runner/resources/index.generated.ts'
import { compileExpression } from '../../runner/source/expression.ts'
import { expressionFunctions } from '../../runner/source/expression-faults.ts'
import { shapeOf } from '../../runner/schema/schema-shape.ts'
import { anyShape, mapShape, type Names } from '../../runner/source/known-names.ts'
import { compileTemplate } from '../../runner/source/template.ts'
import { textFunctions } from '../../runner/source/text.ts'
import { parseYaml } from '../../runner/source/located-yaml.ts'
import { plain, type LocatedMap, type LocatedScalar } from '../../runner/source/located.ts'

// docs/expressions.md is run: each example gives what stands beside it, each mistake says what stands beside it, and no
// function and no code is missing from the page.

const page = readFileSync(
  fileURLToPath(new URL('../../docs/expressions.md', import.meta.url)),
  'utf8',
)
const given = plain(parseYaml('names', /```yaml\n(facts:[\s\S]*?)```/.exec(page)![1]!).value!) as {
  readonly [name: string]: Value
}
const names: Names = {
  known: new Map([
    ['facts', mapShape(Object.entries(facts).map(([name, fact]) => [name, shapeOf(fact.schema)]))],
    [
      'host',
      mapShape([
        ['name', { kind: 'value', type: 'string' }],
        ['address', { kind: 'value', type: 'string' }],
        ['groups', { kind: 'list', items: { kind: 'value', type: 'string' } }],
        ['vars', anyShape],
      ]),
    ],
    ...Object.keys(given)
      .filter((name) => name !== 'facts' && name !== 'host')
      .map((name) => [name, anyShape] as const),
  ]),
  later: new Map<string, Place>([['later', { file: 'f', line: 9, column: 5 }]]),
  open: false,
}

interface Row {
  readonly section: string
  readonly cells: readonly string[]
}
const rows: readonly Row[] = page
  .split(/^## /m)
  .slice(1)
  .flatMap((part) => {
    const section = part.slice(0, part.indexOf('\n'))
    return [...part.matchAll(/^\| (?!---)(.*) \|$/gm)].slice(1).map(([, line]) => ({
      section,
      cells: line!.split(/(?<!\\) \| /).map((cell) => cell.replaceAll('\\|', '|').trim()),
    }))
  })
const inSection = (section: string): readonly (readonly string[])[] =>
  rows.filter((row) => row.section === section).map(({ cells }) => cells)
const code = (cell: string): string => /^`+ ?(.*?) ?`+$/.exec(cell)?.[1] ?? cell
const scalar = (text: string): LocatedScalar =>
  (parseYaml('f', `x: ${JSON.stringify(text)}\n`).value as LocatedMap).entries.get('x')!
    .value as LocatedScalar
const asTemplate = (text: string) => compileTemplate(text, names, scalar(text))
const asExpression = (text: string, kind: 'value' | 'condition' = 'value') =>
  compileExpression(text, names, scalar(text), kind)

/** What is wrong with it, before it runs or when it does. */
function faultsOf(compiled: ReturnType<typeof asTemplate>): readonly string[] {
  if (compiled.diagnostics.length > 0)
    return compiled.diagnostics.map((each) => `${each.code}: ${each.message}`)
  try {
    compiled.computed.evaluate(given)
    return []
  } catch (error) {
    return (error as DiagnosticError).diagnostics.map((each) => `${each.code}: ${each.message}`)
  }
}
async function playbookFaults(line: string): Promise<readonly string[]> {
  const text = `playbook: p\nplays:\n  - play: p\n    hosts: all\n    tasks:\n      - ensure: it is so\n        copy: { dest: /x, content: x }\n${line
    .split('⏎')
    .map((each) => `        ${each.trim()}\n`)
    .join('')}`
  const { diagnostics } = await loadPlaybook({
    version: '0.1.0',
    file: '/b.yaml',
    types: new Map(builtinTypes.map((type) => [type.name, type])),
    inputs: {},
    knownVars: new Set(),
    readText: async () => text,
  })
  return diagnostics.map((each) => `${each.code}: ${each.message}`)
}

describe('the page of expressions', () => {
  it.each(inSection('Functions of text').map((cells) => [cells[2]!, cells[3]!]))(
    'renders %s as %s',
    (example, result) => {
      expect(asTemplate(code(example)).diagnostics).toEqual([])
      expect(JSON.stringify(asTemplate(code(example)).computed.evaluate(given))).toBe(code(result))
    },
  )

  it.each(inSection('Functions of conditions').map((cells) => [cells[2]!, cells[3]!]))(
    'computes %s as %s',
    (example, result) => {
      expect(asExpression(code(example)).diagnostics).toEqual([])
      expect(JSON.stringify(asExpression(code(example)).computed.evaluate(given))).toBe(
        code(result),
      )
    },
  )

  it.each(inSection('Blocks').map((cells) => [cells[1]!, cells[2]!]))(
    'renders the block %s as %s',
    (example, result) => {
      expect(asTemplate(code(example)).diagnostics).toEqual([])
      expect(JSON.stringify(asTemplate(code(example)).computed.evaluate(given))).toBe(code(result))
    },
  )

  it.each(inSection('Operators').map((cells) => [cells[1]!, cells[2]!]))(
    'computes %s as %s',
    (example, result) => {
      expect(JSON.stringify(asExpression(code(example)).computed.evaluate(given))).toBe(
        code(result),
      )
    },
  )

  it.each(inSection('Mistakes in text').map((cells) => [cells[1]!, cells[2]!, cells[0]!]))(
    '%s says %s',
    (example, message, which) => {
      expect(faultsOf(asTemplate(code(example)))).toEqual([`${code(which)}: ${code(message)}`])
    },
  )

  it.each(inSection('Mistakes in conditions').map((cells) => [cells[1]!, cells[2]!, cells[0]!]))(
    '%s says %s',
    (example, message, which) => {
      expect(
        faultsOf(
          asExpression(code(example), code(which) === 'expression/result' ? 'value' : 'condition'),
        ),
      ).toEqual([`${code(which)}: ${code(message)}`])
    },
  )

  it.each(inSection('Mistakes around them').map((cells) => [cells[1]!, cells[2]!, cells[0]!]))(
    '%s says %s',
    async (example, message, which) => {
      expect(await playbookFaults(code(example))).toEqual([`${code(which)}: ${code(message)}`])
    },
  )

  it('has every function, and none that there is not', () => {
    const documented = (section: string): string[] =>
      [...new Set(inSection(section).map(([name]) => code(name!)))].sort()
    expect(documented('Functions of text')).toEqual([...textFunctions.keys()].sort())
    expect(documented('Functions of conditions')).toEqual([...expressionFunctions].sort())
  })

  it('has every mistake', () => {
    const shown = new Set(
      ['Mistakes in text', 'Mistakes in conditions'].flatMap((section) =>
        inSection(section).map(([which]) => code(which!)),
      ),
    )
    // To render 16 MiB only to be refused teaches nobody anything.
    expect([...shown, 'template/too-large', 'template/too-much'].sort()).toEqual(
      Object.keys(codes)
        .filter((each) => /^(?:expression|template)\//.test(each))
        .sort(),
    )
    expect(page).toContain('template/too-large')
  })
})
