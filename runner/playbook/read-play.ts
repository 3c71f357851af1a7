import { dirname } from 'node:path'
import {
  hostOrders,
  tasksOf,
  type Computed,
  type HostOrder,
  type Play,
  type Retries,
  type Step,
  type Task,
  type Tree,
} from '../model/playbook.ts'
import { DiagnosticError, type Place } from '../model/diagnostic.ts'
import type { Value } from '../contract/value.ts'
import { anyShape, mapShape, type Names, type Shape } from '../source/known-names.ts'
import { didYouMean } from '../source/suggest.ts'
import type { LocatedEntry, LocatedMap } from '../source/located.ts'
import { fromFolder } from './local-files.ts'
import {
  blockKeywords,
  includeKeywords,
  playHints,
  playKeywords,
  taskHints,
  taskKeywords,
} from './keywords.ts'
import { constant, report, scopeOf, type Loading } from './load-context.ts'
import { waitsForInput, type ResolvedInputs } from './inputs.ts'
import {
  readDuration,
  readInteger,
  readFlag,
  readList,
  readSentence,
  readText,
} from './typed-entries.ts'
import { nameFault, outerNames, withNames } from './visible-names.ts'
import { openSteps, readYaml, registersOf, sentenceOf, type WrittenStep } from './includes.ts'
import {
  readEnvironment,
  readNotify,
  readBackoff,
  readTags,
  readTeaching,
  readUser,
  readVars,
  shapes,
  type Inherited,
  type PlayState,
} from './task-keys.ts'
import { boundVars, ofRound, roundsOf, scopeAtLoad } from './looped-steps.ts'
import { computedIn } from '../model/value-tree.ts'
import { readTask } from './task.ts'
import { conditionsOf, textTree, treeOf } from './compiled-values.ts'

const nothing: Inherited = { tags: [], when: [], notify: [], environment: {}, vars: {} }

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

/** The hosts of a play, and their order. */
function hostsOf(
  loading: Loading,
  map: LocatedMap,
  inputs: ResolvedInputs,
): Pick<Play, 'hosts' | 'hostsAt' | 'order'> {
  const { entries } = map
  const order = readOrder(loading, entries.get('order'), inputs)
  return {
    hosts: readHosts(loading, map, inputs),
    ...(entries.has('hosts') ? { hostsAt: entries.get('hosts')!.value.at } : {}),
    ...(order === undefined ? {} : { order }),
  }
}

