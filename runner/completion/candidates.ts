import { join, resolve } from 'node:path'
import { existsSync, readdirSync } from 'node:fs'
import { newestRuns } from '../journal/read-log.ts'
import { runsFolder } from '../journal/state-folder.ts'
import { shippedFolder } from '../files/shipped-folder.ts'
import { codes } from '../model/codes.ts'
import { tasksOf, type Playbook } from '../model/playbook.ts'
import type { DeclaredInput } from '../playbook/inputs.ts'
import { types } from '../wiring/known-types.ts'
import type { Candidate, Candidates, Typed } from './complete.ts'
import { configOf } from '../wiring/configured.ts'
import type { Io } from '../wiring/io.ts'
import { checkPlaybook, givenInventory } from '../wiring/load-all.ts'
import { stateHome } from '../wiring/trust-of-user.ts'

/** Candidates from what lies on this machine: playbooks, inventories, run logs. No program is started and no host is asked. */
export function candidatesFrom(io: Io) {
  return async (name: string, typed: Typed, current: string): Promise<Candidates | null> => {
    try {
      return await (sources[name]?.(io, typed, current) ?? null)
    } catch {
      // A playbook that is half written, or an inventory with a mistake: TAB offers what it can.
      return null
    }
  }
}

type Source = (io: Io, typed: Typed, current: string) => Promise<Candidates> | Candidates

const words = (list: Iterable<Candidate>): Candidates => ({ words: [...list], files: 'none' })
const plain = (list: Iterable<string>): Candidates => words([...list].map((word) => ({ word })))
const files = (): Candidates => ({ words: [], files: 'files' })
const folders = (): Candidates => ({ words: [], files: 'folders' })

const sources: Readonly<Record<string, Source>> = {
  playbook: playbooks,
  file: files,
  inventory: files,
  out: files,
  stateDir: folders,
  types: folders,
  folder: folders,
  to: files,
  path: (_io, typed) =>
    typed.command.parent?.name() === 'shipped' || typed.command.name() === 'shipped'
      ? shipped()
      : files(),
  name: (_io, typed) => (typed.command.name() === 'types' ? typeNames() : words([])),
  run: runs,
  hosts: limit,
  code: () => words(Object.entries(codes).map(([word, about]) => ({ word, about }))),
  node: labNodes,
  fault: (io, typed) => (typed.values.length === 0 ? labNodes(io) : words([])),
  host: async (io, typed) => plain((await hostsOf(io, typed)).names),
  limit,
  extraVars: inputs,
  tags: (io, typed) => tags(io, typed),
  skipTags: (io, typed) => tags(io, typed),
  confirm: async (io, typed) => {
    const playbook = await playbookOf(io, typed)
    const asked = tasksIn(playbook?.playbook).filter((task) => task.verb === 'confirm')
    return plain(new Set(asked.map((task) => task.sentence)))
  },
  startAt: async (io, typed) => {
    const playbook = await playbookOf(io, typed)
    return plain(new Set(tasksIn(playbook?.playbook).map((task) => task.sentence)))
  },
}

/** Playbooks of a folder: YAML files are recognised by their names alone, so that TAB stays quick. */
function playbooks(io: Io, _typed: Typed, current: string): Candidates {
  const folder = current.includes('/') ? current.slice(0, current.lastIndexOf('/') + 1) : ''
  const at = resolve(io.cwd, folder === '' ? '.' : folder)
  if (!existsSync(at)) return words([])
  const found = readdirSync(at, { withFileTypes: true }).flatMap((entry) => {
    if (entry.name.startsWith('.')) return []
    if (entry.isDirectory()) return [`${folder}${entry.name}/`]
    return /\.ya?ml$/.test(entry.name) && entry.name !== 'trueup.yaml'
      ? [`${folder}${entry.name}`]
      : []
  })
  return plain(found.sort())
}

function shipped(): Candidates {
  const root = shippedFolder()
  return plain(
    ['playbooks', 'inventory', 'schemas', 'docs'].flatMap((folder) =>
      existsSync(join(root, folder))
        ? [folder, ...readdirSync(join(root, folder)).map((name) => `${folder}/${name}`)]
        : [],
    ),
  )
}

function typeNames(): Candidates {
  return words([...types.values()].map((type) => ({ word: type.name, about: type.summary })))
}

function runs(io: Io, typed: Typed): Candidates {
  const folder = runsFolder(stateHome(io), typed.options.get('stateDir')?.[0])
  const known = newestRuns(folder, 20).map(({ header }) => ({
    word: header.run,
    about: header.playbook.title,
  }))
  return words([{ word: 'last', about: 'the latest run' }, ...known])
}

async function hostsOf(
  io: Io,
  typed: Typed,
): Promise<{ readonly names: readonly string[]; readonly groups: readonly string[] }> {
  const configured = configOf(io).values.get('inventory')?.value as readonly string[] | undefined
  const given = (typed.options.get('inventory') ?? configured)?.map((path) => resolve(io.cwd, path))
  // Only files and what sources answered before: TAB starts no program.
  const { inventory } = await givenInventory(io, given, { cachedInventory: true })
  return {
    names: [...(inventory?.hosts.keys() ?? [])],
    groups: [...(inventory?.groups.keys() ?? [])].map((name) => `@${name}`),
  }
}

/** The nodes that a lab has. */
async function labNodes(io: Io): Promise<Candidates> {
  const file = join(shippedFolder(), 'inventory/lab.yaml')
  const { inventory } = await givenInventory(io, [file], { cachedInventory: true })
  return plain(inventory?.hosts.keys() ?? [])
}

/** A limit is a list: what stands before the last operator is kept. */
async function limit(io: Io, typed: Typed, current: string): Promise<Candidates> {
  const kept = /^(?:.*[,!&^])?/s.exec(current)![0]
  const { names, groups } = await hostsOf(io, typed)
  const known = [...names, ...groups, '@failed', '@changed']
  return plain(known.map((name) => `${kept}${name}`))
}

async function tags(io: Io, typed: Typed): Promise<Candidates> {
  const loaded = await playbookOf(io, typed)
  return plain(new Set(tasksIn(loaded?.playbook).flatMap((task) => task.tags)))
}

async function inputs(io: Io, typed: Typed, current: string): Promise<Candidates> {
  const declared = (await playbookOf(io, typed))?.inputs ?? []
  const chosen = declared.find((each) => current.startsWith(`${each.name}=`))
  if (chosen) return plain(valuesOf(chosen).map((value) => `${chosen.name}=${value}`))
  return words(
    declared.map((each) => ({ word: `${each.name}=`, about: each.schema.description ?? '' })),
  )
}

function valuesOf({ schema }: DeclaredInput): readonly string[] {
  return schema.enum?.map(String) ?? (schema.type === 'boolean' ? ['true', 'false'] : [])
}

async function playbookOf(io: Io, typed: Typed) {
  const path = typed.values[0]
  if (path === undefined) return null
  return checkPlaybook(io, resolve(io.cwd, path), null, null, typed.options.get('types') ?? [])
}

function tasksIn(playbook: Playbook | null | undefined) {
  return playbook?.plays.flatMap((play) => [...tasksOf(play.tasks)]) ?? []
}
