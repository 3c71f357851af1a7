import { isMap, keysOf, type Value } from '../contract/value.ts'
import { computedIn, valueOf } from '../model/value-tree.ts'
import {
  type Computed,
  type Task,
  type TaskKeywords,
  type Tree,
  type Verb,
} from '../model/playbook.ts'
import { anyShape, type Names, type Shape } from '../source/known-names.ts'
import type { LocatedMap } from '../source/located.ts'
import { report, type Loading } from './load-context.ts'
import { paramsOf } from './task-params.ts'
import { readDuration, readFlag, readInteger, readSentence, readText } from './typed-entries.ts'
import { patternFault } from '../text/pattern.ts'
import { answerShape, registerShape, withNames } from './visible-names.ts'
import {
  checkHandler,
  readBackoff,
  readBecome,
  readEnvironment,
  readFlushes,
  readNotify,
  readRegister,
  readTags,
  readTeaching,
  readVars,
  shapes,
  type Inherited,
  type PlayState,
} from './task-keys.ts'
import { checkEvent, isEvent } from './event-tasks.ts'
import {
  checkKeywords,
  hasOnlyConditions,
  readType,
  readVerb,
  type ChosenType,
} from './verb-and-type.ts'
import { taskOfVerb, type TaskParts } from './task-of-verb.ts'
import { loopInRound } from './looped-steps.ts'
import { conditionsOf, itemShape, textTree, treeOf, wordsTree } from './compiled-values.ts'

/** A task while it is read: where it stands, and the names that its values see. */
interface TaskReading {
  readonly loading: Loading
  readonly map: LocatedMap
  readonly entries: LocatedMap['entries']
  readonly state: PlayState
  readonly inherited: Inherited
  readonly names: Names
  /** The names that `that`, `failed_when` and `changed_when` see. */
  readonly judged: Names
}

/** Reads one task. Null when it has no verb, so that nothing of it could run. */
export async function readTask(
  loading: Loading,
  map: LocatedMap,
  file: string,
  state: PlayState,
  inherited: Inherited,
): Promise<Task | null> {
  const { entries } = map
  const verb = readVerb(loading, map)
  const type = readType(loading, map, verb)
  if (!verb) return null
  const said = readSentence(loading, entries.get(verb)) ?? ''
  const sentence = inherited.round === undefined ? said : `${said} (${inherited.round})`
  checkKeywords(loading, map, verb)
  checkHandler(loading, entries, state)
  const hasLoop = entries.has('loop')
  const given = readVars(loading, entries.get('vars'), { ...inherited.vars }, state.names, hasLoop)
  const outer = withNames(state.names, shapes(given))
  const written = readLoop(loading, entries, outer)
  const loop = written && loopInRound(written, inherited)
  const own = hasLoop ? withoutItem(given) : given
  const names = loop ? withNames(outer, [['item', itemShape(loop, outer)]]) : outer
  const register = readRegister(loading, entries.get('register'), state)
  const judged = withNames(names, resultShapes(type, register))
  const reading: TaskReading = { loading, map, entries, state, inherited, names, judged }
  const keywords: TaskKeywords = {
    kind: 'task',
    id: `${state.ids.prefix}${state.ids.next++}`,
    sentence,
    at: entries.get(verb)!.keyAt,
    when: [...inherited.when, ...conditions(reading, 'when', names)],
    ...(loop ? { loop } : {}),
    ...optional('label', labelOf(loading, entries, names)),
    vars: own,
    ...(register ? { register } : {}),
    ...listsOf(reading, sentence),
    ...placeOfTask(reading),
    ...triesOf(reading),
    ...wordsForPeople(reading),
  }
  const event = type !== null && isEvent(type.type, type.entry)
  if (event && !state.inHandlers)
    checkEvent(loading, map, type, { verb, when: keywords.when, registers: state.registers })
  const task = taskOfVerb(verb, keywords, {
    event,
    ...(type ? await typeOfTask(reading, type, verb, file, loop) : {}),
    ...(entries.has('that') ? { that: conditions(reading, 'that') } : {}),
    times: timesOf(reading),
    spared: guardsOf(reading),
    asked: askedOf(reading),
    failedWhen: conditions(reading, 'failed_when'),
    changedWhen: conditions(reading, 'changed_when'),
  })
  const shape = registerShape(type?.type ?? null, loop !== undefined)
  if (register) addRegister(state, register, entries.has('answer') ? answerShape : shape)
  return task
}

