import type { Probe, ProbeMap, Seen } from '../contract/probe.ts'
import type { LocatedMap } from '../source/located.ts'
import { parseDuration } from '../text/duration.ts'
import { didYouMean } from '../source/suggest.ts'
import { entry, readingSite, written, type Manifest } from './reading.ts'
import { scopesOfReadings, type Scopes } from './scopes.ts'
import {
  conditionOf,
  textOf,
  textsOf,
  valueOf,
  wordsOf,
  type Computing,
  type Site,
} from './computed-values.ts'

type Kind = Probe['read']
/** Keys that each kind of probe has beside those that all have; the first must be given. */
const keysOf: Readonly<Record<Kind, readonly string[]>> = {
  stat: ['path', 'follow'],
  text: ['path', 'cap'],
  sha256: ['path'],
  exec: ['argv', 'exits', 'stdin', 'chdir', 'environment', 'cap'],
  http: ['path', 'service', 'method', 'headers', 'body', 'statuses', 'pages'],
}
const common = ['read', 'when', 'ahead', 'secret', 'timeout']
/** How often a type is asked what more it wants to read. */
const rounds = 3

interface CompiledProbe {
  readonly name: string
  /** Probes and outputs that must have answered before it can be asked. */
  readonly after: readonly string[]
  readonly when: Computing<boolean> | undefined
  build(scopes: Scopes): Probe
}

/** Compiles the probes of a manifest to a type's `probe`. */
export function probesOf(
  manifest: Manifest,
  located: LocatedMap,
): (params: Readonly<Record<string, unknown>>, seen: Seen) => ProbeMap {
  const probes = [...located.entries].flatMap(([name, { value }]) =>
    value.kind === 'map' ? [probeOf(manifest, name, value)] : [],
  )
  checkOrder(manifest, located, probes)
  return (params, seen) => {
    const scopes = scopesOfReadings(manifest.params, params, manifest.answerers.keys(), seen)
    const asked: Record<string, Probe> = {}
    for (const { name, after, when, build } of probes) {
      if (after.some((earlier) => !Object.hasOwn(seen, earlier) || seen[earlier] === undefined))
        continue
      if (when && !when.of(scopes)) continue
      asked[name] = build(scopes)
    }
    return asked
  }
}

function probeOf(manifest: Manifest, name: string, map: LocatedMap): CompiledProbe {
  const read = written(map, 'read') as Kind
  const site = readingSite(manifest, name)
  for (const [key, { keyAt }] of map.entries) {
    if (common.includes(key) || keysOf[read].includes(key)) continue
    manifest.report({
      code: 'manifest/probe',
      message: `a probe that reads ${read} has no '${key}'`,
      at: keyAt,
      hint: didYouMean(key, keysOf[read]),
    })
  }
  const first = keysOf[read][0]!
  if (!map.entries.has(first))
    manifest.report({
      code: 'manifest/probe',
      message: `the probe '${name}' has no ${first}`,
      at: map.at,
      hint: first === 'argv' ? 'add `argv: [command, argument]`' : 'add `path:`',
    })
  const when = map.entries.has('when') ? conditionOf(site, entry(map, 'when')!) : undefined
  const parts = partsOfProbe(manifest, site, map)
  const fixed = fixedOf(manifest, map, read)
  const names = [...(when ? [when] : []), ...Object.values(parts)].flatMap((part) =>
    part.paths.map(([root]) => root!),
  )
  return {
    name,
    when,
    after: [...new Set(names)].filter((root) => manifest.answerers.has(root)),
    build: (scopes) =>
      ({
        ...fixed,
        ...Object.fromEntries(
          Object.entries(parts)
            .map(([key, part]) => [key, part.of(scopes)])
            .filter(([, value]) => value !== undefined),
        ),
      }) as unknown as Probe,
  }
}

