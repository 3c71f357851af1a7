import { mkdtempSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { typed } from '../../runner/cli/io.fixture.ts'
import type { Event } from '../../runner/model/event.ts'
import type { Lab } from '../../lab/lab.ts'

/** What a run of a playbook in a lab said. */
export interface Told {
  readonly exit: number
  /** Sentences by outcome, in order, each once. */
  readonly outcomes: Readonly<Record<string, readonly string[]>>
  /** Sentences whose outcome is `changed` or `would change`, in the playbook's order, each once. */
  readonly changes: readonly string[]
  /** `host: code message`, and what was written to standard error. */
  readonly errors: readonly string[]
  /** What `print` showed, by host. */
  readonly shown: Readonly<Record<string, readonly string[]>>
  /** What the tasks' lines said while they waited. */
  readonly progress: readonly string[]
  /** Most scripts in one play, by connection. */
  readonly scripts: Readonly<Record<string, number>>
}

/** How a playbook is run. */
export interface Order {
  readonly lab: Lab
  /** A folder for its state. */
  readonly folder: string
  readonly command: 'plan' | 'run'
  /** A name in playbooks/, or a path. */
  readonly playbook: string
  readonly flags?: readonly string[]
  /** Guesses and logs are kept here; a fresh folder when absent. */
  readonly state?: string
  /** Aborted when the controller is killed. */
  readonly stop?: AbortSignal
  readonly hear?: (event: Event) => void
}

/** The tasks of one play, and how it is run. */
export interface TasksOrder extends Omit<Order, 'command' | 'playbook'> {
  readonly tasks: string
  readonly hosts?: string
  /** What stands before the plays, and behind the tasks. */
  readonly inputs?: string
  readonly handlers?: string
  readonly command?: Order['command']
}

/** Runs tasks in a lab, as a playbook with one play: on the management nodes where no other hosts are meant. */
export function runTasks({
  tasks,
  hosts = 'management',
  inputs = '',
  handlers = '',
  command = 'run',
  ...order
}: TasksOrder): Promise<Told> {
  const playbook = join(order.folder, 'playbook.yaml')
  writeFileSync(
    playbook,
    `playbook: Tasks\n${inputs}plays:\n  - play: the tasks\n    hosts: ${hosts}\n    tasks:\n${tasks}${handlers}`,
  )
  return runInLab({ ...order, command, playbook })
}

/** Runs one of the product's playbooks in a lab, from the command line on. */
export async function runInLab({
  lab,
  folder,
  command,
  playbook,
  flags = [],
  state = mkdtempSync(join(folder, 'state-')),
  stop = new AbortController().signal,
  hear,
}: Order): Promise<Told> {
  const outcomes: Record<string, string[]> = {}
  const errors: string[] = []
  const shown: Record<string, string[]> = {}
  const progress: string[] = []
  const sentences = new Map<string, string>()
  const inPlay = new Map<string, number>()
  const scripts: Record<string, number> = {}
  const changed = new Set<string>()
  const listen = (event: Event): void => {
    hear?.(event)
    if (event.type === 'play-started')
      for (const task of event.tasks) sentences.set(`${event.play} ${task.id}`, task.sentence)
    if (event.type === 'exchange') {
      const key = `${event.play} ${event.connection}`
      inPlay.set(key, (inPlay.get(key) ?? 0) + event.scripts)
      scripts[event.connection] = Math.max(scripts[event.connection] ?? 0, inPlay.get(key)!)
    }
    if (event.type === 'task-progress') progress.push(event.text)
    if (event.type !== 'outcome') return
    const sentence = sentences.get(`${event.play} ${event.task}`)!
    const told = (outcomes[event.outcome] ??= [])
    if (!told.includes(sentence)) told.push(sentence)
    if (event.outcome === 'changed' || event.outcome === 'would change')
      changed.add(`${event.play} ${event.task}`)
    if (event.error) errors.push(`${event.host}: ${event.error.code} ${event.error.message}`)
    if (event.shown !== undefined) (shown[event.host] ??= []).push(String(event.shown))
  }
  const file = playbook.startsWith('/')
    ? playbook
    : join(import.meta.dirname, '../../playbooks', `${playbook}.yaml`)
  const { exit, err } = await typed(
    [
      command,
      file,
      '--state-dir',
      state,
      ...lab.inventoryFiles.flatMap((each) => ['-i', each]),
      ...flags,
    ],
    { env: { HOME: folder }, cwd: folder, drain: stop, stop, stateFolder: state, hear: listen },
  )
  if (err !== '') errors.push(err)
  const changes = [
    ...new Set([...sentences].filter(([key]) => changed.has(key)).map(([, sentence]) => sentence)),
  ]
  return { exit, outcomes, changes, errors, shown, progress, scripts }
}
