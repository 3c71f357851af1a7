import { execFileSync } from 'node:child_process'
import { basename, join } from 'node:path'
import { expect, it } from 'vitest'

const root = join(import.meta.dirname, '../..')

/** Names that say the same in any folder: what a folder exports, and the file that starts a program. */
const usual: ReadonlySet<string> = new Set(['index.ts', 'main.ts'])

it('no two files have the same name, so that a name finds one file', () => {
  const files = execFileSync('git', ['ls-files', 'runner', 'lab', 'tools', 'test'], {
    cwd: root,
    encoding: 'utf8',
  })
    .split('\n')
    .filter((file) => /\.(?:ts|mjs|cjs)$/.test(file) && !file.includes('/twins/'))
  const places = new Map<string, string[]>()
  for (const file of files)
    places.set(basename(file), [...(places.get(basename(file)) ?? []), file])
  const twice = [...places].filter(([name, paths]) => paths.length > 1 && !usual.has(name))
  expect(twice).toEqual([])
})
