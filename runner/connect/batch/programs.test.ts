import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { stat, text, type Answered, type Probe } from '../../contract/probe.ts'
import { word } from './quote.ts'
import { localTransport } from '../local.ts'
import { openSession } from './script-session.ts'

// Which programs a script starts on a host: they cost more there than all else. Bash tells of each by a function of its name.

const told = ['cat', 'dd', 'head', 'readlink', 'sed', 'sha256sum', 'stat', 'timeout']
let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'programs-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

/** Reads these probes in one script: what they answer, and the programs that it starts for them, the reader of the script left out. */
async function readings(
  probes: readonly Probe[],
): Promise<{ readonly answers: readonly Answered[]; readonly programs: readonly string[] }> {
  const log = join(folder, 'log')
  rmSync(log, { force: true })
  const functions = told.map((name) =>
    word(`BASH_FUNC_${name}%%=() { echo ${name} >>${log}; command ${name} "$@"; }`),
  )
  const transport = localTransport()
  const session = openSession(
    {
      ...transport,
      start: (command, signal) =>
        transport.start(
          command.replace('exec /bin/sh', `exec env ${functions.join(' ')} /bin/bash`),
          signal,
        ),
    },
    null,
  )
  const { readings: answers } = await session.exchange({ probes })
  const [, ...programs] = readFileSync(log, 'utf8').trim().split('\n')
  return { answers, programs: programs.sort() }
}

describe.runIf(existsSync('/bin/bash'))('the programs that a script starts', () => {
  it('are one for all files, one for all that is proved of their folders, and one for each link', async () => {
    const path = (name: string): string => join(folder, name)
    mkdirSync(path('lib'))
    for (const name of ['a', 'b', 'lib/c']) writeFileSync(path(name), `text of ${name}\n`)
    symlinkSync('lib/c', path('link'))
    expect(await readings([text(path('a')), text(path('link')), text(path('b'))])).toEqual({
      answers: ['a', 'lib/c', 'b'].map((name) => ({ exists: true, text: `text of ${name}\n` })),
      programs: ['head', 'readlink', 'stat'],
    })
  })

  it('are the same through links to folders, and where a link leads to a link', async () => {
    const path = (name: string): string => join(folder, name)
    mkdirSync(path('usr/lib'), { recursive: true })
    writeFileSync(path('usr/lib/c'), 'c')
    symlinkSync('usr/lib', path('lib'))
    symlinkSync(`${folder}/lib/../lib/c`, path('link'))
    expect(await readings([text(path('link'))])).toEqual({
      answers: [{ exists: true, text: 'c' }],
      programs: ['head', 'readlink', 'readlink', 'stat'],
    })
  })

  it('are the same with stats beside the texts, of which one more is for what is absent or a link', async () => {
    const path = (name: string): string => join(folder, name)
    for (const name of ['a', 'b']) writeFileSync(path(name), `text of ${name}\n`)
    symlinkSync('a', path('link'))
    const texts = [text(path('a')), text(path('b'))]
    const all = [...texts, stat(path('a')), stat(folder), stat(path('b'), { follow: true })]
    const found = [
      { exists: true, text: 'text of a\n' },
      { exists: true, text: 'text of b\n' },
      { kind: 'file', size: 10 },
      { kind: 'directory' },
      { kind: 'file' },
    ]
    const { answers, programs } = await readings(all)
    expect(answers).toMatchObject(found)
    expect(programs).toEqual(['head', 'stat'])
    expect(await readings([text(path('a')), stat(path('a'))])).toMatchObject({
      answers: [found[0], found[2]],
      programs: ['head', 'stat'],
    })
    const more = await readings([...all, stat(path('none')), stat(path('link'))])
    expect(more.answers).toMatchObject([...found, { exists: false }, { kind: 'link', target: 'a' }])
    expect(more.programs).toEqual(['head', 'readlink', 'stat', 'stat'])
  })

  it.runIf(existsSync('/usr/lib/os-release'))(
    'are no more for the link that every script reads',
    async () => {
      const { answers, programs } = await readings([
        text('/etc/os-release'),
        stat('/etc'),
        stat('/'),
      ])
      expect(answers[0]).toEqual({
        exists: true,
        text: readFileSync('/etc/os-release', 'utf8'),
      })
      expect(programs).toEqual(['head', 'stat'])
    },
  )

  it('are one for the stats of many paths', async () => {
    const { answers, programs } = await readings([stat(folder), stat('/'), stat('/none')])
    expect(answers).toMatchObject([{ kind: 'directory' }, { kind: 'directory' }, { exists: false }])
    expect(programs).toEqual(['stat'])
  })
})
