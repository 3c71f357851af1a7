import { joinLines, splitLines, type Line } from '../lines.ts'

/** Where zypper keeps the definitions of repositories, several in one file at will. */
const folder = '/etc/zypp/repos.d'

/** One place that defines a repository: a section of a file. */
interface Section {
  readonly path: string
  readonly lines: readonly Line[]
  /** Its first line, which names it, and the line behind its last one. */
  readonly from: number
  readonly to: number
}

/** A file with another address in it, or why no file can be written. */
export type Edited =
  | { readonly path: string; readonly content: string }
  | { readonly because: string; readonly instead: string }

/** The argv that prints every line of every definition with its file and number. */
export const listing: readonly string[] = ['grep', '-rn', '--include=*.repo', '^', folder]

/**
 * The file that defines the repository, with this address in the place of its own; nothing else of it is touched, so settings that
 * this program does not know stay. What would be lost is refused.
 */
export function withUrl(printed: string, alias: string, url: string): Edited {
  const sections = sectionsOf(printed, alias)
  const [section, other] = sections
  if (!section)
    return {
      because: `no file of ${folder} defines ${alias}, so its address cannot be changed`,
      instead: `look at it with \`zypper repos --export - ${alias}\``,
    }
  if (other)
    return {
      because: `${alias} is defined twice: ${placeOf(section)} and ${placeOf(other)}`,
      instead: 'remove one of them by hand',
    }
  const lost = whatIsLost(section)
  if (lost !== null) return { because: `${placeOf(section)}: ${lost}`, instead: byHand }
  const at = section.lines.findIndex(
    ({ text }, i) => i > section.from && i < section.to && keyOf(text) === 'baseurl',
  )
  if (at < 0) return { because: `${placeOf(section)} has no baseurl`, instead: byHand }
  const line = { ...section.lines[at]!, text: `baseurl=${url}` }
  const content = joinLines(section.lines.with(at, line))
  return content.includes('\ufffd')
    ? {
        because: `${section.path} holds bytes that are not UTF-8, which would be lost`,
        instead: `convert it: iconv -f latin1 -t utf8 ${section.path}`,
      }
    : { path: section.path, content }
}

const byHand = 'change it by hand, or remove the repository in a task before this one'

function placeOf({ path, from }: Section): string {
  return `${path}:${from + 1}`
}

/** What a change of the address would make of no effect, or leave pointing elsewhere. */
function whatIsLost({ lines, from, to }: Section): string | null {
  const inside = lines.slice(from + 1, to).map(({ text }) => text)
  const keys = inside.map(keyOf)
  const service = inside.find((_, i) => keys[i] === 'service')
  if (service !== undefined)
    return `the repository belongs to a service (${service.trim()}), which would write its address again`
  const mirrors = inside.find((_, i) => keys[i] === 'mirrorlist' || keys[i] === 'metalink')
  if (mirrors !== undefined)
    return `the repository has further addresses (${mirrors.trim()}), which would still be used`
  const addresses = addressesAmong(inside, keys)
  return addresses.length > 1
    ? `the repository has further addresses (${addresses
        .slice(1)
        .map((text) => text.trim())
        .join(', ')}), which would still be used`
    : null
}

/** The lines of `baseurl`: a line that begins with a blank goes on with the value above it. */
function addressesAmong(
  inside: readonly string[],
  keys: readonly (string | null)[],
): readonly string[] {
  let above: string | null = null
  return inside.filter((line, i) => {
    above = keys[i] ?? above
    return above === 'baseurl' && (keys[i] !== null || /^\s+\S/.test(line))
  })
}

function keyOf(line: string): string | null {
  return /^\s*([A-Za-z_]+)\s*=/.exec(line)?.[1]?.toLowerCase() ?? null
}

function sectionsOf(printed: string, alias: string): readonly Section[] {
  const files = new Map<string, Line[]>()
  for (const { text, end } of splitLines(printed)) {
    const match = /^(\/.+?\.repo):\d+:(.*)$/s.exec(text)
    if (!match) continue
    const held = files.get(match[1]!) ?? []
    held.push({ text: match[2]!, end })
    files.set(match[1]!, held)
  }
  return [...files].flatMap(([path, lines]) => {
    const heads = lines.flatMap(({ text }, i) => (/^\s*\[.+\]\s*$/.test(text) ? [i] : []))
    return heads.flatMap((from, n) =>
      lines[from]!.text.trim() === `[${alias}]`
        ? [{ path, lines, from, to: heads[n + 1] ?? lines.length }]
        : [],
    )
  })
}
