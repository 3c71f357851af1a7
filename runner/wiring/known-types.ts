import type { AnyResourceType } from '../contract/resource.ts'
import { verbs } from '../model/playbook.ts'
import { taskKeywords } from '../playbook/keywords.ts'
import { builtinTypes } from '../resources/index.generated.ts'

/** The resource types that playbooks may use, by name. */
export const types: ReadonlyMap<string, AnyResourceType> = new Map(
  [...builtinTypes].map((type) => [type.name, type]),
)

/** What users' own types may not be called: built-in types, keywords and verbs. */
export const takenNames = {
  builtIn: types,
  keywords: new Set([...Object.keys(taskKeywords), ...verbs]),
}
