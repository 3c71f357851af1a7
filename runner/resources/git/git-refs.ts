import { unclear } from '../unclear.ts'

/** Whether no line of `git submodule status` bears a mark: `-` not there, `+` at another commit, `U` in conflict. */
export function isInPlace(listing: string | undefined): boolean | null {
  if (listing === undefined || listing.trim() === '') return null
  return !listing.split('\n').some((line) => /^[-+U]/.test(line))
}

/** Whether a version is a whole commit hash. */
export function isCommit(version: string): boolean {
  return /^[0-9a-f]{40}$/.test(version)
}

/** The refs that a version may name. */
export function refsOf(version: string): readonly string[] {
  return version === 'HEAD'
    ? ['HEAD']
    : [`refs/heads/${version}`, `refs/tags/${version}`, `refs/tags/${version}^{}`]
}

/** The commit of a branch, else of a tag: of what an annotated tag points to, not of the tag itself. */
export function availableIn(listing: string, repo: string, version: string): string {
  const found = new Map(
    listing.split('\n').map((line) => line.split('\t').reverse() as [string, string]),
  )
  const [branch, tag, pointed] = refsOf(version)
  const commit = found.get(branch!) ?? found.get(pointed ?? '') ?? found.get(tag ?? '')
  return (
    commit ??
    unclear(
      `${repo} has no branch and no tag ${version}`,
      'name a branch, a tag, or a whole commit hash of 40 digits',
    )
  )
}
