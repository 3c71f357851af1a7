import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { shippedFolder } from '../runner/files/shipped-folder.ts'
import { allGenerated } from './all-generated.ts'

// `npm run generate` writes what is generated; with --check it only says what is stale, for machines that test.
const isCheck = process.argv.includes('--check')
const { files, orphans } = await allGenerated(shippedFolder())
const stale = [...files].filter(([path, text]) => read(path) !== text)

for (const [path, text] of isCheck ? [] : stale) {
  mkdirSync(dirname(join(shippedFolder(), path)), { recursive: true })
  writeFileSync(join(shippedFolder(), path), text)
}
if (!isCheck) for (const path of orphans) rmSync(join(shippedFolder(), path))

for (const [path] of stale) process.stdout.write(`${isCheck ? 'stale' : 'written'}: ${path}\n`)
for (const path of orphans)
  process.stdout.write(`${isCheck ? 'not needed any more' : 'removed'}: ${path}\n`)
if (isCheck && stale.length + orphans.length > 0) {
  process.stdout.write('npm run generate writes them again\n')
  process.exitCode = 1
}

function read(path: string): string | null {
  try {
    return readFileSync(join(shippedFolder(), path), 'utf8')
  } catch {
    return null
  }
}
