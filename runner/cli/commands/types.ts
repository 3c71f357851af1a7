import { join, resolve } from 'node:path'
import { DiagnosticError } from '../../model/diagnostic.ts'
import { createPaint, hang, wrap, type Paint } from '../../report/screen-text.ts'
import { taskHints } from '../../playbook/keywords.ts'
import { didYouMean, nearest } from '../../source/suggest.ts'
import { takenNames } from '../catalog.ts'
import { hasColor, widthOf, type Io } from '../io.ts'
import { typeFilesOf } from '../load.ts'
import { settle } from '../settle.ts'
import { trustOf } from '../trust.ts'
import { manualOf } from '../../manual/type-manual.ts'
import { chooseTypes, typeFilesBeside } from '../../manifest/own/type-files.ts'
import { gatherTypes } from '../../manifest/own/load-types.ts'
import { readmeOf, readmeOfOwn } from '../../manual/readme.ts'

/** `trueup types [NAME] [-b PLAYBOOK]`: all types with their summaries, or the manual of one; those beside a playbook, or in this folder, among them. */
export async function typesCommand(
  io: Io,
  name: string | undefined,
  flags: { readonly playbook?: string; readonly types?: readonly string[] },
): Promise<number> {
  const { playbook } = flags
  const beside = playbook === undefined ? join(io.cwd, 'playbook.yaml') : resolve(io.cwd, playbook)
  const files = [...typeFilesBeside(beside), ...typeFilesOf(io, flags.types ?? [])]
  // To show the manual of one type, no other is loaded.
  const wanted = name === undefined ? null : new Set([name])
  const { types, own, diagnostics } = await gatherTypes(
    chooseTypes(files, wanted, trustOf(io)),
    takenNames,
  )
  // A manual of built-in types does not fail for a file that happens to lie in this folder.
  settle(
    io,
    playbook === undefined
      ? diagnostics.map((each) => ({ ...each, severity: 'warning' as const }))
      : diagnostics,
  )
  const width = Math.min(120, widthOf(io.stdout, io.env))
  const paint = createPaint(hasColor(io.stdout, io.env))
  if (name === undefined) {
    const longest = Math.max(...[...types.keys()].map((each) => each.length))
    const lines = [...types.values()].flatMap((type) =>
      hang(type.name.padEnd(longest + 2), type.summary, width),
    )
    io.stdout.write(
      `${lines.join('\n')}\n\ntrueup types NAME shows the manual of one; with -b PLAYBOOK also of the types beside a playbook\n`,
    )
    return 0
  }
  const type = types.get(name)
  if (!type)
    throw new DiagnosticError({
      code: 'cli/unknown-type',
      message: `there is no resource type '${name}'`,
      hint: typeHint(name, types),
    })
  const file = own.find((each) => each.type === type)?.file
  const readme = file === undefined ? readmeOf(type.name) : readmeOfOwn(file)
  io.stdout.write(`${forTerminal(manualOf(type, readme), width, paint).join('\n')}\n`)
  return 0
}

/** A type that does what a module of Ansible does, else one that is called nearly so. */
function typeHint(name: string, types: ReadonlyMap<string, unknown>): string {
  const module = name.slice(name.lastIndexOf('.') + 1)
  const meant = types.has(module) ? module : typeNamedFor(module)
  if (meant !== null && types.has(meant)) return `trueup types ${meant}`
  return nearest(name, types.keys()) === null
    ? 'trueup types lists them all'
    : didYouMean(name, types.keys())
}

/** The type that the hint for a module names, beside the keywords that it may name too. */
function typeNamedFor(module: string): string | null {
  if (!Object.hasOwn(taskHints, module)) return null
  const withoutKeywords = taskHints[module]!.replace(
    /`(?:ensure|require|wait|read|run|confirm|include|vars|loop)\b[^`]*`/g,
    '',
  )
  return /`(\w+):[ `]/.exec(withoutKeywords)?.[1] ?? null
}

/** Markdown as it reads on a terminal: headings bold, tables as lists, code as it is. */
export function forTerminal(markdown: string, width: number, paint: Paint): readonly string[] {
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
      const heading = /^#+ (.*)$/.exec(line)
      if (heading) return [paint('bold', heading[1]!)]
      if (!line.startsWith('|')) {
        head = []
        const item = /^(\s*(?:[-*]|\d+\.) )(.*)$/.exec(line)
        return item ? hang(item[1]!, unmarked(item[2]!), width) : wrap(unmarked(line), width)
      }
      const cells = line
        .slice(1, -1)
        .split(/(?<!\\)\|/)
        .map((cell) => unmarked(cell.trim().replaceAll('\\|', '|')))
      if (head.length === 0) {
        head = cells
        return []
      }
      if (cells.every((cell) => /^-+$/.test(cell))) return []
      return [...termLines(cells, width, paint)]
    })
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
    .replace(/\[([^\]]+)\]\(([^)]+)\)/g, '$1')
}
