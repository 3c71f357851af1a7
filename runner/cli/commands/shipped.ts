import { cpSync, existsSync, mkdirSync, readdirSync, statSync } from 'node:fs'
import { basename, dirname, join, relative, resolve, sep } from 'node:path'
import { shippedFolder } from '../../manual/shipped.ts'
import { DiagnosticError } from '../../model/diagnostic.ts'
import { didYouMean } from '../../source/suggest.ts'
import type { Io } from '../io.ts'

/** What users may want of the package: what is not listed serves the program alone. */
const folders = ['playbooks', 'inventory', 'schemas', 'docs', 'completions', 'man']

/** `trueup shipped [FOLDER]`: the files that came with trueup. */
export function shippedList(io: Io, path?: string): number {
  const files = path === undefined ? shippedFiles() : filesBelow(path)
  io.stdout.write(`${files.join('\n')}\n`)
  return 0
}

/** `trueup shipped copy PATH TO`: copies files that came with trueup; a file that is there stays as it is. */
export function shippedCopy(io: Io, path: string, to: string): number {
  const files = filesBelow(path)
  const target = resolve(io.cwd, to)
  const isFolder = existsSync(target) && statSync(target).isDirectory()
  const place = isFolder ? join(target, basename(path)) : target
  const copies = files.map((file) => ({
    from: join(shippedFolder(), file),
    to: file === path ? place : join(place, relative(path, file)),
  }))
  const taken = copies.filter((each) => existsSync(each.to))
  if (taken.length > 0)
    throw new DiagnosticError(
      taken.map((each) => ({
        code: 'cli/exists',
        message: `${each.to} is there already, and is not written over`,
        hint: 'name another folder, or remove it first',
      })),
    )
  for (const each of copies) {
    mkdirSync(dirname(each.to), { recursive: true })
    cpSync(each.from, each.to, { errorOnExist: true, force: false })
    io.stdout.write(`${each.to}\n`)
  }
  return 0
}

function filesBelow(path: string): readonly string[] {
  const all = shippedFiles()
  const wanted = path.replace(/\/+$/, '')
  const found = all.filter((file) => file === wanted || file.startsWith(`${wanted}/`))
  if (found.length > 0) return found
  throw new DiagnosticError({
    code: 'cli/not-shipped',
    message: `nothing that is called '${path}' came with trueup`,
    hint: didYouMean(path, [...all, ...folders]),
  })
}

function shippedFiles(): readonly string[] {
  const root = shippedFolder()
  return folders
    .filter((folder) => existsSync(join(root, folder)))
    .flatMap((folder) =>
      readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => relative(root, join(entry.parentPath, entry.name)).split(sep).join('/')),
    )
    .sort()
}
