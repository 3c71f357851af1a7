import { type CST, Lexer, Parser } from 'yaml'

/** How deeply lists and maps of YAML may nest. */
export const deepestYaml = 64

/** Letters of YAML that a host may print: the reader of YAML takes seconds for a megabyte that is full of errors or aliases. */
export const largestYamlOfHost = 262_144

/** The tokens of a YAML text; or where it nests too deeply. */
export type YamlTokens = { readonly tokens: readonly CST.Token[] } | { readonly tooDeepAt: number }

/** Reads the tokens. The parser keeps a stack of its own, the composer uses the call stack: what nests too deeply must not reach it. */
export function yamlTokens(text: string, onNewLine?: (offset: number) => void): YamlTokens {
  const parser = new Parser(onNewLine)
  const tokens: CST.Token[] = []
  onNewLine?.(0)
  for (const lexeme of new Lexer().lex(text)) {
    for (const token of parser.next(lexeme)) tokens.push(token)
    if (parser.stack.length > deepestYaml + 1) return { tooDeepAt: Math.max(0, parser.offset - 1) }
  }
  for (const token of parser.end()) tokens.push(token)
  return { tokens }
}
