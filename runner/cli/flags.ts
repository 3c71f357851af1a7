import { fromFolder } from '../report/diagnostics.ts'

/** The options of `run` and `plan`, as the command line gives them. */
export interface RunFlags {
  readonly inventory?: readonly string[]
  readonly limit?: string
  readonly tags?: readonly string[]
  readonly skipTags?: readonly string[]
  readonly forks: number
  readonly extraVars?: readonly string[]
  readonly diff?: boolean
  readonly verbose: number
  readonly output: 'auto' | 'plain' | 'json'
  readonly yes?: boolean
  readonly batch: boolean
  readonly askBecomePass?: boolean
  readonly stateDir?: string
}

/** The words that a run of the same hosts with the same inputs would be typed with. */
export function sameAgain(flags: RunFlags, book: string, folder: string): (verb: 'run' | 'plan', limit?: string) => string {
  return (verb, limit = flags.limit) => {
    const words = ['trueup', verb, fromFolder(book, folder), ...(flags.inventory ?? []).flatMap((path) => ['-i', fromFolder(path, folder)]), ...(limit === undefined ? [] : ['--limit', limit])]
    for (const [name, values] of [['--tags', flags.tags], ['--skip-tags', flags.skipTags]] as const) if (values && values.length > 0) words.push(name, values.join(','))
    for (const extra of flags.extraVars ?? []) words.push('-e', extra)
    return words.map(quoted).join(' ')
  }
}

function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`
}
