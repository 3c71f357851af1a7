import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { typed } from '../../runner/cli/io.fixture.ts'

// docs/tutorial.md is followed word for word: its files are written, its commands typed, and each says what the page shows.

// The page names this folder; one of the same length keeps the places and the line ends of what is said.
const named = '/tmp/trueup-tutorial'
const folder = mkdtempSync('/tmp/trueup-tuto-')
const area = folder.slice(0, named.length - 1) + 'x'
afterAll(() => [folder, area].forEach((each) => rmSync(each, { recursive: true, force: true })))

const page = readFileSync(join(import.meta.dirname, '../../docs/tutorial.md'), 'utf8')
const blocks = [...page.matchAll(/^```(yaml|sh|text)\n([\s\S]*?)^```$/gm)].map(
  ([, kind, text]) => ({ kind: kind!, text: text! }),
)

it('docs/tutorial.md does and says what it shows', async () => {
  rmSync(area, { recursive: true, force: true })
  let said = ''
  let shown = 0
  for (const { kind, text } of blocks)
    if (kind === 'yaml')
      writeFileSync(join(folder, /^# (\S+\.yaml)\n/.exec(text)![1]!), text.replaceAll(named, area))
    else if (kind === 'sh') {
      const [, command, exit] = /^trueup (.*?) +# exit (\d)\n$/.exec(text)!
      const argv = command!
        .split(' ')
        .map((word) => (word.endsWith('.yaml') ? join(folder, word) : word))
      const ended = await typed(argv, {
        cwd: folder,
        stateFolder: join(folder, 'state'),
      })
      said = ended.out + ended.err
      expect({ command, exit: ended.exit, said }).toEqual({ command, exit: Number(exit), said })
    } else {
      shown++
      expect(plain(said)).toBe(text)
    }
  expect(shown).toBeGreaterThan(6)
})

function plain(said: string): string {
  return (
    said
      .replaceAll(area, named)
      .replaceAll(`${folder}/`, '')
      // Other tests work on this machine meanwhile: a run waits for its lock, and says so.
      .replace(/^warning: localhost: waiting for [^]*?hint: [^\n]*\n/gm, '')
      .replace(/, (?:\d+ms|\d+(?:\.\d+)?s)$/gm, ', TIME')
  )
}
