import { isMap, kindOf, same, type Value } from './value.ts'
import { compilePattern, patternFault } from '../text/pattern.ts'
import { printedText, type FormatName } from '../text/formats.ts'

/** The words of a matcher, as written in a playbook: `{ at_least: 50G }`. */
export const matcherWords = ['at_least', 'at_most', 'one_of', 'matches', 'contains', 'not'] as const
export type MatcherWord = (typeof matcherWords)[number]

/** A wanted value that is a condition instead of one value; the engine compares and prints it. */
export class Matcher {
  readonly word: MatcherWord
  readonly operand: Value
  /** The format in which its numbers are printed. */
  readonly format: FormatName | undefined

  constructor(word: MatcherWord, operand: Value, format?: FormatName) {
    this.word = word
    this.operand = operand
    this.format = format
  }

  /** Whether a current value satisfies it. */
  accepts(current: Value): boolean {
    const { operand } = this
    switch (this.word) {
      case 'at_least':
        return typeof current === 'number' && typeof operand === 'number' && current >= operand
      case 'at_most':
        return typeof current === 'number' && typeof operand === 'number' && current <= operand
      case 'one_of':
        return Array.isArray(operand) && operand.some((item) => same(item, current))
      case 'matches':
        return typeof current === 'string' && compilePattern(String(operand)).test(current)
      case 'contains':
        return typeof current === 'string'
          ? current.includes(String(operand))
          : Array.isArray(current) && current.some((item) => same(item, operand))
      case 'not':
        return !same(operand, current)
    }
  }

  /** `at least 50G`, for diffs. */
  toString(): string {
    const show = (value: Value): string =>
      printedText(this.format, value) ??
      (isMap(value) || typeof value === 'string' ? JSON.stringify(value) : String(value))
    const operand = Array.isArray(this.operand)
      ? this.operand.map(show).join(', ')
      : show(this.operand)
    return `${this.word.replace('_', ' ')} ${operand}`
  }

  toJSON(): unknown {
    return { [this.word]: this.operand }
  }
}

/** A matcher that refuses this one value: how an event proves that something differs from before. */
export function not(value: Value): Matcher {
  return new Matcher('not', value)
}

/** What is wrong with an operand of this word, or null. */
export function matcherFault(word: MatcherWord, operand: Value): string | null {
  if ((word === 'at_least' || word === 'at_most') && typeof operand !== 'number')
    return `${word} wants a number or a size, not ${kindOf(operand)}`
  if (word === 'one_of' && !Array.isArray(operand))
    return `one_of wants a list, not ${kindOf(operand)}`
  if (word === 'matches') {
    if (typeof operand !== 'string')
      return `matches wants a regular expression, not ${kindOf(operand)}`
    const fault = patternFault(operand)
    if (fault) return `matches wants a regular expression: ${fault.message}`
  }
  return null
}
