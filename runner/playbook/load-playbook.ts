import { resolve } from 'node:path'
import { verbs, type Playbook, type Play } from '../model/playbook.ts'
import type { Diagnostic, Place } from '../model/diagnostic.ts'
import { DiagnosticError } from '../model/diagnostic.ts'
import type { AnyResourceType } from '../contract/resource.ts'
import type { Value } from '../contract/value.ts'
import { didYouMean } from '../source/suggest.ts'
import type { Located, LocatedEntry, LocatedMap } from '../source/located.ts'
import { withAllowances } from './allowed-warnings.ts'
import { resolveInputs, waitsForInput, type DeclaredInput, type ResolvedInputs } from './inputs.ts'
import { checkRequires } from './requires.ts'
import { playHints, playKeywords, taskKeywords } from './keywords.ts'
import { checkMeetings } from './check-meetings.ts'
import { knownMistakes } from './check-params.ts'
import { report, scopeOf, type Loading, type Sees } from './load-context.ts'
import { readPlay, type HandedOn } from './read-play.ts'
import { shownSecrets } from './shown-secrets.ts'
import { readMap, readText } from './typed-entries.ts'
import { outerNames } from './visible-names.ts'
import { readText as readTextFile, unreadable } from '../files/read-file.ts'
import { openFile, readYaml } from './includes.ts'
import { treeOf } from './compiled-values.ts'

/** What a playbook is loaded from. */
export interface LoadOptions {
  readonly file: string
  readonly types: ReadonlyMap<string, AnyResourceType>
  /** As given with `-e`: text that becomes what the input is declared to be, or values. Null: none are asked for. */
  readonly inputs: Readonly<Record<string, Value>> | null
  /** The playbook is only checked: an input without a value is not a mistake. */
  readonly isOnlyChecked?: boolean
  /** Names of the inventory's vars; null without an inventory: then any name may be a var. */
  readonly knownVars: ReadonlySet<string> | null
  /** Names of this machine's vars. Without an inventory they are all that a playbook for `localhost` alone can see. */
  readonly varsHere?: ReadonlySet<string>
  readonly readText?: (path: string) => Promise<string>
  readonly sees?: Sees
  /** The version of this trueup, which `requires` of a playbook is held against. */
  readonly version: string
}
/** The playbook, when nothing is wrong with it; and all that is wrong. */
export interface LoadedPlaybook {
  readonly playbook: Playbook | null
  readonly diagnostics: readonly Diagnostic[]
  /** What the playbook declares under `inputs:`, as far as it could be read. */
  readonly inputs: readonly DeclaredInput[]
}

const playbookKeys = ['playbook', 'requires', 'inputs', 'plays'] as const

/** Loads a playbook with everything it includes, and checks all of it before anything runs. */
export async function loadPlaybook(options: LoadOptions): Promise<LoadedPlaybook> {
  const file = resolve(options.file)
  let loading: Loading = {
    types: options.types,
    knownVars: options.knownVars,
    diagnostics: [],
    sources: [],
    asksInput: () => options.inputs !== null && options.isOnlyChecked !== true,
    readText: options.readText ?? textOf,
    version: options.version,
    sees: options.sees,
  }
  reportTypeNames(loading)
  const located = await readYaml(loading, file, null)
  const opened = located && asPlaybook(loading, located)
  if (opened) await checkRequires(loading, opened.entries.get('requires'))
  if (opened && options.varsHere && isOnlyHere(opened))
    loading = { ...loading, knownVars: options.varsHere }
  const counter = { next: 1 }
  const title = opened ? (readText(loading, opened.entries.get('playbook')) ?? '') : ''
  const inputs: ResolvedInputs = opened
    ? resolveInputs(
        loading,
        opened.entries.get('inputs'),
        options.inputs ?? {},
        opened.entries.get('inputs')?.keyAt ?? opened.at,
      )
    : { values: {}, shapes: new Map(), declared: [] }
  const plays = opened ? await readPlays(loading, opened, file, inputs, {}, [file], counter) : []
  if (!loading.diagnostics.some(isError))
    for (const diagnostic of [
      ...knownMistakes({ inputs: inputs.values, plays }),
      ...checkMeetings(plays),
      ...shownSecrets(secretsOf(inputs), inputs.values, plays),
    ])
      report(loading, diagnostic)
  const diagnostics = inOrder(loading.diagnostics, [
    file,
    ...loading.sources.map((source) => source.file),
  ])
  const failed = !opened || diagnostics.some(isError)
  return {
    playbook: failed
      ? null
      : {
          title,
          file,
          inputs: inputs.values,
          plays: withAllowances(plays, loading.sources),
          sources: loading.sources,
        },
    diagnostics,
    inputs: inputs.declared,
  }
}

