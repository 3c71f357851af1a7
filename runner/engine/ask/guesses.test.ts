import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import type { Answered } from '../../contract/probe.ts'
import { fileGuesses } from '../../journal/guess-file.ts'

const folders: string[] = []
const fresh = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'guesses-'))
  folders.push(folder)
  return join(folder, 'of-one-system')
}
afterEach(() => folders.splice(0).forEach((folder) => rmSync(folder, { recursive: true })))
const readings = (text: string): ReadonlyMap<string, Answered> =>
  new Map([['key', { exists: true, text }]])
const of = (
  ...sessions: readonly [string, string][]
): ReadonlyMap<string, ReadonlyMap<string, Answered>> =>
  new Map(sessions.map(([session, text]) => [session, readings(text)]))

describe('guesses in a file', () => {
  it('are there for the next run, each session by itself, and for nobody else to read', () => {
    const file = fresh()
    fileGuesses(file).save(of(['host a as -', 'one'], ['host b as root', 'line\nline "quoted" [x']))
    const again = fileGuesses(file)
    expect(again.load('host a as -')).toEqual(readings('one'))
    expect(again.load('host b as root')).toEqual(readings('line\nline "quoted" [x'))
    expect(again.load('host c as -').size).toBe(0)
    expect(readdirSync(join(file, '..'))).toHaveLength(1)
    expect(statSync(file).mode & 0o777).toBe(0o600)
  })

  it('are written when they differ from what was read, and else left as they are', () => {
    const file = fresh()
    fileGuesses(file).save(of(['s', 'one'], ['t', 'one']))
    const { ino } = statSync(file)
    const again = fileGuesses(file)
    again.load('s')
    again.save(of(['s', 'one']))
    expect(statSync(file).ino).toBe(ino)
    again.save(of(['s', 'two']))
    expect(fileGuesses(file).load('s')).toEqual(readings('two'))
    expect(fileGuesses(file).load('t')).toEqual(readings('one'))
  })

  it('of runs at the same time are all kept', () => {
    const file = fresh()
    const [one, two] = [fileGuesses(file), fileGuesses(file)]
    one.load('s')
    two.load('t')
    one.save(of(['s', 'one']))
    two.save(of(['t', 'two']))
    expect(fileGuesses(file).load('s')).toEqual(readings('one'))
    expect(fileGuesses(file).load('t')).toEqual(readings('two'))
  })

  it.each([
    ['is not one of theirs', () => '{"version":'],
    ['is of another version', (text: string) => text.replace(/\d+\n/, '9\n')],
    ['has a broken line', (text: string) => text.replace('[[', '[[[')],
    ['has a line without a session', (text: string) => text.replace('"s" ', '')],
  ])('are forgotten when their file %s', (_, broken) => {
    const file = fresh()
    fileGuesses(file).save(of(['s', 'one']))
    writeFileSync(file, broken(readFileSync(file, 'utf8')))
    expect(fileGuesses(file).load('s').size).toBe(0)
    fileGuesses(file).save(of(['s', 'two']))
    expect(fileGuesses(file).load('s')).toEqual(readings('two'))
  })
})
