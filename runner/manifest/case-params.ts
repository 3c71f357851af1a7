import { ruleFaults } from '../contract/param-rules.ts'
import type { AnyResourceType } from '../contract/resource.ts'
import type { LocalFile, ParamSchema, ParamsSchema } from '../contract/param-schema.ts'
import { Secret } from '../contract/secret.ts'
import { isMap, type Value, type ValueMap } from '../contract/value.ts'
import type { Diagnostic, Place } from '../model/diagnostic.ts'
import { presenceFaults } from '../schema/presence.ts'
import { readValue } from '../schema/read-value.ts'
import { unknownValue, writtenValue, type LocalFiles } from '../schema/written.ts'
import { didYouMean } from '../source/suggest.ts'
import { formatOf } from '../text/formats.ts'

/** Params of a case in the form in which a type sees them, what is wrong with them, and the texts of their secrets. */
export interface CaseParams {
  readonly params: Readonly<Record<string, unknown>>
  readonly faults: readonly ParamFault[]
  readonly secrets: readonly string[]
}

/** What is wrong with the params of a case; `param` is the one that is to blame. */
export interface ParamFault extends Diagnostic {
  readonly param?: string
}

/** A case gives a local file as a type sees it: nothing of this machine is read. */
const caseFiles: LocalFiles = {
  read: (path) => ({
    wrong: `a case reads no file, and this names ${path}`,
    hint: 'write { path: /absolute/path, size: 12, sha256: … }',
  }),
  readFolder: (path) => ({
    wrong: `a case reads no folder, and this names ${path}`,
    hint: 'write { path: /absolute/path, size: 12, sha256: …, folders: [], files: [{ below, runs, file }] }',
  }),
  isFile: (value): value is LocalFile =>
    isMap(value) &&
    typeof value['path'] === 'string' &&
    typeof value['size'] === 'number' &&
    typeof value['sha256'] === 'string',
}

/**
 * Params as a playbook writes them, read as a playbook's are. A text is given as a secret by `{ secret: … }`. `type` and
 * `at` are what messages name and point to.
 */
export function paramsOfCase(
  schema: ParamsSchema,
  written: ValueMap,
  type = 'the type',
  at: Place = { file: 'cases.yaml', line: 1, column: 1 },
): CaseParams {
  const faults: ParamFault[] = []
  const secrets: string[] = []
  const params: Record<string, unknown> = {}
  const report = (fault: ParamFault): void => void faults.push(fault)
  for (const name of Object.keys(written))
    if (!Object.hasOwn(schema.properties, name))
      report({ ...unknownParam(name, schema, type, at), param: name })
  for (const [name, each] of Object.entries(schema.properties)) {
    const isWritten = written[name] !== undefined
    const value = isWritten ? written[name] : each.default
    if (value === undefined) continue
    if (value === null && !isWritten) {
      params[name] = null
      continue
    }
    const given = withSecrets(each, value, name, secrets)
    const made = readValue(each, writtenValue(given, at, caseFiles), {
      name: `${type}.${name}`,
      files: caseFiles,
      report: (fault) => report({ ...fault, param: name }),
    })
    params[name] = made === unknownValue ? undefined : made
  }
  const given = new Set(Object.keys(written).filter((name) => written[name] !== undefined))
  for (const { param, ...fault } of presenceFaults(schema, {
    name: type,
    given,
    onlyIdentity: false,
  }))
    report({ ...fault, at, ...(param === null ? {} : { param }) })
  return { params, faults, secrets }
}

function unknownParam(
  name: string,
  { properties }: ParamsSchema,
  type: string,
  at: Place,
): Diagnostic {
  return {
    code: 'param/unknown',
    message: `${type} has no param '${name}'`,
    at,
    hint: didYouMean(name, Object.keys(properties)),
  }
}

/** The rules of a type that the params of a case break. */
export function brokenRules(
  type: AnyResourceType,
  written: ValueMap,
  params: Readonly<Record<string, unknown>>,
  asksForAll: boolean,
): readonly string[] {
  const given = (name: string): boolean => written[name] !== undefined
  return ruleFaults(type, { given, value: (name) => params[name] }, asksForAll).map(
    ({ message }) => message,
  )
}

/** The value with a Secret in the place of each `{ secret: text }`, and of each text that the schema calls secret. */
function withSecrets(schema: ParamSchema, value: Value, name: string, secrets: string[]): Value {
  if (schema.orOne && schema.items && !Array.isArray(value))
    return withSecrets(schema.items, value, name, secrets)
  if (schema.secret && typeof value === 'string') return concealed(value, name, secrets)
  if (Array.isArray(value))
    return (value as readonly Value[]).map((item, i) =>
      withSecrets(schema.items ?? schema, item, `${name}[${i}]`, secrets),
    )
  if (!isMap(value)) return value
  if (takesSecret(schema) && Object.keys(value).length === 1 && typeof value['secret'] === 'string')
    return concealed(value['secret'], name, secrets)
  return Object.fromEntries(
    Object.entries(value).map(([key, each]) => {
      const field = schema.properties?.[key] ?? (schema.additionalProperties || undefined)
      return [key, field ? withSecrets(field, each, `${name}.${key}`, secrets) : each]
    }),
  )
}

function takesSecret({ type, format, orSecret }: ParamSchema): boolean {
  const mayBeSecret = format !== undefined && formatOf(format).mayBeSecret === true
  return orSecret === true || mayBeSecret || type === 'any'
}

function concealed(text: string, name: string, secrets: string[]): Secret {
  secrets.push(text)
  return new Secret(name, text)
}
