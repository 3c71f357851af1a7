import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'

const root = join(import.meta.dirname, '../..')

/** Words and phrases that docs/style.md replaces; each with what to write. */
const forbidden: readonly (readonly [RegExp, string])[] = [
  [/\banew\b/gi, 'again'],
  [/\bmend(?:s|ed|ing)?\b/gi, 'fix, correct, repair'],
  [/\bwhoever\b/gi, 'the caller, a user who'],
  [/\bsomebody\b/gi, 'a user, another process'],
  [/\bnobody\b/gi, 'no user, nothing'],
  [/\b(?:is|are) no (?!longer\b|more than\b)/gi, 'is not a'],
  [/\b(?:is|are) none\b/gi, 'there is no, does not exist'],
  [/\bwhat came of\b/gi, 'the result of'],
  [/\btold\b/gi, 'given, reported, said by'],
]

/** How many each folder may still have. The numbers only shrink: a change that rewrites a folder lowers its number. */
const allowed = JSON.parse(
  readFileSync(join(import.meta.dirname, 'words-left.json'), 'utf8'),
) as Readonly<Record<string, number>>

/** Texts of other people, and the pages that name the words. */
const exempt =
  /^(?:docs\/style\.md|docs\/decisions\/README\.md|test\/|package-lock\.json|CHANGELOG\.md)/

function areaOf(file: string): string {
  const [top, second] = file.split('/')
  return top === 'runner' || top === 'docs'
    ? file.split('/').length > 2
      ? `${top}/${second}`
      : top
    : top!
}

/** The words of each area, with their places. */
function found(): ReadonlyMap<string, readonly string[]> {
  const files = execFileSync(
    'git',
    ['ls-files', 'runner', 'lab', 'tools', 'docs', 'playbooks', '*.md'],
    {
      cwd: root,
      encoding: 'utf8',
    },
  )
    .split('\n')
    .filter(
      (file) =>
        /\.(?:ts|mjs|cjs|md|yaml)$/.test(file) &&
        !exempt.test(file) &&
        !/\.(?:test|fixture|generated)\.ts$/.test(file),
    )
  const areas = new Map<string, string[]>()
  for (const file of new Set(files)) {
    const text = readFileSync(join(root, file), 'utf8')
    const places = areas.get(areaOf(file)) ?? []
    areas.set(areaOf(file), places)
    for (const [pattern, instead] of forbidden)
      for (const match of text.matchAll(pattern))
        places.push(
          `${file}:${text.slice(0, match.index).split('\n').length}: "${match[0]}" (${instead})`,
        )
  }
  return areas
}

describe('plain words', () => {
  const areas = found()
  it.each([...areas])('%s has no more forbidden words than it had', (area, places) => {
    expect(places.length > (allowed[area] ?? 0) ? places : []).toEqual([])
  })
})
