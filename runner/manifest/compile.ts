import { DiagnosticError, type Diagnostic, type Place } from '../model/diagnostic.ts'
import { parseDuration } from '../text/duration.ts'
import type { Probe } from '../contract/probe.ts'
import type { AnyResourceType, Settle } from '../contract/resource.ts'
import { reservedWords } from '../source/cel.ts'
import { checkLocated } from '../schema/check-located.ts'
import { didYouMean } from '../source/suggest.ts'
import { textFunctions } from '../source/text.ts'
import { parseYaml } from '../source/located-yaml.ts'
import { type Located, type LocatedMap } from '../source/located.ts'
import { outputsOf } from './actions.ts'
import { changesOf } from './changes.ts'
import { desireOf } from './desire.ts'
import { observeOf } from './observe.ts'
import { paramsOf, stateOf } from './declared-params.ts'
import { probesOf } from './probes.ts'
import { entry, stateSite, written, type Answerer, type Manifest } from './reading.ts'
import { manifestSchema } from './manifest-schema.ts'
import { ownNames, scopesOf } from './scopes.ts'
import { textOf, wholeName } from './computed-values.ts'

/** A type made of a manifest, when nothing is wrong with it; all that is wrong; and where its name stands. */
export interface CompiledManifest {
  readonly type: AnyResourceType | null
  readonly diagnostics: readonly Diagnostic[]
  readonly nameAt: Place
}

/** Compiles the text of a `*.resource.yaml` to the same object that a TypeScript type exports. */
export function compileManifest(file: string, text: string): CompiledManifest {
  const start: Place = { file, line: 1, column: 1, source: text.split('\n', 1)[0]! }
  const { value: located, diagnostics: broken } = parseYaml(file, text)
  if (!located)
    return {
      type: null,
      diagnostics:
        broken.length > 0
          ? broken
          : [
              {
                code: 'manifest/empty',
                message: 'this file is empty',
                at: start,
                hint: 'trueup new type NAME writes one to begin with',
              },
            ],
      nameAt: start,
    }
  const nameAt = (located.kind === 'map' && entry(located, 'type')?.at) || start
  const diagnostics: Diagnostic[] = [...broken, ...checkLocated(located, manifestSchema)]
  // What has the wrong shape cannot be looked into.
  if (diagnostics.length > 0 || located.kind !== 'map') return { type: null, diagnostics, nameAt }
  const type = typeOf(file, located, (diagnostic) => diagnostics.push(diagnostic))
  return { type: diagnostics.length > 0 ? null : type, diagnostics: inOrder(diagnostics), nameAt }
}

function typeOf(
  file: string,
  map: LocatedMap,
  report: (diagnostic: Diagnostic) => void,
): AnyResourceType {
  const params = paramsOf(entry(map, 'params') as LocatedMap, report)
  const state = stateOf(entry(map, 'state') as LocatedMap, report)
  const manifest: Manifest = {
    file,
    params,
    state,
    answerers: answerersOf(map, report),
    hasSettle: map.entries.has('settle'),
    report,
  }
  const changes = entry(map, 'change')
  const desired = entry(map, 'desire')
  if (changes && !desired)
    report({
      code: 'manifest/repair',
      message: 'there are changes, and nothing is wanted',
      at: map.entries.get('change')!.keyAt,
      hint: 'add `desire:` with the wanted fields',
    })
  const wished = desired && desireOf(manifest, desired)
  if (wished && wished.fields.size === 0)
    report({
      code: 'manifest/field',
      message: 'desire wants no field',
      at: desired.at,
      hint: 'write the wanted fields, or leave `desire:` out: the type is then only read',
    })
  checkWords(map, manifest)
  return {
    ...Object.fromEntries(
      ['summary', 'source', 'shows', 'events']
        .filter((key) => map.entries.has(key))
        .map((key) => [key, written(map, key)]),
    ),
    name: String(written(map, 'type')),
    params,
    state,
    probe: probesOf(manifest, entry(map, 'probe') as LocatedMap),
    observe: observeOf(manifest, entry(map, 'observe') as LocatedMap),
    ...(wished ? { desire: wished.desire } : {}),
    ...(changes && wished ? { change: changesOf(manifest, changes, wished.fields) } : {}),
    ...(changes && destroysIn(changes) ? { destroys: true } : {}),
    ...(map.entries.has('settle')
      ? { settle: settleOf(manifest, entry(map, 'settle') as LocatedMap) }
      : {}),
  } as AnyResourceType
}

/** Whether a change of a manifest says that it destroys. */
function destroysIn(changes: Located): boolean {
  return (
    changes.kind === 'list' &&
    changes.items.some((each) => each.kind === 'map' && written(each, 'effect') === 'destroys')
  )
}

