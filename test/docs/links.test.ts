import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, relative, resolve } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { layOut, pagesIn } from '../../tools/docs-site/pages.mjs'

const root = join(import.meta.dirname, '../..')
const folder = mkdtempSync(join(tmpdir(), 'trueup-site-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const pages = [
  ...readdirSync(root)
    .filter((name) => name.endsWith('.md'))
    .map((name) => join(root, name)),
  ...pagesIn(join(root, 'docs')),
]

/** The anchors of a page, as GitHub and the site make them of its headings. */
function anchorsOf(text: string): ReadonlySet<string> {
  const seen = new Map<string, number>()
  const anchors = new Set<string>()
  for (const [, heading] of text.replace(/^```[^]*?^```/gm, '').matchAll(/^#{1,6} (.+)$/gm)) {
    const plain = heading!.replace(/\[([^\]]*)\]\([^)]*\)/g, (_, words: string) => words)
    const slug = plain
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .trim()
      .replace(/\s/g, '-')
    const count = seen.get(slug) ?? 0
    seen.set(slug, count + 1)
    anchors.add(count === 0 ? slug : `${slug}-${count}`)
  }
  return anchors
}

describe('the pages', () => {
  it('link to files and headings that are there', () => {
    const dead: string[] = []
    for (const page of pages) {
      const text = readFileSync(page, 'utf8')
      const prose = text.replace(/^```[^]*?^```/gm, '').replace(/`[^`\n]*`/g, '')
      for (const [, target] of prose.matchAll(/\]\(([^)\s]+)\)/g)) {
        if (/^[a-z]+:/.test(target!)) continue
        const [file, anchor] = target!.split('#')
        const path = file === '' ? page : resolve(dirname(page), decodeURIComponent(file!))
        const isThere =
          existsSync(path) &&
          (anchor === undefined ||
            !path.endsWith('.md') ||
            anchorsOf(readFileSync(path, 'utf8')).has(anchor))
        if (!isThere) dead.push(`${relative(root, page)}: ${target!}`)
      }
    }
    expect(dead).toEqual([])
  })

  it('are laid out for the site with what they link to', () => {
    layOut(root, folder)
    expect(pagesIn(folder).length).toBe(pages.length + 1)
    expect(existsSync(join(folder, 'public/schemas/event.schema.json'))).toBe(true)
  })
})
