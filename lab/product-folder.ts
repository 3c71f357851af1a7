import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** The folder that holds the product's package.json: the sources and the bundle lie at different depths below it. */
export const productFolder = ((): string => {
  let folder = import.meta.dirname
  while (!existsSync(join(folder, 'package.json')) && dirname(folder) !== folder)
    folder = dirname(folder)
  return folder
})()
