import { readdirSync, readFileSync, statSync } from 'node:fs'
import { basename, dirname, extname, join, resolve } from 'node:path'
import type { Diagnostic } from '../core/diagnostic.ts'

/** A file of an inventory, and what it is about. */
export interface InventoryFile {
  readonly path: string
  readonly text: string
  readonly about: { readonly kind: 'inventory' } | VarsOf
}
/** Vars of one group or host. `sure`: it lies in the inventory's own folder, so a name that is not there is a slip. */
export interface VarsOf {
  readonly kind: 'group' | 'host'
  readonly name: string
  readonly sure: boolean
}

/** Finds and reads the files that paths name; of a folder its YAML files in the order of their names, and group_vars and host_vars. */
export function readInventoryFiles(paths: readonly string[]): { readonly files: readonly InventoryFile[]; readonly diagnostics: readonly Diagnostic[] } {
  const diagnostics: Diagnostic[] = []
  const files = new Map<string, InventoryFile>()
  const add = (path: string, about: InventoryFile['about']): void => {
    if (files.has(path)) return
    const read = readOne(path)
    if (typeof read === 'string') files.set(path, { path, text: read, about })
    else diagnostics.push(read)
  }
  for (const given of paths) {
    const path = resolve(given)
    const kind = kindOf(path)
    if (kind === 'file') add(path, { kind: 'inventory' })
    else if (kind === 'folder') {
      const entries = list(path)
      const yaml = entries.filter((name) => isYaml(name) && kindOf(join(path, name)) === 'file')
      if (yaml.length === 0) diagnostics.push({ code: 'inventory/empty-folder', message: `${given} holds no .yaml file`, at: start(path), hint: iniIn(entries) ?? 'write an inventory: hosts.yaml' })
      else for (const ini of entries.filter((name) => /(?:^hosts|\.ini)$/.test(name))) diagnostics.push({ code: 'inventory/not-read', message: `${join(given, ini)} is not read: only .yaml files are`, at: start(join(path, ini)), hint: iniIn([ini]), severity: 'warning' })
      for (const name of yaml) add(join(path, name), { kind: 'inventory' })
    } else diagnostics.push({ code: 'inventory/no-file', message: `${given}: ${kind}`, at: start(path), hint: 'name a file or a folder: -i inventory/site.yaml' })
    if (kind === 'file' || kind === 'folder') {
      const folder = kind === 'folder' ? path : dirname(path)
      for (const vars of ['group', 'host'] as const) for (const found of varsIn(join(folder, `${vars}_vars`))) add(found.path, { kind: vars, name: found.name, sure: kind === 'folder' })
    }
  }
  return { files: [...files.values()], diagnostics }
}

/** `NAME.yaml`, or a folder NAME of such files. */
function varsIn(folder: string): { readonly path: string; readonly name: string }[] {
  if (kindOf(folder) !== 'folder') return []
  return list(folder).flatMap((entry) => {
    const path = join(folder, entry)
    const kind = kindOf(path)
    if (kind === 'folder') return list(path).filter((inner) => isYaml(inner) && kindOf(join(path, inner)) === 'file').map((inner) => ({ path: join(path, inner), name: entry }))
    return kind === 'file' && isYaml(entry) ? [{ path, name: basename(entry, extname(entry)) }] : []
  })
}

function readOne(path: string): string | Diagnostic {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(path))
    if (!/^\s*(?:[#;][^\n]*\n\s*)*\[[\w.:-]+\]\s*$/m.test(text.slice(0, 4096)) || isYaml(path)) return text
    return { code: 'inventory/ini', message: `${path} is an INI inventory: only YAML is read`, at: start(path), hint: `convert it: ansible-inventory -i ${basename(path)} --list --yaml > ${basename(path, extname(path))}.yaml` }
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown'
    if (code === 'ERR_ENCODING_INVALID_ENCODED_DATA') return { code: 'inventory/not-text', message: `${path} is no UTF-8 text`, at: start(path), hint: 'save it as UTF-8' }
    return { code: 'inventory/no-file', message: `${path} cannot be read: ${code}`, at: start(path), hint: 'check its permissions' }
  }
}

function kindOf(path: string): string {
  try {
    const stats = statSync(path)
    return stats.isFile() ? 'file' : stats.isDirectory() ? 'folder' : 'neither a file nor a folder'
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code
    return code === 'ENOENT' || code === 'ENOTDIR' ? 'there is no such file' : `cannot be read: ${code ?? 'unknown'}`
  }
}

function list(folder: string): string[] {
  try {
    return readdirSync(folder).filter((name) => !name.startsWith('.')).sort()
  } catch {
    return []
  }
}

function isYaml(name: string): boolean {
  return /\.ya?ml$/.test(name)
}

function iniIn(names: readonly string[]): string | undefined {
  const ini = names.find((name) => /(?:^hosts|\.ini)$/.test(name))
  return ini && `convert it: ansible-inventory -i ${ini} --list --yaml > ${basename(ini, '.ini')}.yaml`
}

function start(file: string): { file: string; line: number; column: number } {
  return { file, line: 1, column: 1 }
}
