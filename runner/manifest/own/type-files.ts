import { readdirSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import type { Diagnostic } from '../../model/diagnostic.ts'
import { readText } from '../../files/read-file.ts'
import { distrust, type Trust } from '../../files/trust.ts'

/** A file of a type of one's own, with its text. */
export interface TypeFile {
  readonly file: string
  readonly text: string
}
/** The files of types that may be loaded, and why others may not. */
export interface ChosenTypes {
  readonly files: readonly TypeFile[]
  /** Names of types that refused files seem to hold. */
  readonly refused: ReadonlySet<string>
  /** Names of types that lie here too and that nothing wants. */
  readonly others: readonly string[]
  readonly diagnostics: readonly Diagnostic[]
}

/** No types of one's own. */
export const noTypes: ChosenTypes = { files: [], refused: new Set(), others: [], diagnostics: [] }

const ending = /\.resource\.(?:yaml|ts|js)$/

/** Whether a file holds a resource type. */
export function isTypeFile(path: string): boolean {
  return ending.test(path)
}

/** The files of the types that a playbook can use: those in its folder, and those in `types/` there. */
export function typeFilesBeside(playbook: string): readonly string[] {
  const folder = dirname(resolve(playbook))
  return [...typeFilesIn(folder), ...typeFilesIn(join(folder, 'types'))]
}

/** The files of types in one folder, by name. */
export function typeFilesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder)
      .filter(isTypeFile)
      .sort()
      .map((name) => join(folder, name))
  } catch {
    return []
  }
}

/**
 * Chooses the files to load: those whose type is `wanted` (null: all), and that only root and the acting user could have written.
 * Nothing is loaded to find out: the name of a type is its file's, or stands in its text as a literal.
 */
export function chooseTypes(
  paths: readonly string[],
  wanted: ReadonlySet<string> | null,
  trust: Trust,
): ChosenTypes {
  const files: TypeFile[] = []
  const refused = new Set<string>()
  const others: string[] = []
  const diagnostics: Diagnostic[] = []
  for (const file of paths) {
    const read = readText(file)
    const names = namesIn(file, 'text' in read ? read.text : '')
    if (wanted !== null && !names.some((name) => wanted.has(name))) {
      others.push(...names)
      continue
    }
    const fault =
      distrust(trust, 'the resource type', file) ??
      ('text' in read ? null : unread(file, read.words))
    if (fault === null && 'text' in read) files.push({ file, text: read.text })
    else if (fault !== null) {
      diagnostics.push(fault)
      for (const name of names) refused.add(name)
    }
  }
  return { files, refused, others, diagnostics }
}

/** What the type of a file may be called: after its file, of the site or not, and by each literal name in its text. */
function namesIn(file: string, text: string): readonly string[] {
  const stem = basename(file).replace(ending, '')
  const literal = file.endsWith('.yaml')
    ? text.matchAll(/^type\s*:\s*["']?([\w.]+)/gm)
    : text.matchAll(/\bname["']?\s*:\s*["'`]([\w.]+)["'`]/g)
  return [stem, `site.${stem}`, ...[...literal].map((match) => match[1]!)]
}

function unread(file: string, words: string): Diagnostic {
  return {
    code: 'type/load',
    message: `the resource type ${file} cannot be read: ${words}`,
    hint: 'put a file there, or remove it',
  }
}
