import type { AnyResourceType } from './resource.ts'
import type { ParamCondition, ParamSchema } from './param-schema.ts'
import { same, type Value } from './value.ts'

/** Stands for the value of a param that is not known yet. */
export const notKnown: unique symbol = Symbol('not known')

/** The params of a task as far as they are known. */
export interface GivenParams {
  /** Whether the task gives it. */
  given(name: string): boolean
  /** Its value in canonical form, or its default; `notKnown` where it is computed later. */
  value(name: string): unknown
}

/** A param that breaks a rule of its type. */
export interface RuleFault {
  readonly param: string
  /** `idle`: it has no effect beside the others. `missing`: the others need it. `wrong`: the type says what is wrong. */
  readonly kind: 'idle' | 'missing' | 'wrong'
  readonly message: string
  readonly hint: string
}

/** Whether a type has rules about how its params go together. */
export function hasRules(type: AnyResourceType): boolean {
  return type.checks !== undefined || ruledParams(type).length > 0
}

const ruled = new WeakMap<object, readonly (readonly [string, ParamSchema])[]>()

/** The params of a type that have rules, in their order: asked for at each task of each host. */
function ruledParams({ params }: AnyResourceType): readonly (readonly [string, ParamSchema])[] {
  let found = ruled.get(params)
  if (!found) {
    found = Object.entries(params.properties).filter(
      ([, { onlyWith, neededWith }]) => onlyWith !== undefined || neededWith !== undefined,
    )
    ruled.set(params, found)
  }
  return found
}

/** The rules of a type that these params break. A rule that needs a value which is not known yet is left for later. */
export function ruleFaults(
  type: AnyResourceType,
  params: GivenParams,
  asksForAll: boolean,
): readonly RuleFault[] {
  const found: RuleFault[] = []
  for (const [name, schema] of ruledParams(type)) {
    const fault = params.given(name)
      ? idleFault(type, name, schema, params)
      : asksForAll
        ? neededFault(type, name, schema, params)
        : null
    if (fault) found.push(fault)
  }
  const wrong = new Set(found.map(({ param }) => param))
  for (const [param, check] of Object.entries(type.checks ?? {})) {
    if (check === undefined || wrong.has(param)) continue
    const fault = asFarAsKnown(() => check(viewOf(type, params)))
    if (fault) found.push({ param, kind: 'wrong', ...fault })
  }
  return found
}

function idleFault(
  type: AnyResourceType,
  name: string,
  { onlyWith, default: usual }: ParamSchema,
  params: GivenParams,
): RuleFault | null {
  const broken = brokenBy(onlyWith, params)
  if (!broken) return null
  const [other, allowed, value] = broken
  if (usual !== undefined && usual !== null) {
    const given = params.value(name)
    // What says the same as saying nothing needs no other param.
    if (given === notKnown || same(given as Value, usual)) return null
  }
  const beside = value === undefined ? `without '${other}'` : `beside \`${other}: ${value}\``
  return {
    param: name,
    kind: 'idle',
    message: `${type.name}.${name} has no effect ${beside}`,
    hint: `remove \`${name}:\`, or write \`${other}: ${allowed.join('` or `')}\``,
  }
}

function neededFault(
  type: AnyResourceType,
  name: string,
  { neededWith, description }: ParamSchema,
  params: GivenParams,
): RuleFault | null {
  if (neededWith === undefined) return null
  const holds = Object.entries(neededWith).every(([other, values]) => {
    const value = params.value(other)
    return value !== notKnown && values.includes(value as string)
  })
  if (!holds) return null
  const beside = Object.keys(neededWith).map((other) => `${other}: ${String(params.value(other))}`)
  return {
    param: name,
    kind: 'missing',
    message: `${type.name} needs '${name}' for \`${beside.join(', ')}\``,
    hint: `add \`${name}:\` (${description})`,
  }
}

function brokenBy(
  condition: ParamCondition | undefined,
  params: GivenParams,
): readonly [other: string, allowed: readonly unknown[], value: string | undefined] | null {
  for (const [other, allowed] of Object.entries(condition ?? {})) {
    const value = params.value(other)
    if (value === notKnown || allowed.includes(value as string)) continue
    return [other, allowed, value === undefined ? undefined : String(value)]
  }
  return null
}

/** The params that a view shows. */
const shown: unique symbol = Symbol('params')

const views = new WeakMap<object, object>()

/** The params as a check reads them: touching one that is not known yet ends the check. The getters are made once for each type. */
function viewOf({ params: { properties } }: AnyResourceType, params: GivenParams): object {
  let getters = views.get(properties)
  if (!getters) views.set(properties, (getters = gettersOf(Object.keys(properties))))
  return Object.create(getters, { [shown]: { value: params } }) as object
}

function gettersOf(names: readonly string[]): object {
  const getters = {}
  for (const name of names)
    Object.defineProperty(getters, name, {
      enumerable: true,
      get(this: { readonly [shown]: GivenParams }) {
        const value = this[shown].value(name)
        if (value === notKnown) throw new NotKnown()
        return value
      },
    })
  return getters
}

class NotKnown extends Error {}

function asFarAsKnown<T>(check: () => T): T | null {
  try {
    return check()
  } catch (error) {
    if (error instanceof NotKnown) return null
    throw error
  }
}
