import type { Change, Effect } from '../contract/change.ts'
import type { AnyDiff } from '../contract/state.ts'
import { didYouMean } from '../source/suggest.ts'
import type { Located, LocatedMap } from '../source/located.ts'
import { actionKeys, actionsOf, type ActionsOf } from './actions.ts'
import { entry, stateSite, words, written, type Manifest } from './reading.ts'
import { scopesOf } from './scopes.ts'
import { conditionOf, textOf, type Computing, type Site } from './computed-values.ts'

interface CompiledChange {
  readonly on: readonly string[]
  readonly repairs: readonly string[]
  readonly when: Computing<boolean> | undefined
  readonly title: Computing | undefined
  readonly actions: readonly ActionsOf[]
  readonly effect: Effect | undefined
  readonly guard: readonly string[]
  readonly kind: 'boot' | undefined
}

/**
 * Compiles the changes of a manifest to a type's `change`. One is made where a field that it is `on` differs and no
 * change before it repairs that field already.
 */
export function changesOf(
  manifest: Manifest,
  located: Located,
  wanted: ReadonlySet<string>,
): (
  diff: AnyDiff,
  params: Readonly<Record<string, unknown>>,
  current: object,
) => readonly Change[] {
  const site = stateSite(manifest, ['current', 'diff'])
  const items =
    located.kind === 'list'
      ? located.items.filter((item): item is LocatedMap => item.kind === 'map')
      : []
  const changes = items.map((item) => changeOf(manifest, site, item, wanted))
  const repaired = new Set(changes.flatMap(({ on, repairs }) => [...on, ...repairs]))
  for (const field of wanted)
    if (!repaired.has(field))
      manifest.report({
        code: 'manifest/repair',
        message: `no change repairs '${field}'`,
        at: located.at,
        hint: `add \`- on: ${field}\` with what repairs it, or with \`refuse:\``,
      })
  return (diff, params, current) => {
    const scopes = scopesOf(manifest.params, params, { current: () => current, diff: () => diff })
    const done = new Set<string>()
    const made: Change[] = []
    for (const { on, repairs, when, title, actions, effect, guard, kind } of changes) {
      if (!on.some((field) => diff[field] !== undefined && !done.has(field))) continue
      if (when && !when.of(scopes)) continue
      const fields = [...new Set([...on, ...repairs])].filter(
        (field) => diff[field] !== undefined && (repairs.includes(field) || repairs.length === 0),
      )
      for (const field of fields) done.add(field)
      const base = {
        title: title ? String(title.of(scopes)) : `repair ${fields.join(', ')}`,
        repairs: fields,
        actions: actions.flatMap((of) => of(scopes)),
        ...(kind ? { kind } : {}),
      }
      made.push(
        effect
          ? { ...base, effect, guard: guard as [string, ...string[]] }
          : guard.length > 0
            ? { ...base, guard }
            : base,
      )
    }
    return made
  }
}

function changeOf(
  manifest: Manifest,
  site: Site,
  map: LocatedMap,
  wanted: ReadonlySet<string>,
): CompiledChange {
  const on = fieldsOf(manifest, map, 'on', wanted)
  const effect = written(map, 'effect') as Effect | undefined
  const maps = actionMaps(manifest, map)
  checkEffect(manifest, map, effect, maps)
  return {
    on,
    repairs: map.entries.has('repairs') ? fieldsOf(manifest, map, 'repairs', wanted) : on,
    effect,
    guard: guardOf(manifest, map),
    when: map.entries.has('when') ? conditionOf(site, entry(map, 'when')!) : undefined,
    title: map.entries.has('title') ? textOf(site, entry(map, 'title')!, 'title') : undefined,
    actions: maps.flatMap((each) => actionsOf(manifest, site, each) ?? []),
    kind: written(map, 'kind') === 'boot' ? 'boot' : undefined,
  }
}

/** The wanted fields that a key of the change names. */
function fieldsOf(
  { state, report }: Manifest,
  map: LocatedMap,
  key: 'on' | 'repairs',
  wanted: ReadonlySet<string>,
): readonly string[] {
  return words(map, key).flatMap(({ text, at }) => {
    if (wanted.has(text)) return [text]
    const isField = Object.hasOwn(state, text)
    report({
      code: 'manifest/field',
      message: isField ? `desire never wants '${text}'` : `'${text}' is not a field of the state`,
      at,
      hint: didYouMean(text, wanted),
    })
    return []
  })
}

/** The probes that guard a change. */
function guardOf({ answerers, report }: Manifest, map: LocatedMap): readonly string[] {
  const isProbe = (name: string): boolean => {
    const answerer = answerers.get(name)
    return answerer !== undefined && answerer.kind !== 'action'
  }
  return words(map, 'guard').flatMap(({ text, at }) => {
    if (isProbe(text)) return [text]
    report({
      code: 'manifest/guard',
      message: `the guard '${text}' is not a probe of this type`,
      at,
      hint: didYouMean(text, [...answerers.keys()].filter(isProbe)),
    })
    return []
  })
}

/** What destroys something says so, and has a guard. */
function checkEffect(
  { answerers, report }: Manifest,
  map: LocatedMap,
  effect: Effect | undefined,
  actions: readonly LocatedMap[],
): void {
  if (effect && !map.entries.has('guard'))
    report({
      code: 'manifest/guard',
      message: `this ${effect} something and has no guard`,
      at: map.entries.get('effect')!.keyAt,
      hint: `add \`guard:\` with a probe that reads the thing that is changed: ${[...answerers.keys()].join(', ')}`,
    })
  const removing = actions.find((each) => each.entries.has('remove'))
  if (removing && !effect)
    report({
      code: 'manifest/guard',
      message: 'this removes something and does not say so',
      at: removing.entries.get('remove')!.keyAt,
      hint: 'add `effect: destroys` and `guard:` with the probe that reads what is removed',
    })
}

function actionMaps(manifest: Manifest, map: LocatedMap): readonly LocatedMap[] {
  const listed = entry(map, 'actions')
  if (listed?.kind !== 'list') return [map]
  for (const [key, { keyAt }] of map.entries)
    if (actionKeys.includes(key))
      manifest.report({
        code: 'manifest/action',
        message: `'${key}' stands beside \`actions:\``,
        at: keyAt,
        hint: 'put it into the list',
      })
  return listed.items.filter((item): item is LocatedMap => item.kind === 'map')
}
