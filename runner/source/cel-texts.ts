// Positions in a text count its characters, as size() does. cel-js counts the halves of which JavaScript makes a character outside of
// the first 65,536: substring(0, 1) would cut one in two.

type Refuse = (message: string, hint: string) => never

/** The functions of positions in a text, and `split`. */
export function textFunctions(
  refuse: Refuse,
): Readonly<Record<string, (...args: never[]) => unknown>> {
  const at = (text: string, place: bigint, name: string): number => {
    const unit = place < 0n ? -1 : unitAt(text, Number(place))
    return unit === -1
      ? refuse(
          `${name}: ${place} lies outside of the text, which has ${sizeOf(text)} characters`,
          'compare with size() first',
        )
      : unit
  }
  const within = (text: string, place: bigint, name: string): number => {
    const unit = at(text, place, name)
    return unit === text.length
      ? refuse(`${name}: ${place} lies behind the end of the text`, 'compare with size() first')
      : unit
  }
  const part = (text: string, from: bigint, to: bigint): string => {
    const [start, end] = [at(text, from, 'substring'), at(text, to, 'substring')]
    return end < start
      ? refuse(`substring: ${to} lies before ${from}`, 'write the smaller position first')
      : text.slice(start, end)
  }
  return {
    'string.indexOf(string): int': (text: string, sought: string) =>
      placeOf(text, text.indexOf(sought)),
    'string.indexOf(string, int): int': (text: string, sought: string, from: bigint) =>
      sought === '' ? from : placeOf(text, text.indexOf(sought, within(text, from, 'indexOf'))),
    'string.lastIndexOf(string): int': (text: string, sought: string) =>
      placeOf(text, text.lastIndexOf(sought)),
    'string.lastIndexOf(string, int): int': (text: string, sought: string, from: bigint) =>
      sought === ''
        ? from
        : placeOf(text, text.lastIndexOf(sought, within(text, from, 'lastIndexOf'))),
    'string.substring(int): string': (text: string, from: bigint) =>
      text.slice(at(text, from, 'substring')),
    'string.substring(int, int): string': part,
    'string.split(string): list<string>': partsOf,
    'string.split(string, int): list<string>': (text: string, between: string, most: bigint) => {
      if (most === 0n) return []
      const parts = partsOf(text, between)
      if (most < 0n || BigInt(parts.length) <= most) return parts
      const whole = Number(most) - 1
      return [...parts.slice(0, whole), parts.slice(whole).join(between)]
    },
  }
}

function partsOf(text: string, between: string): string[] {
  return between === '' ? [...text] : text.split(between)
}

const half = /[\ud800-\udfff]/

function sizeOf(text: string): number {
  return half.test(text) ? [...text].length : text.length
}

/** How many characters stand before a unit of JavaScript; -1 stays -1. */
function placeOf(text: string, unit: number): bigint {
  return BigInt(unit === -1 ? -1 : sizeOf(text.slice(0, unit)))
}

/** The unit of JavaScript at which a character begins; -1 where the text has ended before. */
function unitAt(text: string, place: number): number {
  if (!half.test(text)) return place <= text.length ? place : -1
  let unit = 0
  for (let i = 0; i < place; i++) {
    if (unit >= text.length) return -1
    unit += text.codePointAt(unit)! > 0xffff ? 2 : 1
  }
  return unit
}
