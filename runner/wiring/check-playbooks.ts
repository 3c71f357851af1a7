import type { Value } from '../contract/value.ts'
import { withThisMachine } from '../inventory/adapt-inventory.ts'
import { placeText, type Diagnostic } from '../model/diagnostic.ts'
import type { Inventory } from '../model/host.ts'
import { tasksOf } from '../model/playbook.ts'
import { adviceOn } from '../playbook/advice.ts'
import { needsNoInventory } from '../playbook/check-hosts.ts'
import { readInputs } from '../playbook/given-inputs.ts'
import { countOf } from '../text/count.ts'
import { fixFiles } from './fix-files.ts'
import type { RunFlags } from './flags.ts'
import type { Io } from './io.ts'
import { checkPlaybook, givenInventory, hostFaults, wayFaults } from './load-all.ts'

/** The options of `validate`. */
export type ValidateFlags = Pick<
  RunFlags,
  | 'inventory'
  | 'extraVars'
  | 'refreshInventory'
  | 'cachedInventory'
  | 'types'
  | 'sshConfig'
  | 'report'
> & { readonly fix?: boolean }

/** What was found in all of them, and a line for each fix and for each playbook. */
interface CheckedPlaybooks {
  readonly diagnostics: readonly Diagnostic[]
  readonly fixes: readonly string[]
  readonly lines: readonly string[]
}

/** Fixes show further ones: a playbook that loads is looked through for what it leaves out. */
const mostRounds = 10

/** Checks playbooks, and an inventory where there is one; with `fix` it repairs first what has one certain repair. */
export async function checkPlaybooks(
  io: Io,
  playbooks: readonly string[],
  flags: ValidateFlags,
): Promise<CheckedPlaybooks> {
  const asked = await givenInventory(io, flags.inventory, flags)
  const inputs = readInputs(flags.extraVars ?? [], io.env)
  const inventory = asked.isGiven && asked.inventory ? withThisMachine(asked.inventory) : null
  const checkAll = async (): Promise<readonly Checked[]> => {
    const all: Checked[] = []
    for (const path of playbooks) all.push(await check(io, path, inputs.values, inventory, flags))
    return all
  }
  let checked = await checkAll()
  let unwritten: readonly Diagnostic[] = []
  const fixes: string[] = []
  for (let round = 0; flags.fix === true && round < mostRounds; round++) {
    const { fixed, diagnostics } = fixFiles(checked.flatMap((each) => each.diagnostics))
    unwritten = diagnostics
    fixes.push(...fixed.map(({ at, message }) => `fixed: ${placeText(at!)}: ${message}`))
    if (fixed.length === 0) break
    checked = await checkAll()
  }
  return {
    diagnostics: [
      ...asked.diagnostics,
      ...inputs.diagnostics,
      ...unwritten,
      ...checked.flatMap((each) => each.diagnostics),
    ],
    fixes,
    lines: checked.flatMap(({ line }) => line ?? []),
  }
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
  } = await checkPlaybook(io, path, inputs, inventory, flags.types, { isOnlyChecked: true })
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
