/** A number as it is written: the services tell 1.0 from 1. */
export class NumberLiteral {
  readonly text: string
  constructor(text: string) {
    this.text = text
  }
}

/** Whether a value is a map, and not a list or a number that keeps its spelling. */
export function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return (
    typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype
  )
}

/**
 * A JSON text as a value whose numbers keep their spelling, or what Go's encoding/json says is wrong with the text.
 * `otherNumbers` are words that the reader's language takes for numbers too.
 */
export function readJson(
  text: string,
  otherNumbers: readonly string[] = [],
): { readonly value: unknown; readonly error: null } | { readonly error: string } {
  try {
    const reader = new Reader(text, otherNumbers)
    const value = reader.value()
    reader.end()
    return { value, error: null }
  } catch (error) {
    if (error instanceof Unreadable) return { error: error.message }
    throw error
  }
}

/** A value that was read, with its numbers in the form of the reader's language. */
export function withNumbersAs(value: unknown, form: (literal: NumberLiteral) => unknown): unknown {
  if (value instanceof NumberLiteral) return form(value)
  if (Array.isArray(value)) return value.map((each) => withNumbersAs(each, form))
  return isMap(value)
    ? Object.fromEntries(
        Object.entries(value).map(([key, held]) => [key, withNumbersAs(held, form)]),
      )
    : value
}

class Unreadable extends Error {}

/** Reads a text and stops where Go's scanner would. */
class Reader {
  private at = 0
  private readonly text: string
  private readonly otherNumbers: readonly string[]
  constructor(text: string, otherNumbers: readonly string[]) {
    this.text = text
    this.otherNumbers = otherNumbers
  }

  value(): unknown {
    this.blank()
    const start = this.at
    const other = this.otherNumbers.find((each) => this.text.startsWith(each, start))
    if (other !== undefined) {
      this.at += other.length
      return new NumberLiteral(other)
    }
    const first = this.next()
    if (first === '{') return this.object()
    if (first === '[') return this.list()
    if (first === '"') return this.string()
    if (first === 't') return this.word('true', true)
    if (first === 'f') return this.word('false', false)
    if (first === 'n') return this.word('null', null)
    if (first !== '-' && !isDigit(first)) this.fail(first, 'looking for beginning of value')
    this.number(first)
    return new NumberLiteral(this.text.slice(start, this.at))
  }

  end(): void {
    this.blank()
    if (this.at < this.text.length) this.fail(this.text[this.at]!, 'after top-level value')
  }

  private object(): Record<string, unknown> {
    const entries: [string, unknown][] = []
    this.blank()
    if (this.peek() === '}') {
      this.at += 1
      return {}
    }
    for (;;) {
      this.blank()
      const quote = this.next()
      if (quote !== '"') this.fail(quote, 'looking for beginning of object key string')
      const key = this.string()
      this.blank()
      const colon = this.next()
      if (colon !== ':') this.fail(colon, 'after object key')
      entries.push([key, this.value()])
      this.blank()
      const after = this.next()
      if (after === '}') return Object.fromEntries(entries)
      if (after !== ',') this.fail(after, 'after object key:value pair')
    }
  }

  private list(): unknown[] {
    const values: unknown[] = []
    this.blank()
    if (this.peek() === ']') {
      this.at += 1
      return values
    }
    for (;;) {
      values.push(this.value())
      this.blank()
      const after = this.next()
      if (after === ']') return values
      if (after !== ',') this.fail(after, 'after array element')
    }
  }

  private string(): string {
    const start = this.at - 1
    for (;;) {
      const each = this.next()
      if (each === '"') return JSON.parse(this.text.slice(start, this.at)) as string
      if (each < ' ') this.fail(each, 'in string literal')
      if (each !== '\\') continue
      const code = this.within('in string escape code')
      if (code === 'u')
        for (let i = 0; i < 4; i += 1) {
          const digit = this.within('in \\u hexadecimal character escape')
          if (!/[0-9a-f]/i.test(digit)) this.fail(digit, 'in \\u hexadecimal character escape')
        }
      else if (!'"\\/bfnrt'.includes(code)) this.fail(code, 'in string escape code')
    }
  }

  private word<T>(word: string, value: T): T {
    for (const wanted of word.slice(1)) {
      const where = `in literal ${word} (expecting '${wanted}')`
      const given = this.within(where)
      if (given !== wanted) this.fail(given, where)
    }
    return value
  }

  private number(first: string): void {
    let lead = first
    if (lead === '-') {
      lead = this.within('in numeric literal')
      if (!isDigit(lead)) this.fail(lead, 'in numeric literal')
    }
    if (lead !== '0') this.digits()
    if (this.peek() === '.') {
      this.at += 1
      this.digit('after decimal point in numeric literal')
      this.digits()
    }
    if (this.peek() === 'e' || this.peek() === 'E') {
      this.at += 1
      if (this.peek() === '+' || this.peek() === '-') this.at += 1
      this.digit('in exponent of numeric literal')
      this.digits()
    }
  }

  private digit(where: string): void {
    const given = this.within(where)
    if (!isDigit(given)) this.fail(given, where)
  }

  private digits(): void {
    while (isDigit(this.peek())) this.at += 1
  }

  private blank(): void {
    while (' \t\r\n'.includes(this.peek() || '-')) this.at += 1
  }

  private peek(): string {
    return this.text[this.at] ?? ''
  }

  private next(): string {
    if (this.at >= this.text.length) throw new Unreadable('unexpected end of JSON input')
    this.at += 1
    return this.text[this.at - 1]!
  }

  // Go ends a text with a blank: where none may stand, the blank is what is wrong.
  private within(where: string): string {
    return this.at < this.text.length ? this.next() : this.fail(' ', where)
  }

  private fail(character: string, where: string): never {
    throw new Unreadable(`invalid character ${quoted(character)} ${where}`)
  }
}

function isDigit(character: string): boolean {
  return character >= '0' && character <= '9'
}

// Go names the byte at which it stops, as the letter of that number.
function quoted(character: string): string {
  if (character === "'") return `'\\''`
  const isHalfOfPair = character >= '\ud800' && character <= '\udbff'
  const byte = isHalfOfPair ? 0xf0 : Buffer.from(character)[0]!
  return `'${controls[byte] ?? hexOf(byte) ?? String.fromCharCode(byte)}'`
}

const controls: Readonly<Record<number, string>> = {
  7: '\\a',
  8: '\\b',
  9: '\\t',
  10: '\\n',
  11: '\\v',
  12: '\\f',
  13: '\\r',
  92: '\\\\',
}

function hexOf(byte: number): string | null {
  return byte < 0x20 || byte === 0x7f ? `\\x${byte.toString(16).padStart(2, '0')}` : null
}
