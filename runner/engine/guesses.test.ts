import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import type { Answered } from '../core/probe.ts'
import { fileGuesses } from './guesses.ts'

const folders: string[] = []
const fresh = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'guesses-'))
  folders.push(folder)
  return folder
}
afterEach(() => folders.splice(0).forEach((folder) => rmSync(folder, { recursive: true })))
const readings = (text: string): ReadonlyMap<string, Answered> => new Map([['key', { exists: true, text }]])

describe('guesses in a folder', () => {
  it('are there for the next run, each session by itself, and for nobody else to read', () => {
    const folder = fresh()
    fileGuesses(folder).save('host a as -', readings('one'))
    expect(fileGuesses(folder).load('host a as -')).toEqual(readings('one'))
    expect(fileGuesses(folder).load('host b as -').size).toBe(0)
    for (const name of readdirSync(folder)) expect(statSync(join(folder, name)).mode & 0o777).toBe(0o600)
  })

  it('are written when they differ from what was read, and else left as they are', () => {
    const folder = fresh()
    fileGuesses(folder).save('s', readings('one'))
    const file = join(folder, readdirSync(folder)[0]!)
    const { ino } = statSync(file)
    const again = fileGuesses(folder)
    again.load('s')
    again.save('s', readings('one'))
    expect(statSync(file).ino).toBe(ino)
    again.save('s', readings('two'))
    expect(fileGuesses(folder).load('s')).toEqual(readings('two'))
  })

  it('are forgotten when their file is broken', () => {
    const folder = fresh()
    fileGuesses(folder).save('s', readings('one'))
    writeFileSync(join(folder, readdirSync(folder)[0]!), '{"version":')
    expect(fileGuesses(folder).load('s').size).toBe(0)
  })
})