function reportTypeNames(loading: Loading): void {
  for (const name of loading.types.keys()) {
    if (Object.hasOwn(taskKeywords, name) || (verbs as readonly string[]).includes(name))
      report(loading, {
        code: 'playbook/type-name',
        message: `a type cannot be called '${name}': that is a keyword`,
        hint: 'rename the type',
      })
  }
}

/** Whether every play says that it is for this machine, and none comes from another file. */
function isOnlyHere(playbook: LocatedMap): boolean {
  const plays = playbook.entries.get('plays')?.value
  if (plays?.kind !== 'list') return false
  return plays.items.every((play) => {
    const hosts = play.kind === 'map' ? play.entries.get('hosts')?.value : undefined
    return hosts?.kind === 'scalar' && hosts.value === 'localhost'
  })
}

function secretsOf({ declared }: ResolvedInputs): readonly string[] {
  return declared.filter(({ secret }) => secret).map(({ name }) => name)
}

function asPlaybook(loading: Loading, located: Located): LocatedMap | null {
  if (located.kind !== 'map') {
    const hint =
      located.kind === 'list'
        ? located.items.some(isAnsiblePlay)
          ? 'this looks like a playbook or a role of Ansible: docs/from-ansible.md says how to write it here'
          : 'begin with `playbook: <title>`, and put this list under `plays:`'
        : 'begin with `playbook: <title>`'
    report(loading, {
      code: 'playbook/not-a-playbook',
      message: 'a playbook is a map with `playbook`, `inputs` and `plays`',
      at: located.at,
      hint,
    })
    return null
  }
  for (const [key, entry] of located.entries) {
    if ((playbookKeys as readonly string[]).includes(key)) continue
    const hint =
      playHints[key] ??
      (Object.hasOwn(playKeywords, key)
        ? 'it belongs to a play: put it under `plays:`, behind `- play: …`'
        : didYouMean(key, playbookKeys))
    report(loading, {
      code: 'playbook/unknown-key',
      message: `unknown key '${key}' of a playbook`,
      at: entry.keyAt,
      hint,
    })
  }
  if (!located.entries.has('playbook'))
    report(loading, {
      code: 'playbook/no-title',
      message: 'this playbook has no title',
      at: firstLine(located.at),
      hint: 'begin with `playbook: <title>`',
    })
  return located
}

/** A play of Ansible has hosts and roles or tasks by modules; a task of a role has a name and a module. */
function isAnsiblePlay(item: Located): boolean {
  if (item.kind !== 'map' || item.entries.has('play')) return false
  if (verbs.some((verb) => item.entries.has(verb))) return false
  return ['name', 'hosts', 'roles', 'import_playbook', 'include_tasks'].some((key) =>
    item.entries.has(key),
  )
}

async function readPlays(
  loading: Loading,
  playbook: LocatedMap,
  file: string,
  inputs: ResolvedInputs,
  given: Readonly<Record<string, Value>>,
  trail: readonly string[],
  counter: { next: number },
): Promise<readonly Play[]> {
  const entry = playbook.entries.get('plays')
  if (!entry || entry.value.kind !== 'list' || entry.value.items.length === 0) {
    report(loading, {
      code: 'playbook/no-plays',
      message: 'this playbook has no plays',
      at: entry?.keyAt ?? firstLine(playbook.at),
      hint: 'add `plays:` with a list: `- play: …`, `hosts: …`, `tasks: …`',
    })
    return []
  }
  const plays: Play[] = []
  let before: HandedOn = { registers: new Map(), vars: {} }
  for (const item of entry.value.items) {
    if (item.kind === 'map' && item.entries.has('include'))
      plays.push(...(await includePlays(loading, item, file, inputs, trail, counter)))
    else if (item.kind === 'map') {
      if (!item.entries.has('play')) reportUnnamed(loading, item)
      const number = counter.next++
      const read = await readPlay(loading, item, { file, number, inputs, given, trail, before })
      before = read.handsOn
      plays.push(read.play)
    } else
      report(loading, {
        code: 'play/not-a-map',
        message: 'a play is a map',
        at: item.at,
        hint: 'write `- play: …` with `hosts:` and `tasks:`',
      })
  }
  return plays
}

