import { execFileSync } from 'node:child_process'
import { expect, it } from 'vitest'
import { shellWord, shellWords, singleQuoted } from './shell-word.ts'

const texts = [
  'plain',
  '',
  "it's",
  'a b',
  '$HOME',
  '`id`',
  'x\ny',
  '~root',
  '-n',
  'ä',
  '{{ x }}',
  '"',
]

it.each(texts)('a shell reads %j back as it was', (text) => {
  for (const word of [shellWord(text), singleQuoted(text)])
    expect(execFileSync('sh', ['-c', `printf %s ${word}`]).toString()).toBe(text)
})

it('leaves plain words bare, and quotes an empty one', () => {
  expect(shellWords(['trueup', 'run', 'playbooks/a.yaml', '-e', 'a=b c', ''])).toBe(
    "trueup run playbooks/a.yaml -e 'a=b c' ''",
  )
})
