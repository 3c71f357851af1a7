import { join } from 'node:path'
import type { Located, LocatedEntry } from '../../runner/source/located.ts'
import { commandFiles } from '../commands/index.ts'
import type { ImageFile } from '../node/node-model.ts'
import { loadShell, type ShellModule } from '../node/shell.ts'
import { keyOf, namedFile, type Reading } from './lab-yaml.ts'

const nameForm = /^[\w][\w.+-]*$/
const interpreter = /^#!\s*(?:\/usr)?\/bin\/(?:env\s+)?(\S+)/

/** A script as a command of nodes; null, and a fault, where it cannot be one. */
export async function addedCommand(
  reading: Reading,
  { key, keyAt, value }: LocatedEntry,
): Promise<ImageFile | null> {
  if (!nameForm.test(key)) {
    reading.report(
      'lab/with-name',
      `'${key}' is not the name of a command`,
      keyAt,
      'write the name alone, as it is typed: it is put into /usr/bin',
    )
    return null
  }
  const isTaken = commandFiles.some(({ name }) => name === key)
  const replaces = keyOf(value, 'replaces')
  const isReplaced = replaces?.kind === 'scalar' && replaces.value === true
  if (isTaken !== isReplaced) {
    reading.report(
      'lab/with-name',
      isTaken ? `the lab has the command ${key}` : `the lab has no command ${key} to replace`,
      isTaken ? keyAt : replaces!.at,
      isTaken
        ? `give your command another name, or say that yours is used in its place: ${key}: { script: …, replaces: true }`
        : 'leave replaces out',
    )
    return null
  }
  const script = value.kind === 'map' ? keyOf(value, 'script') : value
  const content = script ? await scriptOf(reading, script) : null
  // /usr/local/bin comes first in every PATH, and the lab's own command stays behind it.
  const folder = isReplaced ? '/usr/local/bin' : '/usr/bin'
  return content && { path: `${folder}/${key}`, content, mode: 0o755 }
}

/** The bytes of a script that a node's shell can read; null, and a fault with the line of the script, where it cannot. */
async function scriptOf(reading: Reading, named: Located): Promise<Buffer | null> {
  const bytes = namedFile(reading, named)
  if (bytes === null) return null
  const file = join(reading.folder.root, String(named.kind === 'scalar' ? named.value : ''))
  const text = bytes.toString('utf8')
  const [first = ''] = text.split('\n', 1)
  const program = interpreter.exec(first)?.[1]
  if (program === undefined || !/^(?:ba)?sh$/.test(program)) {
    reading.report(
      'lab/with-script',
      program === undefined
        ? 'this script does not say what runs it'
        : `the nodes of the lab have no ${program}`,
      { file, line: 1, column: 1, source: first },
      'begin it with #!/bin/sh or #!/bin/bash, and write it for that shell',
    )
    return null
  }
  const fault = syntaxFault(await loadShell(), text)
  if (!fault) return bytes
  const source = text.split('\n')[fault.line - 1] ?? ''
  const at = { file, line: fault.line, column: fault.column, source }
  reading.report('lab/with-script', fault.message, at, `try it: sh -n ${file}`)
  return null
}

interface SyntaxFault {
  readonly line: number
  readonly column: number
  readonly message: string
}

function syntaxFault({ parse }: ShellModule, text: string): SyntaxFault | null {
  try {
    parse(text)
    return null
  } catch (error) {
    const { line = 1, column = 1, message } = error as Partial<SyntaxFault> & Error
    return {
      line,
      column,
      message: message.replace(/^(?:Parse error at \d+:\d+|line \d+): /, ''),
    }
  }
}
