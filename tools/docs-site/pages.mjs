// The pages of the site, laid out as in the repository so that every link leads where it leads there.
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'

const ofTheProject = ['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md', 'SECURITY.md']

/** Copies the pages of a repository into a folder, and beside them, for the browser, the other files that they link to. */
export function layOut(root, folder) {
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(join(folder, 'public'), { recursive: true })
  for (const name of [...ofTheProject, 'docs'])
    cpSync(join(root, name), join(folder, name), { recursive: true })
  writeFileSync(
    join(folder, 'LICENSE.md'),
    `# Licence\n\n${readFileSync(join(root, 'LICENSE'), 'utf8')}`,
  )
  for (const page of pagesIn(folder))
    for (const target of linksOf(readFileSync(page, 'utf8'))) {
      const path = resolve(dirname(page), decodeURIComponent(target))
      const from = join(root, relative(folder, path))
      if (!path.startsWith(folder) || !existsSync(from))
        throw new Error(`${relative(folder, page)} links to ${target}, which is not there`)
      if (statSync(from).isFile() && !existsSync(`${path}.md`) && !/\.(?:md|svg|png)$/.test(path))
        copy(from, join(folder, 'public', relative(folder, path)))
    }
}

/** All Markdown files in a folder. */
export function pagesIn(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.md'))
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
}

/** The files that a page links to, without anchors; addresses on the web are not among them. */
function linksOf(text) {
  const prose = text.replace(/^```[^]*?^```/gm, '').replace(/`[^`\n]*`/g, '')
  return [...prose.matchAll(/\]\(([^)\s#]+)(?:#[^)]*)?\)/g)]
    .map(([, target]) => target)
    .filter((target) => !/^[a-z]+:/.test(target))
}

function copy(from, to) {
  mkdirSync(dirname(to), { recursive: true })
  cpSync(from, to)
}

/** The title of a page: its first heading. */
export function titleOf(page) {
  return /^# (.+)$/m.exec(readFileSync(page, 'utf8'))?.[1].replaceAll('`', '') ?? page
}
