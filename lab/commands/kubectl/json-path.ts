import { fail, ok, type Output } from '../command.ts'

/** As much of kubectl's JSONPath as names one value: texts, `{"\n"}`, `.a.b`, `\.` within a name, `['a.b']`. What is not there prints nothing. */
export function jsonPath(template: string, object: unknown): Output {
  let out = ''
  for (let i = 0; i < template.length;) {
    if (template[i] !== '{') {
      out += template[i++]
      continue
    }
    const end = closing(template, i)
    if (end < 0) return fail(1, `error: error parsing jsonpath ${template}, unclosed action\n`)
    const inside = template.slice(i + 1, end).trim()
    i = end + 1
    if (/^["']/.test(inside)) out += inside.slice(1, -1).replace(/\\n/g, '\n').replace(/\\t/g, '\t')
    else {
      const value = steps(inside).reduce<unknown>(
        (at, step) =>
          typeof at === 'object' && at !== null && Object.hasOwn(at, step)
            ? (at as Record<string, unknown>)[step]
            : undefined,
        object,
      )
      out += value === undefined ? '' : typeof value === 'string' ? value : JSON.stringify(value)
    }
  }
  return ok(out)
}

function closing(template: string, from: number): number {
  let quote: string | null = null
  for (let i = from + 1; i < template.length; i++) {
    const letter = template[i]!
    if (quote) quote = letter === quote ? null : quote
    else if (letter === '"' || letter === "'") quote = letter
    else if (letter === '}') return i
  }
  return -1
}

function steps(path: string): string[] {
  return [
    ...path.replace(/^\$/, '').matchAll(/\.((?:\\.|[^.[\]\\])+)|\[['"]([^'"]+)['"]\]|\[(\d+)\]/g),
  ].map((match) => (match[1] ?? match[2] ?? match[3]!).replace(/\\(.)/g, '$1'))
}
