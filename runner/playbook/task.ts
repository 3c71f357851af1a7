import { verbs, type Computed, type Task, type Tree, type Verb } from '../core/book.ts'
import type { Place } from '../core/diagnostic.ts'
import { isReadOnly, type AnyResourceType } from '../core/resource.ts'
import { anyShape, type Names, type Shape } from '../source/names.ts'
import { didYouMean, nearest } from '../source/suggest.ts'
import type { LocatedEntry, LocatedMap } from '../source/yaml.ts'
import { taskHints, taskKeywords, verbsOfKeyword } from './keywords.ts'
import { constant, report, type Loading } from './loading.ts'
import { paramsOf } from './params.ts'
import { readDuration, readFlag, readInteger, readMap, readText, readTexts } from './read.ts'
import { nameFault, registerShape, withNames } from './scope.ts'
import { conditionsOf, itemShape, treeOf, treeShape } from './trees.ts'

type Trees = { readonly [name: string]: Tree }

/** What blocks, includes and the play hand down to a task. */
export interface Inherited {
  readonly tags: readonly string[]
  readonly when: readonly Computed[]
  readonly become?: boolean | undefined
  readonly becomeUser?: Tree | undefined
  readonly delegateTo?: Tree | undefined
  readonly runOnce?: boolean | undefined
  readonly ignoreErrors?: boolean | undefined
  readonly noLog?: boolean | undefined
  readonly timeout?: number | undefined
  readonly notify: readonly string[]
  readonly environment: Trees
  readonly vars: Trees
}

/** What a play is while its tasks are read: the names grow with each register. */
export interface PlayState {
  names: Names
  readonly registers: Set<string>
  readonly handlerSentences: ReadonlySet<string>
  /** What `become_user` is when only `become: true` is written; null when the play does not become. */
  readonly playBecome: Tree | null
  readonly playUser: Tree | null
  readonly ids: { readonly prefix: string; next: number }
  readonly inHandlers: boolean
}

/** Reads one task. Null when it has no verb, so that nothing of it could run. */
export async function readTask(loading: Loading, map: LocatedMap, file: string, state: PlayState, inherited: Inherited): Promise<Task | null> {
  const { entries } = map
  const verb = readVerb(loading, map)
  const type = readType(loading, map, verb)
  if (!verb) return null
  const sentence = readText(loading, entries.get(verb)) ?? ''
  checkKeywords(loading, map, verb)

  const own = readVars(loading, entries.get('vars'), { ...inherited.vars }, state.names, entries.has('loop'))
  const outer = withNames(state.names, shapes(own))
  const loop = entries.get('loop') && treeOf(loading, entries.get('loop')!.value, outer)
  if (loop?.kind === 'constant') report(loading, { code: 'task/loop', message: 'loop wants a list or a map', at: loop.at, hint: 'write loop: [a, b], or loop: "{{ name_of_a_list }}"' })
  const names = loop ? withNames(outer, [['item', itemShape(loop)]]) : outer

  const tree = (key: string): Tree | undefined => entries.get(key) && treeOf(loading, entries.get(key)!.value, names)
  const conditions = (key: string, seen = names): Computed[] => (entries.has(key) ? conditionsOf(loading, key, entries.get(key)!.value, seen) : [])
  const register = readRegister(loading, entries.get('register'), state)
  // `failed_when` and `changed_when` judge the call's own result: by its fields, and by the register's name.
  const result: (readonly [string, Shape])[] = Object.keys(type?.type.state ?? {}).map((field) => [field, anyShape])
  const judged = withNames(names, register && type ? [...result, [register, registerShape(type.type, false)]] : result)
  const params = type ? await paramsOf(loading, type.entry.value, { type: type.type, verb, names, file, handler: state.inHandlers }) : undefined
  const become = readBecome(loading, map, names, inherited, state)
  const delegateTo = tree('delegate_to') ?? inherited.delegateTo
  const task: Task = {
    kind: 'task',
    id: `${state.ids.prefix}${state.ids.next++}`,
    verb,
    sentence,
    at: entries.get(verb)!.keyAt,
    ...(type ? { type: type.type } : {}),
    ...(params ? { params } : {}),
    ...(entries.has('that') ? { that: conditions('that') } : {}),
    when: [...inherited.when, ...conditions('when')],
    ...(loop ? { loop } : {}),
    vars: own,
    ...(register ? { register } : {}),
    notify: [...new Set([...inherited.notify, ...readNotify(loading, entries.get('notify'), state)])],
    tags: [...new Set([...inherited.tags, ...readTags(loading, entries.get('tags'))])],
    ...(become !== undefined ? { become } : {}),
    ...(delegateTo ? { delegateTo } : {}),
    runOnce: readFlag(loading, entries.get('run_once')) ?? inherited.runOnce ?? false,
    barrier: readFlag(loading, entries.get('barrier')) ?? false,
    ignoreErrors: readFlag(loading, entries.get('ignore_errors')) ?? inherited.ignoreErrors ?? false,
    noLog: readFlag(loading, entries.get('no_log')) ?? inherited.noLog ?? false,
    retries: readInteger(loading, entries.get('retries')) ?? 0,
    delay: readDuration(loading, entries.get('delay')) ?? 5,
    ...optional('timeout', readDuration(loading, entries.get('timeout')) ?? inherited.timeout),
    environment: readEnvironment(loading, entries.get('environment'), { ...inherited.environment }, names),
    ...optional('for', readDuration(loading, entries.get('for'))),
    ...optional('every', readDuration(loading, entries.get('every'))),
    ...optional('creates', tree('creates')),
    ...optional('removes', tree('removes')),
    ...optional('unless', tree('unless')),
    failedWhen: conditions('failed_when', judged),
    changedWhen: conditions('changed_when', judged),
  }
  if (register) {
    state.registers.add(register)
    state.names = withNames(state.names, [[register, registerShape(type?.type ?? null, loop !== undefined)]])
  }
  return task
}

