import { Secret } from '../contract/secret.ts'
import type { Value } from '../contract/value.ts'
import { fromFolder } from '../report/diagnostics.ts'
import { readInputs } from './inputs.ts'
import type { SourceFlags } from './inventory-sources.ts'

/** The options of `run` and `plan`, as the command line gives them. */
export interface RunFlags extends SourceFlags {
  readonly inventory?: readonly string[]
  readonly limit?: string
  readonly tags?: readonly string[]
  readonly skipTags?: readonly string[]
  readonly startAt?: string
  readonly step?: boolean
  readonly listTasks?: boolean
  readonly listHosts?: boolean
  readonly forks: number
  readonly extraVars?: readonly string[]
  readonly diff?: boolean
  readonly verbose: number
  readonly output: 'auto' | 'plain' | 'json'
  readonly yes?: boolean
  readonly batch: boolean
  readonly askBecomePass?: boolean
  readonly stateDir?: string
  /** Tells where the time went, on standard error. */
  readonly profile?: boolean
  /** `false`: no run log is kept. */
  readonly log?: boolean
  readonly lockTimeout?: string
  /** Plans: where the plan is saved. */
  readonly out?: string
}

/** The options of `apply`: what the plan itself does not hold. */
export interface ApplyFlags extends Omit<
  RunFlags,
  'inventory' | 'limit' | 'tags' | 'skipTags' | 'out'
> {
  readonly maxAge: string
}

/** What to type next, as the report says it. */
export type Again = (verb: 'run' | 'plan', limit?: string) => string

/** The inputs of a playbook as a run has them. */
export type Inputs = Readonly<Record<string, Value>>

/** After a saved plan the next thing to type is to apply it. */
export function applyAgain(
  flags: RunFlags,
  playbook: string,
  folder: string,
  inputs: Inputs,
): Again {
  const again = sameAgain(flags, playbook, folder, inputs)
  return (verb, limit) =>
    verb === 'run' && limit === undefined
      ? `trueup apply ${quoted(flags.out ?? '')}`
      : again(verb, limit)
}

/** The words that a run of the same hosts with the same inputs would be typed with, but for secret ones: those are asked for. */
export function sameAgain(
  flags: RunFlags,
  playbook: string,
  folder: string,
  inputs: Inputs,
): Again {
  return (verb, limit = flags.limit) => {
    const words = [
      'trueup',
      verb,
      fromFolder(playbook, folder),
      ...(flags.inventory ?? []).flatMap((path) => ['-i', fromFolder(path, folder)]),
      ...(limit === undefined ? [] : ['--limit', limit]),
    ]
    for (const [name, values] of [
      ['--tags', flags.tags],
      ['--skip-tags', flags.skipTags],
    ] as const)
      if (values && values.length > 0) words.push(name, values.join(','))
    for (const extra of flags.extraVars ?? []) words.push(...shownInput(extra, inputs))
    return words.map(quoted).join(' ')
  }
}

function shownInput(extra: string, inputs: Inputs): readonly string[] {
  // Of a file only the name is said, and it is read again.
  if (extra.startsWith('@')) return ['-e', extra]
  const { values } = readInputs([extra])
  const names = Object.keys(values)
  const shown = names.filter((name) => !(inputs[name] instanceof Secret))
  if (shown.length === names.length) return ['-e', extra]
  return shown.length === 0
    ? []
    : ['-e', JSON.stringify(Object.fromEntries(shown.map((name) => [name, values[name]])))]
}

/** A word as it is typed to a shell. */
export function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`
}
