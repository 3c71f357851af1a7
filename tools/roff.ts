import { marked, type Token, type Tokens } from 'marked'

/** Markdown as the text of a manual page, below its first heading. */
export function roffOf(markdown: string): string {
  return blocks(marked.lexer(markdown)).join('\n')
}

/** The first line of a manual page. */
export function titleLine(name: string, section: number, version: string): string {
  return `.TH ${quoted(name.toUpperCase())} ${section} "" ${quoted(`trueup ${version}`)} "trueup manual"`
}

/** Text as it stands in a manual page: what roff takes for a request or an escape is masked. */
export function plain(text: string): string {
  return text
    .replaceAll('\\', '\\(rs')
    .replaceAll('-', '\\-')
    .replace(/^([.'])/gm, '\\&$1')
    .replaceAll("'", '\\(aq')
    .replaceAll('`', '\\(ga')
    .replaceAll('^', '\\(ha')
    .replaceAll('~', '\\(ti')
}

/** A word of a request. */
export function quoted(text: string): string {
  return `"${plain(text).replaceAll('"', '\\(dq')}"`
}

function blocks(tokens: readonly Token[]): readonly string[] {
  return tokens.flatMap((token) => block(token))
}

function block(token: Token): readonly string[] {
  switch (token.type) {
    case 'heading':
      // The first heading is the title of the page.
      if ((token as Tokens.Heading).depth === 1) return []
      return (token as Tokens.Heading).depth === 2
        ? [`.SH ${quoted(spoken(token as Tokens.Heading).toUpperCase())}`]
        : [`.SS ${quoted(spoken(token as Tokens.Heading))}`]
    case 'paragraph':
      return ['.PP', inline((token as Tokens.Paragraph).tokens)]
    case 'code':
      return ['.PP', '.EX', plain((token as Tokens.Code).text), '.EE']
    case 'list':
      return (token as Tokens.List).items.flatMap((item) => ['.IP \\(bu 2', ...listItem(item)])
    case 'table':
      return table(token as Tokens.Table)
    case 'blockquote':
      return ['.RS', ...blocks((token as Tokens.Blockquote).tokens), '.RE']
    case 'space':
    case 'html':
    case 'hr':
      return []
    default:
      return ['.PP', inline([token])]
  }
}

function listItem(item: Tokens.ListItem): readonly string[] {
  return item.tokens.flatMap((token) =>
    token.type === 'text' ? [inline((token as Tokens.Text).tokens ?? [token])] : block(token),
  )
}

/** A table of two columns is a list of terms; a wider one has a line for each cell behind the first. */
function table({ header, rows }: Tokens.Table): readonly string[] {
  return rows.flatMap((row) => [
    '.TP',
    `\\fB${inline(row[0]!.tokens)}\\fR`,
    ...row.slice(1).flatMap((cell, i) => {
      const text = inline(cell.tokens)
      if (text === '') return []
      const named = row.length > 2 ? `${plain(header[i + 1]!.text)}: ` : ''
      return [...(i > 0 ? ['.br'] : []), `${named}${text}`]
    }),
  ])
}

function inline(tokens: readonly Token[] | undefined): string {
  return (tokens ?? [])
    .map(piece)
    .join('')
    .replace(/\n(?=[.'])/g, '\n\\&')
}

function piece(token: Token): string {
  switch (token.type) {
    case 'strong':
    case 'codespan':
      return `\\fB${token.type === 'codespan' ? plain((token as Tokens.Codespan).text) : inline((token as Tokens.Strong).tokens)}\\fR`
    case 'em':
      return `\\fI${inline((token as Tokens.Em).tokens)}\\fR`
    case 'link':
      return inline((token as Tokens.Link).tokens)
    case 'br':
      return '\n.br\n'
    case 'image':
    case 'html':
      return ''
    default:
      return 'tokens' in token && token.tokens
        ? inline(token.tokens)
        : plain(unescaped((token as Tokens.Text).text))
  }
}

function spoken(heading: Tokens.Heading): string {
  return unescaped(heading.text).replace(/`/g, '')
}

/** Markdown's own masks of characters. */
function unescaped(text: string): string {
  return text
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&amp;', '&')
}
