import { existsSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'

/** Set by the program in one file, which unpacks what is shipped when it is first asked for. */
const unpacked = Symbol.for('trueup.shipped')

/** The folder with the files that trueup ships: playbooks, schemas, inventories, docs and the readmes of types. */
export function shippedFolder(): string {
  const unpack = (globalThis as { [unpacked]?: () => string })[unpacked]
  if (unpack) return unpack()
  // The sources and the bundle lie at different depths below it.
  let folder = import.meta.dirname
  while (!existsSync(join(folder, 'package.json')) && dirname(folder) !== folder)
    folder = dirname(folder)
  return folder
}

/** The playbook of this name that comes with trueup, as `trueup shipped` lists it; null where trueup has no such file. */
export function shippedPlaybook(path: string): string | null {
  const shipped = `playbooks/${basename(path)}`
  return existsSync(join(shippedFolder(), shipped)) ? shipped : null
}

/** Whether this program is one executable file, which then starts itself for what runs in the background. */
export function isOneFile(): boolean {
  return unpacked in globalThis
}
