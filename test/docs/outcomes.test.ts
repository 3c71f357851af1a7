import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { outcomes, outcomeTable } from '../../runner/model/outcome.ts'

it('explains every outcome as the table of outcomes does, and no other', () => {
  const page = readFileSync(join(import.meta.dirname, '../../docs/runs.md'), 'utf8')
  const section = page.split(/^## /m).find((each) => each.startsWith('Outcomes'))!
  const rows = [...section.matchAll(/^\| ([a-z ]+?) *\| (.+?) *\|$/gm)].map(([, name, means]) => [
    name,
    means,
  ])
  expect(rows.slice(1)).toEqual(outcomes.map((each) => [each, outcomeTable[each].means]))
})
