import { numberForms } from '../source/number-forms.ts'
import { truthWords } from '../source/truth-words.ts'
import type { Computed, Scope, Teaching, Tree } from '../model/playbook.ts'
import type { Place } from '../model/diagnostic.ts'
import { computedIn } from '../model/value-tree.ts'
import { anyShape, type Names, type Shape } from '../source/known-names.ts'
import { didYouMean } from '../source/suggest.ts'
import type { LocatedEntry, LocatedMap } from '../source/located.ts'
import { constant, report, type Loading } from './load-context.ts'
import { readFlag, readMap, readText, readTexts } from './typed-entries.ts'
import { nameFault, withNames } from './visible-names.ts'
import { treeOf, treeShape } from './compiled-values.ts'

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
  readonly whenItFails?: string | undefined
  /** The item of the loop around, as it is named behind sentences. */
  readonly round?: string | undefined
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
  /** The names whose values are known when the playbook is loaded. */
  readonly atLoad: Scope
  /** Whether a value waits for an input that is not given: nothing is said of it then. */
  readonly waits: (tree: Tree) => boolean
}

/** The shapes of vars, for those who come after them. */
export function shapes(vars: Trees): (readonly [string, Shape])[] {
  return Object.entries(vars).map(([name, tree]) => [name, treeShape(tree)])
}

/** Vars that are written here, over those that were handed down. */
export function readVars(
  loading: Loading,
  entry: LocatedEntry | undefined,
  over: Trees,
  names: Names,
  looped = false,
  isForeign = false,
): Trees {
  const map = readMap(loading, entry)
  if (!map) return over
  const vars: Record<string, Tree> = { ...over }
  const pending = [...map.entries.keys()].map((name): readonly [string, Shape] => [name, anyShape])
  const seen = withNames(names, [
    ...shapes(over),
    ...pending,
    ...(looped ? [['item', anyShape] as const] : []),
  ])
  for (const [name, each] of map.entries) {
    const fault = nameFault(name)
    // A file may be written for another program: what cannot be a name is left out of it, and the rest is used.
    if (fault && isForeign && !/^\w+$/.test(name))
      report(loading, {
        code: 'playbook/name',
        message: `${fault.message}, so it is left out`,
        at: each.keyAt,
        hint: fault.hint,
        severity: 'warning',
      })
    else if (fault)
      report(loading, {
        code: 'playbook/name',
        message: fault.message,
        at: each.keyAt,
        hint: fault.hint,
      })
    else vars[name] = treeOf(loading, each.value, seen)
    for (const warning of [...truthWords(each.value), ...numberForms(each.value)])
      report(loading, warning)
  }
  for (const name of map.entries.keys()) {
    const circle = circleOf(vars, name, [], new Set())
    if (circle)
      report(loading, {
        code: 'playbook/self-reference',
        message: `the var '${name}' is computed from itself`,
        at: map.entries.get(name)!.keyAt,
        hint:
          circle.length > 1
            ? `break the circle: ${[...circle, name].join(' → ')}`
            : `give it another name, such as ${name}_here`,
      })
  }
  return vars
}

/** The vars by which a var leads back to itself, or null. */
function circleOf(
  vars: Trees,
  name: string,
  trail: readonly string[],
  seen: Set<string>,
): readonly string[] | null {
  if (name === trail[0]) return trail
  if (seen.has(name)) return null
  seen.add(name)
  const tree = Object.hasOwn(vars, name) ? vars[name] : undefined
  if (!tree) return null
  for (const root of new Set(rootsOf(tree))) {
    const circle = circleOf(vars, root, [...trail, name], seen)
    if (circle) return circle
  }
  return null
}

function rootsOf(tree: Tree): readonly string[] {
  return computedIn(tree).flatMap(({ paths }) => paths.map((path) => path[0]!))
}

/** Environment variables: texts, of which nothing is guessed. */
export function readEnvironment(
  loading: Loading,
  entry: LocatedEntry | undefined,
  over: Trees,
  names: Names,
): Trees {
  const environment: Record<string, Tree> = { ...over }
  for (const [name, each] of readMap(loading, entry)?.entries ?? []) {
    if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) {
      report(loading, {
        code: 'playbook/name',
        message: `'${name}' is not the name of an environment variable`,
        at: each.keyAt,
        hint: 'write letters, digits and _',
      })
    } else if (each.value.kind !== 'scalar' || typeof each.value.value !== 'string') {
      report(loading, {
        code: 'playbook/value',
        message: `${name} wants a text`,
        at: each.value.kind === 'scalar' && each.value.text === '' ? each.keyAt : each.value.at,
        hint: each.value.kind === 'scalar' ? `quote it: "${each.value.text}"` : 'write one text',
      })
    } else environment[name] = treeOf(loading, each.value, names)
  }
  return environment
}

/** The name of a register, when it can be one. */
export function readRegister(
  loading: Loading,
  entry: LocatedEntry | undefined,
  state: PlayState,
): string | undefined {
  const name = readText(loading, entry)
  if (!entry || name === undefined) return undefined
  const fault =
    nameFault(name) ??
    (state.names.known.has(name) && !state.registers.has(name)
      ? {
          message: `'${name}' is the name of a var or an input`,
          hint: `take another name, such as ${name}_now`,
        }
      : null)
  if (!fault) return name
  report(loading, {
    code: 'playbook/name',
    message: fault.message,
    at: entry.value.at,
    hint: fault.hint,
  })
  return undefined
}

