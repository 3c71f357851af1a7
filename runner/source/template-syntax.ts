import type { Place, Diagnostic } from '../model/diagnostic.ts'
// The parser alone: the compiler and its source maps, which nothing here uses, are most of what each start would read.
import type {} from 'handlebars'
import { parse as parseHandlebars } from 'handlebars/dist/cjs/handlebars/compiler/base.js'

/** Where a template's text stands, so that a part of it can be shown. */
export interface TemplateOrigin {
  readonly at: Place
  locate(offset: number, width?: number): Place
}

/** The parsed template; null after an error. */
export function parseTemplate(
  text: string,
  origin: TemplateOrigin,
  diagnostics: Diagnostic[],
): hbs.AST.Program | null {
  const jinja = /\{%-?\s*(?:if|for|set|endif|endfor|else|elif|include|macro|raw|block)\b/.exec(text)
  if (jinja) {
    diagnostics.push({
      code: 'template/syntax',
      message: `'${jinja[0]} …' is Jinja`,
      at: origin.locate(jinja.index, jinja[0].length),
      hint: 'write {{#if …}}…{{/if}} or {{#each …}}…{{/each}}; mark text for another program with !raw',
    })
    return null
  }
  try {
    return parseHandlebars(text)
  } catch (error) {
    diagnostics.push(syntaxError(text, error as Error & { lineNumber?: number }, origin))
    return null
  }
}

function syntaxError(
  text: string,
  error: Error & { lineNumber?: number },
  origin: TemplateOrigin,
): Diagnostic {
  const line = error.lineNumber ?? Number(/on line (\d+)/.exec(error.message)?.[1] ?? 1)
  const lines = text.split('\n')
  const before = lines.slice(0, line - 1).reduce((sum, each) => sum + each.length + 1, 0)
  const within = lines[line - 1] ?? ''
  const slip = slips.find(({ pattern }) => pattern.test(within))
  const found = (slip?.pattern ?? /\{\{.*/).exec(within)
  const at = found ? origin.locate(before + found.index, found[0].length) : origin.at
  const [message, hint] = slip
    ? slip.words(found!)
    : [
        `this template cannot be read${reasonOf(error)}`,
        'close every {{ with }}, and every {{#if}} with {{/if}}; mark text for another program with !raw',
      ]
  return { code: 'template/syntax', message, at, hint }
}

/** Forms of other template languages that users often write within `{{ }}`; the first one found is reported. */
const slips: readonly {
  readonly pattern: RegExp
  readonly words: (found: RegExpExecArray) => readonly [message: string, hint: string]
}[] = [
  {
    pattern: /\{\{[^}]*?\|\s*(\w+)[^}]*\}\}/,
    words: ([, name]) => [
      `text has no filters: '| ${name}'`,
      `functions come first: {{ ${name} … }}`,
    ],
  },
  {
    pattern: /\{\{[^}]*?(==|!=|[<>+*]|\?)[^}]*\}\}/,
    words: ([, sign]) => [
      `text has no operators: '${sign}'`,
      'compute the value with !expr, or compare with {{#if (eq a b)}}',
    ],
  },
  {
    pattern: /\{\{\s*([\w.]+)\[(?:'([^']*)'|"([^"]*)"|(\w+))\][^}]*\}\}/,
    words: (found) => [
      'an item stands behind a dot, not in brackets',
      `write {{ ${found[1]}.${indexOf(found)} }}`,
    ],
  },
  {
    pattern: /\{\{\s*(\w+)\(([^})]*)\)[^}]*\}\}/,
    words: ([, name, list]) => [
      'arguments follow a function without parentheses and commas',
      `write {{ ${[
        name,
        ...list!
          .split(',')
          .map((each) => each.trim())
          .filter(Boolean),
      ].join(' ')} }}`,
    ],
  },
  {
    pattern: /\{\{[^}]*?([\w.\]]+)\.(\d+)\s*[})|]/,
    words: ([, path, index]) => [`a path cannot end with .${index}`, `write ${path}.[${index}]`],
  },
]

/** What stands in brackets, as it is written behind a dot. */
function indexOf([, , single, double, bare]: RegExpExecArray): string {
  const word = single ?? double ?? bare!
  return /^[A-Za-z_]\w*$/.test(word) ? word : `[${word}]`
}

/** The parser's message, where it is a sentence: a list of expected tokens does not help a user. */
function reasonOf({ message }: Error): string {
  const said =
    message
      .split('\n')
      .filter((each) => !/^[-.]*\^?$/.test(each.trim()))
      .at(-1) ?? ''
  return /^Expecting |^(?:Lexical|Parse) error/.test(said) ? '' : `: ${said.slice(0, 120)}`
}
