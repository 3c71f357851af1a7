// The notices of the packages whose code is in the bundle, which their licences ask to be passed on.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** The licence texts of all packages that the chunks hold, sorted by name. Throws for a package without one. */
export function licensesOf(chunks, root) {
  const folders = new Set(
    chunks.flatMap((chunk) => chunk.moduleIds ?? []).flatMap((id) => packageFolderOf(id, root)),
  )
  const notices = [...folders].map((folder) => {
    const { name, version, license } = JSON.parse(
      readFileSync(join(folder, 'package.json'), 'utf8'),
    )
    const file = readdirSync(folder).find((each) => /^(?:licen[cs]e|copying)(?:[.-]|$)/i.test(each))
    if (!license && !file) throw new Error(`${name} ${version} states no licence`)
    const text = file ? readFileSync(join(folder, file), 'utf8').trim() : `Licence: ${license}`
    return { title: `${name} ${version} (${license ?? 'see below'})`, text }
  })
  const rule = '='.repeat(78)
  return `trueup contains code of these packages.\n\n${notices
    .sort((a, b) => (a.title < b.title ? -1 : 1))
    .map(({ title, text }) => `${rule}\n${title}\n${rule}\n\n${text}\n`)
    .join('\n')}`
}

/** The folder of the package that a module belongs to; none for the product's own modules. */
function packageFolderOf(id, root) {
  const clean = id.replace(/^\0/, '').split('?')[0]
  if (!clean.includes('/node_modules/')) return []
  let folder = dirname(clean)
  while (folder.length > root.length) {
    const file = join(folder, 'package.json')
    if (existsSync(file) && JSON.parse(readFileSync(file, 'utf8')).version) return [folder]
    folder = dirname(folder)
  }
  return []
}
