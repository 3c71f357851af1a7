import { tasksOf, type Computed, type Retries, type Step } from '../model/playbook.ts'
import type { Place } from '../model/diagnostic.ts'
import { anyShape } from '../source/known-names.ts'
import { didYouMean } from '../source/suggest.ts'
import type { LocatedEntry, LocatedMap } from '../source/located.ts'
import { blockKeywords, includeKeywords, taskHints, taskKeywords } from './keywords.ts'
import { report, type Loading } from './load-context.ts'
import { readDuration, readInteger, readFlag } from './typed-entries.ts'
import { withNames } from './visible-names.ts'
import { sentenceOf, type WrittenStep } from './includes.ts'
import {
  readEnvironment,
  readNotify,
  readTags,
  readBackoff,
  readTeaching,
  readUser,
  readVars,
  shapes,
  type Inherited,
  type PlayState,
} from './task-keys.ts'
import { boundVars, ofRound, roundsOf } from './looped-steps.ts'
import { readTask } from './task.ts'
import { conditionsOf, textTree } from './compiled-values.ts'

/** What a play hands down to its tasks where it says nothing. */
export const nothing: Inherited = { tags: [], when: [], notify: [], environment: {}, vars: {} }

/** The sentences of the handlers of a play: those that a task may notify. */
export function sentencesOf(
  loading: Loading,
  handlers: readonly WrittenStep[],
): ReadonlySet<string> {
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

/** Reads tasks, blocks and includes, as far down as they go. */
export async function readSteps(
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
