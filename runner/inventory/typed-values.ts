import { dirname, resolve } from 'node:path'
import type { ParamSchema } from '../contract/param-schema.ts'
import { Secret } from '../contract/secret.ts'
import type { Value } from '../contract/value.ts'
import { readFile } from '../files/read-file.ts'
import type { Code } from '../model/codes.ts'
import { readValue } from '../schema/read-value.ts'
import { writtenLocated } from '../schema/written-located.ts'
import { noFiles, unknownValue, type Written } from '../schema/written.ts'
import { durationText } from '../text/duration.ts'
import { plain, type Located } from '../source/located.ts'
import { fail, warn, type Draft } from './parse-state.ts'

const longestSecret = 64 * 1024

const text: ParamSchema = { type: 'string', minLength: 1, description: 'A text.' }
const time: ParamSchema = { type: 'string', format: 'duration', description: 'A time.' }

/** A value by its schema, in canonical form; undefined after an error. */
export function readBy(
  draft: Draft,
  schema: ParamSchema,
  name: string,
  written: Written,
  code: Code = 'inventory/value',
): unknown {
  const value = readValue(schema, written, {
    name: `'${name}'`,
    files: noFiles,
    report: ({ message, at, hint }) =>
      fail(
        draft,
        code,
        message.startsWith(`'${name}'`) ? message : `'${name}': ${message}`,
        at ?? written.at,
        hint ?? '',
      ),
  })
  return value === unknownValue ? undefined : value
}

/** A text, or undefined after an error. A number is not taken for one: what was written may have been changed by YAML. */
export function readText(draft: Draft, name: string, located: Located): string | undefined {
  if (
    located.kind === 'scalar' &&
    typeof located.value === 'string' &&
    located.value.includes('{{') &&
    located.tag !== '!raw'
  ) {
    fail(
      draft,
      'inventory/template',
      `'${name}' holds a template: an inventory is data, nothing in it is computed`,
      located.at,
      'write the value itself',
    )
    return undefined
  }
  return readBy(draft, text, name, writtenLocated(located)) as string | undefined
}

/** One text or a list of texts. */
export function readTexts(
  draft: Draft,
  name: string,
  located: Located,
): readonly string[] | undefined {
  if (located.kind !== 'list') {
    const one = readText(draft, name, located)
    return one === undefined ? undefined : [one]
  }
  const texts = located.items.map((item) => readText(draft, name, item))
  return texts.includes(undefined) ? undefined : (texts as string[])
}

/** A whole number by its schema; digits in quotes are one too, for other programs write inventories. */
export function readInteger(
  draft: Draft,
  name: string,
  located: Located,
  schema: ParamSchema,
): number | undefined {
  return readBy(draft, schema, name, withNumber(located)) as number | undefined
}

/** Seconds: a number of them, as Ansible has it, or a duration (`30s`). */
export function readSeconds(
  draft: Draft,
  name: string,
  located: Located,
  most = 86_400,
): number | undefined {
  const written = withNumber(located)
  const isNumber = written.kind === 'scalar' && typeof written.value === 'number'
  const seconds = isNumber ? written.value : readBy(draft, time, name, written)
  if (seconds === undefined || (typeof seconds === 'number' && seconds > 0 && seconds <= most))
    return seconds as number | undefined
  fail(
    draft,
    'inventory/value',
    `'${name}' is a time of at most ${durationText(most)}, and more than nothing`,
    located.at,
    `write ${name}: 30s`,
  )
  return undefined
}

/** The value; of digits in quotes the number. */
function withNumber(located: Located): Written {
  const written = writtenLocated(located)
  return written.kind === 'scalar' &&
    typeof written.value === 'string' &&
    /^[0-9]{1,9}$/.test(written.value)
    ? { ...written, value: Number(written.value) }
    : written
}

/** One of a few words. */
export function readWord<W extends string>(
  draft: Draft,
  name: string,
  located: Located,
  words: readonly W[],
): W | undefined {
  const schema: ParamSchema = { type: 'string', enum: words, description: 'A word.' }
  return readBy(draft, schema, name, withText(located)) as W | undefined
}

/** The value; of what YAML takes for true or false the word as written, such as `off`. */
function withText(located: Located): Written {
  const written = writtenLocated(located)
  return written.kind === 'scalar' && typeof written.value === 'boolean'
    ? { ...written, value: written.text }
    : written
}

/** An absolute path: `~` is the user's home, anything relative begins where the file lies in which it is written. */
export function readPath(draft: Draft, name: string, located: Located): string | undefined {
  const text = readText(draft, name, located)
  return text === undefined ? undefined : pathFrom(draft, located.at.file, text)
}

/** The absolute form of a path that a file names. */
export function pathFrom(draft: Draft, file: string, text: string): string {
  if (text === '~' || text.startsWith('~/')) return resolve(draft.world.home, `.${text.slice(1)}`)
  return resolve(dirname(file), text)
}

