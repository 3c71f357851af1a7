import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { Matcher, matcherWords } from '../../runner/contract/matcher.ts'

const page = readFileSync(join(import.meta.dirname, '../../docs/writing-playbooks.md'), 'utf8')

it('the page about playbooks lists every matcher, and none that there is not', () => {
  const section = /^## Wanted values that are conditions$([\s\S]*?)^## /m.exec(page)![1]!
  const listed = [...section.matchAll(/^\| `(\w+)` +\|/gm)].map(([, word]) => word)
  expect(listed).toEqual([...matcherWords])
})

it.each([
  ['contains', 'Linux', 'GNU/Linux', 'BSD'],
  ['contains', 'a', ['a', 'b'], ['b']],
  ['at_most', 10, 10, 11],
  ['at_least', 10, 10, 9],
  ['one_of', [0, 1], 1, 2],
  ['matches', '^[A-Z]', 'Linux', 'linux'],
  ['not', 'absent', null, 'absent'],
] as const)('%s %j accepts what the page says', (word, operand, yes, no) => {
  const matcher = new Matcher(word, operand as never)
  expect([matcher.accepts(yes as never), matcher.accepts(no as never)]).toEqual([true, false])
})
