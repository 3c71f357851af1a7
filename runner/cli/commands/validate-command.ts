import type { Diagnostic } from '../../model/diagnostic.ts'
import { tasksOf } from '../../model/playbook.ts'
import type { Inventory } from '../../model/host.ts'
import { withThisMachine } from '../../inventory/adapt-inventory.ts'
import { checkPlaybook, givenInventory, hostFaults, wayFaults } from '../../wiring/load-all.ts'
import { fixFiles } from '../../wiring/fix-files.ts'
import { askedFindings } from '../../wiring/report-files.ts'
import { settle } from '../../wiring/throw-on-errors.ts'
import { needsNoInventory } from '../../playbook/check-hosts.ts'
import { adviceOn } from '../../playbook/advice.ts'
import { readInputs } from '../../playbook/given-inputs.ts'
import { countOf } from '../../text/count.ts'
import type { Value } from '../../contract/value.ts'
import type { RunFlags } from '../../wiring/flags.ts'
import type { Io } from '../../wiring/io.ts'
import { placeText } from '../../model/diagnostic.ts'

type ValidateFlags = Pick<
  RunFlags,
  | 'inventory'
  | 'extraVars'
  | 'refreshInventory'
  | 'cachedInventory'
  | 'types'
  | 'sshConfig'
  | 'report'
> & { readonly fix?: boolean }

/** Fixes show further ones: a playbook that loads is looked through for what it leaves out. */
const mostRounds = 10

/** `trueup validate PLAYBOOK…`: checks playbooks, and an inventory where there is one. Without `-e`, inputs need no values. */
export async function validateCommand(
  given: Io,
  playbooks: readonly string[],
  flags: ValidateFlags,
): Promise<number> {
  const { shown: io, write } = askedFindings(given, flags.report ?? [])
  const asked = await givenInventory(io, flags.inventory, flags)
  const inputs = readInputs(flags.extraVars ?? [])
  const inventory = asked.isGiven && asked.inventory ? withThisMachine(asked.inventory) : null
  const checkAll = async (): Promise<readonly Checked[]> => {
    const all: Checked[] = []
    for (const path of playbooks) all.push(await check(io, path, inputs.values, inventory, flags))
    return all
  }
  let checked = await checkAll()
  const unwritten: Diagnostic[] = []
  for (let round = 0; flags.fix === true && round < mostRounds; round++) {
    const { fixed, diagnostics } = fixFiles(checked.flatMap((each) => each.diagnostics))
    unwritten.splice(0, unwritten.length, ...diagnostics)
    for (const { at, message } of fixed) io.stdout.write(`fixed: ${placeText(at!)}: ${message}\n`)
    if (fixed.length === 0) break
    checked = await checkAll()
  }
  const diagnostics = [
    ...asked.diagnostics,
    ...inputs.diagnostics,
    ...unwritten,
    ...checked.flatMap((each) => each.diagnostics),
  ]
  write(diagnostics)
  settle(io, diagnostics)
  for (const { line } of checked) if (line !== null) io.stdout.write(`${line}\n`)
  return 0
}

/** What was found in a playbook, and the line that says so where nothing is wrong with it. */
interface Checked {
  readonly diagnostics: readonly Diagnostic[]
  readonly line: string | null
}

async function check(
  io: Io,
  path: string,
  inputs: Readonly<Record<string, Value>>,
  inventory: Inventory | null,
  flags: ValidateFlags,
): Promise<Checked> {
  const {
    playbook,
    diagnostics,
    inputs: declared,
  } = await checkPlaybook(io, path, inputs, inventory, flags.types, true)
  if (!playbook) return { diagnostics, line: null }
  const tasks = playbook.plays.reduce(
    (count, play) => count + [...tasksOf(play.tasks)].length + play.handlers.length,
    0,
  )
  const lacking = declared.filter(
    ({ name, required }) => required && !Object.hasOwn(playbook.inputs, name),
  )
  return {
    diagnostics: [
      ...diagnostics,
      ...(inventory
        ? [...hostFaults(playbook, inventory), ...(await wayFaults(io, playbook, inventory, flags))]
        : []),
      ...adviceOn(playbook),
    ],
    line: [
      `${path}: ${countOf(playbook.plays.length, 'play')}, ${countOf(tasks, 'task')}, no mistakes found`,
      ...(inventory || needsNoInventory(playbook)
        ? []
        : ['names were not checked, for they may be vars of an inventory: give it, -i PATH']),
      ...(lacking.length === 0
        ? []
        : [`to run it, give it ${lacking.map(({ name }) => `-e ${name}=…`).join(' ')}`]),
    ].join('; '),
  }
}
