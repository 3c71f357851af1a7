import { join } from 'node:path'
import type { Code } from '../../runner/model/codes.ts'
import type { Diagnostic, Place } from '../../runner/model/diagnostic.ts'
import { plain, type Located, type LocatedEntry } from '../../runner/source/located.ts'
import { didYouMean } from '../../runner/source/suggest.ts'
import type { FolderFiles } from './folder-files.ts'

/** How lab.yaml is read: the files beside it, which of them it named, and what was found wrong. */
export interface Reading {
  readonly folder: FolderFiles
  readonly used: Set<string>
  report(code: Code, message: string, at: Place, hint: string): void
  readonly diagnostics: readonly Diagnostic[]
}

/** Begins to read a folder. */
export function newReading(folder: FolderFiles): Reading {
  const diagnostics: Diagnostic[] = []
  return {
    folder,
    used: new Set(),
    diagnostics,
    report: (code, message, at, hint) => diagnostics.push({ code, message, at, hint }),
  }
}

/** The entries of a map; none where nothing is written there. */
export function entriesOf(located: Located | undefined): readonly LocatedEntry[] {
  return located?.kind === 'map' ? [...located.entries.values()] : []
}

/** The value of a key of a map. */
export function keyOf(located: Located | undefined, key: string): Located | undefined {
  return located?.kind === 'map' ? located.entries.get(key)?.value : undefined
}

/** A text of a map; undefined where the key is not written. */
export function textAt(located: Located | undefined, key: string): string | undefined {
  const found = keyOf(located, key)
  return found?.kind === 'scalar' && typeof found.value === 'string' ? found.value : undefined
}

/** The texts of a list, or the one text that is written in its place, each with its place. */
export function wordsAt(
  located: Located | undefined,
): readonly { readonly word: string; readonly at: Place }[] {
  if (!located) return []
  const items = located.kind === 'list' ? located.items : [located]
  return items.map((item) => ({ word: String(plain(item)), at: item.at }))
}

/** The bytes of a file of the folder that a text names; null, and a fault, where the folder does not have it. */
export function namedFile(reading: Reading, named: Located): Buffer | null {
  const path = String(plain(named)).replace(/^\.\//, '')
  const bytes = reading.folder.files.get(path)
  reading.used.add(path)
  if (bytes) return bytes
  const isOutside = path.startsWith('/') || path.split('/').includes('..')
  reading.report(
    'lab/with-file',
    isOutside
      ? `${path} leads out of the folder`
      : `${join(reading.folder.root, path)} does not exist`,
    named.at,
    isOutside
      ? `copy the file into ${reading.folder.root}, and write its path below it`
      : didYouMean(path, reading.folder.files.keys()),
  )
  return null
}