function optional<K extends string, T>(key: K, value: T | undefined): { readonly [P in K]?: T } {
  return (value === undefined ? {} : { [key]: value }) as { readonly [P in K]?: T }
}

/** The shapes of vars, for those who come after them. */
export function shapes(vars: Trees): (readonly [string, Shape])[] {
  return Object.entries(vars).map(([name, tree]) => [name, treeShape(tree)])
}

function readVerb(loading: Loading, map: LocatedMap): Verb | null {
  const found = verbs.filter((verb) => map.entries.has(verb))
  if (found.length > 1) {
    report(loading, { code: 'task/several-verbs', message: `a task has one verb; this has ${found.join(' and ')}`, at: map.entries.get(found[1]!)!.keyAt, hint: 'make two tasks of it' })
  }
  if (found[0]) return found[0]
  const [first] = map.entries.values()
  const near = first && nearest(first.key, verbs)
  const named = first?.key === 'name' && first.value.kind === 'scalar' ? `: write \`ensure: ${first.value.text}\` in place of \`name:\`` : ''
  report(loading, { code: 'task/no-verb', message: 'this task has no verb', at: first?.keyAt ?? map.at, hint: near ? `did you mean '${near}'?` : `begin with one of ${verbs.join(', ')}${named}` })
  return null
}

interface ChosenType {
  readonly type: AnyResourceType
  readonly entry: LocatedEntry
}

