import { setMaxListeners } from 'node:events'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { PassThrough } from 'node:stream'
import { execute } from '../../runner/cli/execute.ts'
import type { Io } from '../../runner/wiring/io.ts'
import type { Event, OutcomeEvent } from '../../runner/model/event.ts'
import type { Outcome } from '../../runner/model/outcome.ts'
import type { RealNode } from './nodes.ts'
import { work } from './places.ts'

/** What became of a playbook. */
export interface Told {
  readonly exit: number
  /** `outcome: sentence`, with the error's code where it failed, in the order of the outcomes. */
  readonly outcomes: readonly string[]
  readonly events: readonly OutcomeEvent[]
  /** The texts of all errors, as an operator reads them. */
  readonly words: string
  /** Sentences of the tasks with this outcome. */
  of(outcome: Outcome): string[]
}

/** A folder with playbooks, an inventory and a state of its own. */
export interface Desk {
  readonly folder: string
  write(name: string, text: string): string
  /** `run` or `plan`, of a text or of a file of the desk. */
  trueup(words: 'run' | 'plan', playbook: string, ...flags: readonly string[]): Promise<Told>
}

/** What an inventory needs to know of a node. */
export type Reachable = Pick<RealNode, 'name' | 'address' | 'hostKey'>

/** How a host of the inventory differs from the usual. */
export interface HostWish {
  readonly node: Reachable
  readonly name?: string
  readonly lines?: readonly string[]
}

/** Makes a desk whose inventory holds these nodes in the group `remote_build_nodes`. */
export function desk(
  hosts: readonly (Reachable | HostWish)[],
  options: { readonly env?: NodeJS.ProcessEnv; readonly inventory?: string } = {},
): Desk {
  const folder = mkdtempSync(join(work, 'desk-'))
  const write = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text)
    return join(folder, name)
  }
  const wishes = hosts.map((host): HostWish => ('node' in host ? host : { node: host }))
  write('known_hosts', wishes.map(({ node }) => `${node.address} ${node.hostKey}\n`).join(''))
  const inventory = write(
    'inventory.yaml',
    options.inventory ??
      `groups:
  remote_build_nodes:
    user: root
    key_files: ${join(work, 'id_ed25519')}
    known_hosts_file: ${join(folder, 'known_hosts')}
    hosts:
${wishes.map(({ node, name, lines = [] }) => [`      ${name ?? node.name}:`, `        address: ${node.address}`, ...lines.map((line) => `        ${line}`)].join('\n')).join('\n')}
`,
  )
  return {
    folder,
    write,
    async trueup(command, playbook, ...flags) {
      const path = playbook.includes('\n')
        ? write(`playbook-${playbooks++}.yaml`, playbook)
        : resolve(folder, playbook)
      const events: OutcomeEvent[] = []
      const sentences = new Map<string, string>()
      const hear = (event: Event): void => {
        if (event.type === 'play-started')
          for (const task of event.tasks) sentences.set(task.id, task.sentence)
        if (event.type === 'outcome') events.push(event)
      }
      const never = new AbortController().signal
      setMaxListeners(0, never)
      let words = ''
      const catching = (): PassThrough => {
        const stream = new PassThrough()
        stream.on('data', (chunk: Buffer) => (words += chunk.toString()))
        return stream
      }
      const io = {
        stdout: catching(),
        stderr: catching(),
        stdin: new PassThrough(),
        env: { HOME: folder, PATH: process.env['PATH'], ...options.env },
        cwd: folder,
        drain: never,
        stop: never,
        stateFolder: join(folder, 'state'),
        hear,
      }
      const exit = await execute([command, path, '-i', inventory, ...flags], io as unknown as Io)
      return {
        exit,
        events,
        words,
        outcomes: events.map(
          ({ task, outcome, error }) =>
            `${outcome}: ${sentences.get(task)}${error ? ` (${error.code})` : ''}`,
        ),
        of: (outcome) =>
          events
            .filter((event) => event.outcome === outcome)
            .map(({ task }) => sentences.get(task)!),
      }
    },
  }
}

/** The text of an inventory as systems have it: a master, which also manages, and the nodes; `services` are further lines. */
export function systemInventory({
  folder,
  master,
  nodes,
  services = '',
}: {
  readonly folder: string
  readonly master: Reachable
  readonly nodes: readonly Reachable[]
  readonly services?: string
}): string {
  const host = ({ name, address }: Reachable): string => `      ${name}: { address: ${address} }\n`
  return `groups:
  all_nodes:
    user: root
    key_files: ${join(work, 'id_ed25519')}
    known_hosts_file: ${join(folder, 'known_hosts')}
    children: [masters, remote_build_nodes]
  management:
    children: [masters]
  masters:
    hosts:
${host(master)}  remote_build_nodes:
    hosts:
${nodes.map(host).join('')}${services}`
}

let playbooks = 0

/** A playbook of one play. */
export function playbook(tasks: string, hosts = 'remote_build_nodes', play = ''): string {
  return `playbook: On real nodes
plays:
  - play: on ${hosts}
    hosts: ${hosts}
${play}    tasks:
${tasks
  .trim()
  .split('\n')
  .map((line) => `      ${line}`)
  .join('\n')}
`
}
