import type { Code } from '../model/codes.ts'
/** What is wrong in a text, at an offset of it. */
export interface Fault {
  readonly code: Code
  readonly message: string
  readonly hint: string
  readonly offset: number
  readonly width: number
}

/** More names than this from one text are taken for a slip of the keyboard. */
export const mostNames = 100_000

/** The names that a text with ranges stands for: `n[01-10/3]`, `x3000c0s[19-21]b[1-4]n0`. Padding is kept. */
export function expandRanges(text: string): readonly string[] | Fault {
  const parts: (readonly string[])[] = []
  let from = 0
  let count = 1
  while (from < text.length) {
    const open = text.indexOf('[', from)
    const stray = text.slice(from, open < 0 ? text.length : open).indexOf(']')
    if (stray >= 0)
      return fault(
        'inventory/range-bracket',
        'this bracket closes nothing',
        'remove it, or open it before: n[1-3]',
        from + stray,
        1,
      )
    if (open < 0) {
      parts.push([text.slice(from)])
      break
    }
    if (open === from && from > 0) {
      return fault(
        'inventory/range-bracket',
        'a bracket directly after a bracket: where one number ends and the next begins would be a guess',
        'write one range with the numbers themselves: n[13-14,23-24]',
        open,
        1,
      )
    }
    const close = text.indexOf(']', open)
    if (close < 0)
      return fault(
        'inventory/range-bracket',
        'this bracket is never closed',
        'close it: n[1-3]',
        open,
        text.length - open,
      )
    const numbers = expandBracket(
      text.slice(open + 1, close),
      open + 1,
      mostNames / count,
      digitsBefore(text, open),
    )
    if ('code' in numbers) return numbers
    if (open > from) parts.push([text.slice(from, open)])
    parts.push(numbers)
    count *= numbers.length
    from = close + 1
  }
  return parts.reduce(
    (names, part) =>
      part.length === 1
        ? names.map((name) => name + part[0]!)
        : names.flatMap((name) => part.map((each) => name + each)),
    [''],
  )
}

/** The numbers of what stands between brackets, as text with their padding, each once and in the order of their values. */
function expandBracket(
  inside: string,
  at: number,
  room: number,
  before: string,
): readonly string[] | Fault {
  const numbers = new Map<string, number>()
  let offset = at
  for (const item of inside.split(',')) {
    const found = expandItem(item, offset, room, before)
    if ('code' in found) return found
    for (const [digits, value] of found) numbers.set(digits, value)
    if (numbers.size > room) return tooMany(at, inside.length)
    offset += item.length + 1
  }
  return [...numbers]
    .sort(([a, x], [b, y]) => x - y || a.length - b.length)
    .map(([digits]) => digits)
}

/** A range as it is written: the digits of its ends and of its step. */
interface WrittenRange {
  readonly first: string
  readonly last: string
  readonly step: number
  /** The digits that stand before the bracket. */
  readonly before: string
}

function expandItem(
  item: string,
  offset: number,
  room: number,
  before: string,
): readonly (readonly [digits: string, value: number])[] | Fault {
  const width = Math.max(item.length, 1)
  const faultHere = (code: Code, message: string, hint: string): Fault =>
    fault(code, message, hint, offset, width)
  if (item.trim() === '')
    return faultHere(
      'inventory/range-empty',
      'a number or a range is missing here',
      'write n[1-3,5]',
    )
  const match = /^\s*([0-9]+)\s*(?:-\s*([0-9]+)\s*(?:\/\s*([0-9]+)\s*)?)?$/.exec(item)
  if (!match)
    return faultHere(
      'inventory/range-syntax',
      `'${item.trim()}' is neither a number nor a range of numbers`,
      syntaxHint(item),
    )
  const [, first, last, step] = match as unknown as [
    string,
    string,
    string | undefined,
    string | undefined,
  ]
  if ([first, last, step].some((digits) => digits && digits.length > 15))
    return faultHere(
      'inventory/range-syntax',
      'this number is too long to count with',
      'write the name without a range',
    )
  if (last === undefined) return [[first, Number(first)]]
  const range: WrittenRange = { first, last, step: Number(step ?? 1), before }
  const wrong = rangeFault(range)
  if (wrong) return faultHere(...wrong)
  return numbersOf(range, room) ?? tooMany(offset, width)
}