/** How the hosts of a play go through it, and how many may fail. */
function passesOf(
  loading: Loading,
  { entries }: LocatedMap,
  inputs: ResolvedInputs,
): Pick<Play, 'strategy' | 'serial' | 'maxFailPercentage' | 'maxUnreachable' | 'goesOn'> {
  const percentage = readPercentage(loading, entries.get('max_fail_percentage'))
  const unreachable = readMaxUnreachable(loading, entries.get('max_unreachable'))
  const goesOn = readFlag(loading, entries.get('meet_at_end')) === false
  return {
    strategy: readStrategy(loading, entries.get('strategy')),
    serial: readSerial(loading, entries.get('serial'), inputs),
    ...(percentage === undefined ? {} : { maxFailPercentage: percentage }),
    ...(unreachable === undefined ? {} : { maxUnreachable: unreachable }),
    ...(goesOn ? { goesOn: entries.get('meet_at_end')!.keyAt } : {}),
  }
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

/** The sentences that may be notified. */
function sentencesOf(loading: Loading, handlers: readonly WrittenStep[]): ReadonlySet<string> {
  const known = new Map<string, Place>()
  for (const step of handlers) {
    if (step.kind === 'block')
      report(loading, {
        code: 'play/handler',
        message: 'a handler is one task, not a block',
        at: step.map.at,
        hint: 'write each task of the block as a handler',
      })
    const included =
      step.kind === 'include'
        ? [...sentencesOf(loading, step.steps)].map((text) => ({ text, at: step.map.at }))
        : []
    const own = step.kind === 'task' ? sentenceOf(step.map) : null
    for (const { text, at } of own ? [own] : included) {
      const earlier = known.get(text)
      if (earlier)
        report(loading, {
          code: 'play/handler',
          message: `another handler says '${text}', in line ${earlier.line}`,
          at,
          hint: 'give one of the two another sentence',
        })
      known.set(text, at)
    }
  }
  return new Set(known.keys())
}

async function readSteps(
  loading: Loading,
  steps: readonly WrittenStep[],
  state: PlayState,
  inherited: Inherited,
): Promise<readonly Step[]> {
  const read: Step[] = []
  for (const step of steps) {
    if (step.kind === 'task') {
      const task = await readTask(loading, step.map, step.file, state, inherited)
      if (task) read.push(task)
    } else if (step.kind === 'include') {
      checkKeys(loading, step.map, includeKeywords, 'an include')
      for (const over of roundsOver(loading, step.map, state, inherited))
        read.push(...(await readInclude(loading, step, state, over)))
    } else {
      checkKeys(loading, step.map, blockKeywords, 'a block')
      for (const over of roundsOver(loading, step.map, state, inherited))
        read.push(await readBlock(loading, step, state, over))
    }
  }
  return read
}

/** What is handed down to a block or an include, once for each item of its loop. */
function roundsOver(
  loading: Loading,
  map: LocatedMap,
  state: PlayState,
  inherited: Inherited,
): readonly { readonly state: PlayState; readonly inner: Inherited }[] {
  const rounds = roundsOf(loading, map, state, inherited)
  if (rounds === null) return [{ state, inner: handDown(loading, map, state, inherited) }]
  if (state.inHandlers && rounds.length > 0)
    report(loading, {
      code: 'play/handler',
      message: 'a loop cannot stand around handlers: each is notified by its sentence',
      at: map.entries.get('loop')!.keyAt,
      hint: 'write `loop:` on the handler itself',
    })
  const seen = { names: withNames(state.names, [['item', anyShape]]) }
  const over = handDown(
    loading,
    map,
    Object.assign(Object.create(state) as PlayState, seen),
    inherited,
  )
  return rounds.map((round) => ({ state, inner: ofRound(over, round, map.at) }))
}

type Over = ReturnType<typeof roundsOver>[number]

async function readInclude(
  loading: Loading,
  step: WrittenStep & { readonly kind: 'include' },
  state: PlayState,
  { inner }: Over,
): Promise<readonly Step[]> {
  const vars = readVars(
    loading,
    passedOn(step.map.entries.get('inputs')),
    { ...inner.vars },
    withNames(state.names, shapes(inner.vars)),
  )
  // What the include gives is of this round, whatever loops its tasks have.
  const given = inner.round === undefined ? vars : boundVars(vars, inner)
  return readSteps(loading, step.steps, state, { ...inner, vars: given })
}

async function readBlock(
  loading: Loading,
  step: WrittenStep & { readonly kind: 'block' },
  state: PlayState,
  { inner: down }: Over,
): Promise<Step> {
  const teaching = readTeaching(loading, step.map.entries)
  const { when, ...rest } = {
    ...down,
    whenItFails: teaching.teaching?.whenItFails ?? down.whenItFails,
  }
  // A block has no vars of its own: a condition that may use some goes down to the tasks, which have them.
  const toTasks = Object.keys(rest.vars).length > 0
  const inner: Inherited = { ...rest, when: toTasks ? when : [] }
  const block = await readSteps(loading, step.block, state, inner)
  return {
    kind: 'block',
    at: step.map.at,
    when: toTasks ? [] : when,
    ...teaching,
    ...readRetries(loading, step.map, block),
    block,
    rescue: await readSteps(loading, step.rescue, state, inner),
    always: await readSteps(loading, step.always, state, inner),
  }
}

/** How often a block is begun again. What makes hosts meet happens once, and one of them cannot try it again. */
function readRetries(
  loading: Loading,
  { entries }: LocatedMap,
  block: readonly Step[],
): { readonly again?: Retries } {
  const retries = readInteger(loading, entries.get('retries'))
  const backoff = readBackoff(loading, entries)
  const delay = readDuration(loading, entries.get('delay')) ?? 5
  if (retries === undefined || retries === 0) return {}
  const meeting = [...tasksOf(block)].find(
    (task) => task.runOnce || task.barrier || task.verb === 'confirm',
  )
  if (meeting)
    report(loading, {
      code: 'task/keyword',
      message: `a block with retries is begun again by one host alone, and '${meeting.sentence}' in it is for all hosts`,
      at: meeting.at,
      hint: 'put that task before or after the block',
    })
  return { again: { retries, delay, ...(backoff === undefined ? {} : { backoff }) } }
}

/** The inputs of an include without those that hand a name on as it is (`user: "{{ user }}"`): they are seen inside anyway. */
function passedOn(entry: LocatedEntry | undefined): LocatedEntry | undefined {
  if (entry?.value.kind !== 'map') return entry
  const same = ({ key, value }: LocatedEntry): boolean =>
    value.kind === 'scalar' &&
    value.tag !== '!raw' &&
    value.text.replace(/^\{\{\s*|\s*\}\}$/g, '') === key &&
    value.text !== key
  return {
    ...entry,
    value: {
      ...entry.value,
      entries: new Map([...entry.value.entries].filter(([, each]) => !same(each))),
    },
  }
}

function checkKeys(
  loading: Loading,
  map: LocatedMap,
  known: readonly string[],
  what: string,
): void {
  for (const [key, entry] of map.entries) {
    if (known.includes(key)) continue
    const hint =
      Object.hasOwn(taskKeywords, key) || loading.types.has(key)
        ? `write it on the tasks inside`
        : key === 'name'
          ? 'remove it: the sentences of its tasks say what it does'
          : (taskHints[key] ?? didYouMean(key, known))
    report(loading, {
      code: 'task/unknown-key',
      message: `'${key}' does not go with ${what}`,
      at: entry.keyAt,
      hint,
    })
  }
}

function handDown(loading: Loading, map: LocatedMap, state: PlayState, over: Inherited): Inherited {
  const { entries } = map
  const vars = readVars(loading, entries.get('vars'), { ...over.vars }, state.names)
  const names = withNames(state.names, shapes(vars))
  const when: Computed[] = entries.has('when')
    ? conditionsOf(loading, entries.get('when')!, names)
    : []
  const delegateTo = entries.get('delegate_to')
  return {
    tags: [...new Set([...over.tags, ...readTags(loading, entries.get('tags'))])],
    when: [...over.when, ...when],
    become: readFlag(loading, entries.get('become')) ?? over.become,
    becomeUser: readUser(loading, entries.get('become_user'), names) ?? over.becomeUser,
    delegateTo: delegateTo ? textTree(loading, delegateTo, names) : over.delegateTo,
    runOnce: readFlag(loading, entries.get('run_once')) ?? over.runOnce,
    ignoreErrors: readFlag(loading, entries.get('ignore_errors')) ?? over.ignoreErrors,
    noLog: readFlag(loading, entries.get('no_log')) ?? over.noLog,
    timeout: readDuration(loading, entries.get('timeout')) ?? over.timeout,
    notify: [...over.notify, ...readNotify(loading, entries.get('notify'), state)],
    environment: readEnvironment(
      loading,
      entries.get('environment'),
      { ...over.environment },
      names,
    ),
    vars,
    whenItFails: over.whenItFails,
    round: over.round,
  }
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

/** A value that must be known before anything runs; it may use the inputs. */
function loadTime(
  loading: Loading,
  entry: LocatedEntry,
  inputs: ResolvedInputs,
): Value | undefined {
  const names: Names = {
    known: new Map([...inputs.shapes, ['host', mapShape([])], ['facts', mapShape([])]]),
    later: new Map(),
    open: false,
  }
  const before = loading.diagnostics.length
  const tree = treeOf(loading, entry.value, names)
  if (loading.diagnostics.length > before) return undefined
  if (tree.kind === 'constant') return tree.value
  if (tree.kind === 'list')
    return tree.items.flatMap((item) => (item.kind === 'constant' ? [item.value] : []))
  if (tree.kind !== 'computed') return undefined
  try {
    return tree.computed.evaluate(scopeOf(inputs.values))
  } catch (error) {
    if (!(error instanceof DiagnosticError)) throw error
    if (!waitsForInput(tree.computed, inputs))
      for (const diagnostic of error.diagnostics) report(loading, diagnostic)
    return undefined
  }
}

function readHosts(loading: Loading, map: LocatedMap, inputs: ResolvedInputs): string {
  const entry = map.entries.get('hosts')
  if (!entry) {
    report(loading, {
      code: 'play/no-hosts',
      message: 'this play has no hosts',
      at: map.entries.get('play')?.keyAt ?? map.at,
      hint: 'add `hosts:` with a group, a host or a range; `all` for every host',
    })
    return ''
  }
  if (entry.value.kind === 'list') {
    const items = entry.value.items.map((item) => (item.kind === 'scalar' ? item.text : '…'))
    report(loading, {
      code: 'playbook/value',
      message: 'hosts takes one pattern, not a list',
      at: entry.value.at,
      hint:
        items.length === 0
          ? 'write a group, a host or a range; `all` for every host'
          : `write hosts: "${items.join(',')}"`,
    })
    return ''
  }
  const value = loadTime(loading, entry, inputs)
  if (typeof value === 'string' && value.trim() !== '') return value
  if (value !== undefined)
    report(loading, {
      code: 'playbook/value',
      message: 'hosts wants a pattern',
      at: entry.keyAt,
      hint: 'write a group, a host or a range; `all` for every host',
    })
  // Where only the value of an input lacks, a manual shows what is written.
  return value === undefined && entry.value.kind === 'scalar' ? entry.value.text : ''
}

function readStrategy(loading: Loading, entry: LocatedEntry | undefined): 'free' | 'linear' {
  const strategy = readText(loading, entry)
  if (strategy === undefined || strategy === 'free' || strategy === 'linear')
    return strategy ?? 'free'
  report(loading, {
    code: 'playbook/value',
    message: `'${strategy}' is not a strategy`,
    at: entry!.value.at,
    hint: didYouMean(strategy, ['free', 'linear']),
  })
  return 'free'
}

function readOrder(
  loading: Loading,
  entry: LocatedEntry | undefined,
  inputs: ResolvedInputs,
): HostOrder | undefined {
  if (!entry) return undefined
  const value = loadTime(loading, entry, inputs)
  if (value === undefined) return undefined
  const word = hostOrders.find((each) => each === value)
  if (word !== undefined) return word
  const isPattern = (each: Value): each is string => typeof each === 'string' && each.trim() !== ''
  if (Array.isArray(value) && value.length > 0 && (value as Value[]).every(isPattern))
    return { patterns: value as readonly string[], at: entry.value.at }
  report(loading, {
    code: 'playbook/value',
    message: `order wants ${hostOrders.join(', ')}, or a list of hosts`,
    at: entry.value.at,
    hint: 'write order: reverse, or order: [ncn-m003, ncn-m002, ncn-m001]; hosts that the list leaves out come last',
  })
  return undefined
}

function readSerial(
  loading: Loading,
  entry: LocatedEntry | undefined,
  inputs: ResolvedInputs,
): readonly (number | string)[] {
  if (!entry) return []
  const value = loadTime(loading, entry, inputs)
  if (value === undefined) return []
  const sizes = Array.isArray(value) ? (value as readonly Value[]) : [value]
  const isSize = (size: Value): size is number | string =>
    typeof size === 'number'
      ? Number.isSafeInteger(size) && size >= 1
      : typeof size === 'string' && /^(?:100|[1-9]\d?)%$|^(?:cabinet|chassis|slot)$/.test(size)
  if (sizes.length > 0 && sizes.every(isSize)) return sizes
  report(loading, {
    code: 'playbook/value',
    message:
      'serial wants a number of hosts, a percentage, cabinet, chassis or slot, or a list of them',
    at: entry.value.at,
    hint: 'write serial: 2, serial: 10%, serial: chassis, or serial: [1, 10, 25%]',
  })
  return []
}

function readPercentage(loading: Loading, entry: LocatedEntry | undefined): number | undefined {
  if (!entry) return undefined
  const { value } = entry
  if (
    value.kind === 'scalar' &&
    typeof value.value === 'number' &&
    value.value >= 0 &&
    value.value <= 100
  )
    return value.value
  report(loading, {
    code: 'playbook/value',
    message: 'max_fail_percentage wants a number from 0 to 100',
    at: value.at,
    hint: 'write max_fail_percentage: 25',
  })
  return undefined
}

function readMaxUnreachable(
  loading: Loading,
  entry: LocatedEntry | undefined,
): number | string | undefined {
  if (!entry) return undefined
  const value = entry.value.kind === 'scalar' ? entry.value.value : null
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value
  if (typeof value === 'string' && /^(?:100|[1-9]?\d)%$/.test(value)) return value
  report(loading, {
    code: 'playbook/value',
    message: 'max_unreachable wants a number of hosts, or a percentage',
    at: entry.value.at,
    hint: 'write max_unreachable: 3, or max_unreachable: 10%',
  })
  return undefined
}
