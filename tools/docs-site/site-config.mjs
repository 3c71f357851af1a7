// How VitePress builds the site: the tree of the repository is its tree, and the search works without a network.
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { titleOf } from './pages.mjs'

const parts = [
  [
    'Begin',
    [
      'README.md',
      'docs/tutorial.md',
      'docs/install.md',
      'docs/configuration.md',
      'docs/editors.md',
      'docs/ci.md',
    ],
  ],
  [
    'Playbooks',
    [
      'docs/playbooks.md',
      'docs/writing-playbooks.md',
      'docs/expressions.md',
      'docs/facts.md',
      'docs/inventory.md',
      'docs/own-types.md',
      'docs/from-ansible.md',
      'docs/page-and-playbook.md',
    ],
  ],
  [
    'Running',
    [
      'docs/plans.md',
      'docs/runs.md',
      'docs/reports.md',
      'docs/safety.md',
      'docs/doctor.md',
      'docs/errors.md',
      'docs/events.md',
    ],
  ],
  ['The lab', ['docs/lab.md', 'docs/rehearse-a-page.md', 'docs/conformance.md']],
  [
    'The house',
    [
      'docs/architecture.md',
      'docs/style.md',
      'docs/benchmarks.md',
      'CONTRIBUTING.md',
      'CHANGELOG.md',
      'SECURITY.md',
    ],
  ],
]

/** The settings of VitePress for pages that lie in a folder. */
export function siteConfig(folder, outDir) {
  return {
    title: 'trueup',
    description: 'Makes machines true to a playbook.',
    srcDir: folder,
    outDir,
    cacheDir: join(folder, '.cache'),
    rewrites: { 'README.md': 'index.md' },
    lastUpdated: false,
    // Pages show templates, `{{ x }}`, and placeholders, `<name>`: nothing in them is a program or a tag.
    markdown: { html: false },
    vue: { template: { compilerOptions: { delimiters: ['\u0001', '\u0002'] } } },
    // No font, script or picture comes from another place.
    head: [['meta', { name: 'referrer', content: 'no-referrer' }]],
    themeConfig: {
      search: { provider: 'local' },
      outline: [2, 3],
      sidebar: [
        ...parts.map(([text, pages]) => ({ text, items: itemsOf(folder, pages) })),
        folderPart(folder, 'Types', 'docs/types'),
        folderPart(folder, 'Shipped playbooks', 'docs/playbooks'),
        folderPart(folder, 'Decisions', 'docs/decisions'),
      ],
    },
  }
}

function folderPart(folder, text, inside) {
  const pages = readdirSync(join(folder, inside))
    .filter((name) => name.endsWith('.md'))
    .sort()
  return {
    text,
    collapsed: true,
    items: itemsOf(
      folder,
      pages.map((name) => `${inside}/${name}`),
    ),
  }
}

function itemsOf(folder, pages) {
  return pages
    .filter((page) => existsSync(join(folder, page)))
    .map((page) => ({
      text: titleOf(join(folder, page)),
      link:
        page === 'README.md' ? '/' : `/${page.replace(/\.md$/, '').replace(/(^|\/)index$/, '$1')}`,
    }))
}