/** The tasks behind this one see what it registers. */
function addRegister(state: PlayState, name: string, shape: Shape): void {
  state.registers.add(name)
  state.names = withNames(state.names, [[name, shape]])
}

function readLoop(
  loading: Loading,
  entries: LocatedMap['entries'],
  outer: Names,
): Tree | undefined {
  const entry = entries.get('loop')
  const loop = entry && treeOf(loading, entry.value, outer)
  if (loop?.kind === 'constant')
    report(loading, {
      code: 'task/loop',
      message: 'loop wants a list or a map',
      at: loop.at,
      hint: 'write loop: [a, b], or loop: "{{ name_of_a_list }}"',
    })
  return loop
}

/** The task's own result, by its fields and by the register's name. */
function resultShapes(
  type: ChosenType | null,
  register: string | undefined,
): readonly (readonly [string, Shape])[] {
  const fields = Object.keys(type?.type.state ?? {}).map((field) => [field, anyShape] as const)
  return register && type ? [...fields, [register, registerShape(type.type, false)]] : fields
}

async function typeOfTask(
  { loading, map, names, state }: TaskReading,
  { type, entry }: ChosenType,
  verb: Verb,
  file: string,
  loop: Tree | undefined,
): Promise<Pick<TaskParts, 'type' | 'params' | 'onlyConditions'>> {
  const onlyConditions = hasOnlyConditions(map, verb, { type, entry })
  const params = await paramsOf(loading, entry.value, {
    type,
    verb: onlyConditions ? 'read' : verb,
    names,
    file,
    // As in a handler, an event may stand in a `run`.
    handler: state.inHandlers || (verb === 'run' && isEvent(type, entry)),
    items: writtenItems(loop),
  })
  return { type, params, ...(onlyConditions ? { onlyConditions } : {}) }
}

/** The conditions of a keyword; those that judge see the task's own result. */
function conditions(
  { loading, entries, judged }: TaskReading,
  key: string,
  seen = judged,
): readonly Computed[] {
  return entries.has(key) ? conditionsOf(loading, entries.get(key)!, seen) : []
}

function listsOf(
  { loading, entries, state, inherited }: TaskReading,
  sentence: string,
): Pick<TaskKeywords, 'notify' | 'tags'> {
  const notify = readNotify(loading, entries.get('notify'), state, sentence)
  const tags = readTags(loading, entries.get('tags'))
  return {
    notify: [...new Set([...inherited.notify, ...notify])],
    tags: [...new Set([...inherited.tags, ...tags])],
  }
}

/** Where a task is done, as whom, and with which environment. */
function placeOfTask({
  loading,
  map,
  entries,
  state,
  inherited,
  names,
}: TaskReading): Pick<
  TaskKeywords,
  'become' | 'delegateTo' | 'runOnce' | 'barrier' | 'environment'
> {
  const become = readBecome(loading, map, names, inherited, state)
  const delegate = entries.get('delegate_to')
  const delegateTo = delegate ? textTree(loading, delegate, names) : inherited.delegateTo
  const environment = { ...inherited.environment }
  return {
    ...(become === undefined ? {} : { become }),
    ...(delegateTo ? { delegateTo } : {}),
    runOnce: readFlag(loading, entries.get('run_once')) ?? inherited.runOnce ?? false,
    barrier: readFlag(loading, entries.get('barrier')) ?? false,
    environment: readEnvironment(loading, entries.get('environment'), environment, names),
  }
}

type Tries =
  'ignoreErrors' | 'noLog' | 'retries' | 'delay' | 'backoff' | 'flushHandlers' | 'timeout'

