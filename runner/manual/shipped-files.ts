import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { basename, dirname, join, posix, relative, sep } from 'node:path'
import { DiagnosticError } from '../model/diagnostic.ts'
import { didYouMean } from '../source/suggest.ts'
import { shippedFolder } from '../files/shipped-folder.ts'

/** What users may want of the package: what is not listed serves the program alone. */
const folders = ['playbooks', 'inventory', 'schemas', 'docs', 'completions', 'man']

interface Copy {
  readonly from: string
  readonly to: string
}

/**
 * Copies shipped files to a path, and gives the paths of the copies; with a playbook go the files that it includes. Throws
 * DiagnosticError, and copies nothing, when one exists.
 */
export function copyShipped(path: string, target: string): readonly string[] {
  const isFolder = existsSync(target) && statSync(target).isDirectory()
  const place = isFolder ? join(target, basename(path)) : target
  const named = shippedFilesAt(path).map((file) => ({
    from: join(shippedFolder(), file),
    to: file === path ? place : join(place, relative(path, file)),
  }))
  // Two playbooks include the same tasks: what is there already, word for word, need not be copied.
  const included = includedBy(path, new Set([path]))
    .map((file) => ({
      from: join(shippedFolder(), file),
      to: join(dirname(place), relative(dirname(path), file)),
    }))
    .filter((each) => !isSame(each))
  const copies = [...named, ...included]
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

/** The files that a playbook includes, and those that they include. */
function includedBy(file: string, seen: Set<string>): readonly string[] {
  if (!/\.ya?ml$/.test(file)) return []
  const text = readFileSync(join(shippedFolder(), file), 'utf8')
  return [...text.matchAll(/^\s*(?:- )?include: *['"]?([\w./-]+\.ya?ml)/gm)].flatMap(([, name]) => {
    const found = posix.join(posix.dirname(file), name!)
    if (seen.has(found)) return []
    seen.add(found)
    return [found, ...includedBy(found, seen)]
  })
}

function isSame({ from, to }: Copy): boolean {
  return existsSync(to) && statSync(to).isFile() && readFileSync(from).equals(readFileSync(to))
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
