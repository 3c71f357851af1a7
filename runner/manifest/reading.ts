import type { Diagnostic, Place } from '../model/diagnostic.ts'
import type { Probe } from '../contract/probe.ts'
import type { ParamsSchema } from '../contract/param-schema.ts'
import type { StateSchema } from '../contract/state.ts'
import { anyShape, mapShape, type Shape } from '../source/known-names.ts'
import { plain, type Located, type LocatedMap } from '../source/located.ts'
import { namesOf, paramShapes } from './scopes.ts'
import type { Site } from './computed-values.ts'

/** What is known of a probe or an action's output by its name. */
export interface Answerer {
  readonly kind: Probe['read'] | 'action'
  readonly secret: boolean
  readonly at: Place
}
/** A manifest while it is compiled. */
export interface Manifest {
  readonly file: string
  readonly params: ParamsSchema
  readonly state: StateSchema
  /** Probes, and actions whose output has a name. */
  readonly answerers: ReadonlyMap<string, Answerer>
  readonly hasSettle: boolean
  readonly report: (diagnostic: Diagnostic) => void
}

const text: Shape = { kind: 'value', type: 'string' }
const integer: Shape = { kind: 'value', type: 'integer' }
const flag: Shape = { kind: 'value', type: 'boolean' }

/** The parts of each kind of answer. */
export const partsOf: Readonly<Record<Answerer['kind'], Readonly<Record<string, Shape>>>> = {
  stat: {
    exists: flag,
    kind: anyShape,
    mode: anyShape,
    owner: anyShape,
    group: anyShape,
    uid: anyShape,
    gid: anyShape,
    size: anyShape,
    device: anyShape,
    inode: anyShape,
    rdev: anyShape,
    target: anyShape,
  },
  text: { exists: flag, text: anyShape },
  sha256: { exists: flag, sha256: anyShape },
  exec: { exit: integer, stdout: text, stderr: text },
  http: { status: integer, body: text, json: anyShape },
  action: {
    exit: anyShape,
    stdout: anyShape,
    stderr: anyShape,
    status: anyShape,
    body: anyShape,
    json: anyShape,
  },
}
/** The parts in which a secret answer has its text. */
const concealed: ReadonlySet<string> = new Set(['text', 'stdout', 'body'])

/** Where probes and observed fields are compiled: they see params, readings and outputs. */
export function readingSite(manifest: Manifest, without?: string): Site {
  const shapes = [...manifest.answerers]
    .filter(([name]) => name !== without)
    .map(
      ([name, { kind, secret }]) =>
        [
          name,
          secret || kind === 'action'
            ? mapShape(Object.keys(partsOf[kind]).map((part) => [part, anyShape]))
            : mapShape(Object.entries(partsOf[kind])),
        ] as const,
    )
  return siteOf(manifest, shapes, (path) => {
    const answerer = manifest.answerers.get(path[0]!)
    return answerer?.secret === true && (path.length === 1 || concealed.has(path[1]!))
  })
}

/** Where wishes and changes are compiled: they see params, the state and, in changes, the difference. */
export function stateSite(manifest: Manifest, names: readonly ('current' | 'diff')[]): Site {
  const fields = mapShape(Object.keys(manifest.state).map((field) => [field, anyShape]))
  const site = siteOf(
    manifest,
    names.map((name) => [name, fields]),
    (path) =>
      (path[0] === 'current' || path[0] === 'diff') &&
      path[1] !== undefined &&
      manifest.state[path[1]]?.secret === true,
  )
  return { ...site, report: (diagnostic) => manifest.report(withWayOut(manifest, diagnostic)) }
}

/** Where a change names a probe: how what it read comes there. */
function withWayOut({ answerers }: Manifest, diagnostic: Diagnostic): Diagnostic {
  const name = /^unknown name '(\w+)'$/.exec(diagnostic.message)?.[1]
  if (name === undefined || !answerers.has(name)) return diagnostic
  return {
    ...diagnostic,
    message: `${diagnostic.message}: that is a probe, and changes see the state`,
    hint: `add a field with \`information: true\` to \`state\`, observe it from ${name}, and write current.FIELD here`,
  }
}

/** Where values of a manifest are compiled that see its params and these names beside. */
export function siteOf(
  manifest: Manifest,
  more: readonly (readonly [string, Shape])[],
  isSecret: (path: readonly string[]) => boolean,
): Site {
  const { params } = manifest
  const isOptional = (name: string): boolean => params.properties[name]?.default === undefined
  return {
    names: namesOf(paramShapes(params), more),
    optional: new Set(Object.keys(params.properties).filter(isOptional)),
    isSecret: (path) => {
      const name = path[0] === 'params' ? path[1] : path[0]
      return name !== undefined && params.properties[name]?.secret === true ? true : isSecret(path)
    },
    report: manifest.report,
  }
}

/** An entry's value, when the key is written. */
export function entry(map: LocatedMap, key: string): Located | undefined {
  return map.entries.get(key)?.value
}

/** A value without its places; undefined when the key is not written. */
export function written(map: LocatedMap, key: string): unknown {
  const value = entry(map, key)
  return value && plain(value)
}

/** Texts of a key that may hold one or several. */
export function words(
  map: LocatedMap,
  key: string,
): readonly { readonly text: string; readonly at: Place }[] {
  const value = entry(map, key)
  const items = value === undefined ? [] : value.kind === 'list' ? value.items : [value]
  return items.map((item) => ({ text: item.kind === 'scalar' ? item.text : '', at: item.at }))
}
