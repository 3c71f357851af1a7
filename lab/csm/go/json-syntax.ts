/** What Go's encoding/json says of a text that is not JSON; null where it is. */
export function syntaxError(text: string): string | null {
  try {
    const reader = new Reader(text)
    reader.value()
    reader.end()
    return null
  } catch (error) {
    if (error instanceof Unreadable) return error.message
    throw error
  }
}

class Unreadable extends Error {}

/** Walks over a text and stops where Go's scanner would. */
class Reader {
  private at = 0
  private readonly text: string
  constructor(text: string) {
    this.text = text
  }

  value(): void {
    this.blank()
    const first = this.next()
    if (first === '{') return this.object()
    if (first === '[') return this.list()
    if (first === '"') return this.string()
    const word = { t: 'true', f: 'false', n: 'null' }[first]
    if (word) return this.word(word)
    if (first === '-' || isDigit(first)) return this.number(first)
    this.fail(first, 'looking for beginning of value')
  }

  end(): void {
    this.blank()
    if (this.at < this.text.length) this.fail(this.text[this.at]!, 'after top-level value')
  }

  private object(): void {
    this.blank()
    if (this.peek() === '}') {
      this.at += 1
      return
    }
    for (;;) {
      this.blank()
      const quote = this.next()
      if (quote !== '"') this.fail(quote, 'looking for beginning of object key string')
      this.string()
      this.blank()
      const colon = this.next()
      if (colon !== ':') this.fail(colon, 'after object key')
      this.value()
      this.blank()
      const after = this.next()
      if (after === '}') return
      if (after !== ',') this.fail(after, 'after object key:value pair')
    }
  }

  private list(): void {
    this.blank()
    if (this.peek() === ']') {
      this.at += 1
      return
    }
    for (;;) {
      this.value()
      this.blank()
      const after = this.next()
      if (after === ']') return
      if (after !== ',') this.fail(after, 'after array element')
    }
  }

  private string(): void {
    for (;;) {
      const each = this.next()
      if (each === '"') return
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

  private word(word: string): void {
    for (const wanted of word.slice(1)) {
      const where = `in literal ${word} (expecting '${wanted}')`
      const given = this.within(where)
      if (given !== wanted) this.fail(given, where)
    }
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

function quoted(character: string): string {
  if (character === "'") return `'\\''`
  if (character === '"') return `'"'`
  return `'${JSON.stringify(character).slice(1, -1)}'`
}
