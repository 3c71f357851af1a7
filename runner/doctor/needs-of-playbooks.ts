import type { Host, Inventory } from '../model/host.ts'
import { tasksOf, type Play, type Playbook, type Task, type Tree } from '../model/playbook.ts'
import { programsOf, servicesOf, type Program } from './started-programs.ts'

/** A program that a host must have, and what starts it. */
export interface NeededProgram {
  readonly program: Program
  /** A type, or `command`. */
  readonly by: string
}

/** What playbooks need of one host. */
export interface HostNeeds {
  readonly host: Host
  readonly programs: NeededProgram[]
  /** The users that tasks become. */
  readonly users: Set<string>
  /** Whether some task acts as the user who signs in. */
  actsAsLogin: boolean
  /** Packages that the playbooks install there. */
  readonly installed: Set<string>
}

/** What each host of an inventory is asked for, by its name; the services that types ask; and plays that fit no host. */
export interface Needs {
  readonly hosts: ReadonlyMap<string, HostNeeds>
  /** By service: a type that asks it. */
  readonly services: ReadonlyMap<string, string>
  readonly unfit: readonly { readonly playbook: Playbook; readonly play: Play }[]
}

/** What these playbooks need of these hosts. What only a run can know (a computed delegate or user) is not counted. */
export function needsOf(
  playbooks: readonly Playbook[],
  inventory: Inventory,
  chosen: readonly Host[],
): Needs {
  const hosts = new Map(chosen.map((host) => [host.name, freshNeeds(host)]))
  const services = new Map<string, string>()
  const unfit: { playbook: Playbook; play: Play }[] = []
  for (const playbook of playbooks)
    for (const play of playbook.plays) {
      const members = membersOf(inventory, play.hosts)
      if (members.length === 0) unfit.push({ playbook, play })
      for (const task of members.length === 0 ? [] : tasksIn(play)) {
        const type = task.type?.name ?? ''
        for (const service of servicesOf(type)) services.set(service, type)
        for (const host of task.delegateTo ? delegates(inventory, task.delegateTo) : members) {
          const needs = hosts.get(host.name)
          if (needs) add(needs, play, task)
        }
      }
    }
  return { hosts, services, unfit }
}

function tasksIn(play: Play): readonly Task[] {
  return [...tasksOf(play.tasks), ...play.handlers]
}

function freshNeeds(host: Host): HostNeeds {
  return { host, programs: [], users: new Set(), actsAsLogin: false, installed: new Set() }
}

function membersOf(inventory: Inventory, pattern: string): readonly Host[] {
  try {
    return inventory.select(pattern)
  } catch {
    // The play is listed as one without a host.
    return []
  }
}

function delegates(inventory: Inventory, tree: Tree): readonly Host[] {
  const name = textOf(tree)
  if (name === null) return []
  const named =
    inventory.hosts.get(name) ?? inventory.hosts.get(inventory.groups.get(name)?.[0] ?? '')
  return named ? [named] : []
}

function add(needs: HostNeeds, play: Play, task: Task): void {
  const become = task.become === undefined ? play.become : task.become
  const user = become ? (textOf(become) ?? 'root') : null
  if (user === null) needs.actsAsLogin ||= task.type !== undefined
  else needs.users.add(user)
  const type = task.type?.name
  if (type === undefined) return
  for (const program of [...programsOf(type), ...commandOf(task)]) {
    const has = needs.programs.some((each) => same(each.program, program))
    if (!has) needs.programs.push({ program, by: type })
  }
  if (type === 'package')
    for (const name of textsOf(task.params?.fields['name'])) needs.installed.add(name)
}

function same(a: Program, b: Program): boolean {
  return JSON.stringify(a) === JSON.stringify(b)
}

/** The program of a `command`, where it is written out. */
function commandOf(task: Task): readonly string[] {
  if (task.type?.name !== 'command') return []
  const [program] = textsOf(task.params?.fields['argv'])
  return program === undefined || program.includes('/') ? [] : [program]
}

function textOf(tree: Tree): string | null {
  return tree.kind === 'constant' && typeof tree.value === 'string' ? tree.value : null
}

function textsOf(tree: Tree | undefined): readonly string[] {
  if (tree === undefined) return []
  if (tree.kind === 'list') return tree.items.flatMap((each) => textOf(each) ?? [])
  const value = tree.kind === 'constant' ? tree.value : null
  if (Array.isArray(value)) return value.filter((each) => typeof each === 'string')
  return typeof value === 'string' ? [value] : []
}
