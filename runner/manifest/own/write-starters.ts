import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { dirname, relative } from 'node:path'
import { DiagnosticError } from '../../model/diagnostic.ts'

/** Writes new files. Throws DiagnosticError, and writes none of them, when one exists. Gives their paths from a folder. */
export function writeNew(folder: string, files: ReadonlyMap<string, string>): readonly string[] {
  for (const file of files.keys())
    if (existsSync(file))
      throw new DiagnosticError({
        code: 'cli/exists',
        message: `${relative(folder, file)} exists already, and stays as it is`,
        hint: 'choose another name, or remove the file first',
      })
  return [...files].map(([file, text]) => {
    const shown = relative(folder, file)
    try {
      mkdirSync(dirname(file), { recursive: true })
      writeFileSync(file, text, { flag: 'wx' })
    } catch (error) {
      throw new DiagnosticError({
        code: 'cli/not-written',
        message: `${shown} cannot be written: ${(error as Error).message}`,
        hint: 'go to a folder that you may write to',
      })
    }
    return shown
  })
}

/** The names that a new type must not have. */
export interface TakenNames {
  readonly builtIn: ReadonlyMap<string, unknown>
  readonly keywords: ReadonlySet<string>
}

/** Throws DiagnosticError when a new type cannot have this name. */
export function checkNewName(name: string, { builtIn, keywords }: TakenNames): void {
  if (!/^[a-z][a-z0-9_]*(?:\.[a-z][a-z0-9_]*)?$/.test(name))
    throw new DiagnosticError({
      code: 'type/name',
      message: `'${name}' cannot be the name of a type`,
      hint: 'write small letters, digits and _, with one dot for a type of your site: site.motd',
    })
  if (builtIn.has(name) || keywords.has(name))
    throw new DiagnosticError({
      code: 'type/name',
      message: `trueup itself uses the name '${name}'`,
      hint: `call it site.${name}`,
    })
}