/** The numbers of a range with their digits, or null when they are more than there is room for. */
function numbersOf(
  { first, last, step }: WrittenRange,
  room: number,
): readonly (readonly [digits: string, value: number])[] | null {
  const from = Number(first)
  const to = Number(last)
  if ((to - from) / step + 1 > room) return null
  const pad = first.length === last.length ? first.length : 0
  return Array.from(
    { length: Math.floor((to - from) / step) + 1 },
    (_, i) => [String(from + i * step).padStart(pad, '0'), from + i * step] as const,
  )
}

/** What is wrong with the ends and the step of a range, or null. */
function rangeFault({
  first,
  last,
  step,
  before,
}: WrittenRange): readonly [code: Code, message: string, hint: string] | null {
  const from = Number(first)
  const to = Number(last)
  if (step === 0)
    return [
      'inventory/range-step',
      'a step of 0 never ends',
      'write a step of at least 1: [1-10/3]',
    ]
  if (from > to)
    return [
      'inventory/range-reversed',
      `the range ${first}-${last} runs backwards`,
      `write [${last}-${first}]`,
    ]
  if (first.length === last.length) return null
  if (isPadded(first) || isPadded(last)) {
    const wide = Math.max(first.length, last.length)
    return [
      'inventory/range-padding',
      `${first}-${last}: the ends are padded to different widths`,
      `pad both ends alike: [${first.padStart(wide, '0')}-${last.padStart(wide, '0')}], or none: [${from}-${to}]`,
    ]
  }
  if (before === '') return null
  // n1[9-10] is n19 and n110 to some programs, n19 to n110 to others (ClusterShell): the notation is refused rather than guessed.
  return [
    'inventory/range-ambiguous',
    `the digits ${before} before this bracket belong to its numbers, whose ends differ in length`,
    `write the whole number in the bracket: [${before}${first}-${before}${last}] for all between, [${before}${first},…,${before}${last}] for some`,
  ]
}

function digitsBefore(text: string, open: number): string {
  // eslint-disable-next-line regexp/no-super-linear-move -- twenty characters
  return /[0-9]*$/.exec(text.slice(Math.max(0, open - 20), open))![0]
}

function isPadded(digits: string): boolean {
  return digits.length > 1 && digits.startsWith('0')
}

function syntaxHint(item: string): string {
  const colons = /^\s*([0-9]+):([0-9]+)(?::([0-9]+))?\s*$/.exec(item)
  if (colons) return `write [${colons[1]}-${colons[2]}${colons[3] ? `/${colons[3]}` : ''}]`
  const dots = /^\s*([0-9]+)\.\.([0-9]+)\s*$/.exec(item)
  if (dots) return `write [${dots[1]}-${dots[2]}]`
  if (/^\s*[0-9]+\s*\//.test(item)) return 'a step needs a range before it: [1-10/3]'
  if (/^[a-z]\s*[-:]\s*[a-z]$/i.test(item.trim()))
    return 'only numbers have ranges: write the names, joined by commas'
  return 'write numbers: n[1-3,5,8-20/4]'
}

/** The fault of what stands for too many names. */
export function tooMany(offset: number, width: number): Fault {
  return fault(
    'inventory/range-too-large',
    `this stands for more than ${mostNames} names`,
    'write smaller ranges',
    offset,
    width,
  )
}

function fault(code: Code, message: string, hint: string, offset: number, width: number): Fault {
  return { code, message, hint, offset, width }
}