/** How long and how often a task is tried, and what follows from a failure. */
function triesOf({ loading, entries, state, inherited }: TaskReading): Pick<TaskKeywords, Tries> {
  const flag = (key: string): boolean | undefined => readFlag(loading, entries.get(key))
  const time = (key: string): number | undefined => readDuration(loading, entries.get(key))
  return {
    ignoreErrors: flag('ignore_errors') ?? inherited.ignoreErrors ?? false,
    noLog: flag('no_log') ?? inherited.noLog ?? false,
    retries: readInteger(loading, entries.get('retries')) ?? 0,
    delay: time('delay') ?? 5,
    ...optional('backoff', readBackoff(loading, entries)),
    ...(readFlushes(loading, entries, state) ? { flushHandlers: true as const } : {}),
    ...optional('timeout', time('timeout') ?? inherited.timeout),
  }
}

/** How long a task waits, and between two readings. */
function timesOf({ loading, entries }: TaskReading): TaskParts['times'] {
  return {
    ...optional('for', readDuration(loading, entries.get('for'))),
    ...optional('every', readDuration(loading, entries.get('every'))),
  }
}

/** What a `run` looks at before it acts. */
function guardsOf({ loading, entries, names }: TaskReading): TaskParts['spared'] {
  const text = (key: string): Tree | undefined =>
    entries.get(key) && textTree(loading, entries.get(key)!, names)
  const unless = entries.get('unless')
  return {
    ...optional('creates', text('creates')),
    ...optional('removes', text('removes')),
    ...optional(
      'unless',
      unless?.value.kind === 'list' ? wordsTree(loading, unless, names) : text('unless'),
    ),
  }
}

/** What a person is asked. */
function askedOf({ loading, entries, names }: TaskReading): TaskParts['asked'] {
  const text = entries.get('text')
  return {
    ...optional('answer', readAnswer(loading, entries)),
    ...optional('text', text && textTree(loading, text, names)),
    ...(readFlag(loading, entries.get('attended')) ? { attended: true as const } : {}),
  }
}

/** The pattern of what a person types. What is typed is kept in the log, so it is not a secret. */
function readAnswer(loading: Loading, entries: LocatedMap['entries']): string | undefined {
  const entry = entries.get('answer')
  const pattern = readText(loading, entry)
  if (!entry || pattern === undefined) return undefined
  const fault = patternFault(pattern)
  if (fault)
    report(loading, {
      code: 'param/pattern',
      message: `answer is not a pattern: ${fault.message}`,
      at: entry.value.at,
      hint: fault.hint,
    })
  if (entries.has('no_log'))
    report(loading, {
      code: 'task/keyword',
      message: 'an answer is kept in the log of the run, and no_log keeps nothing',
      at: entries.get('no_log')!.keyAt,
      hint: 'a secret is an input: `secret: true`; it is asked for on a terminal',
    })
  return pattern
}

/** What a playbook says of a task to people. */
function wordsForPeople({
  loading,
  entries,
  inherited,
}: TaskReading): Pick<TaskKeywords, 'teaching' | 'whenItFails'> {
  const teaching = readTeaching(loading, entries)
  return {
    ...teaching,
    ...optional('whenItFails', teaching.teaching?.whenItFails ?? inherited.whenItFails),
  }
}

/** The vars of a task with a loop of its own: its `item` is that of this loop. */
function withoutItem({ item: _item, ...vars }: Task['vars']): Task['vars'] {
  return vars
}

/** How the items of a loop are named to people. */
function labelOf(loading: Loading, entries: LocatedMap['entries'], names: Names): Tree | undefined {
  const entry = entries.get('label')
  if (!entry) return undefined
  if (entries.has('loop')) return textTree(loading, entry, names)
  report(loading, {
    code: 'task/keyword',
    message: 'label has no effect: this task has no loop',
    at: entry.keyAt,
    hint: 'add `loop:`, or remove it',
  })
  return undefined
}

function optional<K extends string, T>(key: K, value: T | undefined): { readonly [P in K]?: T } {
  return (value === undefined ? {} : { [key]: value }) as { readonly [P in K]?: T }
}

/** The items of a loop that is written out; null where something of it is computed. */
function writtenItems(loop: Tree | undefined): readonly Value[] | null {
  if (!loop || computedIn(loop).length > 0) return null
  const value = valueOf(loop, {})
  if (Array.isArray(value)) return value as readonly Value[]
  return isMap(value) ? keysOf(value).map((key) => ({ key, value: value[key]! })) : null
}
