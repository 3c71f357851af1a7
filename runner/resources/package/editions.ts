import { invalid } from '../unclear.ts'

/** What a task wants of one package: its name, and which versions will do. */
export interface PackageWish {
  /** As it is written: the key of the state. */
  readonly written: string
  readonly name: string
  readonly relation: '=' | '>=' | null
  readonly version: string
}

const related = /^(?<name>[^=>]+?)(?<relation>>?=)(?<version>.+)$/
// rpm's own way to write a package with its version: the version has a dot, and a release may follow.
const dashed = /^(?<name>.+?)-(?<version>\d[^\-.]*\.[^-]*(?:-\d[^-]*)?)$/

/**
 * Reads `podman`, `podman=4.4.4`, `podman>=4.4` and, where rpm keeps the packages, `podman-4.4.4-150500.3`. A package whose whole
 * name looks like that is meant where it is installed under that name.
 */
export function wishOf(
  written: string,
  isRpm: boolean,
  installed: Readonly<Record<string, string>> = {},
): PackageWish {
  const found = related.exec(written)?.groups
  if (found)
    return {
      written,
      name: found['name']!,
      relation: found['relation'] as '=' | '>=',
      version: found['version']!,
    }
  const parts = isRpm && installed[written] === undefined ? dashed.exec(written)?.groups : undefined
  return parts
    ? { written, name: parts['name']!, relation: '=', version: parts['version']! }
    : { written, name: written, relation: null, version: '' }
}

/** Every name that a reading must ask for, so that the wishes can be read from it. */
export function namesToAsk(written: readonly string[], isRpm: boolean): readonly string[] {
  const names = written.flatMap((each) => {
    const plain = related.exec(each)?.groups?.['name'] ?? each
    const parts = isRpm && plain === each ? dashed.exec(each)?.groups?.['name'] : undefined
    return parts === undefined ? [plain] : [each, parts]
  })
  return [...new Set(names)]
}

/** Whether an installed version will do. What the wish leaves out, its release or its epoch, may be anything. */
export function fulfils({ relation, version }: PackageWish, installed: string): boolean {
  if (relation === null) return true
  const order = compareEditions(trimmed(installed, version), version)
  return relation === '=' ? order === 0 : order >= 0
}

/** Whether the wanted version is older than the installed one. */
export function isOlder({ version }: PackageWish, installed: string): boolean {
  return compareEditions(version, trimmed(installed, version)) < 0
}

function trimmed(installed: string, wanted: string): string {
  const plain = /^\d+:/.test(wanted) ? installed : installed.replace(/^\d+:/, '')
  const dash = plain.lastIndexOf('-')
  return wanted.includes('-') || dash < 0 ? plain : plain.slice(0, dash)
}

/** A package is in one version, and `latest` names one already. */
export function refuseSenseless(wishes: readonly PackageWish[], state: string): void {
  const named = wishes.find(({ relation }) => relation !== null)
  if (named && state === 'latest')
    invalid(
      `${named.written} names a version, and latest is another`,
      `write ${named.name} alone, or leave state out`,
    )
  const names = wishes.map((wish) => wish.name)
  const twice = names.find((name, at) => names.indexOf(name) !== at)
  if (twice !== undefined && named)
    invalid(`${twice} is named twice`, 'write each package once, with the version that is wanted')
}

/** The order of two versions as rpm and dpkg have it: parts of digits as numbers, and `~` before everything. */
function compareEditions(one: string, other: string): number {
  let [a, b] = [one, other]
  while (a !== '' || b !== '') {
    const [signA = '', signB = ''] = [/^[~^]/.exec(a)?.[0], /^[~^]/.exec(b)?.[0]]
    if (signA !== signB) return orderOfSign(signA, a) - orderOfSign(signB, b)
    if (signA !== '') {
      ;[a, b] = [a.slice(1), b.slice(1)]
      continue
    }
    // rpm skips what stands between parts; a version that ends here is the older one.
    ;[a, b] = [a.replace(/^[^a-z\d~^]+/i, ''), b.replace(/^[^a-z\d~^]+/i, '')]
    const [partA, partB] = [partOf(a), partOf(b)]
    if (partA === '' && partB === '') {
      if (/^[~^]/.test(a) || /^[~^]/.test(b)) continue
      return 0
    }
    const order = compareParts(partA, partB)
    if (order !== 0) return order
    ;[a, b] = [a.slice(partA.length), b.slice(partB.length)]
  }
  return 0
}

// `1.0~rc1` < `1.0` < `1.0^git1`.
function orderOfSign(sign: string, rest: string): number {
  if (sign === '~') return -1
  if (sign === '^') return 1
  return rest === '' ? 0 : 2
}

function partOf(text: string): string {
  return /^(?:\d+|[a-z]+)/i.exec(text)?.[0] ?? ''
}

function compareParts(a: string, b: string): number {
  if (a === '' || b === '') return a === b ? 0 : a === '' ? -1 : 1
  const [numberA, numberB] = [/^\d/.test(a), /^\d/.test(b)]
  if (numberA !== numberB) return numberA ? 1 : -1
  if (!numberA) return a < b ? -1 : a > b ? 1 : 0
  const [x, y] = [a.replace(/^0+/, ''), b.replace(/^0+/, '')]
  return x.length - y.length || (x < y ? -1 : x > y ? 1 : 0)
}
