import type { ParamSchema } from '../contract/param-schema.ts'
import { readValue } from '../schema/read-value.ts'
import { writtenLocated } from '../schema/written-located.ts'
import { noFiles } from '../schema/written.ts'
import { formats } from '../text/formats.ts'
import type { Located, LocatedEntry, LocatedList, LocatedMap } from '../source/located.ts'
import { report, type Loading } from './load-context.ts'

// Readers of one key of a playbook: each gives the value, or reports what is wrong with it and gives undefined.

/** A text; a number or a template does not count as one. */
export function readText(loading: Loading, entry: LocatedEntry | undefined): string | undefined {
  if (!entry) return undefined
  const { value } = entry
  if (value.kind !== 'scalar')
    return wrong(loading, entry, 'a text', 'write one text; quote it if it holds `: ` or brackets')
  if (value.value === null || value.text.trim() === '')
    return wrong(loading, entry, 'a text', `write it behind \`${entry.key}:\``)
  if (typeof value.value !== 'string')
    return wrong(loading, entry, 'a text', `quote it: "${value.text}"`)
  if (value.tag === null && value.value.includes('{{'))
    return wrong(
      loading,
      entry,
      'a text that is known before anything runs',
      'write it without {{ }}',
    )
  return value.value
}

/** The sentence of a verb: a text that no comment cuts. */
export function readSentence(
  loading: Loading,
  entry: LocatedEntry | undefined,
): string | undefined {
  const comment = entry?.value.kind === 'scalar' ? entry.value.comment : null
  if (comment)
    report(loading, {
      code: 'playbook/comment',
      message: 'the sentence ends at this comment',
      at: comment,
      hint: 'quote the sentence if `#` is a part of it; otherwise put the comment on its own line',
    })
  return readText(loading, entry)
}

/** True or false, and nothing that only looks like it. */
export function readFlag(loading: Loading, entry: LocatedEntry | undefined): boolean | undefined {
  if (!entry) return undefined
  const { value } = entry
  if (value.kind === 'scalar' && typeof value.value === 'boolean') return value.value
  const text = value.kind === 'scalar' ? value.text : ''
  const meant = /^(?:yes|on|y)$/i.test(text)
    ? 'true'
    : /^(?:no|off|n)$/i.test(text)
      ? 'false'
      : 'true or false'
  return wrong(loading, entry, 'true or false', `write ${entry.key}: ${meant}`)
}

/** A whole number from a least one on. */
export function readInteger(
  loading: Loading,
  entry: LocatedEntry | undefined,
  least = 0,
): number | undefined {
  if (!entry) return undefined
  const { value } = entry
  if (
    value.kind === 'scalar' &&
    typeof value.value === 'number' &&
    Number.isSafeInteger(value.value) &&
    value.value >= least
  )
    return value.value
  const digits =
    value.kind === 'scalar' && /^\d+$/.test(value.text) && Number(value.text) >= least
      ? Number(value.text)
      : Math.max(least, 1)
  return wrong(loading, entry, `a whole number from ${least} on`, `write ${entry.key}: ${digits}`)
}

const duration: ParamSchema = { type: 'string', format: 'duration', description: 'A time.' }

/** Seconds of a duration. */
export function readDuration(
  loading: Loading,
  entry: LocatedEntry | undefined,
): number | undefined {
  if (!entry) return undefined
  const seconds = readValue(duration, writtenLocated(entry.value), {
    name: entry.key,
    files: noFiles,
    report: () => undefined,
  })
  if (typeof seconds === 'number' && seconds > 0) return seconds
  const { text } = entry.value.kind === 'scalar' ? entry.value : { text: '' }
  const isCount = /^\d+(?:\.\d+)?$/.test(text) && Number(text) > 0
  const hint = isCount ? `write a unit: ${text}s` : formats.duration.hint
  return wrong(loading, entry, 'a duration', hint)
}

/** Texts, written as a list or as its one item. */
export function readTexts(
  loading: Loading,
  entry: LocatedEntry | undefined,
): readonly { readonly text: string; readonly at: Located['at'] }[] {
  if (!entry) return []
  const items = entry.value.kind === 'list' ? entry.value.items : [entry.value]
  return items.flatMap((item) => {
    const text = readText(loading, { ...entry, value: item })
    return text === undefined ? [] : [{ text, at: item.at }]
  })
}

/** A map. */
export function readMap(loading: Loading, entry: LocatedEntry | undefined): LocatedMap | undefined {
  if (!entry) return undefined
  if (entry.value.kind === 'map') return entry.value
  return wrong(loading, entry, 'a map', `write ${entry.key}: { name: value }`)
}

/** A list. */
export function readList(
  loading: Loading,
  entry: LocatedEntry | undefined,
): LocatedList | undefined {
  if (!entry) return undefined
  if (entry.value.kind === 'list') return entry.value
  return wrong(
    loading,
    entry,
    'a list',
    `write each item of ${entry.key} on a line of its own, behind \`- \``,
  )
}

function wrong(loading: Loading, entry: LocatedEntry, wanted: string, hint: string): undefined {
  const at = entry.value.kind === 'scalar' && entry.value.text === '' ? entry.keyAt : entry.value.at
  report(loading, { code: 'playbook/value', message: `${entry.key} wants ${wanted}`, at, hint })
  return undefined
}
