import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'

/** A file of a type of one's own, with its text. */
export interface TypeFile {
  readonly file: string
  readonly text: string
}

/** Whether a file holds a resource type. */
export function isTypeFile(path: string): boolean {
  return /\.resource\.(?:yaml|ts|js)$/.test(path)
}

/** The files of the types that a playbook can use: those in its folder, and those in `types/` there. */
export function typeFilesBeside(playbook: string): readonly TypeFile[] {
  const folder = dirname(resolve(playbook))
  return [...typeFilesIn(folder), ...typeFilesIn(join(folder, 'types'))]
}

/** The files of types in one folder, by name. */
export function typeFilesIn(folder: string): readonly TypeFile[] {
  if (!existsSync(folder) || !statSync(folder).isDirectory()) return []
  return readdirSync(folder)
    .filter(isTypeFile)
    .sort()
    .map((name) => join(folder, name))
    .map((file) => ({ file, text: readFileSync(file, 'utf8') }))
}
