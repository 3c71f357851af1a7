import type { Action } from '../contract/change.ts'
import { DiagnosticError } from '../model/diagnostic.ts'
import type { LocalFile } from '../contract/param-schema.ts'
import { Secret } from '../contract/secret.ts'
import { utf8 } from '../text/utf8.ts'
import type { LocatedMap } from '../source/located.ts'
import { numbersOf, secondsOf } from './probes.ts'
import { entry, words, written, type Manifest } from './reading.ts'
import { kindOf, type Value } from '../contract/value.ts'
import { anyShape } from '../source/known-names.ts'
import { scopesWithItem, type Scopes } from './scopes.ts'
import {
  textOf,
  textsOf,
  valueOf,
  wholeName,
  wordsOf,
  type Computing,
  type Site,
} from './computed-values.ts'

/** An action that waits for its values. */
export type ActionOf = (scopes: Scopes) => Action
/** The actions of an entry that wait for their values. */
export type ActionsOf = (scopes: Scopes) => readonly Action[]

/** What an action can do, by the key that says so. */
const deeds = ['argv', 'write', 'upload', 'remove', 'http', 'await', 'refuse'] as const
/** Keys that stand beside a deed, and the deeds that have them. */
const beside: Readonly<Record<string, readonly string[]>> = {
  stdin: ['argv'],
  chdir: ['argv'],
  environment: ['argv'],
  exits: ['argv'],
  timeout: ['argv', 'http'],
  name: ['argv', 'http'],
  secret: ['argv', 'http'],
}
/** Keys of actions, for those who look for them in a change. */
export const actionKeys: readonly string[] = [...deeds, ...Object.keys(beside), 'loop']
const writeLimit = 65_536

/** The actions of one entry: one, or with `loop` one for each item. */
export function actionsOf(manifest: Manifest, site: Site, map: LocatedMap): ActionsOf | null {
  const list = entry(map, 'loop')
  const action = actionOf(manifest, list ? withItem(site) : site, map)
  if (!action) return null
  if (!list) return (scopes) => [action(scopes)]
  if (map.entries.has('name'))
    manifest.report({
      code: 'manifest/action',
      message: '`name` calls one output by a name, and a loop has several',
      at: map.entries.get('name')!.keyAt,
      hint: 'leave `name` out, or write the actions one by one',
    })
  const items = valueOf(site, list)
  return (scopes) => {
    const all = items.of(scopes)
    if (!Array.isArray(all))
      throw new DiagnosticError({
        code: 'manifest/text',
        message: `loop wants a list, not ${kindOf(all as Value)}`,
        at: items.at,
        hint: 'write a list, or !expr that gives one: !expr current.entries',
      })
    return (all as readonly unknown[]).map((item) => action(scopesWithItem(scopes, item)))
  }
}

function withItem(site: Site): Site {
  const { names } = site
  return { ...site, names: { ...names, known: new Map([...names.known, ['item', anyShape]]) } }
}

/** Compiles one action; `map` may have other keys of the change beside those of the action. */
function actionOf(manifest: Manifest, site: Site, map: LocatedMap): ActionOf | null {
  const deed = deedOf(manifest, map)
  if (deed === null) return null
  const named = namedOf(manifest, map)
  if (deed === 'argv') return execOf(manifest, site, map, named)
  if (deed === 'await') return awaitOf(manifest, site, map)
  const inner = entry(map, deed)
  if (inner?.kind !== 'map') return null
  if (deed === 'http') return httpOf(manifest, site, inner, named)
  if (deed === 'write') return writeOf(site, inner)
  if (deed === 'upload') return uploadOf(manifest, site, inner)
  return deed === 'remove' ? removeOf(site, inner) : refuseOf(site, inner)
}

/** The key that says what an action does; null where the map has no such key, or two. */
function deedOf(manifest: Manifest, map: LocatedMap): (typeof deeds)[number] | null {
  const [deed, another] = deeds.filter((each) => map.entries.has(each))
  if (deed === undefined || another !== undefined) {
    const at = another === undefined ? map.at : map.entries.get(another)!.keyAt
    manifest.report({
      code: 'manifest/action',
      message:
        another === undefined ? 'this does nothing' : `${deed} and ${another} are two actions`,
      at,
      hint:
        another === undefined
          ? `add one of ${deeds.join(', ')}`
          : 'put them in order under `actions:`',
    })
    return null
  }
  for (const [key, { keyAt }] of map.entries) {
    if (beside[key] && !beside[key].includes(deed))
      manifest.report({
        code: 'manifest/action',
        message: `'${key}' does not go with ${deed}`,
        at: keyAt,
        hint: `it goes with ${beside[key].join(' and ')}`,
      })
  }
  return deed
}

function awaitOf(manifest: Manifest, site: Site, map: LocatedMap): ActionOf {
  const why = textOf(site, entry(map, 'await')!, 'await')
  if (!manifest.hasSettle)
    manifest.report({
      code: 'manifest/settle',
      message: 'this waits, and the type does not say for how long',
      at: map.entries.get('await')!.keyAt,
      hint: 'add `settle: { for: 30m, every: 10s }` to the type',
    })
  return (scopes) => ({ do: 'await', why: String(why.of(scopes)) })
}

function removeOf(site: Site, map: LocatedMap): ActionOf {
  const path = textOf(site, entry(map, 'path')!, 'path')
  return (scopes) => ({
    do: 'remove',
    path: path.of(scopes) as string,
    ...(written(map, 'recursive') === true ? { recursive: true as const } : {}),
  })
}

