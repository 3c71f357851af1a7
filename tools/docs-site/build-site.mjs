// `npm run docs`: builds the documentation as a static site in dist/site. `npm run docs -- --serve` shows it on this machine.
// It installs its own packages into its own folder: a clone that builds no site need not have them.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { layOut } from './pages.mjs'
import { siteConfig } from './site-config.mjs'

const here = dirname(fileURLToPath(import.meta.url))
const root = join(here, '../..')
const folder = join(root, 'dist/site-pages')
const outDir = join(root, 'dist/site')

install()
layOut(root, folder)
mkdirSync(join(folder, '.vitepress'))
writeFileSync(
  join(folder, '.vitepress/config.mjs'),
  `export default ${JSON.stringify(siteConfig(folder, outDir), null, 2)}\n`,
)
// VitePress finds its own packages from the pages upward.
symlinkSync(join(here, 'node_modules'), join(folder, 'node_modules'))
const { build, serve } = await import('vitepress')
await build(folder)
if (process.argv.includes('--serve')) await serve({ root: folder, port: 4173 })

function install() {
  const locked = readFileSync(join(here, 'package-lock.json'), 'utf8')
  const mark = join(here, 'node_modules/.installed-from')
  if (existsSync(mark) && readFileSync(mark, 'utf8') === locked) return
  process.stderr.write('docs: installing what builds the site (npm ci) …\n')
  const done = spawnSync('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: here,
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  if (done.status !== 0) {
    process.stderr.write('docs: npm ci failed: is the npm registry reachable?\n')
    process.exit(1)
  }
  writeFileSync(mark, locked)
}
