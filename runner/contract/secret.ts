import { shortestSecret } from './secret-table.ts'
import { hide, keep, reveal, type Watch } from './secret-text.ts'

/** Letters below which what a `no_log` task read is not looked for elsewhere. */
const shortestSeen = 8

/**
 * A text that must never be printed, logged, stored or put on a command line. It can be mapped and compared, nothing
 * else; only `connect/` and `lab/` may import `reveal`, which gives the text back.
 */
export class Secret {
  readonly name: string

  constructor(name: string, text: string, watch: Watch = shortestSecret) {
    this.name = name
    keep(this, text, name, watch)
    Object.freeze(this)
  }

  /**
   * A secret of what a `no_log` task read. Such a text may be a word like `active`, so that short ones are hidden where they are from and
   * not looked for elsewhere.
   */
  static seen(name: string, text: string): Secret {
    return new Secret(name, text, shortestSeen)
  }

  /** A secret made of this one's text; the text is seen only inside `map`. */
  map(transform: (text: string) => string): Secret {
    return new Secret(this.name, transform(reveal(this)))
  }

  /** What a question about the text is answered with: true or false, and nothing else of it. */
  answers(question: (text: string) => boolean): boolean {
    return question(reveal(this))
  }

  /** Whether the texts are equal. */
  equals(other: Secret | string): boolean {
    return reveal(this) === (typeof other === 'string' ? other : reveal(other))
  }

  /** A secret that is the parts one after another, so that a template that touches a secret yields a secret. */
  static compose(parts: readonly (Secret | string)[]): Secret {
    const names = parts.filter((part) => part instanceof Secret).map((part) => part.name)
    // The search already covers its secret parts; its plain parts are not secret.
    return new Secret(
      [...new Set(names)].join('+'),
      parts.map((part) => (part instanceof Secret ? reveal(part) : part)).join(''),
      'exactly',
    )
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

/** A text without the secrets that a host may have echoed in it: each is replaced by its name. */
export function redact(text: string): string {
  return hide(text)
}

/** The same for every text below a value; secrets and other objects of a class stay as they are. */
export function redactAll<T>(value: T): T {
  if (typeof value === 'string') return hide(value) as T
  if (Array.isArray(value)) return value.map((each) => redactAll(each as unknown)) as T
  if (typeof value !== 'object' || value === null) return value
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype !== null && prototype !== Object.prototype) return value
  return Object.fromEntries(Object.entries(value).map(([key, held]) => [key, redactAll(held)])) as T
}
