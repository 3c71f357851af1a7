import type { Diagnostic } from '../../model/diagnostic.ts'
import { tasksOf } from '../../model/playbook.ts'
import { withThisMachine } from '../../inventory/adapt-inventory.ts'
import { checkPlaybook, givenInventory, hostFaults, wayFaults } from '../../wiring/load-all.ts'
import { askedFindings } from '../../wiring/report-files.ts'
import { settle } from '../../wiring/throw-on-errors.ts'
import { needsNoInventory } from '../../playbook/check-hosts.ts'
import { adviceOn } from '../../playbook/advice.ts'
import { readInputs } from '../../playbook/given-inputs.ts'
import { countOf } from '../../text/count.ts'
import type { RunFlags } from '../../wiring/flags.ts'
import type { Io } from '../../wiring/io.ts'

/** `trueup validate PLAYBOOK…`: checks playbooks, and an inventory where there is one. Without `-e`, inputs need no values. */
export async function validateCommand(
  given: Io,
  playbooks: readonly string[],
  flags: Pick<
    RunFlags,
    | 'inventory'
    | 'extraVars'
    | 'refreshInventory'
    | 'cachedInventory'
    | 'types'
    | 'sshConfig'
    | 'report'
  >,
): Promise<number> {
  const { shown: io, write } = askedFindings(given, flags.report ?? [])
  const asked = await givenInventory(io, flags.inventory, flags)
  const inputs = readInputs(flags.extraVars ?? [])
  const diagnostics: Diagnostic[] = [...asked.diagnostics, ...inputs.diagnostics]
  const inventory = asked.isGiven && asked.inventory ? withThisMachine(asked.inventory) : null
  const lines: string[] = []
  for (const path of playbooks) {
    const {
      playbook,
      diagnostics: found,
      inputs: declared,
    } = await checkPlaybook(io, path, inputs.values, inventory, flags.types, true)
    diagnostics.push(...found)
    if (!playbook) continue
    if (inventory)
      diagnostics.push(
        ...hostFaults(playbook, inventory),
        ...(await wayFaults(io, playbook, inventory, flags)),
      )
    diagnostics.push(...adviceOn(playbook))
    const tasks = playbook.plays.reduce(
      (count, play) => count + [...tasksOf(play.tasks)].length + play.handlers.length,
      0,
    )
    const lacking = declared.filter(
      ({ name, required }) => required && !Object.hasOwn(playbook.inputs, name),
    )
    lines.push(
      [
        `${path}: ${countOf(playbook.plays.length, 'play')}, ${countOf(tasks, 'task')}, no mistakes found`,
        ...(inventory || needsNoInventory(playbook)
          ? []
          : ['names were not checked, for they may be vars of an inventory: give it, -i PATH']),
        ...(lacking.length === 0
          ? []
          : [`to run it, give it ${lacking.map(({ name }) => `-e ${name}=…`).join(' ')}`]),
      ].join('; '),
    )
  }
  write(diagnostics)
  settle(io, diagnostics)
  for (const line of lines) io.stdout.write(`${line}\n`)
  return 0
}