/** Handlers that are notified; each must exist, and come behind the handler that notifies it. `sentence` is the task's own. */
export function readNotify(
  loading: Loading,
  entry: LocatedEntry | undefined,
  state: PlayState,
  sentence = '',
): readonly string[] {
  const order = [...state.handlerSentences]
  const passed = state.inHandlers ? order.slice(0, order.indexOf(sentence) + 1) : []
  return readTexts(loading, entry).flatMap(({ text, at }) => {
    if (passed.includes(text)) {
      report(loading, {
        code: 'task/notify',
        message: `handlers run in their order, and '${text}' ${text === sentence ? 'is this one' : 'comes before this one'}`,
        at,
        hint: text === sentence ? 'remove it' : `write this handler above '${text}'`,
      })
      return []
    }
    if (state.handlerSentences.has(text)) return [text]
    report(loading, {
      code: 'task/notify',
      message: `no handler says '${text}'`,
      at,
      hint:
        state.handlerSentences.size === 0
          ? 'add it under `handlers:` of this play'
          : didYouMean(text, state.handlerSentences),
    })
    return []
  })
}

/** How much longer each pause between two tries gets; it needs `retries`. */
export function readBackoff(loading: Loading, entries: LocatedMap['entries']): number | undefined {
  const entry = entries.get('backoff')
  if (!entry) return undefined
  const value = entry.value.kind === 'scalar' ? entry.value.value : null
  if (typeof value !== 'number' || !(value >= 1 && value <= 10)) {
    report(loading, {
      code: 'playbook/value',
      message: 'backoff wants a number from 1 to 10',
      at: placeOf(entry),
      hint: 'write backoff: 2, and each pause is twice as long as the one before',
    })
  } else if (!entries.has('retries')) {
    report(loading, {
      code: 'task/keyword',
      message: 'backoff says how the pauses between tries grow, and there is one try',
      at: entry.keyAt,
      hint: 'add `retries:`',
    })
  } else return value
  return undefined
}

/** Refuses what makes hosts meet: each host runs its handlers where it stands. */
export function checkHandler(
  loading: Loading,
  entries: LocatedMap['entries'],
  { inHandlers }: PlayState,
): void {
  if (!inHandlers) return
  for (const key of ['run_once', 'barrier', 'confirm']) {
    const entry = entries.get(key)
    if (!entry || (key !== 'confirm' && readFlag(loading, entry) !== true)) continue
    report(loading, {
      code: 'task/keyword',
      message: `${key} has no meaning in a handler: each host that was notified runs it for itself`,
      at: entry.keyAt,
      hint: `register the task that changes something, and write a task with \`${key}\` after it, with \`when: NAME.changed\``,
    })
  }
}

/** Whether the handlers are run before this task. */
export function readFlushes(
  loading: Loading,
  entries: LocatedMap['entries'],
  { inHandlers }: PlayState,
): boolean {
  const entry = entries.get('flush_handlers')
  const flushes = readFlag(loading, entry) ?? false
  if (!flushes || !inHandlers) return flushes
  report(loading, {
    code: 'task/keyword',
    message: 'a handler cannot ask for the handlers to be run',
    at: entry!.keyAt,
    hint: 'write it on a task, or put the handlers in the order in which they are to run',
  })
  return false
}

/** What a playbook teaches about a task, a block or a play; nothing where it teaches nothing. */
export function readTeaching(
  loading: Loading,
  entries: LocatedMap['entries'],
): { readonly teaching?: Teaching } {
  const texts = {
    why: readText(loading, entries.get('why')),
    warning: readText(loading, entries.get('warning')),
    exampleOutput: readText(loading, entries.get('example_output')),
    whenItFails: readText(loading, entries.get('when_it_fails')),
  }
  const written = Object.entries(texts).filter(([, each]) => each !== undefined)
  return written.length === 0 ? {} : { teaching: Object.fromEntries(written) as Teaching }
}

/** Tags: words without spaces or commas. */
export function readTags(loading: Loading, entry: LocatedEntry | undefined): readonly string[] {
  return readTexts(loading, entry).flatMap(({ text, at }) => {
    if (/^[\w.-]+$/.test(text)) return [text]
    report(loading, {
      code: 'playbook/value',
      message: `'${text}' is not a tag`,
      at,
      hint: text.includes(',')
        ? `write tags: [${text.split(/\s*,\s*/).join(', ')}]`
        : 'write letters, digits, _, . and -',
    })
    return []
  })
}

/** The user to become: undefined as the play says, null for none. */
export function readBecome(
  loading: Loading,
  map: LocatedMap,
  names: Names,
  inherited: Inherited,
  state: PlayState,
): Tree | null | undefined {
  const flag = readFlag(loading, map.entries.get('become')) ?? inherited.become
  const entry = map.entries.get('become_user')
  const user = readUser(loading, entry, names) ?? inherited.becomeUser
  if (flag === false) return null
  if (flag === undefined && !user) return undefined
  if (flag === undefined && !state.playBecome) {
    if (entry)
      report(loading, {
        code: 'task/become',
        message: '`become_user` has no effect without `become`',
        at: entry.keyAt,
        hint: 'add `become: true`',
      })
    return undefined
  }
  return user ?? state.playUser ?? constant('root', map.at)
}

/** The user that is named by `become_user`. */
export function readUser(
  loading: Loading,
  entry: LocatedEntry | undefined,
  names: Names,
): Tree | undefined {
  if (!entry) return undefined
  const tree = treeOf(loading, entry.value, names)
  const valid =
    tree.kind === 'computed' ||
    (tree.kind === 'constant' &&
      typeof tree.value === 'string' &&
      /^[A-Za-z_][\w.@-]*\$?$/.test(tree.value))
  if (valid) return tree
  report(loading, {
    code: 'playbook/value',
    message: 'become_user wants the name of a user',
    at: placeOf(entry),
    hint: 'write become_user: root',
  })
  return undefined
}

function placeOf(entry: LocatedEntry): Place {
  return entry.value.kind === 'scalar' && entry.value.text === '' ? entry.keyAt : entry.value.at
}