function reportUnnamed(loading: Loading, item: LocatedMap): void {
  // `name:` says so itself.
  if (item.entries.has('name')) return
  report(loading, {
    code: 'play/no-name',
    message: 'this play does not say what it makes true',
    at: item.at,
    hint: 'begin with `play: <what it makes true>`',
  })
}

/** The plays of another playbook; its inputs become vars of its plays. */
async function includePlays(
  loading: Loading,
  item: LocatedMap,
  file: string,
  inputs: ResolvedInputs,
  trail: readonly string[],
  counter: { next: number },
): Promise<readonly Play[]> {
  for (const [key, entry] of item.entries) {
    if (key !== 'include' && key !== 'inputs')
      report(loading, {
        code: 'play/unknown-key',
        message: `'${key}' does not go with an included playbook`,
        at: entry.keyAt,
        hint: didYouMean(key, ['include', 'inputs']),
      })
  }
  const opened = await openFile(loading, item, file, trail)
  const playbook = opened && asPlaybook(loading, opened.located)
  if (!opened || !playbook) return []
  const { given, waiting } = givenInputs(loading, item.entries.get('inputs'), inputs)
  // An include takes only declared inputs, whatever another playbook calls the vars of the inventory.
  const resolved = resolveInputs(
    { ...loading, knownVars: new Set(), asksInput: (name) => !waiting.has(name) },
    playbook.entries.get('inputs'),
    given,
    item.entries.get('inputs')?.keyAt ?? item.at,
  )
  const names: ResolvedInputs = {
    values: resolved.values,
    shapes: resolved.shapes,
    declared: resolved.declared,
  }
  return readPlays(
    loading,
    playbook,
    opened.path,
    names,
    resolved.values,
    [...trail, opened.path],
    counter,
  )
}

function givenInputs(
  loading: Loading,
  entry: LocatedEntry | undefined,
  inputs: ResolvedInputs,
): { readonly given: Record<string, Value>; readonly waiting: ReadonlySet<string> } {
  const given: Record<string, Value> = {}
  const waiting = new Set<string>()
  for (const [name, each] of readMap(loading, entry)?.entries ?? []) {
    const before = loading.diagnostics.length
    const tree = treeOf(loading, each.value, {
      ...outerNames({ ...loading, knownVars: new Set() }, inputs.shapes),
      open: false,
    })
    if (loading.diagnostics.length > before) continue
    try {
      if (tree.kind === 'constant') given[name] = tree.value
      else if (tree.kind === 'computed')
        given[name] = tree.computed.evaluate(scopeOf(inputs.values))
      else
        report(loading, {
          code: 'playbook/value',
          message: `the input ${name} must be known before anything runs`,
          at: tree.at,
          hint: 'give one value, or declare a list as the default of the input',
        })
    } catch (error) {
      if (!(error instanceof DiagnosticError)) throw error
      if (tree.kind === 'computed' && waitsForInput(tree.computed, inputs)) waiting.add(name)
      else for (const diagnostic of error.diagnostics) report(loading, diagnostic)
    }
  }
  return { given, waiting }
}

function textOf(path: string): Promise<string> {
  const read = readTextFile(path)
  return 'text' in read ? Promise.resolve(read.text) : Promise.reject(unreadable(read))
}

function isError({ severity }: Diagnostic): boolean {
  return severity !== 'warning'
}

function firstLine(at: Place): Place {
  return { ...at, width: 1 }
}

function inOrder(
  diagnostics: readonly Diagnostic[],
  files: readonly string[],
): readonly Diagnostic[] {
  const rank = (d: Diagnostic): number => (d.at ? files.indexOf(d.at.file) : -1)
  return [...diagnostics].sort(
    (a, b) =>
      rank(a) - rank(b) ||
      (a.at?.line ?? 0) - (b.at?.line ?? 0) ||
      (a.at?.column ?? 0) - (b.at?.column ?? 0),
  )
}
