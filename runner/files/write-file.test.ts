import { execFileSync } from 'node:child_process'
import {
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { unwritable, writeWhole } from './write-file.ts'

const folder = mkdtempSync(join(tmpdir(), 'trueup-write-file-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

it.each([
  ['a pipe', 'it is a pipe, and not a file', (path: string) => void execFileSync('mkfifo', [path])],
  [
    'a link to a device',
    'it is a device, and not a file',
    (path: string) => symlinkSync('/dev/null', path),
  ],
  ['a folder', 'it is a folder', (path: string) => void mkdirSync(path)],
])('%s is not replaced by a file, and that is known before', (what, why, make) => {
  const path = join(folder, what)
  make(path)
  const before = lstatSync(path).ino
  expect(unwritable(path)).toBe(why)
  expect(writeWhole(path, 'x')).toBe(why)
  expect(lstatSync(path).ino).toBe(before)
})

it('a file and a link to one are replaced, and nothing is left beside them', () => {
  const [old, link] = [join(folder, 'old'), join(folder, 'link')]
  writeFileSync(old, 'old')
  symlinkSync('old', link)
  expect([unwritable(link), writeWhole(link, 'new')]).toEqual([null, null])
  expect([readFileSync(link, 'utf8'), readFileSync(old, 'utf8')]).toEqual(['new', 'old'])
  expect(readdirSync(folder).filter((name) => name.startsWith('.'))).toEqual([])
})
