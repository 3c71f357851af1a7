import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv'
import type { Diagnostic, Place } from '../model/diagnostic.ts'
import { kindOf } from '../contract/value.ts'
import { didYouMean } from '../source/suggest.ts'
import { plain, type Located } from '../source/located.ts'
const ajv = new Ajv({ allErrors: true, strict: false, verbose: true, validateFormats: false })
const compiled = new WeakMap<object, ValidateFunction>()

/** What in a located value breaks a JSON Schema, each at the user's line: the key for an unknown key, the map for a missing one. */
export function checkLocated(located: Located, schema: object): Diagnostic[] {
  let validate = compiled.get(schema)
  if (!validate) compiled.set(schema, (validate = ajv.compile(schema)))
  if (validate(plain(located))) return []
  const errors = validate.errors ?? []
  // A failed choice says it all in one line; what each of its branches missed would only confuse.
  const choices = errors.filter((error) => error.keyword === 'anyOf' || error.keyword === 'oneOf')
  const shown = errors.filter(
    (error) =>
      choices.includes(error) ||
      !choices.some((choice) => error.schemaPath.startsWith(`${choice.schemaPath}/`)),
  )
  return shown.map((error) => toDiagnostic(located, error))
}

function toDiagnostic(root: Located, error: ErrorObject): Diagnostic {
  const path = error.instancePath
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
  const found = at(root, path)
  const name = path.length > 0 ? `'${path.at(-1)}'` : 'this'
  const words = wordsOf[error.keyword]
  return words
    ? words(error, found, name)
    : {
        code: 'schema/value',
        message: `${name} ${error.message ?? 'is wrong'}`,
        at: found.at,
        hint: `the schema of this file says what is allowed there: look for '${error.keyword}'`,
      }
}

type Words = (error: ErrorObject, found: Located, name: string) => Diagnostic

const unknownKey: Words = (error, found) => {
  const key = String(paramOf(error, 'additionalProperty'))
  const known = Object.keys((error.parentSchema?.['properties'] as object | undefined) ?? {})
  return {
    code: 'schema/unknown-key',
    message: `unknown key '${key}'`,
    at: keyPlace(found, key),
    hint: didYouMean(key, known),
  }
}

const missingKey: Words = (error, found) => {
  const key = String(paramOf(error, 'missingProperty'))
  return {
    code: 'schema/missing-key',
    message: `'${key}' is missing`,
    at: found.at,
    hint: `add \`${key}:\``,
  }
}

const wrongType: Words = (error, found, name) => {
  const wanted = [paramOf(error, 'type')].flat().join(' or ')
  const quote = wanted === 'string' && found.kind === 'scalar' && found.value !== null
  return {
    code: 'schema/type',
    message: `${name} wants ${article(wanted)}, not ${kindOf(plain(found))}`,
    at: found.at,
    hint: quote ? `quote it: "${found.text}"` : `write ${article(wanted)}`,
  }
}

const notInEnum: Words = (error, found, name) => {
  const allowed = (paramOf(error, 'allowedValues') as unknown[]).map(String)
  return {
    code: 'schema/value',
    message: `${name} is not one of ${allowed.join(', ')}`,
    at: found.at,
    hint: didYouMean(found.kind === 'scalar' ? found.text : '', allowed),
  }
}

const noForm: Words = (error, found, name) => {
  const what = error.parentSchema?.['description']
  return {
    code: 'schema/value',
    message: `${name} has none of the forms that are allowed here`,
    at: found.at,
    hint: typeof what === 'string' ? what : 'look at an example of it in docs/own-types.md',
  }
}

const wordsOf: Readonly<Record<string, Words>> = {
  additionalProperties: unknownKey,
  required: missingKey,
  type: wrongType,
  enum: notInEnum,
  anyOf: noForm,
  oneOf: noForm,
}

function paramOf({ params }: ErrorObject, key: string): unknown {
  return (params as Record<string, unknown>)[key]
}

function article(type: string): string {
  const words: Readonly<Record<string, string>> = {
    string: 'a text',
    integer: 'an integer',
    array: 'a list',
    object: 'a map',
    number: 'a number',
    boolean: 'true or false',
    null: 'nothing',
  }
  return type
    .split(' or ')
    .map((each) => words[each] ?? each)
    .join(' or ')
}

function at(root: Located, path: readonly string[]): Located {
  let found = root
  for (const part of path) {
    const next =
      found.kind === 'map'
        ? found.entries.get(part)?.value
        : found.kind === 'list'
          ? found.items[Number(part)]
          : undefined
    if (!next) return found
    found = next
  }
  return found
}

function keyPlace(found: Located, key: string): Place {
  return (found.kind === 'map' ? found.entries.get(key)?.keyAt : undefined) ?? found.at
}