function refuseOf(site: Site, map: LocatedMap): ActionOf {
  const because = textOf(site, entry(map, 'because')!, 'because')
  const instead = textOf(site, entry(map, 'instead')!, 'instead')
  return (scopes) => ({
    do: 'refuse',
    because: String(because.of(scopes)),
    instead: String(instead.of(scopes)),
  })
}

type Named = { readonly name?: string; readonly secret?: string; readonly timeout?: number }

function namedOf(manifest: Manifest, map: LocatedMap): Named {
  return Object.fromEntries(
    ['name', 'secret', 'timeout']
      .filter((key) => map.entries.has(key))
      .map((key) => [key, key === 'timeout' ? secondsOf(manifest, map, key) : written(map, key)]),
  )
}

function execOf(manifest: Manifest, site: Site, map: LocatedMap, named: Named): ActionOf {
  const argv = wordsOf(site, entry(map, 'argv')!, 'argv')
  const exits = numbersOf(manifest, map, 'exits')
  if (exits === 'any')
    manifest.report({
      code: 'manifest/action',
      message: 'an action says which exits are not failures',
      at: entry(map, 'exits')!.at,
      hint: 'write exits: [0, 1]',
    })
  const parts: Record<string, Computing> = {
    ...(map.entries.has('stdin')
      ? { stdin: textOf(site, entry(map, 'stdin')!, 'stdin', { secret: true }) }
      : {}),
    ...(map.entries.has('chdir') ? { chdir: textOf(site, entry(map, 'chdir')!, 'chdir') } : {}),
    ...(map.entries.has('environment')
      ? { environment: textsOf(site, entry(map, 'environment')!, 'environment') }
      : {}),
  }
  return (scopes) => ({
    do: 'exec',
    argv: argv.of(scopes),
    ...given(parts, scopes),
    ...(Array.isArray(exits) ? { exits: exits as readonly number[] } : {}),
    ...named,
  })
}

function writeOf(site: Site, map: LocatedMap): ActionOf {
  const path = textOf(site, entry(map, 'path')!, 'path')
  const content = textOf(site, entry(map, 'content')!, 'content', { secret: true })
  const attributes = attributesOf(site, map)
  return (scopes) => {
    const [where, what] = [path.of(scopes) as string, content.of(scopes) ?? '']
    if (!(what instanceof Secret) && utf8(what).length > writeLimit)
      return {
        do: 'refuse',
        because: `the content of ${where} has more than ${writeLimit} bytes, which is the most that a write carries`,
        instead: 'send it as a local file with `upload:`',
      }
    return { do: 'write', path: where, content: what, ...given(attributes, scopes) }
  }
}

function uploadOf(manifest: Manifest, site: Site, map: LocatedMap): ActionOf {
  const path = textOf(site, entry(map, 'path')!, 'path')
  const located = entry(map, 'source')!
  const name = wholeName(located)
  const files = Object.keys(manifest.params.properties).filter(
    (each) => manifest.params.properties[each]!.format === 'local-file',
  )
  if (name === null || !files.includes(name)) {
    manifest.report({
      code: 'manifest/action',
      message: 'the source of an upload is a param whose format is `local-file`',
      at: located.at,
      hint:
        files.length > 0
          ? `write source: "{{ ${files[0]!} }}"`
          : 'declare a param: src: { type: string, format: local-file, description: … }',
    })
    return () => ({ do: 'refuse', because: '', instead: '' })
  }
  const attributes = attributesOf(site, map)
  return (scopes) => {
    const source = scopes.param(name)
    if (source === undefined)
      throw new DiagnosticError({
        code: 'manifest/text',
        message: `'${name}' is not given, and this sends it`,
        at: located.at,
        hint: 'make it required, or put the change under `when:`',
      })
    return {
      do: 'upload',
      path: path.of(scopes) as string,
      source: source as LocalFile,
      ...given(attributes, scopes),
    }
  }
}

function attributesOf(site: Site, map: LocatedMap): Record<string, Computing> {
  return Object.fromEntries(
    ['owner', 'group', 'mode', 'backup']
      .filter((key) => map.entries.has(key))
      .map((key) => [key, textOf(site, entry(map, key)!, key)]),
  )
}

function httpOf(manifest: Manifest, site: Site, map: LocatedMap, named: Named): ActionOf {
  const statuses = numbersOf(manifest, map, 'statuses') ?? []
  const parts: Record<string, Computing> = {
    path: textOf(site, entry(map, 'path')!, 'path'),
    ...(map.entries.has('service')
      ? { service: textOf(site, entry(map, 'service')!, 'service') }
      : {}),
    ...(map.entries.has('headers')
      ? { headers: textsOf(site, entry(map, 'headers')!, 'headers') }
      : {}),
    ...(map.entries.has('body') ? { body: valueOf(site, entry(map, 'body')!) } : {}),
  }
  return (scopes) =>
    ({
      do: 'http',
      method: written(map, 'method'),
      ...given(parts, scopes),
      statuses,
      ...named,
    }) as unknown as Action
}

function given(
  parts: Readonly<Record<string, Computing>>,
  scopes: Scopes,
): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(parts)
      .map(([key, part]) => [key, part.of(scopes)])
      .filter(([, value]) => value !== undefined),
  )
}

/** The names that actions give their outputs, with their places. */
export function outputsOf(
  changes: readonly LocatedMap[],
): readonly { readonly name: string; readonly secret: boolean; readonly action: LocatedMap }[] {
  const actions = changes.flatMap((change) => {
    const inner = entry(change, 'actions')
    return inner?.kind === 'list'
      ? inner.items.filter((item): item is LocatedMap => item.kind === 'map')
      : [change]
  })
  return actions.flatMap((action) =>
    words(action, 'name').map(({ text }) => ({
      name: text,
      secret: action.entries.has('secret'),
      action,
    })),
  )
}