/** A secret: `{ file: … }`, `{ env: … }`, or the text itself, which is warned of. */
export function readSecret(draft: Draft, name: string, located: Located): Secret | undefined {
  if (located.kind === 'map') {
    const [entry, ...others] = located.entries.values()
    if (!entry || others.length > 0 || (entry.key !== 'file' && entry.key !== 'env')) {
      fail(
        draft,
        'inventory/secret',
        `'${name}' comes from one place: a file or the environment`,
        entry?.keyAt ?? located.at,
        `write ${name}: { file: PATH } or ${name}: { env: NAME }`,
      )
      return undefined
    }
    if (entry.key === 'file') return readSecretFile(draft, name, entry.value)
    const variable = readText(draft, 'env', entry.value)
    if (variable === undefined) return undefined
    const text = draft.world.environment[variable]
    if (text) return new Secret(name, text)
    fail(
      draft,
      'inventory/secret',
      `the environment has no ${variable}, from which '${name}' comes`,
      entry.value.at,
      `export ${variable}, or name another source`,
    )
    return undefined
  }
  if (located.kind !== 'scalar' || typeof located.value !== 'string') {
    // The value is not shown, nor its line: it may be the secret.
    fail(
      draft,
      'inventory/secret',
      `'${name}' wants a text, a file or the environment`,
      bare(located),
      `quote it, or better: write ${name}: { file: PATH } or ${name}: { env: NAME }`,
    )
    return undefined
  }
  const text = located.value
  if (text === '' || /\{\{/.test(text)) {
    fail(
      draft,
      'inventory/secret',
      text === ''
        ? `'${name}' is empty`
        : `'${name}' holds a template: nothing in an inventory is computed`,
      bare(located),
      `write ${name}: { file: PATH } or ${name}: { env: NAME }`,
    )
    return undefined
  }
  if (!draft.world.printed.has(located.at.file))
    warn(draft, `${located.at.file}:${located.at.line}`, {
      code: 'inventory/plain-secret',
      message: `'${name}' is written here for everybody who can read this file`,
      at: bare(located),
      hint: `write ${name}: { file: PATH } or ${name}: { env: NAME }`,
    })
  return new Secret(name, text)
}

/** A secret from a file named by the value. A line end at its end does not count. */
export function readSecretFile(draft: Draft, name: string, located: Located): Secret | undefined {
  const path = readPath(draft, `${name}_file`, located)
  if (path === undefined) return undefined
  const { secretFiles } = draft.world
  if (!secretFiles.has(path)) secretFiles.set(path, secretText(draft, name, path, located))
  const text = secretFiles.get(path)
  return text ? new Secret(name, text) : undefined
}

function secretText(draft: Draft, name: string, path: string, located: Located): string | null {
  const read = readFile(path, longestSecret)
  if ('bytes' in read) {
    const { stats, bytes } = read
    if ((stats.mode & 0o077) !== 0)
      warn(draft, path, {
        code: 'inventory/open-secret',
        message: `${path} can be read by others than its owner`,
        at: located.at,
        hint: `chmod 600 ${path}`,
      })
    const text = bytes.toString('utf8').replace(/\r?\n$/, '')
    if (text !== '') return text
    fail(
      draft,
      'inventory/secret',
      `${path}, which should hold '${name}', is empty`,
      located.at,
      'write the secret into it',
    )
    return null
  }
  fail(
    draft,
    'inventory/secret',
    `${path}, which should hold '${name}', cannot be read: ${read.words}`,
    located.at,
    read.code === 'ENOENT'
      ? 'check the path: it begins where this file lies'
      : `a file of at most ${longestSecret / 1024} KiB with nothing else in it, that you may read`,
  )
  return null
}

/** The place without the user's line, which would print the secret. */
function bare(located: Located): { file: string; line: number; column: number } {
  const { file, line, column } = located.at
  return { file, line, column }
}

/** A var's value as data; undefined after an error. */
export function readVar(draft: Draft, name: string, located: Located): Value | undefined {
  const before = draft.diagnostics.length
  refuseComputed(draft, name, located)
  return draft.diagnostics.length === before ? plain(located) : undefined
}

function refuseComputed(draft: Draft, name: string, located: Located): void {
  if (located.kind === 'list') for (const item of located.items) refuseComputed(draft, name, item)
  else if (located.kind === 'map')
    for (const entry of located.entries.values()) refuseComputed(draft, name, entry.value)
  else if (
    located.tag === '!expr' ||
    (located.tag !== '!raw' && typeof located.value === 'string' && /\{\{|\{%/.test(located.value))
  ) {
    fail(
      draft,
      'inventory/template',
      `'${name}' is computed: an inventory is data, nothing in it is rendered`,
      located.at,
      'compute it in the vars of a play, or mark braces of another program with !raw',
    )
  }
}
