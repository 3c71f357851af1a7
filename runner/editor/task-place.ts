import type { AnyResourceType } from '../contract/resource.ts'
import type { ParamSchema } from '../contract/param-schema.ts'
import { verbs, type Verb } from '../model/playbook.ts'
import type { Cursor, Step } from '../source/cursor.ts'

/** What a map of a playbook is, by the way that leads to it. */
export type MapPlace =
  | { readonly kind: 'playbook' | 'play' | 'input' }
  | { readonly kind: 'task'; readonly isHandler: boolean }
  | {
      readonly kind: 'params'
      readonly type: AnyResourceType
      readonly schema: ParamMap
      readonly verb: Verb | null
    }
  | { readonly kind: 'other' }

/** A map with named fields: the params of a type, or one of them that is a map itself. */
export interface ParamMap {
  readonly properties?: { readonly [name: string]: ParamSchema }
}

const lists: ReadonlySet<Step> = new Set(['tasks', 'handlers', 'block', 'rescue', 'always'])

/** What the map at a path is: the one whose key the cursor is on, or that holds the value there. */
export function mapPlace(
  path: readonly Step[],
  { maps }: Pick<Cursor, 'maps'>,
  types: ReadonlyMap<string, AnyResourceType>,
): MapPlace {
  if (path.length === 0) return { kind: 'playbook' }
  if (isTask(path)) return { kind: 'task', isHandler: path.at(-2) === 'handlers' }
  if (path.length === 2 && path[0] === 'plays') return { kind: 'play' }
  if (path.length === 2 && path[0] === 'inputs') return { kind: 'input' }
  const depth = path.findLastIndex((_, at) => isTask(path.slice(0, at)))
  const [name, ...inner] = depth < 0 ? [] : path.slice(depth)
  const type = typeof name === 'string' ? types.get(name) : undefined
  if (!type) return { kind: 'other' }
  const schema = inner.reduce<ParamMap | undefined>(fieldOf, type.params)
  const verb = verbIn(maps.find(({ path: at }) => at.length === depth)?.entries)
  return schema ? { kind: 'params', type, schema, verb } : { kind: 'other' }
}

/** Whether a path leads to a task: an item of a list of tasks, or of a file that is one. */
function isTask(path: readonly Step[]): boolean {
  return (
    typeof path.at(-1) === 'number' &&
    (path.length === 1 || (path.length > 1 && lists.has(path.at(-2)!)))
  )
}

function fieldOf(schema: ParamMap | undefined, step: Step): ParamMap | undefined {
  if (!schema) return undefined
  if (typeof step === 'number') return (schema as ParamSchema).items
  return schema.properties?.[step] ?? mapOf((schema as ParamSchema).additionalProperties)
}

function mapOf(schema: ParamSchema | false | undefined): ParamMap | undefined {
  return schema === false ? undefined : schema
}

/** The verb among the keys of a task. */
export function verbIn(entries: ReadonlyMap<string, unknown> | undefined): Verb | null {
  return verbs.find((verb) => entries?.has(verb)) ?? null
}
