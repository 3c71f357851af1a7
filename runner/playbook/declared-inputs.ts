import type { ParamSchema } from '../contract/param-schema.ts'
import { withoutLine } from '../model/diagnostic.ts'
import { isNothing, plain, type LocatedEntry } from '../source/located.ts'
import { didYouMean } from '../source/suggest.ts'
import { formatNames, formatOf } from '../text/formats.ts'
import { patternFault } from '../text/pattern.ts'
import { report, type Loading } from './load-context.ts'
import { afterComma } from './ansible-params.ts'
import { readFlag, readText } from './typed-entries.ts'

/** The types of inputs, and what each is for JSON Schema. */
const inputTypes: Readonly<Record<string, ParamSchema['type']>> = {
  string: 'string',
  integer: 'integer',
  number: 'number',
  boolean: 'boolean',
  list: 'array',
  map: 'object',
  any: 'any',
}
/** The formats of inputs. An input is known before any folder is, so it names no local file. */
const inputFormats = formatNames.filter((name) => formatOf(name).isLocal !== true)
/** The keys of an input's declaration. */
export const inputKeys: Readonly<
  Record<string, { readonly description: string; readonly schema: object }>
> = {
  type: { description: 'What it is.', schema: { enum: Object.keys(inputTypes) } },
  description: { description: 'What it is for.', schema: { type: 'string' } },
  default: {
    description: 'Its value when none is given. Without one it must be given.',
    schema: {},
  },
  required: { description: '`false`: null when it is not given.', schema: { type: 'boolean' } },
  enum: { description: 'The values that it may have.', schema: { type: 'array' } },
  pattern: {
    description: 'A regular expression that its text must match.',
    schema: { type: 'string' },
  },
  format: {
    description:
      'How its text is read: `size` takes `50G`, `duration` takes `30m`, `line` no line end.',
    schema: { enum: inputFormats },
  },
  minimum: { description: 'Its least value.', schema: { type: 'number' } },
  maximum: { description: 'Its greatest value.', schema: { type: 'number' } },
  secret: { description: 'It is never shown.', schema: { type: 'boolean' } },
}

/** The declaration of an input: what it takes, and its default. */
export interface Declaration {
  readonly schema: ParamSchema
  readonly secret: boolean
  readonly optional: boolean
  readonly fallback: LocatedEntry | undefined
}

/** The declaration of an input; null after an error. */
export function readDeclaration(loading: Loading, entry: LocatedEntry): Declaration | null {
  const entries = keysOf(loading, entry)
  if (!entries) return null
  const type = typeOf(loading, entries)
  if (!type) return null
  const schema: ParamSchema = {
    type,
    description: readText(loading, entries.get('description')) ?? '',
    ...choicesOf(entries.get('enum'), type),
    ...patternOf(loading, entries.get('pattern')),
    ...formatIn(loading, entries, type),
    ...boundsOf(entries),
  }
  const fallback = entries.get('default')
  const secret = readFlag(loading, entries.get('secret')) ?? false
  if (secret && !mayBeSecret(loading, entry, entries, type)) return null
  const optional = readFlag(loading, entries.get('required')) === false
  return { schema, secret, optional, fallback }
}

/** The keys of a declaration; an unknown one is reported. */
function keysOf(loading: Loading, entry: LocatedEntry): Keys | null {
  if (entry.value.kind !== 'map') {
    const text = entry.value.kind === 'scalar' ? entry.value.text : '…'
    report(loading, {
      code: 'playbook/value',
      message: `the input ${entry.key} wants a map`,
      at: entry.value.kind === 'scalar' && text === '' ? entry.keyAt : entry.value.at,
      hint: `write ${entry.key}: { type: string, default: ${text || '…'}, description: … }`,
    })
    return null
  }
  const { entries } = entry.value
  for (const [key, each] of entries) {
    if (!Object.hasOwn(inputKeys, key))
      report(loading, {
        code: 'playbook/unknown-key',
        message: `unknown key '${key}' of an input`,
        at: each.keyAt,
        hint: afterComma(each) ?? didYouMean(key, Object.keys(inputKeys)),
      })
  }
  return entries
}

type Keys = ReadonlyMap<string, LocatedEntry>

function typeOf(loading: Loading, entries: Keys): ParamSchema['type'] | null {
  const written = readText(loading, entries.get('type')) ?? 'string'
  if (Object.hasOwn(inputTypes, written)) return inputTypes[written]!
  report(loading, {
    code: 'playbook/value',
    message: `'${written}' is not a type of input`,
    at: entries.get('type')!.value.at,
    hint: didYouMean(written, Object.keys(inputTypes)),
  })
  return null
}

function choicesOf(
  choices: LocatedEntry | undefined,
  type: ParamSchema['type'],
): Pick<ParamSchema, 'enum'> {
  if (choices?.value.kind !== 'list') return {}
  return {
    enum: choices.value.items.map((item) =>
      type === 'string' && item.kind === 'scalar' ? item.text : (plain(item) as string | number),
    ),
  }
}

function patternOf(
  loading: Loading,
  entry: LocatedEntry | undefined,
): Pick<ParamSchema, 'pattern'> {
  const pattern = readText(loading, entry)
  if (pattern === undefined) return {}
  const fault = patternFault(pattern)
  if (fault === null) return { pattern }
  report(loading, {
    code: 'playbook/value',
    message: `this is not a regular expression: ${fault.message}`,
    at: entry!.value.at,
    hint: fault.hint,
  })
  return {}
}

function formatIn(
  loading: Loading,
  entries: Keys,
  type: ParamSchema['type'],
): Pick<ParamSchema, 'format'> {
  const entry = entries.get('format')
  const written = readText(loading, entry)
  if (!entry || written === undefined) return {}
  const format = inputFormats.find((name) => name === written)
  if (format !== undefined && type === 'string') return { format }
  report(loading, {
    code: 'playbook/value',
    message: format
      ? `the format ${format} goes with \`type: string\``
      : `'${written}' is not a format of an input`,
    at: entry.value.at,
    hint: format ? 'write `type: string`' : didYouMean(written, inputFormats),
  })
  return {}
}

function boundsOf(entries: Keys): Pick<ParamSchema, 'minimum' | 'maximum'> {
  const number = (key: string): number | undefined => {
    const value = entries.get(key)?.value
    return value?.kind === 'scalar' && typeof value.value === 'number' ? value.value : undefined
  }
  const [minimum, maximum] = [number('minimum'), number('maximum')]
  return {
    ...(minimum === undefined ? {} : { minimum }),
    ...(maximum === undefined ? {} : { maximum }),
  }
}

function mayBeSecret(
  loading: Loading,
  entry: LocatedEntry,
  entries: Keys,
  type: ParamSchema['type'],
): boolean {
  // Only a text can be kept from being shown: a number, a list or a map would travel as it is.
  if (type !== 'string') {
    const { value } = entries.get('type')!
    report(loading, {
      code: 'playbook/value',
      message: `a secret input is a text, not ${value.kind === 'scalar' ? value.text : type}`,
      at: value.at,
      hint: 'write `type: string`',
    })
    return false
  }
  // A playbook is read by many, and a saved plan keeps its text.
  const fallback = entries.get('default')
  if (!fallback || isNothing(fallback.value)) return true
  report(loading, {
    code: 'input/default',
    message: `the default of the secret input ${entry.key} is written here for everybody who can read this playbook`,
    at: withoutLine(fallback.value.at),
    hint: 'remove `default`, and write `required: false` when it may be left out; the user who runs the playbook gives it',
  })
  return false
}
