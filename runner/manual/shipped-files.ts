import { cpSync, existsSync, mkdirSync, readdirSync, statSync } from 'node:fs'
import { basename, dirname, join, relative, sep } from 'node:path'
import { DiagnosticError } from '../model/diagnostic.ts'
import { didYouMean } from '../source/suggest.ts'
import { shippedFolder } from '../files/shipped-folder.ts'

/** What users may want of the package: what is not listed serves the program alone. */
const folders = ['playbooks', 'inventory', 'schemas', 'docs', 'completions', 'man']

/** Copies shipped files to a path, and gives the paths of the copies. Throws DiagnosticError, and copies nothing, when one exists. */
export function copyShipped(path: string, target: string): readonly string[] {
  const isFolder = existsSync(target) && statSync(target).isDirectory()
  const place = isFolder ? join(target, basename(path)) : target
  const copies = shippedFilesAt(path).map((file) => ({
    from: join(shippedFolder(), file),
    to: file === path ? place : join(place, relative(path, file)),
  }))
  const taken = copies.filter((each) => existsSync(each.to))
  if (taken.length > 0)
    throw new DiagnosticError(
      taken.map((each) => ({
        code: 'cli/exists',
        message: `${each.to} exists already, and is not overwritten`,
        hint: 'name another folder, or remove the file first',
      })),
    )
  for (const each of copies) {
    mkdirSync(dirname(each.to), { recursive: true })
    cpSync(each.from, each.to, { errorOnExist: true, force: false })
  }
  return copies.map((each) => each.to)
}

/** The shipped files of a path, or all of them. Throws DiagnosticError when a path names none. */
export function shippedFilesAt(path: string | undefined): readonly string[] {
  const all = shippedFiles()
  if (path === undefined) return all
  const wanted = path.replace(/\/+$/, '')
  const found = all.filter((file) => file === wanted || file.startsWith(`${wanted}/`))
  if (found.length > 0) return found
  throw new DiagnosticError({
    code: 'cli/not-shipped',
    message: `trueup has no shipped file or folder '${path}'`,
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
