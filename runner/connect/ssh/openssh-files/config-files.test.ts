import { chmodSync, chownSync, mkdirSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { DiagnosticError, type Diagnostic } from '../../../model/diagnostic.ts'
import { scratch } from '../sshd.fixture.ts'
import { loadSshConfig } from './config-files.ts'

let files: ReturnType<typeof scratch>
beforeEach(() => {
  files = scratch()
  mkdirSync(`${files.folder}/.ssh`)
})
afterEach(() => files.remove())

function faults(named?: string): readonly Diagnostic[] {
  try {
    loadSshConfig(named, files.folder)
    return []
  } catch (error) {
    if (error instanceof DiagnosticError) return error.diagnostics
    throw error
  }
}

describe('a file of ssh_config that others could have written', () => {
  it.each([
    ['~/.ssh/config itself', 'config', undefined],
    ['a file that it includes', 'inc', undefined],
    ['a file that an included one includes', 'deeper', undefined],
    ['a file that a pattern names', 'config.d/10-site', undefined],
    ['a file that stands in for it', 'config', 'config'],
  ])('is refused: %s', (_what, bad, named) => {
    mkdirSync(`${files.folder}/.ssh/config.d`)
    files.file('.ssh/config', 'Include ~/.ssh/inc config.d/*\n')
    files.file('.ssh/inc', 'Host h\n  Include deeper\n')
    files.file('.ssh/deeper', 'User x\n')
    files.file('.ssh/config.d/10-site', 'User y\n')
    const given = named === undefined ? undefined : `${files.folder}/.ssh/${named}`
    expect(faults(given)).toEqual([])
    const file = `${files.folder}/.ssh/${bad}`
    for (const mode of [0o666, 0o620, 0o602]) {
      chmodSync(file, mode)
      expect(faults(given)).toMatchObject([
        {
          code: 'connect/ssh-config',
          message: expect.stringMatching(
            `${bad} can be written by others.*mode 0${mode.toString(8)}`,
          ),
          hint: `chmod go-w ${file}`,
        },
      ])
    }
    chmodSync(file, 0o644)
    expect(faults(given)).toEqual([])
  })

  it.runIf(process.getuid?.() === 0)('is refused when another user owns it', () => {
    files.file('.ssh/config', 'Include inc\n')
    chownSync(files.file('.ssh/inc', 'User x\n'), 65_534, 0)
    expect(faults()).toMatchObject([
      { message: expect.stringContaining('belongs to another user'), at: { line: 1 } },
    ])
  })
})
