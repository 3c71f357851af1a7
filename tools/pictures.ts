import { createRequire } from 'node:module'
import { join } from 'node:path'

/** A rule of the import table, as far as the picture needs it. */
interface Rule {
  readonly name: string
  readonly comment?: string
}

/** The pictures of docs/architecture.md, drawn from the import table and from the steps of a task. */
export function pictures(root: string): ReadonlyMap<string, string> {
  return new Map([
    ['docs/pictures/folders.svg', foldersPicture(importsOf(root))],
    ['docs/pictures/task.svg', taskPicture()],
  ])
}

/** The folders, and what each may import beside what all may import. */
function importsOf(root: string): ReadonlyMap<string, readonly string[]> {
  const { forbidden } = createRequire(import.meta.url)(join(root, '.dependency-cruiser.cjs')) as {
    forbidden: readonly Rule[]
  }
  const shared = new Set(['itself', 'text', 'contract', 'model'])
  return new Map(
    forbidden.flatMap(({ comment = '' }) => {
      const [, folder, list] = /^(\w+) may import (itself.*)$/.exec(comment) ?? []
      return folder === undefined
        ? []
        : [[folder, list!.split(', ').filter((name) => !shared.has(name))] as const]
    }),
  )
}

/** The floor of a folder: one above the highest folder that it imports. */
function floors(imports: ReadonlyMap<string, readonly string[]>): ReadonlyMap<string, number> {
  const found = new Map<string, number>([
    ['text', 0],
    ['contract', 1],
    ['model', 2],
  ])
  const floorOf = (name: string): number => {
    const held = found.get(name)
    if (held !== undefined) return held
    const floor = Math.max(2, ...(imports.get(name) ?? []).map(floorOf)) + 1
    found.set(name, floor)
    return floor
  }
  for (const name of imports.keys()) floorOf(name)
  return found
}

const box = { width: 104, height: 34, gap: 14 }

function foldersPicture(imports: ReadonlyMap<string, readonly string[]>): string {
  const rows = new Map<number, string[]>()
  for (const [name, floor] of floors(imports)) rows.set(floor, [...(rows.get(floor) ?? []), name])
  const top = Math.max(...rows.keys())
  const widest = Math.max(...[...rows.values()].map((row) => row.length))
  const width = widest * (box.width + box.gap) + 40
  const height = (top + 1) * (box.height + 40) + 30
  const boxes = [...rows].flatMap(([floor, row]) =>
    [...row].sort().map((name, at) => {
      const left = (width - row.length * (box.width + box.gap)) / 2
      return boxAt(left + at * (box.width + box.gap), (top - floor) * (box.height + 40) + 20, name)
    }),
  )
  const foot = `<text x="20" y="${height - 8}">A folder may import folders of lower floors that its row of the import table names; all may import the three lowest.</text>`
  return svg(width, height, [...boxes, foot])
}

const steps = [
  ['read', 'probes of this task and of the tasks ahead, in one script'],
  ['compare', 'the state that was read, with the state that the task wants'],
  ['plan', 'the changes that repair the difference; a plan run ends here'],
  ['apply', 'guards are repeated on the host, then the actions run'],
  ['read back', 'the same comparison decides whether the task changed or failed'],
] as const

function taskPicture(): string {
  const width = 640
  const height = steps.length * 58 + 70
  const rows = steps.flatMap(([name, text], at) => {
    const y = 20 + at * 58
    return [
      boxAt(20, y, name),
      `<text x="${20 + box.width + 16}" y="${y + 22}">${text}</text>`,
      ...(at < steps.length - 1
        ? [`<path d="M72 ${y + box.height} v20" marker-end="url(#arrow)"/>`]
        : []),
    ]
  })
  const back = `<path d="M20 ${20 + 4 * 58 + 17} h-8 v-${4 * 58} h8" fill="none" marker-end="url(#arrow)"/>`
  const foot = `<text x="20" y="${height - 14}">An answer may ask for more probes: then the tasks are evaluated again. Guesses save that round trip.</text>`
  return svg(width, height, [...rows, back, foot])
}

function boxAt(x: number, y: number, text: string): string {
  return `<rect x="${x}" y="${y}" width="${box.width}" height="${box.height}" rx="5"/><text x="${x + box.width / 2}" y="${y + 22}" text-anchor="middle" class="name">${text}</text>`
}

function svg(width: number, height: number, parts: readonly string[]): string {
  return `${[
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img">`,
    '<style>rect{fill:#eef4fb;stroke:#33658a}text{font:13px sans-serif;fill:#222}.name{font-weight:bold}path{stroke:#33658a;fill:none}</style>',
    '<defs><marker id="arrow" markerWidth="7" markerHeight="7" refX="5" refY="3" orient="auto"><path d="M0 0 L6 3 L0 6 z" style="fill:#33658a"/></marker></defs>',
    ...parts,
    '</svg>',
  ].join('\n')}\n`
}
