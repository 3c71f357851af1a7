import { compareNames } from './xname.ts'

/** Names that differ in numbers only: the text around the numbers, the width that each number is padded to, and the numbers. */
interface Shape {
  readonly texts: readonly string[]
  readonly widths: readonly number[]
  readonly rows: number[][]
}
/** Sets of numbers, one for each place of a shape: their product is a part of the names. */
type Box = readonly (readonly number[])[]
interface Piece {
  readonly shape: Shape
  readonly box: Box
  readonly size: number
  readonly first: string
}

/** Numbers longer than this are text: they could not be counted with. */
const digitsCounted = 15

/**
 * The names in short, for display: `x3000c0s[19-21]b[1-4]n0`. What is longer than `room` characters ends in `… and n more`
 * (`n hosts` where none fits);
 * anything else reads back as a pattern that means the same names. One pass for each number of a name, whatever they are.
 */
export function foldNames(names: readonly string[], room = 2000): string {
  const pieces = shapesOf(new Set(names)).flatMap((shape) =>
    fold(shape).map((box): Piece => ({
      shape,
      box,
      size: sizeOf(box),
      first: nameOf(
        shape,
        box.map((set) => set[0]!),
      ),
    })),
  )
  pieces.sort((a, b) => compareNames(a.first, b.first))
  const shown: string[] = []
  let left = room
  let more = 0
  for (const piece of pieces) {
    const text = left > 0 ? textOf(piece.shape, piece.box) : ''
    if (text !== '' && text.length <= left) {
      shown.push(text)
      left -= text.length + 1
      continue
    }
    const box = shown.length === 0 && more === 0 ? clip(piece, left) : null
    if (box) shown.push(textOf(piece.shape, box))
    more += piece.size - (box ? sizeOf(box) : 0)
    left = 0
  }
  if (more > 0)
    return shown.length > 0
      ? `${shown.join(',')} … and ${more} more`
      : `${more} ${more === 1 ? 'host' : 'hosts'}`
  return shown.join(',')
}

function shapesOf(names: ReadonlySet<string>): Shape[] {
  const split = [...names].map(splitName)
  const padded = new Map<string, Set<number>[]>()
  for (const { key, numbers } of split) {
    let widths = padded.get(key)
    if (!widths) padded.set(key, (widths = numbers.map(() => new Set())))
    numbers.forEach((digits, i) => {
      if (digits.length > 1 && digits.startsWith('0')) widths[i]!.add(digits.length)
    })
  }
  const shapes = new Map<string, Shape>()
  for (const { key, texts, numbers } of split) {
    // 10 belongs to 08 and 09 where a number of its width is padded, else to 8 and 9.
    const widths = numbers.map((digits, i) =>
      padded.get(key)![i]!.has(digits.length) ? digits.length : 0,
    )
    const whole = `${key}\n${widths.join(' ')}`
    let shape = shapes.get(whole)
    if (!shape) shapes.set(whole, (shape = { texts, widths, rows: [] }))
    shape.rows.push(numbers.map(Number))
  }
  return [...shapes.values()]
}

function splitName(name: string): {
  readonly key: string
  readonly texts: string[]
  readonly numbers: string[]
} {
  const texts = ['']
  const numbers: string[] = []
  let from = 0
  for (const match of name.matchAll(/[0-9]+/g)) {
    texts[texts.length - 1] += name.slice(from, match.index)
    from = match.index + match[0].length
    if (match[0].length > digitsCounted) texts[texts.length - 1] += match[0]
    else {
      numbers.push(match[0])
      texts.push('')
    }
  }
  texts[texts.length - 1] += name.slice(from)
  return { key: texts.join('\0'), texts, numbers }
}

/** Merges along each place in turn what agrees in all the others, so that a full block becomes one box. */
function fold(shape: Shape): Box[] {
  let boxes: Box[] = shape.rows.map((row) => row.map((number) => [number]))
  for (let place = shape.texts.length - 2; place >= 0 && boxes.length > 1; place -= 1) {
    const merged = new Map<string, { readonly box: Box; readonly numbers: number[] }>()
    for (const box of boxes) {
      const key = box.map((set, i) => (i === place ? '' : set.join(','))).join(' ')
      const found = merged.get(key)
      if (found) found.numbers.push(...box[place]!)
      else merged.set(key, { box, numbers: [...box[place]!] })
    }
    boxes = [...merged.values()].map(({ box, numbers }) =>
      box.map((set, i) => (i === place ? numbers.sort((a, b) => a - b) : set)),
    )
  }
  return boxes
}

function sizeOf(box: Box): number {
  return box.reduce((product, set) => product * set.length, 1)
}

/** As much of a piece as fits: its longest set is cut. */
function clip(piece: Piece, room: number): Box | null {
  const widest = piece.box.reduce(
    (best, set, i) => (set.length > piece.box[best]!.length ? i : best),
    0,
  )
  let fits = 0
  for (let low = 1, high = piece.box[widest]?.length ?? 0; low <= high;) {
    const middle = (low + high) >> 1
    if (textOf(piece.shape, cut(middle)).length <= room) [fits, low] = [middle, middle + 1]
    else high = middle - 1
  }
  return fits > 0 ? cut(fits) : null

  function cut(count: number): Box {
    return piece.box.map((set, i) => (i === widest ? set.slice(0, count) : set))
  }
}

function nameOf(shape: Shape, numbers: readonly number[]): string {
  return shape.texts.reduce(
    (text, part, i) => text + digitsOf(numbers[i - 1]!, shape.widths[i - 1]!) + part,
  )
}

function textOf(shape: Shape, box: Box): string {
  return shape.texts.reduce(
    (text, part, i) => text + setText(box[i - 1]!, shape.widths[i - 1]!) + part,
  )
}

function setText(set: readonly number[], width: number): string {
  if (set.length === 1) return digitsOf(set[0]!, width)
  const parts: string[] = []
  for (let i = 0; i < set.length;) {
    let end = i
    while (end + 1 < set.length && set[end + 1] === set[end]! + 1) end += 1
    const first = digitsOf(set[i]!, width)
    parts.push(end === i ? first : `${first}-${digitsOf(set[end]!, width)}`)
    i = end + 1
  }
  return `[${parts.join(',')}]`
}

function digitsOf(number: number, width: number): string {
  return String(number).padStart(width, '0')
}
