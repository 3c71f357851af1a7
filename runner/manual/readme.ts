import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { shippedFolder } from '../files/shipped-folder.ts'

/** The readme of a built-in type; it stays beside the type's source, which the package carries. */
export function readmeOf(type: string): string {
  const file = join(shippedFolder(), 'runner/resources', type, 'readme.md')
  return existsSync(file) ? readFileSync(file, 'utf8') : ''
}

/** The notes on a type of one's own: `motd.md` beside `motd.resource.yaml`. */
export function readmeOfOwn(typeFile: string): string {
  const file = typeFile.replace(/\.resource\.(?:yaml|ts|js)$/, '.md')
  return existsSync(file) ? readFileSync(file, 'utf8') : ''
}