/** Probes and named outputs share one set of names with the params. */
function answerersOf(
  map: LocatedMap,
  report: (diagnostic: Diagnostic) => void,
): ReadonlyMap<string, Answerer> {
  const params = entry(entry(map, 'params') as LocatedMap, 'properties') as LocatedMap
  const answerers = new Map<string, Answerer>()
  const add = (name: string, at: Place, kind: Answerer['kind'], secret: boolean): void => {
    const taken = params.entries.has(name)
      ? 'a param'
      : answerers.has(name)
        ? 'another probe or output'
        : (ownNames as readonly string[]).includes(name)
          ? 'a name that manifests have'
          : reservedWords.has(name)
            ? 'a word of expressions'
            : textFunctions.has(name)
              ? 'a function of templates'
              : null
    if (taken !== null)
      report({
        code: 'manifest/name',
        message: `'${name}' is ${taken} already`,
        at,
        hint: `call it ${name}_now, or what it reads`,
      })
    else if (!/^[a-z]\w*$/.test(name))
      report({
        code: 'manifest/name',
        message: `'${name}' cannot be a name`,
        at,
        hint: 'letters, digits and _, the first a small letter',
      })
    answerers.set(name, { kind, secret, at })
  }
  for (const [name, { keyAt, value }] of (entry(map, 'probe') as LocatedMap).entries)
    add(
      name,
      keyAt,
      written(value as LocatedMap, 'read') as Probe['read'],
      (value as LocatedMap).entries.has('secret'),
    )
  const changes = entry(map, 'change')
  const maps =
    changes?.kind === 'list'
      ? changes.items.filter((item): item is LocatedMap => item.kind === 'map')
      : []
  for (const { name, secret, action } of outputsOf(maps))
    add(name, entry(action, 'name')!.at, 'action', secret)
  return answerers
}

function checkWords(map: LocatedMap, { state, params, report }: Manifest): void {
  const name = entry(map, 'type')!
  if (name.kind === 'scalar' && !/^[a-z][a-z0-9_]*(?:\.[a-z][a-z0-9_]*)?$/.test(name.text))
    report({
      code: 'manifest/name',
      message: `'${name.text}' cannot be the name of a type`,
      at: name.at,
      hint: 'small letters, digits and _, with one dot where it is of your site: site.motd',
    })
  const summary = entry(map, 'summary')!
  if (summary.kind === 'scalar' && !/^\s*\S[^]*\.$/.test(summary.text.trimEnd()))
    report({
      code: 'manifest/text',
      message: 'the summary is one sentence with a full stop',
      at: summary.at,
      hint: 'write what is true on a host that has it',
    })
  const shows = entry(map, 'shows')
  if (shows?.kind === 'scalar' && !Object.hasOwn(state, shows.text))
    report({
      code: 'manifest/field',
      message: `'${shows.text}' is not a field of the state`,
      at: shows.at,
      hint: didYouMean(shows.text, Object.keys(state)),
    })
  const events = entry(map, 'events')
  const values = params.properties['state']?.enum ?? []
  for (const event of events?.kind === 'list' ? events.items : []) {
    if (event.kind === 'scalar' && !values.includes(event.text))
      report({
        code: 'manifest/param',
        message: `the param \`state\` has no value '${event.text}'`,
        at: event.at,
        hint:
          values.length > 0
            ? didYouMean(event.text, values.map(String))
            : `declare it: state: { type: string, enum: [${event.text}], description: … }`,
      })
  }
}

function settleOf(manifest: Manifest, map: LocatedMap): Settle<any, any> {
  const progress = map.entries.has('progress')
    ? textOf(stateSite(manifest, ['current']), entry(map, 'progress')!, 'progress')
    : undefined
  return {
    for: settleTime(manifest, entry(map, 'for')!),
    every: settleTime(manifest, entry(map, 'every')!),
    progress: (current: Readonly<Record<string, unknown>>) => {
      const plainly = (): string =>
        Object.keys(manifest.state)
          .filter((field) => !manifest.state[field]!.information && !manifest.state[field]!.secret)
          .map((field) => `${field} ${String(current[field])}`)
          .join(', ')
      try {
        return progress
          ? String(progress.of(scopesOf(manifest.params, {}, { current: () => current })))
          : plainly()
      } catch (error) {
        // A field that is null has no text: how far it is must not fail what goes on.
        if (error instanceof DiagnosticError) return plainly()
        throw error
      }
    },
  }
}

/** Seconds, or the param that holds them. */
function settleTime(
  { params, report }: Manifest,
  located: Located,
): number | ((params: Readonly<Record<string, unknown>>) => number) {
  const name = wholeName(located)
  const param = name === null ? undefined : params.properties[name]
  if (
    name !== null &&
    param &&
    (param.format === 'duration' || param.type === 'number' || param.type === 'integer') &&
    (param.default !== undefined || params.required?.includes(name))
  )
    return (given) => given[name] as number
  const seconds = located.kind === 'scalar' ? parseDuration(located.text) : null
  if (seconds === null)
    report({
      code: 'manifest/settle',
      message: 'this is not a duration',
      at: located.at,
      hint: 'write 30s, 5m or 1h30m, or "{{ param }}" of a param with the format `duration` and a default',
    })
  return seconds ?? 0
}

function inOrder(diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  return [...diagnostics].sort(
    (a, b) => (a.at?.line ?? 0) - (b.at?.line ?? 0) || (a.at?.column ?? 0) - (b.at?.column ?? 0),
  )
}
