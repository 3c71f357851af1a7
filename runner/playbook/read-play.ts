import { dirname } from 'node:path'
import { type Computed, type Play, type Task, type Tree } from '../model/playbook.ts'
import { type Place } from '../model/diagnostic.ts'
import type { Value } from '../contract/value.ts'
import { anyShape, type Names, type Shape } from '../source/known-names.ts'
import { didYouMean } from '../source/suggest.ts'
import type { LocatedEntry, LocatedMap } from '../source/located.ts'
import { fromFolder } from './local-files.ts'
import { playHints, playKeywords } from './keywords.ts'
import { constant, report, type Loading } from './load-context.ts'
import { waitsForInput, type ResolvedInputs } from './inputs.ts'
import { readFlag, readList, readSentence, readText } from './typed-entries.ts'
import { nameFault, outerNames, withNames } from './visible-names.ts'
import { openSteps, readYaml, registersOf, type WrittenStep } from './includes.ts'
import {
  readEnvironment,
  readTags,
  readTeaching,
  readUser,
  readVars,
  shapes,
  type Inherited,
  type PlayState,
} from './task-keys.ts'
import { scopeAtLoad } from './looped-steps.ts'
import { computedIn } from '../model/value-tree.ts'
import { hostsOf, passesOf } from './play-hosts.ts'
import { nothing, readSteps, sentencesOf } from './read-steps.ts'

/** What plays hand on to the later plays of their playbook: registers with their shapes, and vars. */
export interface HandedOn {
  readonly registers: ReadonlyMap<string, Shape>
  readonly vars: Readonly<Record<string, Tree>>
}

/** The playbook that a play stands in. */
export interface PlayContext {
  readonly file: string
  /** The number of the play in the run. */
  readonly number: number
  readonly inputs: ResolvedInputs
  /** The inputs of an included playbook. */
  readonly given: Readonly<Record<string, Value>>
  readonly trail: readonly string[]
  readonly before: HandedOn
}

/** Reads one play: its vars, its tasks with their includes, its handlers. Beside it what the plays behind it see of it. */
export async function readPlay(
  loading: Loading,
  map: LocatedMap,
  context: PlayContext,
): Promise<{ readonly play: Play; readonly handsOn: HandedOn }> {
  const { entries } = map
  const { file, number, inputs, trail, before } = context
  checkPlayKeys(loading, map)
  const written = await openList(loading, entries.get('tasks'), file, trail)
  const seen = await readSeenNames(loading, map, written, context)
  const { own, earlier, names, inherits } = seen
  const name = readSentence(loading, entries.get('play')) ?? ''
  const { become, user } = readPlayBecome(loading, map, names)
  const handlersWritten = await openList(loading, entries.get('handlers'), file, trail)
  if (!entries.has('tasks')) reportNoTasks(loading, map, name)
  const state: PlayState = {
    names: withNames(names, [], seen.later),
    registers: new Set(inherits),
    handlerSentences: sentencesOf(loading, handlersWritten),
    playBecome: become,
    playUser: user,
    ids: { prefix: `p${number}.t`, next: 1 },
    inHandlers: false,
    atLoad: scopeAtLoad(inputs.values, { ...earlier, ...own }),
    waits: (tree) => computedIn(tree).some((each) => waitsForInput(each, inputs)),
  }
  const teaching = readTeaching(loading, entries)
  const inherited: Inherited = {
    ...nothing,
    tags: readTags(loading, entries.get('tags')),
    whenItFails: teaching.teaching?.whenItFails,
  }
  const tasks = await readSteps(loading, written, state, inherited)
  const ofHandlers = { ...state, ids: { prefix: `p${number}.h`, next: 1 }, inHandlers: true }
  const handlers = await readSteps(loading, handlersWritten, ofHandlers, nothing)
  const environment = readEnvironment(loading, entries.get('environment'), {}, names)
  const parts = [own, tasks, handlers, environment, become]
  const vars = { ...usedOf(earlier, parts), ...own }
  // What no task reads is not kept for it: a register may be large.
  const roots = rootsIn([vars, ...parts])
  const used = inherits.filter((each) => roots.has(each))
  const play: Play = {
    name,
    at: entries.get('play')?.keyAt ?? map.at,
    ...hostsOf(loading, map, inputs),
    ...teaching,
    ...(used.length > 0 ? { inherits: used } : {}),
    vars,
    become,
    ...passesOf(loading, map, inputs),
    environment,
    tasks,
    handlers: handlers.filter((step): step is Task => step.kind === 'task'),
  }
  return { play, handsOn: handedOn(before, own, state) }
}

function checkPlayKeys(loading: Loading, { entries }: LocatedMap): void {
  for (const [key, entry] of entries) {
    if (Object.hasOwn(playKeywords, key)) continue
    report(loading, {
      code: 'play/unknown-key',
      message: `unknown key '${key}' of a play`,
      at: entry.keyAt,
      hint: playHints[key] ?? didYouMean(key, Object.keys(playKeywords)),
    })
  }
}

function reportNoTasks(loading: Loading, { entries, at }: LocatedMap, name: string): void {
  report(loading, {
    code: 'play/no-tasks',
    message: `the play '${name}' has no tasks`,
    at: entries.get('play')?.keyAt ?? at,
    hint: 'add `tasks:` with a list of tasks',
  })
}

