import type { AnyResourceType } from '../contract/resource.ts'
import { builtinTypes } from '../resources/index.generated.ts'

/** The resource types that books may use, by name. */
export const types: ReadonlyMap<string, AnyResourceType> = new Map(
  [...builtinTypes].map((type) => [type.name, type]),
)
