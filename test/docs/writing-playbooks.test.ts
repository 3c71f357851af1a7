import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { typed } from '../../runner/cli/io.fixture.ts'

// docs/writing-playbooks.md is followed word for word: its files are written, its commands typed, and each ends as it says.

const folder = mkdtempSync(join(tmpdir(), 'trueup-writing-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** The words of a command line; what stands in single quotes is one. */
function wordsOf(line: string): readonly string[] {
  return [...line.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain!)
}

it('docs/writing-playbooks.md does what it says', async () => {
  const page = readFileSync(
    join(import.meta.dirname, '../../docs/writing-playbooks.md'),
    'utf8',
  ).replaceAll('/tmp/trueup-playbooks', join(folder, 'area'))
  const exits: number[] = []
  for (const [, kind, text] of page.matchAll(/^```(yaml|sh)\n([\s\S]*?)^```$/gm)) {
    if (kind === 'yaml') writeFileSync(join(folder, /^# (\S+\.yaml)\n/.exec(text!)![1]!), text!)
    else {
      for (const line of text!.trim().split('\n')) {
        const [, command, exit] = /^trueup (.*?) +# exit (\d)$/.exec(line)!
        const argv = wordsOf(command!).map((word) =>
          /^[\w.-]+\.yaml$/.test(word) ? join(folder, word) : word,
        )
        const told = await typed(argv, { cwd: folder, stateFolder: join(folder, 'state') })
        expect({
          line,
          exit: told.exit,
          said: told.exit === Number(exit) ? '' : told.err + told.out,
        }).toEqual({ line, exit: Number(exit), said: '' })
        if (command!.startsWith('validate')) expect(told.err).toBe('')
        exits.push(told.exit)
      }
    }
  }
  expect(exits.length).toBeGreaterThan(15)
  expect(readFileSync(join(folder, 'area/common/about'), 'utf8')).toMatch(
    /^\{"owner":"[A-Z]+","size":2\}\n$/,
  )
})
