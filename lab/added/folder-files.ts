import { lstatSync, readdirSync, type Stats } from 'node:fs'
import { join, resolve } from 'node:path'
import { faultOf, readFile } from '../../runner/files/read-file.ts'
import { distrust, type Trust } from '../../runner/files/trust.ts'
import type { Diagnostic } from '../../runner/model/diagnostic.ts'

/** The files of a folder that a user adds to a lab: their bytes, by their paths below it. */
export interface FolderFiles {
  readonly root: string
  readonly files: ReadonlyMap<string, Buffer>
}

const mostFiles = 2_000
const mostBytes = 64 << 20

/** Reads a folder once and whole: what follows works on these bytes, and no path is opened a second time. */
export function readFolderFiles(
  folder: string,
  trust: Trust,
): { readonly found: FolderFiles; readonly diagnostics: readonly Diagnostic[] } {
  const root = resolve(folder)
  const files = new Map<string, Buffer>()
  const diagnostics: Diagnostic[] = []
  const stats = lstatSync(root, { throwIfNoEntry: false })
  if (!stats?.isDirectory()) return { found: { root, files }, diagnostics: [noFolder(root, stats)] }
  const others = distrust(trust, 'the folder of --with', root)
  if (others) return { found: { root, files }, diagnostics: [others] }
  let left = mostBytes
  for (const path of pathsBelow(root, '', diagnostics)) {
    const full = join(root, path)
    const strange = distrust(trust, 'a file of the folder of --with,', full)
    const read = strange ? null : readFile(full, Math.max(left, 1))
    if (strange) diagnostics.push(strange)
    else if (read && 'code' in read)
      diagnostics.push(
        fileFault(full, read.words, 'put a file of at most 64 MiB there, or remove it'),
      )
    else if (read) {
      left -= read.bytes.length
      files.set(path, read.bytes)
    }
  }
  return { found: { root, files }, diagnostics }
}

/** The files as one text, for the process that carries the lab. */
export function packFolder({ root, files }: FolderFiles): string {
  return JSON.stringify({
    root,
    files: [...files].map(([path, bytes]) => [path, bytes.toString('base64')]),
  })
}

/** The files of such a text. */
export function unpackFolder(text: string): FolderFiles {
  const { root, files } = JSON.parse(text) as {
    readonly root: string
    readonly files: readonly (readonly [string, string])[]
  }
  return {
    root,
    files: new Map(files.map(([path, base64]) => [path, Buffer.from(base64, 'base64')])),
  }
}

/** The paths of all files below a folder, sorted. A link or a device is a fault: it may lead out of the folder. */
function pathsBelow(root: string, below: string, diagnostics: Diagnostic[]): readonly string[] {
  const found: string[] = []
  let entries: readonly string[] = []
  try {
    entries = readdirSync(join(root, below)).sort()
  } catch (error) {
    diagnostics.push(fileFault(join(root, below), faultOf(error).words, 'let its owner read it'))
  }
  for (const name of entries) {
    // Editors and git keep files of their own in a folder: a lab leaves them out.
    if (name.startsWith('.') || name.endsWith('~')) continue
    const path = below === '' ? name : `${below}/${name}`
    const stats = lstatSync(join(root, path), { throwIfNoEntry: false })
    if (stats?.isDirectory()) found.push(...pathsBelow(root, path, diagnostics))
    else if (stats?.isFile()) found.push(path)
    else
      diagnostics.push(
        fileFault(
          join(root, path),
          stats?.isSymbolicLink() ? 'it is a link' : 'it is not a file',
          'put a copy of the file there',
        ),
      )
    if (found.length > mostFiles) break
  }
  if (below === '' && found.length > mostFiles)
    diagnostics.push({
      code: 'lab/with-folder',
      message: `${root} has more than ${mostFiles} files`,
      hint: 'give a folder that holds the additions to the lab and nothing else',
    })
  return found
}

function noFolder(root: string, stats: Stats | undefined): Diagnostic {
  return {
    code: 'lab/with-folder',
    message: `${root} ${stats ? 'is not a folder' : 'does not exist'}`,
    hint: stats
      ? 'give the folder that holds lab.yaml, and no link to it'
      : `make it, and write into ${join(root, 'lab.yaml')} what the lab lacks`,
  }
}

function fileFault(file: string, words: string, hint: string): Diagnostic {
  return {
    code: 'lab/with-file',
    message: `${file} cannot be used: ${words}`,
    at: { file, line: 1, column: 1 },
    hint,
  }
}
