import { readdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Finding } from '../doctor/finding.ts'
import { needsOf } from '../doctor/needs-of-playbooks.ts'
import { shippedFolder } from '../files/shipped-folder.ts'
import { withThisMachine } from '../inventory/adapt-inventory.ts'
import { DiagnosticError, type Diagnostic } from '../model/diagnostic.ts'
import type { Inventory } from '../model/host.ts'
import type { Playbook } from '../model/playbook.ts'
import { readInputs } from '../playbook/given-inputs.ts'
import { askPassphrase, hasPerson } from './ask.ts'
import { askSystem } from './ask-system.ts'
import type { RunFlags } from './flags.ts'
import type { Io } from './io.ts'
import { checkPlaybook, givenInventory } from './load-all.ts'
import { sshConfigOf } from './ssh-config-of.ts'
import { withSudoPassword } from './sudo-password.ts'
import { settle } from './throw-on-errors.ts'

/** The options of `trueup doctor`. */
export interface DoctorFlags extends Pick<
  RunFlags,
  | 'inventory'
  | 'extraVars'
  | 'types'
  | 'sshConfig'
  | 'limit'
  | 'forks'
  | 'askBecomePass'
  | 'refreshInventory'
  | 'cachedInventory'
  | 'configured'
> {
  readonly json?: boolean
}

/** What the services and hosts of an inventory answer to what the playbooks rely on. */
export async function examineSystem(
  io: Io,
  named: readonly string[],
  flags: DoctorFlags,
): Promise<readonly Finding[]> {
  const inventory = await inventoryFor(io, flags)
  const playbooks = await playbooksFor(io, named, flags, inventory)
  const chosen =
    flags.limit === undefined ? [...inventory.hosts.values()] : inventory.select(flags.limit)
  const needs = needsOf(playbooks, inventory, chosen)
  const release = io.listen?.()
  try {
    // What came with trueup is not all meant for this system: only what was named must fit it.
    return await askSystem(inventory, named.length === 0 ? { ...needs, unfit: [] } : needs, {
      env: io.env,
      forks: flags.forks,
      warn: (diagnostic) => settle(io, [{ ...diagnostic, severity: 'warning' }]),
      ...sshConfigOf(io, flags.sshConfig),
      ...(hasPerson(io) ? { askPassphrase: (file: string) => askPassphrase(io, file) } : {}),
    })
  } finally {
    release?.()
  }
}

async function inventoryFor(io: Io, flags: DoctorFlags): Promise<Inventory> {
  const { inventory, diagnostics, isGiven } = await givenInventory(io, flags.inventory, flags)
  settle(io, diagnostics)
  if (!isGiven)
    throw new DiagnosticError({
      code: 'cli/no-inventory',
      message: 'no inventory was given, and ./inventory/ does not exist',
      hint: 'name one with -i PATH',
    })
  return withSudoPassword(io, inventory!, flags)
}

/** The playbooks that are named, else all that came with trueup. */
async function playbooksFor(
  io: Io,
  named: readonly string[],
  flags: DoctorFlags,
  inventory: Inventory,
): Promise<readonly Playbook[]> {
  const shipped = join(shippedFolder(), 'playbooks')
  const paths =
    named.length > 0
      ? named.map((path) => resolve(io.cwd, path))
      : readdirSync(shipped)
          .filter((name) => name.endsWith('.yaml'))
          .map((name) => join(shipped, name))
  const inputs = readInputs(flags.extraVars ?? [], io.env)
  const diagnostics: Diagnostic[] = [...inputs.diagnostics]
  const playbooks: Playbook[] = []
  const all = withThisMachine(inventory)
  for (const path of paths) {
    const checked = await checkPlaybook(
      io,
      path,
      named.length > 0 ? inputs.values : {},
      all,
      flags.types,
    )
    // A shipped playbook that wants an input is left out: none was given.
    if (named.length > 0) diagnostics.push(...checked.diagnostics)
    if (checked.playbook) playbooks.push(checked.playbook)
  }
  settle(io, diagnostics)
  return playbooks
}
