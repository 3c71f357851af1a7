import { resolve } from 'node:path'
import { withThisMachine } from '../inventory/adapt-inventory.ts'
import type { Inventory } from '../model/host.ts'
import { cursorAt, type Cursor } from '../source/cursor.ts'
import { configOf } from '../wiring/configured.ts'
import type { Io } from '../wiring/io.ts'
import { types } from '../wiring/known-types.ts'
import { givenInventory } from '../wiring/load-all.ts'
import type { Declarations } from './declarations.ts'
import { declaredIn } from './names-of-playbook.ts'
import { openPlaybook, type OpenPlaybook, type OpenTexts } from './open-playbook.ts'

/** The files that are open in the editor, by path. */
export interface OpenFiles {
  /** Null for a file that is not open. */
  textOf(file: string): string | null
  all(): readonly string[]
}

/** What the editor asks about a place of a file. */
export interface PlaceInPlaybook {
  readonly cursor: Cursor
  readonly open: OpenPlaybook
  readonly declared: Declarations
  readonly hosts: readonly string[]
}

/** The playbooks that are open in the editor, with the inventory of its folder. */
export interface Workspace {
  /** The open files that are playbooks; others are parts of them. */
  playbooks(): readonly string[]
  check(playbook: string): Promise<OpenPlaybook>
  at(file: string, offset: number): Promise<PlaceInPlaybook | null>
  /** The playbook that a file is, or that an open one includes; null where none does. */
  playbookOf(file: string): string | null
  /** Reads the inventory again at the next question. */
  forgetInventory(): void
}

/** A workspace over the open files. */
export function workspaceOf(io: Io, files: OpenFiles): Workspace {
  let inventory: Promise<Inventory | null> | null = null
  const inventoryNow = (): Promise<Inventory | null> => (inventory ??= readInventory(io))
  /** The files of each playbook at its last check. */
  const parts = new Map<string, ReadonlySet<string>>()
  const load = async (playbook: string, texts: OpenTexts): Promise<OpenPlaybook> =>
    openPlaybook(io, playbook, texts, await inventoryNow())
  const playbooks = (): readonly string[] =>
    files.all().filter((file) => isPlaybook(files.textOf(file) ?? ''))
  const playbookOf = (file: string): string | null =>
    playbooks().find((each) => each === file || parts.get(each)?.has(file) === true) ?? null
  return {
    playbooks,
    playbookOf,
    forgetInventory: () => (inventory = null),
    async check(playbook) {
      const open = await load(playbook, (file) => files.textOf(file) ?? undefined)
      parts.set(playbook, new Set(open.files.keys()))
      return open
    },
    async at(file, offset) {
      const text = files.textOf(file)
      const cursor = text === null ? null : cursorAt(text, offset)
      if (!cursor) return null
      const playbook = playbookOf(file)
      const open = playbook
        ? await load(playbook, (path) =>
            path === file ? cursor.marked : (files.textOf(path) ?? undefined),
          )
        : { ...nothingOpen, file }
      return {
        cursor,
        open,
        declared: declaredIn({ files: new Map([...open.files, [file, text!]]) }),
        hosts: hostWords(await inventoryNow()),
      }
    },
  }
}

const nothingOpen = { types, diagnostics: [], seen: [], files: new Map<string, string>() }

/** Whether a file is a playbook, and no list of tasks, inventory or file of vars. */
function isPlaybook(text: string): boolean {
  return /^(?:playbook|plays)[ \t]*:/m.test(text)
}

async function readInventory(io: Io): Promise<Inventory | null> {
  try {
    const configured = configOf(io).values.get('inventory')?.value as readonly string[] | undefined
    const given = configured?.map((path) => resolve(io.cwd, path))
    // What the sources answered before: typing starts no program and asks no service.
    const asked = await givenInventory(io, given, { cachedInventory: true })
    return asked.isGiven && asked.inventory ? withThisMachine(asked.inventory) : null
  } catch {
    // An inventory with a mistake is for `trueup validate -i`: the editor goes on without it.
    return null
  }
}

function hostWords(inventory: Inventory | null): readonly string[] {
  if (!inventory) return ['localhost']
  return [...[...inventory.groups.keys()].map((name) => `@${name}`), ...inventory.hosts.keys()]
}
