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

  it('are one for the stats of many paths', async () => {
    const { answers, programs } = await readings([stat(folder), stat('/'), stat('/none')])
    expect(answers).toMatchObject([{ kind: 'directory' }, { kind: 'directory' }, { exists: false }])
    expect(programs).toEqual(['stat'])
  })
})
