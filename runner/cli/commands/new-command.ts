import { join, relative, resolve } from 'node:path'
import {
  startCases,
  startManifest,
  startModule,
  startPlaybook,
} from '../../manifest/own/starters.ts'
import { checkNewName, writeNew } from '../../manifest/own/write-starters.ts'
import type { Io } from '../../wiring/io.ts'
import { takenNames } from '../../wiring/known-types.ts'

/** `trueup new type NAME`: a type and its cases, which hold as they are written. */
export async function newTypeCommand(io: Io, name: string, kind: 'yaml' | 'ts'): Promise<number> {
  checkNewName(name, takenNames)
  const stem = join(io.cwd, 'types', name.replace(/^.*\./, ''))
  const type = `${stem}.resource.${kind}`
  const files = new Map([
    [type, kind === 'ts' ? startModule(name) : startManifest(name)],
    [`${stem}.cases.yaml`, startCases],
  ])
  const shown = relative(io.cwd, type)
  return tell(io, files, [
    `trueup test ${shown}   checks it against its cases`,
    `trueup types ${name}   shows its manual`,
  ])
}

/** `trueup new playbook NAME`: a playbook for this machine that validates and runs. */
export async function newPlaybookCommand(io: Io, name: string): Promise<number> {
  const file = resolve(io.cwd, /\.ya?ml$/.test(name) ? name : `${name}.yaml`)
  const shown = relative(io.cwd, file)
  return tell(io, new Map([[file, startPlaybook]]), [
    `trueup validate ${shown}   checks it`,
    `trueup plan ${shown}   says what would change`,
    `trueup run ${shown}   makes it true`,
  ])
}

function tell(io: Io, files: ReadonlyMap<string, string>, next: readonly string[]): number {
  const written = writeNew(io.cwd, files).map((file) => `wrote ${file}`)
  io.stdout.write(`${[...written, '', ...next].join('\n')}\n`)
  return 0
}
