import { keep, reveal } from './reveal.ts'

/**
 * A text that must never be printed, logged, stored or put on a command line. It can be mapped and compared, nothing
 * else; only `connect/` and `lab/` may import `reveal`, which gives the text back.
 */
export class Secret {
  readonly name: string

  constructor(name: string, text: string) {
    this.name = name
    keep(this, text)
    Object.freeze(this)
  }

  /** A secret made of this one's text; the text is seen only inside `map`. */
  map(transform: (text: string) => string): Secret {
    return new Secret(this.name, transform(reveal(this)))
  }

  /** Whether the texts are equal. */
  equals(other: Secret | string): boolean {
    return reveal(this) === (typeof other === 'string' ? other : reveal(other))
  }

  /** A secret that is the parts one after another, so that a template that touches a secret yields a secret. */
  static compose(parts: readonly (Secret | string)[]): Secret {
    const names = parts.filter((part) => part instanceof Secret).map((part) => part.name)
    return new Secret([...new Set(names)].join('+'), parts.map((part) => (part instanceof Secret ? reveal(part) : part)).join(''))
  }

  toString(): string {
    return `(secret ${this.name})`
  }

  toJSON(): string {
    return this.toString()
  }

  [Symbol.toPrimitive](): string {
    return this.toString()
  }
}