function readType(loading: Loading, map: LocatedMap, verb: Verb | null): ChosenType | null {
  const chosen: ChosenType[] = []
  for (const [key, entry] of map.entries) {
    const type = loading.types.get(key)
    if (type) chosen.push({ type, entry })
    else if (!(verbs as readonly string[]).includes(key) && !Object.hasOwn(taskKeywords, key)) reportUnknown(loading, map, entry, verb)
  }
  const [first, second] = chosen
  if (second) report(loading, { code: 'task/several-types', message: `a task has one type; this has ${chosen.map(({ entry }) => entry.key).join(' and ')}`, at: second.entry.keyAt, hint: 'make two tasks of it' })
  if (!verb) return null
  const at = map.entries.get(verb)!.keyAt
  const unknown = [...map.entries.keys()].some((key) => !loading.types.has(key) && !(verbs as readonly string[]).includes(key) && !Object.hasOwn(taskKeywords, key))
  const that = map.entries.has('that')
  if (verb === 'confirm') {
    if (first) report(loading, { code: 'task/verb', message: 'confirm asks a person; it takes no type', at: first.entry.keyAt, hint: 'make a task of its own of it' })
    return null
  }
  if (!first && !that && !unknown) report(loading, { code: 'task/no-type', message: `${verb} needs a type beside it`, at, hint: verb === 'require' ? 'add a type with its params, or `that: <condition>`' : 'add a type with its params, such as `package: { name: podman }`' })
  if (first && that && verb === 'require') report(loading, { code: 'task/several-types', message: 'require takes a type or `that`, not both', at: map.entries.get('that')!.keyAt, hint: 'make two tasks of it' })
  if (first) checkVerb(loading, first, verb)
  return first ?? null
}

function reportUnknown(loading: Loading, map: LocatedMap, entry: LocatedEntry, verb: Verb | null): void {
  const { key, keyAt } = entry
  if (key === 'name' && !verb) return
  const taught = Object.hasOwn(taskHints, key) ? taskHints[key] : key.startsWith('with_') ? 'write `loop:`' : undefined
  const bare = key.includes('.') ? key.slice(key.lastIndexOf('.') + 1) : key
  const near = nearest(key, [...Object.keys(taskKeywords), ...verbs, ...loading.types.keys()].filter((word) => !map.entries.has(word)))
  const hint = taught ?? (loading.types.has(bare) ? `types have short names here: write ${bare}` : near ? `did you mean '${near}'?` : 'all types: trueup types')
  report(loading, { code: 'task/unknown-key', message: `'${key}' is no keyword and no type`, at: keyAt, hint })
}

function checkVerb(loading: Loading, { type, entry }: ChosenType, verb: Verb): void {
  const callable = type.act !== undefined
  const works = verb === 'ensure' ? !isReadOnly(type) : verb === 'run' ? callable : true
  if (works) return
  const others = ['read', 'require', 'wait', ...(callable ? ['run'] : []), ...(isReadOnly(type) ? [] : ['ensure'])]
  const message = verb === 'ensure' ? `${type.name} can only be read: there is nothing it could ensure` : `${type.name} has a state; run is for what has none`
  report(loading, { code: 'task/verb', message, at: entry.keyAt, hint: `${type.name} works with ${others.join(', ')}` })
}

function checkKeywords(loading: Loading, map: LocatedMap, verb: Verb): void {
  for (const [key, entry] of map.entries) {
    const works = verbsOfKeyword[key]
    if (works && !works.includes(verb)) report(loading, { code: 'task/keyword', message: `${key} does not go with ${verb}`, at: entry.keyAt, hint: `${key} goes with ${works.join(' and ')}` })
    else if (key === 'inputs') report(loading, { code: 'task/keyword', message: 'inputs stands beside include', at: entry.keyAt, hint: 'write `vars:`' })
  }
}

/** Vars that are written here, over those that were handed down. */
export function readVars(loading: Loading, entry: LocatedEntry | undefined, over: Trees, names: Names, looped = false): Trees {
  const map = readMap(loading, entry)
  if (!map) return over
  const vars: Record<string, Tree> = { ...over }
  const pending = [...map.entries.keys()].map((name): readonly [string, Shape] => [name, anyShape])
  const seen = withNames(names, [...shapes(over), ...pending, ...(looped ? [['item', anyShape] as const] : [])])
  for (const [name, each] of map.entries) {
    const fault = nameFault(name)
    if (fault) report(loading, { code: 'book/name', message: fault.message, at: each.keyAt, hint: fault.hint })
    else vars[name] = treeOf(loading, each.value, seen)
  }
  return vars
}

