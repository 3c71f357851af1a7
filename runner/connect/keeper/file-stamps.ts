import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'

/** What changes with a file: another text where it was written, replaced, or given another mode or owner. */
export function stampOf(file: string): string {
  try {
    const found = statSync(file, { throwIfNoEntry: false })
    if (found === undefined) return 'absent'
    const { dev, ino, size, mtimeMs, ctimeMs, mode, uid } = found
    return [dev, ino, size, mtimeMs, ctimeMs, mode, uid].join(' ')
  } catch (error) {
    return (error as Error).message
  }
}

const deepest = 2

/** The stamps of the files of a folder, and of the folders in it. Sockets count for nothing: those of masters come and go. */
export function stampsBelow(folder: string, depth = 0): string {
  try {
    return readdirSync(folder, { withFileTypes: true })
      .sort((a, b) => (a.name < b.name ? -1 : 1))
      .map((entry) => {
        const path = join(folder, entry.name)
        if (entry.isDirectory()) return depth < deepest ? stampsBelow(path, depth + 1) : ''
        return entry.isFile() || entry.isSymbolicLink() ? `${path} ${stampOf(path)}\n` : ''
      })
      .join('')
  } catch (error) {
    return `${(error as Error).message}\n`
  }
}
