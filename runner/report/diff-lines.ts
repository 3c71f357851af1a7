import { createTwoFilesPatch } from 'diff'
import { Matcher } from '../contract/matcher.ts'
import { Secret } from '../contract/secret.ts'
import type { AnyDiff } from '../contract/state.ts'
import { isMap, same, type Value } from '../contract/value.ts'
import type { Units } from '../model/event.ts'
import { printedText, type FormatName } from '../text/formats.ts'
import { cleanLine, cut, type Paint } from './screen-text.ts'

/** Lines of one text diff that are shown; the rest is counted. */
const linesShown = 200

/** How a diff is laid out: `most` lines of each text are shown, and numbers in the `unit`. */
interface Room {
  readonly paint: Paint
  readonly width: number
  readonly most: number
  readonly unit: FormatName | undefined
}

/** A diff as lines: `field: from → to`, several lines of text as a unified diff, a secret as its name. */
export function diffLines(
  diff: AnyDiff,
  paint: Paint,
  width: number,
  units: Units = {},
  most = linesShown,
): readonly string[] {
  return Object.entries(diff).flatMap(([field, { from, to }]) =>
    driftLines(field, from, to, { paint, width, most, unit: units[field] }),
  )
}

/** A value with its numbers as people write them; a matcher knows its own unit. */
function textIn(value: unknown, unit: FormatName | undefined): string {
  const printed = printedText(unit, value)
  if (printed !== null) return printed
  if (unit !== undefined && Array.isArray(value))
    return `[${value.map((item: unknown) => textIn(item, unit)).join(', ')}]`
  return valueText(value)
}

function driftLines(field: string, from: unknown, to: unknown, room: Room): readonly string[] {
  const { paint, width, unit } = room
  if (isMap(from) && isMap(to)) {
    const keys = [...new Set([...Object.keys(from), ...Object.keys(to)])].filter(
      (key) => !sameOrMatched(from[key] ?? null, to[key] ?? null),
    )
    return keys.flatMap((key) =>
      driftLines(`${field}.${key}`, from[key] ?? null, to[key] ?? null, room),
    )
  }
  if (isText(from) && isText(to) && `${from ?? ''}${to ?? ''}`.includes('\n'))
    return textLines(field, from ?? '', to ?? '', room)
  if (Array.isArray(from) && Array.isArray(to)) {
    const gone = from.filter((item: Value) => !to.some((other: Value) => same(item, other)))
    const come = to.filter((item: Value) => !from.some((other: Value) => same(item, other)))
    if (gone.length + come.length > 0 && gone.length < from.length) {
      return [
        `${cleanLine(field)}:`,
        ...gone.map((item: Value) => paint('red', cut(`  - ${textIn(item, unit)}`, width))),
        ...come.map((item: Value) => paint('green', cut(`  + ${textIn(item, unit)}`, width))),
      ]
    }
  }
  const name = cleanLine(field)
  const [left, right] = [textIn(from, unit), textIn(to, unit)]
  if (name.length + left.length + right.length + 5 <= width)
    return [`${name}: ${paint('red', left)} → ${paint('green', right)}`]
  return [
    `${name}:`,
    paint('red', cut(`  - ${left}`, width)),
    paint('green', cut(`  + ${right}`, width)),
  ]
}

function textLines(
  field: string,
  from: string,
  to: string,
  { paint, width, most }: Room,
): readonly string[] {
  const patch = createTwoFilesPatch(field, field, from, to, '', '', { context: 2, timeout: 1000 })
  if (patch === undefined)
    return [`${cleanLine(field)}: ${from.length} characters → ${to.length} characters`]
  const lines = patch
    .split('\n')
    .slice(4)
    .filter((line) => line !== '')
  const shown = lines.slice(0, most).map((line) => {
    const text = cut(`  ${cleanLine(`${line}|`).slice(0, -1)}`, width)
    return line.startsWith('+')
      ? paint('green', text)
      : line.startsWith('-')
        ? paint('red', text)
        : line.startsWith('@')
          ? paint('cyan', text)
          : text
  })
  return [
    `${cleanLine(field)}:`,
    ...shown,
    ...(lines.length > most
      ? [`  … and ${lines.length - most} more lines; --diff=full shows them`]
      : []),
  ]
}

/** A value in one line as people read it: texts bare, a secret by its name, the rest as JSON. */
export function valueText(value: unknown): string {
  if (value === null || value === undefined) return '(none)'
  if (value instanceof Secret || value instanceof Matcher) return cleanLine(String(value))
  if (typeof value === 'string') return value === '' ? '""' : cleanLine(value)
  return cleanLine(JSON.stringify(value))
}

function isText(value: unknown): value is string | null {
  return typeof value === 'string' || value === null
}

function sameOrMatched(from: Value, to: unknown): boolean {
  return to instanceof Matcher ? to.accepts(from) : same(from, to as Value)
}