function partsOfProbe(manifest: Manifest, site: Site, map: LocatedMap): Record<string, Computing> {
  const parts: Record<string, Computing> = {}
  for (const [key, { value }] of map.entries) {
    if (key === 'argv') parts[key] = wordsOf(site, value, 'argv')
    else if (['path', 'stdin', 'chdir', 'service'].includes(key))
      parts[key] = textOf(site, value, key)
    else if (key === 'environment' || key === 'headers') parts[key] = textsOf(site, value, key)
    else if (key === 'body') parts[key] = valueOf(site, value)
  }
  const secret = parts['body']?.paths.find(site.isSecret)
  if (secret)
    manifest.report({
      code: 'manifest/secret',
      message: `'${secret.join('.')}' is a secret, and a probe may not carry one`,
      at: parts['body']!.at,
      hint: 'give secrets to actions only',
    })
  return parts
}

function fixedOf(manifest: Manifest, map: LocatedMap, read: Kind): Record<string, unknown> {
  const fixed: Record<string, unknown> = { read }
  for (const key of ['follow', 'cap', 'method', 'pages', 'ahead', 'secret', 'timeout'])
    if (map.entries.has(key))
      fixed[key] = key === 'timeout' ? secondsOf(manifest, map, key) : written(map, key)
  if (read === 'exec') fixed['exits'] = numbersOf(manifest, map, 'exits') ?? [0]
  if (read === 'http') fixed['statuses'] = numbersOf(manifest, map, 'statuses') ?? [200]
  return fixed
}

/** Seconds of a time: a number, or a duration such as `10m`. */
export function secondsOf(manifest: Manifest, map: LocatedMap, key: string): number {
  const value = written(map, key)
  if (typeof value === 'number') return value
  const seconds = typeof value === 'string' ? parseDuration(value) : null
  if (seconds === null || seconds <= 0)
    manifest.report({
      code: 'manifest/probe',
      message: `'${String(value)}' is not a duration`,
      at: entry(map, key)!.at,
      hint: 'write 30s, 5m or 1h30m',
    })
  return seconds ?? 0
}

/** A list of integers, or `any`. */
export function numbersOf(
  manifest: Manifest,
  map: LocatedMap,
  key: string,
): readonly number[] | 'any' | undefined {
  const value = written(map, key)
  if (
    value === undefined ||
    value === 'any' ||
    (Array.isArray(value) && value.length > 0 && value.every((each) => Number.isInteger(each)))
  )
    return value as readonly number[] | 'any' | undefined
  manifest.report({
    code: 'manifest/probe',
    message: `${key} is a list of numbers, or \`any\``,
    at: entry(map, key)!.at,
    hint: `write ${key}: [${key === 'exits' ? '0, 1' : '200, 404'}]`,
  })
  return undefined
}

/** Probes wait for each other in no circle, and in no more rounds than the engine asks. */
function checkOrder(
  manifest: Manifest,
  located: LocatedMap,
  probes: readonly CompiledProbe[],
): void {
  const round = new Map<string, number>()
  let left = probes
  for (let next = 1; left.length > 0; next++) {
    // What an action says is there for the read-back only; it delays nothing before.
    const ready = left.filter(({ after }) =>
      after.every((name) => round.has(name) || manifest.answerers.get(name)?.kind === 'action'),
    )
    if (ready.length === 0) break
    for (const { name } of ready) round.set(name, next)
    left = left.filter((each) => !ready.includes(each))
  }
  for (const { name, after } of left)
    manifest.report({
      code: 'manifest/probe-order',
      message: `the probe '${name}' waits for ${after.join(', ')}, and that in the end for itself`,
      at: located.entries.get(name)!.keyAt,
      hint: 'remove one of these references: a probe may use params, and readings that do not wait for it',
    })
  for (const [name, at] of round)
    if (at > rounds)
      manifest.report({
        code: 'manifest/probe-order',
        message: `the probe '${name}' is asked in round ${at}, and there are ${rounds}`,
        at: located.entries.get(name)!.keyAt,
        hint: 'let one command read more, or let the probe use readings of an earlier round',
      })
}
