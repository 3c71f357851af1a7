import { readdirSync, statSync, type Stats } from 'node:fs'
import { basename, dirname, extname, join, resolve } from 'node:path'
import type { Diagnostic } from '../model/diagnostic.ts'
import type { InventoryFile, ProgramFile } from '../model/inventory-text.ts'
import { readText } from '../files/read-file.ts'
import { digestOf, headOf, interpreterOf, isLeftover, isProgramName } from './programs.ts'

/** Most bytes of a file of an inventory: what ansible-inventory exports of a large system is one of them. */
const inventoryLimit = 128 << 20

/** Files that were read, and what is wrong with others. */
interface Reading {
  readonly files: Map<string, InventoryFile>
  readonly diagnostics: Diagnostic[]
}

/** Finds and reads the files that paths name; of a folder its YAML and JSON files and programs in the order of their names, and group_vars and host_vars. */
export function readInventoryFiles(paths: readonly string[]): {
  readonly files: readonly InventoryFile[]
  readonly diagnostics: readonly Diagnostic[]
} {
  const reading: Reading = { files: new Map(), diagnostics: [] }
  for (const given of paths) addGiven(reading, given)
  return { files: [...reading.files.values()], diagnostics: reading.diagnostics }
}

function addGiven(reading: Reading, given: string): void {
  const path = resolve(given)
  const found = look(path)
  const kind = kindOf(found)
  if (kind !== 'file' && kind !== 'folder') {
    reading.diagnostics.push({
      code: 'inventory/no-file',
      message: `${given}: ${kind}`,
      at: start(path),
      hint: 'name a file or a folder: -i inventory/site.yaml',
    })
    return
  }
  if (kind === 'folder') addFolder(reading, given, path)
  else addFile(reading, path, aboutFile(path, found as Stats, true) ?? { kind: 'inventory' })
  const folder = kind === 'folder' ? path : dirname(path)
  for (const vars of ['group', 'host'] as const)
    for (const { path, name } of varsIn(join(folder, `${vars}_vars`)))
      addFile(reading, path, { kind: vars, name, sure: kind === 'folder' })
}

function addFile(
  { files, diagnostics }: Reading,
  path: string,
  about: InventoryFile['about'],
): void {
  if (files.has(path)) return
  const read = about.kind === 'program' ? digestOf(path) : readOne(path)
  if (typeof read === 'string') files.set(path, { path, text: read, about })
  else diagnostics.push(read)
}

function addFolder(reading: Reading, given: string, folder: string): void {
  const names = list(folder)
  const found = names.flatMap((name) => {
    const stats = look(join(folder, name))
    if (kindOf(stats) !== 'file' || isLeftover(name)) return []
    const about =
      aboutFile(join(folder, name), stats as Stats, false) ??
      (isData(name) ? { kind: 'inventory' as const } : null)
    return about ? [{ name, about }] : []
  })
  const notRead = names.filter((name) => isIni(name) && !found.some((each) => each.name === name))
  if (found.length === 0)
    reading.diagnostics.push({
      code: 'inventory/empty-folder',
      message: `${given} holds no inventory: no .yaml or .json file, and no program`,
      at: start(folder),
      hint: iniIn(names) ?? 'write an inventory: hosts.yaml',
    })
  else
    for (const ini of notRead)
      reading.diagnostics.push({
        code: 'inventory/not-read',
        message: `${join(given, ini)} is not read: only .yaml and .json files are, and programs`,
        at: start(join(folder, ini)),
        hint: iniIn([ini]),
        severity: 'warning',
      })
  for (const { name, about } of found) addFile(reading, join(folder, name), about)
}

/** Whether a file is a program: by its bit, or, where it was named itself, by its first line. What is data by its name is never run. */
function aboutFile(path: string, stats: Stats, isNamed: boolean): ProgramFile | null {
  if (!isProgramName(basename(path))) return null
  return (stats.mode & 0o111) !== 0 || (isNamed && interpreterOf(headOf(path)) !== null)
    ? { kind: 'program' }
    : null
}

/** `NAME.yaml`, `NAME` (Ansible's oldest form), or a folder NAME of such files. */
function varsIn(folder: string): { readonly path: string; readonly name: string }[] {
  if (kindOf(look(folder)) !== 'folder') return []
  return list(folder).flatMap((entry) => {
    const path = join(folder, entry)
    const kind = kindOf(look(path))
    if (kind === 'folder')
      return list(path)
        .filter((inner) => isVars(inner) && kindOf(look(join(path, inner))) === 'file')
        .map((inner) => ({ path: join(path, inner), name: entry }))
    if (kind !== 'file' || !isVars(entry)) return []
    return [{ path, name: isData(entry) ? basename(entry, extname(entry)) : entry }]
  })
}

function readOne(path: string): string | Diagnostic {
  const read = readText(path, inventoryLimit)
  if ('text' in read) {
    const text = read.text.replace(/^\ufeff/, '')
    // eslint-disable-next-line regexp/no-super-linear-move -- at most 4096 characters of a file of the user
    if (!/^\s*(?:[#;][^\n]*\n\s*)*\[[\w.:-]+\]\s*$/m.test(text.slice(0, 4096)) || isYaml(path))
      return text
    return {
      code: 'inventory/ini',
      message: `${path} is an INI inventory: only YAML is read`,
      at: start(path),
      hint: `convert it: ansible-inventory -i ${basename(path)} --list > ${basename(path, extname(path))}.json`,
    }
  }
  if (read.code === 'ENOTTEXT')
    return {
      code: 'inventory/not-text',
      message: `${path} cannot be read: ${read.words}`,
      at: start(path),
      hint: 'save it as UTF-8',
    }
  return {
    code: 'inventory/no-file',
    message: `${path} cannot be read: ${read.words}`,
    at: start(path),
    hint: read.code === 'EFBIG' ? 'split it into several files' : 'check its permissions',
  }
}

function look(path: string): Stats | string {
  try {
    return statSync(path)
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code
    return code === 'ENOENT' || code === 'ENOTDIR'
      ? 'the file does not exist'
      : `cannot be read: ${code ?? 'unknown'}`
  }
}

function kindOf(found: Stats | string): string {
  if (typeof found === 'string') return found
  return found.isFile() ? 'file' : found.isDirectory() ? 'folder' : 'neither a file nor a folder'
}

function list(folder: string): string[] {
  try {
    return readdirSync(folder)
      .filter((name) => !name.startsWith('.'))
      .sort()
  } catch {
    return []
  }
}

function isYaml(name: string): boolean {
  return /\.ya?ml$/.test(name)
}

/** Whether a file may hold vars: YAML or JSON, or one without an ending. A host's name has dots of its own. */
function isVars(name: string): boolean {
  return (
    isData(name) || (!isLeftover(name) && isProgramName(name) && !/^(?:readme|license)/i.test(name))
  )
}

function isData(name: string): boolean {
  return isYaml(name) || name.endsWith('.json')
}

function isIni(name: string): boolean {
  return /(?:^hosts|\.ini)$/.test(name)
}

function iniIn(names: readonly string[]): string | undefined {
  const ini = names.find(isIni)
  return ini && `convert it: ansible-inventory -i ${ini} --list > ${basename(ini, '.ini')}.json`
}

function start(file: string): { file: string; line: number; column: number } {
  return { file, line: 1, column: 1 }
}
