import { PassThrough } from 'node:stream'
import { expect, it } from 'vitest'
import { askLine } from './ask.ts'
import type { Io } from './io.ts'

const terminal = (): PassThrough => Object.assign(new PassThrough(), { isTTY: true, columns: 80 })

it('does not wait for an answer when the run is told to end', async () => {
  const drain = new AbortController()
  const io = { stdin: terminal(), stderr: terminal(), drain: drain.signal } as unknown as Io
  const answer = askLine(io, 'go on? ')
  setTimeout(() => drain.abort(), 20)
  expect(await answer).toBeNull()
  expect(await askLine(io, 'go on now? ')).toBeNull()
})

it('gives what was typed, and nothing where there is no terminal', async () => {
  const stdin = terminal()
  const io = { stdin, stderr: terminal(), drain: new AbortController().signal } as unknown as Io
  const answer = askLine(io, 'go on? ')
  setTimeout(() => stdin.write('yes\n'), 20)
  expect(await answer).toBe('yes')
  expect(await askLine({ ...io, stdin: new PassThrough() } as unknown as Io, 'go on? ')).toBeNull()
})
