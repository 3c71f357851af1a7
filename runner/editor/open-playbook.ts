import { resolve } from 'node:path'
import type { AnyResourceType } from '../contract/resource.ts'
import { readText, unreadable } from '../files/read-file.ts'
import type { Diagnostic } from '../model/diagnostic.ts'
import type { Inventory } from '../model/host.ts'
import { adviceOn } from '../playbook/advice.ts'
import type { ComputedText } from '../playbook/load-context.ts'
import type { Names } from '../source/known-names.ts'
import type { Io } from '../wiring/io.ts'
import { checkPlaybook, hostFaults } from '../wiring/load-all.ts'

/** Gives the text of a file that is open in the editor; undefined: it is read from the disk. */
export type OpenTexts = (file: string) => string | undefined

/** A text that is computed, with the names that it may use. */
export interface SeenText {
  readonly computed: ComputedText
  readonly names: Names
  readonly language: 'template' | 'expression'
}

/** A playbook as the editor has it, with everything that is wrong with it. */
export interface OpenPlaybook {
  readonly file: string
  readonly types: ReadonlyMap<string, AnyResourceType>
  readonly diagnostics: readonly Diagnostic[]
  readonly seen: readonly SeenText[]
  /** Its files with their texts, what it includes and its templates too. */
  readonly files: ReadonlyMap<string, string>
}

/** Loads a playbook with the texts of the editor, and checks it as `trueup validate` does. */
export async function openPlaybook(
  io: Io,
  given: string,
  texts: OpenTexts,
  inventory: Inventory | null,
): Promise<OpenPlaybook> {
  const file = resolve(given)
  const seen: SeenText[] = []
  const files = new Map<string, string>()
  const textOf = (path: string): string => {
    const open = texts(path)
    if (open !== undefined) return open
    const read = readText(path)
    if ('text' in read) return read.text
    throw unreadable(read)
  }
  const { playbook, diagnostics, types } = await checkPlaybook(io, file, {}, inventory, [], {
    isOnlyChecked: true,
    readText: async (path) => {
      const text = textOf(path)
      files.set(path, text)
      return Promise.resolve(text)
    },
    sees: (computed, names, language) => seen.push({ computed, names, language }),
  })
  return {
    file,
    types,
    diagnostics: playbook
      ? [
          ...diagnostics,
          ...(inventory ? hostFaults(playbook, inventory) : []),
          ...adviceOn(playbook),
        ]
      : diagnostics,
    seen,
    files,
  }
}
