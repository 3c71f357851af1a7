import { createHash } from 'node:crypto'
import { lstatSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { faultOf } from '../files/read-file.ts'
import type { FolderEntry, LocalFile, LocalFolder } from '../text/local-file.ts'

const mostEntries = 2_000
const mostBytes = 1 << 30

/** What cannot be copied, as it is thrown inside the walk and said outside of it. */
class Uncopied extends Error {
  readonly hint: string

  constructor(message: string, hint: string) {
    super(message)
    this.hint = hint
  }
}

/** Reads a local folder whole. A link, a device, or a name that no list of a host could hold is refused: no part is left out. */
export function hashFolder(
  path: string,
  hashFile: (path: string) => LocalFile,
): { readonly value: LocalFolder } | { readonly wrong: string; readonly hint: string } {
  const folders: string[] = []
  const files: FolderEntry[] = []
  try {
    if (!lstatSync(path).isDirectory())
      throw new Uncopied('it is not a folder', 'a single file is copied with `copy` and `src`')
    walk(path, '', { folders, files, hashFile })
  } catch (error) {
    if (error instanceof Uncopied) return { wrong: error.message, hint: error.hint }
    return {
      wrong: faultOf(error).words,
      hint: 'local folders are relative to the folder of the playbook',
    }
  }
  const hash = createHash('sha256')
  for (const below of folders) hash.update(`${below}/\n`)
  for (const { below, runs, file } of files) hash.update(`${below} ${runs} ${file.sha256}\n`)
  const size = files.reduce((sum, { file }) => sum + file.size, 0)
  return { value: { path, size, sha256: hash.digest('hex'), folders, files } }
}

interface Walk {
  readonly folders: string[]
  readonly files: FolderEntry[]
  hashFile(path: string): LocalFile
}

function walk(root: string, above: string, found: Walk): void {
  for (const name of readdirSync(join(root, above)).sort()) {
    const below = above === '' ? name : `${above}/${name}`
    const stats = lstatSync(join(root, below))
    // eslint-disable-next-line no-control-regex -- such names are what is looked for
    if (/[\u0000-\u001f\u007f\\]/.test(name))
      throw new Uncopied(
        `${JSON.stringify(below)} has a control character or a backslash`,
        'rename it',
      )
    if (stats.isDirectory()) {
      found.folders.push(below)
      walk(root, below, found)
    } else if (stats.isFile()) {
      const file = found.hashFile(join(root, below))
      found.files.push({ below, runs: (stats.mode & 0o100) !== 0, file })
    } else
      throw new Uncopied(
        `${below} is ${stats.isSymbolicLink() ? 'a link' : 'neither a file nor a folder'}`,
        stats.isSymbolicLink()
          ? 'put what it points to in its place; a link on the host is a task of its own: file: { state: link }'
          : 'take it out of the folder',
      )
    refuseTooMuch(found)
  }
}

function refuseTooMuch({ folders, files }: Walk): void {
  const bytes = files.reduce((sum, { file }) => sum + file.size, 0)
  if (folders.length + files.length > mostEntries || bytes > mostBytes)
    throw new Uncopied(
      `it has more than ${mostEntries} entries, or more than 1 GiB`,
      'send an archive with `copy`, and take it apart with `unpack`',
    )
}
