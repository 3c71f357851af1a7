import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { verbs } from '../../model/playbook.ts'
import { DiagnosticError } from '../../model/diagnostic.ts'
import { taskKeywords } from '../../playbook/keywords.ts'
import { types } from '../catalog.ts'
import type { Io } from '../io.ts'
import {
  startPlaybook,
  startCases,
  startManifest,
  startModule,
} from '../../manifest/own/starters.ts'

/** `trueup new type NAME`: a type and its cases, which hold as they are written. */
export async function newTypeCommand(io: Io, name: string, kind: 'yaml' | 'ts'): Promise<number> {
  if (!/^[a-z][a-z0-9_]*(?:\.[a-z][a-z0-9_]*)?$/.test(name))
    throw wrong(
      'type/name',
      `'${name}' cannot be the name of a type`,
      'small letters, digits and _, with one dot where it is of your site: site.motd',
    )
  if (
    types.has(name) ||
    Object.hasOwn(taskKeywords, name) ||
    (verbs as readonly string[]).includes(name)
  )
    throw wrong('type/name', `'${name}' is taken by trueup itself`, `call it site.${name}`)
  const stem = join(io.cwd, 'types', name.replace(/^.*\./, ''))
  const type = `${stem}.resource.${kind}`
  writeNew(
    io,
    new Map([
      [type, kind === 'ts' ? startModule(name) : startManifest(name)],
      [`${stem}.cases.yaml`, startCases],
    ]),
  )
  io.stdout.write(
    `\ntrueup test ${relative(io.cwd, type)}   holds it to its cases\ntrueup types ${name}   shows its manual\n`,
  )
  return 0
}

/** `trueup new playbook NAME`: a playbook for this machine that validates and runs. */
export async function newPlaybookCommand(io: Io, name: string): Promise<number> {
  const file = resolve(io.cwd, /\.ya?ml$/.test(name) ? name : `${name}.yaml`)
  writeNew(io, new Map([[file, startPlaybook]]))
  const shown = relative(io.cwd, file)
  io.stdout.write(
    `\ntrueup validate ${shown}   checks it\ntrueup plan ${shown}   says what would change\ntrueup run ${shown}   makes it true\n`,
  )
  return 0
}

/** Writes these files, or none of them when one is there already. */
function writeNew(io: Io, files: ReadonlyMap<string, string>): void {
  for (const file of files.keys())
    if (existsSync(file))
      throw wrong(
        'cli/exists',
        `${relative(io.cwd, file)} is there already, and stays as it is`,
        'take another name, or remove it first',
      )
  for (const [file, text] of files) {
    try {
      mkdirSync(dirname(file), { recursive: true })
      writeFileSync(file, text, { flag: 'wx' })
    } catch (error) {
      throw wrong(
        'cli/not-written',
        `${relative(io.cwd, file)} cannot be written: ${(error as Error).message}`,
        'go to a folder that you may write to',
      )
    }
    io.stdout.write(`wrote ${relative(io.cwd, file)}\n`)
  }
}

function wrong(code: string, message: string, hint: string): DiagnosticError {
  return new DiagnosticError({ code, message, hint })
}
