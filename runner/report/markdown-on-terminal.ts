import { hang, wrap, type Paint } from './screen-text.ts'

/** Markdown as it reads on a terminal: headings bold, tables as lists, code as it is. */
export function markdownLines(markdown: string, width: number, paint: Paint): readonly string[] {
  let isCode = false
  let head: readonly string[] = []
  return markdown
    .trimEnd()
    .split('\n')
    .flatMap((line) => {
      if (line.startsWith('```')) {
        isCode = !isCode
        return []
      }
      if (isCode) return [`    ${line}`]
      if (!line.startsWith('|')) {
        head = []
        return textLines(line, width, paint)
      }
      const cells = cellsOf(line)
      if (head.length === 0) {
        head = cells
        return []
      }
      return cells.every((cell) => /^-+$/.test(cell)) ? [] : termLines(cells, width, paint)
    })
}

function textLines(line: string, width: number, paint: Paint): readonly string[] {
  const heading = /^#+ (.*)$/.exec(line)
  if (heading) return [paint('bold', heading[1]!)]
  const item = /^(\s*(?:[-*]|\d+\.) )(.*)$/.exec(line)
  return item ? hang(item[1]!, unmarked(item[2]!), width) : wrap(unmarked(line), width)
}

function cellsOf(row: string): readonly string[] {
  return row
    .slice(1, -1)
    .split(/(?<!\\)\|/)
    .map((cell) => unmarked(cell.trim().replaceAll('\\|', '|')))
}

/** A row of a table: its first cell as a term, the middle ones behind it, the last one below. */
function termLines(cells: readonly string[], width: number, paint: Paint): readonly string[] {
  const [term = '', ...rest] = cells
  const text = rest.pop() ?? ''
  const middle = rest.filter((cell) => cell !== '').join(', ')
  return [
    `  ${paint('bold', term)}${middle === '' ? '' : `  ${paint('dim', middle)}`}`,
    ...hang('      ', text, width),
  ]
}

function unmarked(text: string): string {
  return text
    .replace(/`([^`]+)`/g, '$1')
    .replace(/\*\*([^*]+)\*\*/g, '$1')
    .replace(/\[([^[\]]+)\]\(([^)]+)\)/g, '$1')
}
