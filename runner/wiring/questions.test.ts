import { PassThrough } from 'node:stream'
import { expect, it } from 'vitest'
import type { Io } from './io.ts'
import { confirmer } from './questions.ts'

/** A terminal on which these lines are typed, one for each question. */
function terminal(...lines: readonly string[]): { readonly io: Io; readonly shown: () => string } {
  const left = [...lines]
  let shown = ''
  const stdin = Object.assign(new PassThrough(), { isTTY: true })
  const stderr = Object.assign(new PassThrough(), { isTTY: true, columns: 80 })
  stderr.on('data', (chunk: Buffer) => {
    shown += chunk.toString()
    if (shown.endsWith('] ') && left.length > 0)
      setTimeout(() => stdin.write(`${left.shift()!}\n`), 5)
  })
  const drain = new AbortController().signal
  return { io: { stdin, stderr, drain, env: {} } as unknown as Io, shown: () => shown }
}
const pass = (number: number) => ({ number, of: 3, done: number - 1, hosts: 3 })
const question = (number: number, attended = false) => ({
  texts: [],
  sentence: 'the nodes may boot',
  hosts: [`n${number}`],
  attended,
  pass: pass(number),
})

it('takes one answer for the passes that follow', async () => {
  const { io, shown } = terminal('y', 'a')
  const confirm = confirmer(io, (ask) => ask())
  expect(await confirm(question(1))).toBe(true)
  expect(await confirm(question(2))).toBe(true)
  expect(await confirm(question(3))).toBe(true)
  expect(shown().match(/pass \d of 3/g)).toEqual(['pass 1 of 3', 'pass 2 of 3'])
})

it('takes no such answer where a person must have been there', async () => {
  const { io, shown } = terminal('a', 'n')
  const confirm = confirmer(io, (ask) => ask())
  expect(await confirm(question(1, true))).toBe(false)
  expect(shown()).toContain('[y/n] ')
  expect(shown()).not.toContain('a, all')
})
