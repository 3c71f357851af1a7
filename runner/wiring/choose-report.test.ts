import { PassThrough } from 'node:stream'
import { expect, it } from 'vitest'
import { label, storyOf } from '../report/events.fixture.ts'
import { chooseReport } from './choose-report.ts'
import type { RunFlags } from './flags.ts'
import type { Io } from './io.ts'

it.each(['C', 'C.UTF-8'])(
  'a screen in the locale %s ends where warnings go to the same terminal',
  async (locale) => {
    const screen = Object.assign(new PassThrough(), { isTTY: true, columns: 80, rows: 24 })
    let said = ''
    screen.on('data', (part: Buffer) => (said += part.toString()))
    const stream = screen as unknown as NodeJS.WriteStream
    const never = new AbortController().signal
    const io: Io = {
      stdout: stream,
      stderr: stream,
      stdin: process.stdin,
      env: { LC_ALL: locale, TERM: 'xterm' },
      cwd: '/',
      drain: never,
      stop: never,
    }
    const flags = { output: 'auto', verbose: 0, log: false } as unknown as RunFlags
    const report = await chooseReport(io, 'run', () => 'trueup run p.yaml', flags)
    const events = storyOf({ hosts: ['n1'], tasks: [label('a folder')] }, [
      ['n1', 'a folder', 'starts'],
      ['n1', 'a folder', { outcome: 'ok' }],
    ])
    const begun = events.findIndex(({ type }) => type === 'task-started') + 1
    events.slice(0, begun).forEach(report.hear)
    await expect.poll(() => said).toContain('a folder')
    events.slice(begun).forEach(report.hear)
    await report.end()
    expect(said).toContain('\u001b[?25l')
    expect(said).toContain('a folder')
  },
)
