import { verbs, type Verb } from '../model/playbook.ts'
import { isReadOnly, type AnyResourceType } from '../contract/resource.ts'
import { meantText, nearest } from '../source/suggest.ts'
import type { LocatedEntry, LocatedMap } from '../source/located.ts'
import { taskHints, taskKeywords, verbsOfKeyword } from './keywords.ts'
import { report, type Loading } from './load-context.ts'
import { isEvent } from './event-tasks.ts'

/** The verb of a task; null where it has none. */
export function readVerb(loading: Loading, map: LocatedMap): Verb | null {
  const found = verbs.filter((verb) => map.entries.has(verb))
  if (found.length > 1) {
    report(loading, {
      code: 'task/several-verbs',
      message: `a task has one verb; this has ${found.join(' and ')}`,
      at: map.entries.get(found[1]!)!.keyAt,
      hint: 'make two tasks of it',
    })
  }
  if (found[0]) return found[0]
  const [first] = map.entries.values()
  const near = first && nearest(first.key, verbs)
  const named =
    first?.key === 'name' && first.value.kind === 'scalar'
      ? `: write \`ensure: ${first.value.text}\` in place of \`name:\``
      : ''
  report(loading, {
    code: 'task/no-verb',
    message: 'this task has no verb',
    at: first?.keyAt ?? map.at,
    hint: near ? meantText(near) : `begin with one of ${verbs.join(', ')}${named}`,
  })
  return null
}

/** The type of a task, with the entry that names it. */
export interface ChosenType {
  readonly type: AnyResourceType
  readonly entry: LocatedEntry
}

/** The type of a task, and where it stands; null where it has none. */
export function readType(loading: Loading, map: LocatedMap, verb: Verb | null): ChosenType | null {
  const chosen: ChosenType[] = []
  for (const [key, entry] of map.entries) {
    const type = loading.types.get(key)
    if (type) chosen.push({ type, entry })
    else if (!(verbs as readonly string[]).includes(key) && !Object.hasOwn(taskKeywords, key))
      reportUnknown(loading, map, entry, verb)
  }
  const [first, second] = chosen
  if (second)
    report(loading, {
      code: 'task/several-types',
      message: `a task has one type; this has ${chosen.map(({ entry }) => entry.key).join(' and ')}`,
      at: second.entry.keyAt,
      hint: 'make two tasks of it',
    })
  if (!verb) return null
  const at = map.entries.get(verb)!.keyAt
  const unknown = [...map.entries.keys()].some(
    (key) =>
      !loading.types.has(key) &&
      !(verbs as readonly string[]).includes(key) &&
      !Object.hasOwn(taskKeywords, key),
  )
  const that = map.entries.has('that')
  if (verb === 'confirm') {
    if (first)
      report(loading, {
        code: 'task/verb',
        message: 'confirm asks a person; it takes no type',
        at: first.entry.keyAt,
        hint: 'write what the type does as a task of its own',
      })
    return null
  }
  if (!first && !(that && verb === 'require') && !unknown)
    report(loading, {
      code: 'task/no-type',
      message: `${verb} needs a type beside it`,
      at,
      hint:
        verb === 'require'
          ? 'add a type with its params, or `that: <condition>`'
          : that && verb === 'wait'
            ? 'add the type whose reading `that` looks at, such as `command:` or `http:`'
            : 'add a type with its params, such as `package: { name: podman }`',
    })
  if (!first && !unknown) checkJudges(loading, map)
  if (first) checkVerb(loading, first, verb)
  return first ?? null
}

/** Without a type nothing is read that `failed_when` could judge. */
function checkJudges(loading: Loading, { entries }: LocatedMap): void {
  const entry = entries.get('failed_when')
  if (entry && entries.has('that'))
    report(loading, {
      code: 'task/keyword',
      message: 'failed_when judges what a type read, and this task has no type',
      at: entry.keyAt,
      hint: 'write it as a condition of `that`, or add the type that reads',
    })
}