/** The names that the tasks of a play see. */
interface SeenNames {
  /** Vars of earlier plays, and of this one. */
  readonly earlier: Readonly<Record<string, Tree>>
  readonly own: Record<string, Tree>
  readonly names: Names
  /** Registers of earlier plays that no var of this one hides. */
  readonly inherits: readonly string[]
  /** Registers of this play, none of which is set yet. */
  readonly later: ReadonlyMap<string, Place>
}

async function readSeenNames(
  loading: Loading,
  map: LocatedMap,
  written: readonly WrittenStep[],
  { file, inputs, given, before }: PlayContext,
): Promise<SeenNames> {
  const later = registersOf(written)
  const earlier = Object.fromEntries(
    Object.entries(before.vars).filter(([each]) => !later.has(each)),
  )
  const outer = withNames(outerNames(loading, inputs.shapes), [
    ...shapes(earlier),
    ...before.registers,
  ])
  const own = await readPlayVars(loading, map, file, inputs, given, outer)
  const inherits = [...before.registers.keys()].filter((each) => !Object.hasOwn(own, each))
  return {
    earlier,
    own,
    names: withNames(outer, shapes(own)),
    inherits,
    later: new Map([...later].filter(([each]) => !inherits.includes(each))),
  }
}

/** The user that a play becomes, and the one that its tasks become where they say that they become one. */
function readPlayBecome(
  loading: Loading,
  { entries, at }: LocatedMap,
  names: Names,
): { readonly become: Tree | null; readonly user: Tree | null } {
  const flag = readFlag(loading, entries.get('become'))
  const user = readUser(loading, entries.get('become_user'), names) ?? null
  if (user && flag === undefined)
    report(loading, {
      code: 'task/become',
      message: '`become_user` has no effect without `become`',
      at: entries.get('become_user')!.keyAt,
      hint: 'add `become: true`',
    })
  return { become: flag ? (user ?? constant('root', at)) : null, user }
}

/** What the plays behind a play see: a name is what was written last under it. */
function handedOn(
  before: HandedOn,
  own: Readonly<Record<string, Tree>>,
  { registers, names }: PlayState,
): HandedOn {
  const vars = Object.entries({ ...before.vars, ...own }).filter(([name]) => !registers.has(name))
  return {
    registers: new Map(
      [...registers].map((name) => [name, names.known.get(name) ?? anyShape] as const),
    ),
    vars: Object.fromEntries(vars),
  }
}

/** The vars of earlier plays that these parts of a play use, and those that these use in turn. */
function usedOf(
  vars: Readonly<Record<string, Tree>>,
  parts: readonly unknown[],
): Readonly<Record<string, Tree>> {
  if (Object.keys(vars).length === 0) return {}
  const used = new Map<string, Tree>()
  const left = [...rootsIn(parts)]
  for (let root = left.pop(); root !== undefined; root = left.pop()) {
    const tree = Object.hasOwn(vars, root) ? vars[root] : undefined
    if (!tree || used.has(root)) continue
    used.set(root, tree)
    left.push(...rootsIn(tree))
  }
  return Object.fromEntries(used)
}

/** The first names of all that is computed in these parts of a play. */
function rootsIn(part: unknown, found = new Set<string>()): ReadonlySet<string> {
  if (typeof part !== 'object' || part === null) return found
  if ('paths' in part && 'evaluate' in part)
    for (const [root] of (part as Computed).paths) found.add(root!)
  else
    for (const key of Object.keys(part))
      if (key !== 'type' && key !== 'at') rootsIn((part as Record<string, unknown>)[key], found)
  return found
}

async function openList(
  loading: Loading,
  entry: LocatedEntry | undefined,
  file: string,
  trail: readonly string[],
): Promise<readonly WrittenStep[]> {
  const list = readList(loading, entry)
  return list ? openSteps(loading, list, file, trail) : []
}

/** The vars of a play: an included playbook's inputs, then its own, then those of its files. */
async function readPlayVars(
  loading: Loading,
  map: LocatedMap,
  file: string,
  inputs: ResolvedInputs,
  given: Readonly<Record<string, Value>>,
  outer: Names,
): Promise<Readonly<Record<string, Tree>>> {
  const over: Record<string, Tree> = {}
  for (const [name, value] of Object.entries(given)) over[name] = constant(value, map.at)
  const own = map.entries.get('vars')
  const files: LocatedEntry[] = []
  for (const item of readList(loading, map.entries.get('vars_files'))?.items ?? []) {
    const named = readText(loading, { key: 'vars_files', keyAt: item.at, value: item })
    if (named === undefined) continue
    const path = fromFolder(dirname(file), named)
    const located = await readYaml(loading, path, item.at)
    if (located) files.push({ key: path, keyAt: item.at, value: located })
  }
  const written = [...(own ? [own] : []), ...files]
  for (const { value } of written) {
    for (const [name, entry] of value.kind === 'map' ? value.entries : []) {
      if (inputs.shapes.has(name) && !nameFault(name))
        report(loading, {
          code: 'playbook/name',
          message: `'${name}' is an input of this playbook`,
          at: entry.keyAt,
          hint: 'rename the var, or make it the default of the input',
        })
    }
  }
  // All of them may use each other, in whatever order they stand.
  const all = written.flatMap(({ value }) =>
    value.kind === 'map' ? [...value.entries.keys()] : [],
  )
  const names = withNames(
    outer,
    all.map((name) => [name, { kind: 'any' as const }]),
  )
  let vars: Readonly<Record<string, Tree>> = over
  for (const entry of written)
    vars = readVars(loading, entry, { ...vars }, names, false, entry !== own)
  return vars
}
