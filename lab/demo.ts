import { shippedFolder } from '../runner/files/shipped-folder.ts'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Event } from '../runner/model/event.ts'
import { countOf } from '../runner/text/count.ts'
import { askGateway } from './ask-gateway.ts'
import { factsOf } from './demo-check.ts'
import { raiseLab, type Lab, type StartNode } from './lab.ts'

/** What the demo is given: the command line as its user has it, and a place to speak. */
export interface DemoTools {
  /** Runs `trueup ARGV`, showing its output as it comes. `stateFolder` is where run logs and guesses go. */
  execute(
    argv: readonly string[],
    options: { readonly stateFolder: string },
  ): Promise<{ readonly exit: number; readonly events: readonly Event[] }>
  say(line: string): void
  readonly startNode?: StartNode
  /** Called with the lab once it is up. */
  raised?(lab: Lab): void
}

/** The playbook that the demo runs. */
export const demoPlaybook = join(shippedFolder(), 'playbooks/remote-build-node.yaml')

/**
 * Shows what trueup is for in a rehearsal lab of its own: a plan, a run, a run that changes nothing, a node that lost
 * everything in a power cycle and gets back exactly that. Gives back the exit code; its last line is for machines.
 */
export async function runDemo(tools: DemoTools): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'trueup-demo-'))
  const remove = (): void => rmSync(folder, { recursive: true, force: true })
  // A second interrupt ends the process on the spot.
  process.once('exit', remove)
  try {
    tools.say(
      "A rehearsal lab: six management nodes, four compute nodes, and the services of CSM, all on this machine's loopback.",
    )
    const lab = await raiseLab({
      folder: join(folder, 'lab'),
      ...(tools.startNode ? { startNode: tools.startNode } : {}),
    })
    try {
      tools.raised?.(lab)
      return await show(lab, tools, join(folder, 'state'))
    } finally {
      await lab.close()
    }
  } catch (error) {
    if (!(error instanceof Unexpected)) throw error
    tools.say(`demo: ${error.exit === interrupted ? 'interrupted' : `failed: ${error.message}`}`)
    return error.exit
  } finally {
    process.off('exit', remove)
    remove()
  }
}

const interrupted = 130
class Unexpected extends Error {
  readonly exit: number

  constructor(message: string, exit = 1) {
    super(message)
    this.exit = exit
  }
}

async function show(lab: Lab, tools: DemoTools, stateFolder: string): Promise<number> {
  const trueup = async (title: string, command: 'plan' | 'run', expected: number) => {
    tools.say('')
    tools.say(`== ${title}`)
    tools.say(
      `$ trueup ${command} playbooks/remote-build-node.yaml -i inventory/lab.yaml -i LAB/connections.yaml`,
    )
    const { exit, events } = await tools.execute(
      [command, demoPlaybook, ...lab.inventoryFiles.flatMap((file) => ['-i', file])],
      { stateFolder },
    )
    if (exit !== expected)
      throw new Unexpected(
        `${command} ended with ${exit} where ${expected} was expected`,
        exit === interrupted ? interrupted : 1,
      )
    return factsOf(events)
  }
  const builders = [...lab.nodes.values()]
    .filter((node) => node.spec.role === 'compute')
    .map((node) => node.spec.name)

  await trueup('The plan: what is not true yet, on every node', 'plan', 2)
  const first = await trueup('The run makes it true', 'run', 0)
  if (first.changed === 0) throw new Unexpected('the first run changed nothing')
  const second = await trueup('A second run finds everything true', 'run', 0)
  if (second.changed !== 0)
    throw new Unexpected(
      `the second run changed ${second.changed} where nothing was left to change`,
    )

  await showStatus(lab, tools, builders)

  const lost = builders.at(-1)!
  tools.say('')
  tools.say(`== Power cycle of ${lost}: its image boots again, and what was added to it is gone`)
  await lab.reboot(lost)
  const after = await trueup('The plan names exactly what that node lost', 'plan', 2)
  if ([...after.drift.keys()].join() !== lost)
    throw new Unexpected(
      `the plan names ${[...after.drift.keys()].join(', ') || 'no node'} where ${lost} was power-cycled`,
    )
  const restored = await trueup('A run restores it', 'run', 0)
  const missing = after.drift
    .get(lost)!
    .filter((sentence) => !restored.drift.get(lost)?.includes(sentence))
  if (missing.length > 0) throw new Unexpected(`the run did not restore: ${missing.join(', ')}`)
  await showStatus(lab, tools, [lost])

  tools.say('')
  tools.say(
    `demo: ${first.hosts} hosts, first run ${first.changed} changed, second run ${second.changed} changed, ${countOf(second.scripts, 'script')} per host`,
  )
  return 0
}

async function showStatus(lab: Lab, tools: DemoTools, builders: readonly string[]): Promise<void> {
  tools.say('')
  tools.say('== IMS signs in to the nodes and says whether it can use them')
  for (const xname of builders) {
    const { status, json } = await askGateway(
      lab,
      `/apis/ims/v3/remote-build-nodes/status/${xname}`,
    )
    const { ableToRunJobs, nodeArch, podmanStatus } = json as {
      ableToRunJobs?: boolean
      nodeArch?: string
      podmanStatus?: string
    }
    tools.say(`${xname}  ableToRunJobs: ${ableToRunJobs}  nodeArch: ${nodeArch}  ${podmanStatus}`)
    if (status !== 200 || ableToRunJobs !== true)
      throw new Unexpected(`IMS cannot use ${xname}: ${JSON.stringify(json)}`)
  }
}
