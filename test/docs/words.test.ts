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

/** Words of other programs, which the lab and the cases repeat as they were recorded. */
const recorded: readonly (readonly [file: string, text: string])[] = [
  ['lab/commands/zypper/repository-commands.ts', 'There are no enabled repositories defined.'],
  ['lab/commands/zypper/index.ts', 'There are no package locks defined.'],
  ['lab/csm/fas/fas-run.ts', 'there is no image to go back to.'],
  ['lab/node/image-accounts.ts', 'nobody:x:65534:65534:nobody:/var/lib/nobody:/bin/bash'],
  ['lab/node/image-accounts.ts', 'nobody:x:65533:'],
  ['lab/node/image-accounts.ts', 'nogroup:x:65534:nobody'],
  ['lab/node/image-accounts.ts', "['nobody', '!']"],
  ['runner/resources/ceph_auth/cases.yaml', 'client.nobody'],
  ['runner/resources/cron/cases.yaml', 'You (nobody) are not allowed'],
]

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

function withoutRecorded(file: string, text: string): string {
  return recorded
    .filter(([of]) => of === file)
    .reduce((rest, [, words]) => rest.replaceAll(words, ''), text)
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
    const text = withoutRecorded(file, readFileSync(join(root, file), 'utf8'))
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
  it.each([...found()])('%s has no forbidden words', (_area, places) => {
    expect(places).toEqual([])
  })

  it('repeats recorded words where it says so', () => {
    for (const [file, words] of recorded)
      expect(readFileSync(join(root, file), 'utf8')).toContain(words)
  })
})
