import { refuse, type Change, type RefuseAction } from '../../contract/change.ts'
import { invalid } from '../unclear.ts'
import { isBind } from './mount-options.ts'

/** What a task says of the line for the next boot. */
export interface LineWish {
  readonly path: string
  readonly src?: string | undefined
  readonly fstype?: string | undefined
  readonly opts?: string | undefined
  readonly passno?: number | undefined
  readonly state: string
}

const file = '/etc/fstab'

/** The params of the line for the next boot. */
export const fstabParams = {
  fstab: {
    type: 'boolean',
    default: false,
    description:
      'Write the line of /etc/fstab too, or with `unmounted` take it out. Without this the file is left alone.',
  },
  passno: {
    type: 'integer',
    minimum: 0,
    maximum: 2,
    onlyWith: { state: ['mounted'], fstab: [true] },
    description:
      'In which pass fsck checks it at a boot; 0 means that it is not checked. Left out: as the line has it, and 0 in a new one.',
  },
} as const

/** The lines of fstab(5) that mount something at a path, as their fields, with one blank between them. */
export function linesAt(text: string, path: string): readonly string[] {
  return text
    .split('\n')
    .filter((line) => isAt(line, path))
    .map((line) => fieldsOf(line).join(' '))
}

function fieldsOf(line: string): readonly string[] {
  const trimmed = line.trim()
  return trimmed === '' || trimmed.startsWith('#') ? [] : trimmed.split(/[ \t]+/)
}

function isAt(line: string, path: string): boolean {
  return fieldsOf(line)[1] === escaped(path)
}

/** The line that is wanted. What the task leaves out stays as it stands there. */
export function wantedLine(wish: LineWish, present: string | null): string | null {
  if (wish.state === 'unmounted') return null
  const [src, , type, opts, dump = '0', pass] = present === null ? [] : present.split(' ')
  const source = wish.src ?? src
  if (source === undefined)
    return invalid(
      `the line of ${wish.path} in ${file} needs a source`,
      'write src: UUID=… or the path of a device beside fstab: true',
    )
  return [
    escaped(source),
    escaped(wish.path),
    wish.fstype ?? type ?? (isBind(wish.opts) ? 'none' : 'auto'),
    wish.opts ?? opts ?? 'defaults',
    dump,
    wish.passno === undefined ? (pass ?? '0') : String(wish.passno),
  ].join(' ')
}

/** What writes the line, or takes it out. */
export function lineChange(
  wish: LineWish,
  text: string | null,
  line: string | null,
): Change<'line'> {
  const { path } = wish
  const title = line === null ? `take ${path} out of ${file}` : `write ${path} into ${file}`
  const repairs = ['line'] as const
  const inTheWay = twice(text ?? '', path)
  if (inTheWay) return { title, repairs, actions: [inTheWay] }
  const content = withLine(text ?? '', path, line)
  const write = { do: 'write' as const, path: file, content }
  return text === null
    ? { title, repairs, actions: [{ ...write, mode: '0644' }] }
    : { title, repairs, effect: 'replaces', guard: ['fstab'], actions: [write] }
}

/** Which of two lines a boot goes by is not for a playbook to guess. */
function twice(text: string, path: string): RefuseAction | null {
  const lines = linesAt(text, path)
  if (lines.length < 2) return null
  return refuse(
    `${file} has ${lines.length} lines for ${path}`,
    'remove all but one with `lineinfile` in a task before this one',
  )
}

function withLine(text: string, path: string, line: string | null): string {
  const lines = text === '' ? [] : text.replace(/\n$/, '').split('\n')
  const at = lines.findIndex((each) => isAt(each, path))
  const kept =
    at < 0
      ? [...lines, ...(line === null ? [] : [line])]
      : [...lines.slice(0, at), ...(line === null ? [] : [line]), ...lines.slice(at + 1)]
  return kept.map((each) => `${each}\n`).join('')
}

// As fstab(5) writes a blank in a path.
function escaped(text: string): string {
  return text.replace(
    /[ \t\\]/g,
    (letter) => `\\${letter.charCodeAt(0).toString(8).padStart(3, '0')}`,
  )
}
