import { createHash } from 'node:crypto'
import {
  judgingConditions,
  tasksOf,
  verbOf,
  type Playbook,
  type Task,
  type Tree,
} from '../model/playbook.ts'
import { Secret } from '../contract/secret.ts'
import { canonical } from '../contract/value.ts'
import type { InventoryFile } from '../model/inventory-text.ts'
import type { Header, Outline, Source } from '../model/record.ts'

/** What a log says of the playbook: hashes of its files, and its tasks. */
export function describePlaybook(playbook: Playbook): Header['playbook'] {
  return {
    file: playbook.file,
    title: playbook.title,
    sources: playbook.sources.map(({ file, text }) => ({ file, sha256: sha256(text) })),
    tasks: outlineOf(playbook),
    plays: playbook.plays.map(({ name }) => name),
  }
}

/** What a log says of the inventory: the hashes of its files. */
export function describeInventory(
  paths: readonly string[],
  files: readonly InventoryFile[],
): Header['inventory'] {
  return {
    paths,
    files: files.map(({ path, text }) => ({ file: path, sha256: sha256(text) })),
  }
}

/** What is in a playbook or an inventory now that was not when the run was logged, in words; empty when nothing differs. */
export function whatChanged(
  was: Pick<Header, 'playbook' | 'inventory'>,
  is: Pick<Header, 'playbook' | 'inventory'>,
): readonly string[] {
  return [
    ...filesChanged('playbook', was.playbook.sources, is.playbook.sources),
    ...filesChanged('inventory', was.inventory.files, is.inventory.files),
    ...tasksChanged(was.playbook.tasks, is.playbook.tasks),
  ]
}

function filesChanged(
  of: string,
  was: readonly Source[],
  is: readonly Source[],
): readonly string[] {
  const before = new Map(was.map((source) => [source.file, source.sha256]))
  const now = new Map(is.map((source) => [source.file, source.sha256]))
  return [
    ...is
      .filter(({ file, sha256 }) => before.has(file) && before.get(file) !== sha256)
      .map(({ file }) => `the ${of} changed: ${file}`),
    ...is
      .filter(({ file }) => !before.has(file))
      .map(({ file }) => `the ${of} has a new file: ${file}`),
    ...was.filter(({ file }) => !now.has(file)).map(({ file }) => `the ${of} lost a file: ${file}`),
  ]
}

function tasksChanged(was: readonly Outline[], is: readonly Outline[]): readonly string[] {
  const key = ({ play, sentence }: Outline): string => `${play}\n${sentence}`
  const before = new Map(was.map((task) => [key(task), task]))
  const now = new Set(is.map(key))
  const say = (what: string, { verb, sentence }: Outline): string =>
    `task ${what}: ${verb}: ${sentence}`
  return [
    ...is.filter((task) => !before.has(key(task))).map((task) => say('added', task)),
    ...was.filter((task) => !now.has(key(task))).map((task) => say('removed', task)),
    ...is
      .filter((task) => before.has(key(task)) && before.get(key(task))!.digest !== task.digest)
      .map((task) => say('changed', task)),
  ]
}

function outlineOf(playbook: Playbook): readonly Outline[] {
  return playbook.plays.flatMap((play) =>
    [...tasksOf(play.tasks), ...play.handlers].map((task) => ({
      play: play.name,
      verb: verbOf(task),
      sentence: task.sentence,
      digest: digestOf(task),
    })),
  )
}

/** Keywords whose conditions are digested by themselves. */
const judging: ReadonlySet<string> = new Set(['that', 'failedWhen', 'changedWhen'])

/** A digest of what a task asks for, as written. Of a secret only the name counts. */
function digestOf(task: Task): string {
  const { that, failedWhen, changedWhen } = judgingConditions(task)
  const { params, at: _at, id: _id, type, when, ...others } = task
  const texts = [when, that, failedWhen, changedWhen].map((list) => list.map((each) => each.text))
  const rest = Object.entries(others).filter(([name]) => !judging.has(name))
  const trees = Object.fromEntries(rest.map(([name, value]) => [name, plain(value)]))
  const fields = Object.entries(params?.fields ?? {}).map(([name, tree]) => [name, plain(tree)])
  return sha256(canonical([type?.name ?? null, texts, trees, fields])).slice(0, 16)
}

function plain(value: unknown): unknown {
  if (value instanceof Secret || typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(plain)
  const tree = value as Partial<Tree>
  if (tree.kind === 'computed') return { computed: tree.computed!.text }
  if (tree.kind === 'constant') return tree.value
  return Object.fromEntries(
    Object.entries(value)
      .filter(([name]) => name !== 'at')
      .map(([name, held]) => [name, plain(held)]),
  )
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