/** Whether the conditions alone say what is wanted: then a task needs the params that say which thing is meant, as `read` does. */
export function hasOnlyConditions(
  { entries }: LocatedMap,
  verb: Verb,
  { type, entry }: ChosenType,
): boolean {
  const judges =
    (entries.has('that') && (verb === 'require' || verb === 'wait')) ||
    (entries.has('failed_when') && verb === 'require' && type.unanswered !== undefined)
  const written = entry.value.kind === 'map' ? [...entry.value.entries.keys()] : []
  return judges && written.every((name) => type.params.properties[name]?.identity === true)
}

function reportUnknown(
  loading: Loading,
  map: LocatedMap,
  entry: LocatedEntry,
  verb: Verb | null,
): void {
  const { key, keyAt } = entry
  // A task without a verb says so itself.
  if (!verb && (key === 'name' || nearest(key, verbs))) return
  const bare = key.includes('.') ? key.slice(key.lastIndexOf('.') + 1) : key
  const taught =
    inside(loading, map, key) ??
    (Object.hasOwn(taskHints, bare)
      ? taskHints[bare]
      : key.startsWith('with_')
        ? 'write `loop:`'
        : undefined)
  const near = nearest(
    key,
    [...Object.keys(taskKeywords), ...verbs, ...loading.types.keys()].filter(
      (word) => !map.entries.has(word),
    ),
  )
  const hint =
    taught ??
    (loading.types.has(bare)
      ? `types have short names here: write ${bare}`
      : near
        ? meantText(near)
        : 'all types: `trueup types`; what none of them does is `run: <sentence>` with `command:`')
  const isLong = taught === undefined && loading.types.has(bare) && !map.entries.has(bare)
  report(loading, {
    code: 'task/unknown-key',
    message: `'${key}' is neither a keyword nor a type`,
    at: keyAt,
    hint,
    ...(isLong ? { fix: { replace: bare } } : {}),
  })
}

/** A param that stands beside its type. */
function inside(loading: Loading, map: LocatedMap, key: string): string | undefined {
  const owner = [...map.entries.keys()].find((each) =>
    Object.hasOwn(loading.types.get(each)?.params.properties ?? {}, key),
  )
  return owner === undefined
    ? undefined
    : `\`${key}\` is a param of ${owner}: write it inside \`${owner}:\`, two columns further in`
}

function checkVerb(loading: Loading, { type, entry }: ChosenType, verb: Verb): void {
  const callable = type.act !== undefined
  const works =
    verb === 'ensure' ? !isReadOnly(type) : verb === 'run' ? callable || isEvent(type, entry) : true
  if (works) return
  const others = [
    'read',
    'require',
    'wait',
    ...(callable ? ['run'] : []),
    ...(isReadOnly(type) ? [] : ['ensure']),
  ]
  const message =
    verb === 'ensure'
      ? callable
        ? `${type.name} has no state that could be ensured`
        : `${type.name} can only be read: there is nothing it could ensure`
      : `${type.name} has a state; run is for what has none`
  report(loading, {
    code: 'task/verb',
    message,
    at: entry.keyAt,
    hint:
      callable && verb === 'ensure'
        ? `write \`run:\` for what acts, with \`creates:\`, \`removes:\` or \`unless:\` beside it; \`read:\` or \`require:\` for what looks`
        : `${type.name} works with ${others.join(', ')}`,
  })
}

/** Reports keywords that do not go with the verb of their task. */
export function checkKeywords(loading: Loading, map: LocatedMap, verb: Verb): void {
  for (const [key, entry] of map.entries) {
    const works = verbsOfKeyword[key]
    if (works && !works.includes(verb))
      report(loading, {
        code: 'task/keyword',
        message: `${key} does not go with ${verb}`,
        at: entry.keyAt,
        hint: `${key} goes with ${works.join(' and ')}`,
      })
    else if (key === 'inputs')
      report(loading, {
        code: 'task/keyword',
        message: '`inputs` is for an include',
        at: entry.keyAt,
        hint: 'write `vars:`',
      })
  }
}
