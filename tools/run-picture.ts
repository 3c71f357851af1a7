// `npm run picture` draws docs/run.svg: the screen of a real run in the rehearsal lab, as a terminal shows it at its end.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import xterm from '@xterm/headless'
import { execute } from '../runner/cli/execute.ts'
import { shippedFolder } from '../runner/files/shipped-folder.ts'
import { raiseLab, type Lab } from '../lab/lab.ts'

const columns = 96
// Colours of a dark terminal: the sixteen that output uses by number.
const palette = [
  '#484f58',
  '#ff7b72',
  '#7ee787',
  '#e3b341',
  '#79c0ff',
  '#d2a8ff',
  '#56d4dd',
  '#e6edf3',
]
const plain = '#e6edf3'
const shownCommand =
  '$ trueup run playbooks/remote-build-node.yaml -i inventory/lab.yaml -i LAB/connections.yaml'
const folder = mkdtempSync(join(tmpdir(), 'trueup-picture-'))

try {
  const lab = await raiseLab({ folder: join(folder, 'lab') })
  try {
    await runOn(lab)
    const compute = [...lab.nodes.values()].filter((node) => node.spec.role === 'compute')
    await lab.reboot(compute.at(-1)!.spec.name)
    writeFileSync(join(shippedFolder(), 'docs/run.svg'), asSvg(await runOn(lab)))
    process.stdout.write('written: docs/run.svg\n')
  } finally {
    await lab.close()
  }
} finally {
  rmSync(folder, { recursive: true, force: true })
}

/** Runs the playbook on a terminal of its own, and gives that terminal as it is at the end. */
async function runOn(lab: Lab): Promise<xterm.Terminal> {
  const terminal = new xterm.Terminal({
    cols: columns,
    rows: 60,
    convertEol: true,
    allowProposedApi: true,
  })
  const screen = Object.assign(new PassThrough(), { isTTY: true, columns, rows: 60 })
  screen.on('data', (text: Buffer) => terminal.write(text))
  const stdout = screen as unknown as NodeJS.WriteStream
  const never = new AbortController().signal
  const playbook = join(shippedFolder(), 'playbooks/remote-build-node.yaml')
  const exit = await execute(
    ['run', playbook, ...lab.inventoryFiles.flatMap((file) => ['-i', file])],
    {
      stdout,
      stderr: stdout,
      stdin: process.stdin,
      env: { ...process.env, TERM: 'xterm-256color', LANG: 'C.UTF-8' },
      cwd: shippedFolder(),
      drain: never,
      stop: never,
      stateFolder: join(folder, 'state'),
    },
  )
  if (exit !== 0) throw new Error(`the run ended with ${exit}`)
  await new Promise<void>((resolve) => terminal.write('', resolve))
  return terminal
}

interface Piece {
  readonly text: string
  readonly column: number
  readonly fill: string
  readonly bold: boolean
}

function asSvg(terminal: xterm.Terminal): string {
  const lines = [[pieceOf(shownCommand)], [], ...linesOf(terminal)]
  const cell = { width: 8.4, height: 19 }
  const height = lines.length * cell.height + 30
  const width = Math.ceil(columns * cell.width + 32)
  const rows = lines.map((pieces, row) => {
    const spans = pieces.map(
      ({ text, column, fill, bold }) =>
        `<tspan x="${(16 + column * cell.width).toFixed(1)}" fill="${fill}"${bold ? ' font-weight="bold"' : ''}>${escaped(text)}</tspan>`,
    )
    return `<text y="${30 + row * cell.height}" xml:space="preserve">${spans.join('')}</text>`
  })
  return `${[
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="ui-monospace,SFMono-Regular,Menlo,DejaVu Sans Mono,monospace" font-size="14" role="img" aria-label="A run of the remote build node playbook after one node was power-cycled">`,
    '<rect width="100%" height="100%" rx="8" fill="#0d1117"/>',
    ...rows,
    '</svg>',
  ].join('\n')}\n`
}

function pieceOf(text: string): Piece {
  return { text, column: 0, fill: '#8b949e', bold: false }
}

/** The lines of a terminal without the empty ones at its end, in pieces of one look. */
function linesOf(terminal: xterm.Terminal): readonly (readonly Piece[])[] {
  const buffer = terminal.buffer.active
  const lines = Array.from({ length: buffer.length }, (_, row) => piecesOf(buffer.getLine(row)!))
  while (lines.at(-1)?.length === 0) lines.pop()
  return lines
}

function piecesOf(line: xterm.IBufferLine): readonly Piece[] {
  const pieces: Piece[] = []
  for (let column = 0; column < columns; column++) {
    const cell = line.getCell(column)!
    const text = cell.getChars()
    if (text.trim() === '') continue
    const fill = cell.isFgPalette()
      ? (palette[cell.getFgColor() % 8] ?? plain)
      : cell.isDim()
        ? '#8b949e'
        : plain
    const bold = cell.isBold() !== 0
    const last = pieces.at(-1)
    const gap = last ? column - last.column - last.text.length : 0
    if (last && gap < 3 && last.fill === fill && last.bold === bold)
      pieces[pieces.length - 1] = { ...last, text: `${last.text}${' '.repeat(gap)}${text}` }
    else pieces.push({ text, column, fill, bold })
  }
  return pieces
}

function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`)
}
