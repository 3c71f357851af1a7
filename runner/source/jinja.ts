/** A word of Jinja in what should be CEL: where it stands and how CEL says it. */
export interface JinjaWord {
  readonly found: string
  readonly offset: number
  readonly hint: string
}

const words: readonly (readonly [RegExp, (match: RegExpExecArray) => string])[] = [
  [/([\w.]+)\s+is\s+not\s+defined\b/, ([, name]) => `write !has(${name})`],
  [/([\w.]+)\s+is\s+(?:undefined)\b/, ([, name]) => `write !has(${name})`],
  [
    /([\w.]+)\s+is\s+defined\b/,
    ([, name]) =>
      name!.includes('.')
        ? `write has(${name})`
        : `declare '${name}' under inputs with a default, or write default(${name}, null) != null`,
  ],
  [
    /([\w.]+)\s+is\s+(not\s+)?(changed|failed|skipped|succeeded|success)\b/,
    ([, name, not, what]) =>
      `write ${/^succe/.test(what!) !== (not !== undefined) ? '!' : ''}${name}.${/^succe/.test(what!) ? 'failed' : what}`,
  ],
  [/\bis\s+(?:not\s+)?(?:match|search)\b/, () => 'write text.matches("…")'],
  [
    /([\w.]+)\s*\|\s*default\(([^)]*)\)/,
    ([, name, fallback]) => `write default(${name}, ${fallback})`,
  ],
  [
    /([\w.]+)\s*\|\s*(int|string|float|bool|length|lower|upper)\b/,
    ([, name, filter]) =>
      `write ${({ float: 'double', length: 'size', lower: 'lower', upper: 'upper' } as Record<string, string>)[filter!] ?? filter}(${name})`,
  ],
  [/[^|]\|\s*(?!\|)(\w+)/, () => 'CEL has no filters: functions are written f(x)'],
  [/\bnot\s+in\b/, () => 'write !(x in list)'],
  [/\band\b/, () => 'write &&'],
  [/\bor\b/, () => 'write ||'],
  [/(?:^|[\s(&|])not\b(?=[\s(])/, () => 'write !'],
  [
    /\b(True|False|None)\b/,
    ([found]) => `write ${found === 'None' ? 'null' : found!.toLowerCase()}`,
  ],
]

/** An expression with what stands inside quotes blanked out, at the same length. */
export function blankQuoted(text: string): string {
  return text.replace(
    /"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'/g,
    (quoted) => `${quoted[0]}${'_'.repeat(quoted.length - 2)}${quoted[0]}`,
  )
}

/** The first word of Jinja outside of quotes, or null. */
export function jinjaHint(text: string): JinjaWord | null {
  const bare = blankQuoted(text)
  for (const [pattern, hint] of words) {
    const match = pattern.exec(bare)
    if (match) {
      const lead = /^[\s(&]*/.exec(match[0])![0].length
      const found = text.slice(match.index + lead, match.index + match[0].length)
      return { found, offset: match.index + lead, hint: hint(pattern.exec(text) ?? match) }
    }
  }
  return null
}