/** Environment variables: texts, of which nothing is guessed. */
export function readEnvironment(loading: Loading, entry: LocatedEntry | undefined, over: Trees, names: Names): Trees {
  const environment: Record<string, Tree> = { ...over }
  for (const [name, each] of readMap(loading, entry)?.entries ?? []) {
    if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) {
      report(loading, { code: 'book/name', message: `'${name}' is no name of an environment variable`, at: each.keyAt, hint: 'write letters, digits and _' })
    } else if (each.value.kind !== 'scalar' || typeof each.value.value !== 'string') {
      report(loading, { code: 'book/value', message: `${name} wants a text`, at: each.value.kind === 'scalar' && each.value.text === '' ? each.keyAt : each.value.at, hint: each.value.kind === 'scalar' ? `quote it: "${each.value.text}"` : 'write one text' })
    } else environment[name] = treeOf(loading, each.value, names)
  }
  return environment
}

function readRegister(loading: Loading, entry: LocatedEntry | undefined, state: PlayState): string | undefined {
  const name = readText(loading, entry)
  if (!entry || name === undefined) return undefined
  const fault = nameFault(name) ?? (state.names.known.has(name) && !state.registers.has(name) ? { message: `'${name}' is the name of a var or an input`, hint: `take another name, such as ${name}_now` } : null)
  if (!fault) return name
  report(loading, { code: 'book/name', message: fault.message, at: entry.value.at, hint: fault.hint })
  return undefined
}

/** Handlers that are notified; each must exist. */
export function readNotify(loading: Loading, entry: LocatedEntry | undefined, state: PlayState): readonly string[] {
  return readTexts(loading, entry).flatMap(({ text, at }) => {
    if (state.handlerSentences.has(text)) return [text]
    report(loading, { code: 'task/notify', message: `no handler says '${text}'`, at, hint: state.handlerSentences.size === 0 ? 'add it under `handlers:` of this play' : didYouMean(text, state.handlerSentences) })
    return []
  })
}

/** Tags: words without spaces or commas. */
export function readTags(loading: Loading, entry: LocatedEntry | undefined): readonly string[] {
  return readTexts(loading, entry).flatMap(({ text, at }) => {
    if (/^[\w.-]+$/.test(text)) return [text]
    report(loading, { code: 'book/value', message: `'${text}' is no tag`, at, hint: text.includes(',') ? `write tags: [${text.split(/\s*,\s*/).join(', ')}]` : 'write letters, digits, _, . and -' })
    return []
  })
}

/** Who is become: undefined as the play says, null nobody. */
function readBecome(loading: Loading, map: LocatedMap, names: Names, inherited: Inherited, state: PlayState): Tree | null | undefined {
  const flag = readFlag(loading, map.entries.get('become')) ?? inherited.become
  const entry = map.entries.get('become_user')
  const user = readUser(loading, entry, names) ?? inherited.becomeUser
  if (flag === false) return null
  if (flag === undefined && !user) return undefined
  if (flag === undefined && !state.playBecome) {
    if (entry) report(loading, { code: 'task/become', message: 'become_user says who, become says whether', at: entry.keyAt, hint: 'add `become: true`' })
    return undefined
  }
  return user ?? state.playUser ?? constant('root', map.at)
}

/** The user that is named by `become_user`. */
export function readUser(loading: Loading, entry: LocatedEntry | undefined, names: Names): Tree | undefined {
  if (!entry) return undefined
  const tree = treeOf(loading, entry.value, names)
  const valid = tree.kind === 'computed' || (tree.kind === 'constant' && typeof tree.value === 'string' && /^[A-Za-z_][\w.@-]*\$?$/.test(tree.value))
  if (valid) return tree
  report(loading, { code: 'book/value', message: 'become_user wants the name of a user', at: placeOf(entry), hint: 'write become_user: root' })
  return undefined
}

function placeOf(entry: LocatedEntry): Place {
  return entry.value.kind === 'scalar' && entry.value.text === '' ? entry.keyAt : entry.value.at
}
