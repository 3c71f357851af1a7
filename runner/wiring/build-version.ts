import { readFileSync } from 'node:fs'

/** What the bundler writes in the place of this name; the sources do not have it. */
declare const TRUEUP_BUILD: Build | undefined

/** A version of trueup, and the commit it was made from; null where that is not known. */
export interface Build {
  readonly version: string
  readonly commit: string | null
}

/** The build that runs. */
function build(): Build {
  if (typeof TRUEUP_BUILD !== 'undefined') return TRUEUP_BUILD
  const file = new URL('../../package.json', import.meta.url)
  const { version } = JSON.parse(readFileSync(file, 'utf8')) as { version: string }
  return { version, commit: null }
}

/** The version of this trueup, as logs and plans name it. */
export function version(): string {
  return build().version
}

/** What `trueup --version` prints: version, commit, Node and platform. */
export function versionText(): string {
  const { version: number, commit } = build()
  const from = commit === null ? '' : ` (commit ${commit})`
  return `trueup ${number}${from}, Node ${process.versions.node}, ${process.platform}-${process.arch}`
}
