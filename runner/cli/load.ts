import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Playbook } from '../model/playbook.ts'
import { DiagnosticError, type Diagnostic } from '../model/diagnostic.ts'
import type { Inventory } from '../model/host.ts'
import type { Value } from '../contract/value.ts'
import { buildInventory, inPlaceOf, localInventory } from '../inventory/load.ts'
import { holdsSecret } from '../inventory/sources/cache.ts'
import { loadAsking, type AskedInventory, type SourceRead } from '../inventory/sources/gather.ts'
import { contradictionsIn } from '../playbook/advice.ts'
import { loadPlaybook, type LoadedPlaybook } from '../playbook/load.ts'
import { distrust } from '../files/trust.ts'
import { namesUsed } from '../playbook/names-used.ts'
import { renderDiagnostics } from '../report/diagnostics.ts'
import type { PlanFile } from '../journal/saved-plan.ts'
import { unknownDelegates } from './delegates.ts'
import { takenNames } from './catalog.ts'
import type { RunFlags } from './flags.ts'
import { askInputs, readInputs } from './inputs.ts'
import { askingFor, type SourceFlags } from './inventory-sources.ts'
import { hasColor, widthOf, type Io } from './io.ts'
import { trustOf } from './trust.ts'
import {
  chooseTypes,
  noTypes,
  typeFilesBeside,
  type ChosenTypes,
} from '../manifest/own/type-files.ts'
import { gatherTypes, withOwnTypes } from '../manifest/own/load-types.ts'

/** What was checked and found right. */
export interface Loaded {
  readonly playbook: Playbook
  readonly inventory: Inventory
  /** What the inventory was made of, the answers of its sources among it. */
  readonly files: AskedInventory['files']
  readonly reads: readonly SourceRead[]
}

/** Loads and checks everything that a run is made of; every mistake is collected before any is shown. */
export async function loadForRun(
  io: Io,
  playbookPath: string,
  flags: Pick<RunFlags, 'inventory' | 'extraVars'> & SourceFlags,
): Promise<Loaded> {
  const given = await givenInventory(io, flags.inventory, flags)
  const inputs = readInputs(flags.extraVars ?? [])
  const inventory = given.inventory && withThisMachine(given.inventory)
  const checked = await checkPlaybook(io, playbookPath, inputs.values, inventory)
  const answers = await askInputs(io, checked, inputs.values)
  const loaded = answers
    ? await checkPlaybook(io, playbookPath, { ...inputs.values, ...answers }, inventory)
    : checked
  const missing =
    !given.isGiven && loaded.playbook && !isLocal(loaded.playbook)
      ? [noInventory(loaded.playbook)]
      : []
  const { playbook } = loaded
  settle(io, [
    ...given.diagnostics,
    ...inputs.diagnostics,
    ...loaded.diagnostics,
    ...missing,
    ...(playbook && inventory && missing.length === 0 ? checkHosts(playbook, inventory) : []),
    ...(playbook ? contradictionsIn(playbook) : []),
  ])
  if (!playbook || !inventory) throw new Error('a load that failed says why')
  return { playbook, inventory, files: given.files, reads: given.reads }
}

/** Loads what a saved plan was made from, from its own text; only secrets are asked for again where they come from. */
export async function loadForApply(
  io: Io,
  plan: PlanFile,
  extraVars: readonly string[],
): Promise<Loaded> {
  const given =
    plan.inventory.length > 0
      ? buildInventory(plan.inventory)
      : { inventory: localInventory(), diagnostics: [] }
  const inputs = readInputs(extraVars)
  const strange = Object.keys(inputs.values).filter((name) => !plan.secretInputs.includes(name))
  const strangers = strange.map((name) => ({
    code: 'plan/input',
    message: `the plan has its inputs; '${name}' cannot be given now`,
    hint:
      plan.secretInputs.length > 0
        ? `only its secret ones are given again: ${plan.secretInputs.join(', ')}`
        : 'make a new plan with it',
  }))
  const inventory = given.inventory && withThisMachine(given.inventory)
  const texts = new Map(plan.playbook.sources.map((source) => [source.file, source.text]))
  const gathered = await gatherTypes(
    // The plan itself was trusted as a whole.
    { ...noTypes, files: plan.playbook.sources },
    takenNames,
  )
  const playbook = await loadPlaybook({
    file: plan.playbook.file,
    types: gathered.types,
    inputs: { ...plan.inputs, ...inputs.values },
    knownVars: inventory ? varNames(inventory) : null,
    readText: (path) =>
      texts.has(path)
        ? Promise.resolve(texts.get(path)!)
        : Promise.reject(new Error('the plan does not hold it')),
  })
  const loaded = withOwnTypes(playbook, gathered)
  settle(io, [...given.diagnostics, ...inputs.diagnostics, ...strangers, ...loaded.diagnostics])
  if (!loaded.playbook || !inventory) throw new Error('a load that failed says why')
  const reads = plan.inventory.flatMap(({ path, about }): SourceRead[] =>
    about.kind === 'answer'
      ? [{ path, kind: about.form === 'csm' ? 'csm' : 'program', at: about.at, cached: true }]
      : [],
  )
  return { playbook: loaded.playbook, inventory, files: plan.inventory, reads }
}

/** The inventory's files as a saved plan keeps them, with what its sources answered. Throws DiagnosticError when one of them holds a secret in plain text. */
export function inventoryToSave({ files }: Pick<Loaded, 'files'>): PlanFile['inventory'] {
  if (files.length === 0) return []
  const written = buildInventory(files).diagnostics.filter(
    (each) => each.code === 'inventory/plain-secret',
  )
  const answered = files
    .filter((file) => file.about.kind === 'answer' && holdsSecret(file.text))
    .map(({ path }): Diagnostic => ({
      code: 'inventory/plain-secret',
      message: `what the source ${path} answered seems to hold a secret`,
      hint: 'let it say where the secret comes from: { "file": PATH } or { "env": NAME }',
    }))
  const open = [...written, ...answered]
  if (open.length > 0)
    throw new DiagnosticError(
      open.map((each) => ({
        ...each,
        severity: 'error' as const,
        message: `${each.message}, and a saved plan would hold it`,
      })),
    )
  return files
}

/** Checks one playbook and the types beside it, with the names of an inventory's vars where there is an inventory. */
export async function checkPlaybook(
  io: Io,
  path: string,
  inputs: Readonly<Record<string, Value>> | null,
  inventory: Inventory | null,
): Promise<LoadedPlaybook> {
  const gathered = await gatherTypes(chosenFor(io, path), takenNames)
  return withOwnTypes(
    await loadPlaybook({
      file: path,
      types: gathered.types,
      inputs,
      knownVars: inventory ? varNames(inventory) : null,
    }),
    gathered,
  )
}

/** The types beside a playbook that it names: no other file is loaded. */
function chosenFor(io: Io, path: string): ChosenTypes {
  const files = typeFilesBeside(path)
  return files.length === 0 ? noTypes : chooseTypes(files, namesUsed(path), trustOf(io))
}

/** The inventory of a command: as given, else `inventory/`, else this machine alone. Its sources are asked, unless the cache has what they allow. */
export async function givenInventory(
  io: Io,
  paths: readonly string[] | undefined,
  flags: SourceFlags = {},
): Promise<AskedInventory & { readonly isGiven: boolean }> {
  const isNamed = paths !== undefined && paths.length > 0
  const usual = join(io.cwd, 'inventory')
  if (!isNamed && !existsSync(usual))
    return { inventory: localInventory(), diagnostics: [], files: [], reads: [], isGiven: false }
  // A named inventory is the user's own choice; one that only lies here may be anybody's.
  const others = isNamed ? null : distrust(trustOf(io), 'the inventory', usual)
  if (others) {
    const diagnostics = [{ ...others, hint: `${others.hint ?? ''}; or name it: -i ./inventory` }]
    return { inventory: null, diagnostics, files: [], reads: [], isGiven: true }
  }
  return {
    ...(await loadAsking(isNamed ? paths : [usual], askingFor(io, flags, isNamed))),
    isGiven: true,
  }
}

/** Shows warnings, and throws when there is an error. */
export function settle(io: Io, diagnostics: readonly Diagnostic[]): void {
  const errors = diagnostics.filter((each) => each.severity !== 'warning')
  if (errors.length > 0) throw new DiagnosticError(diagnostics)
  if (diagnostics.length > 0)
    io.stderr.write(
      `${renderDiagnostics(diagnostics, { color: hasColor(io.stderr, io.env), width: widthOf(io.stderr, io.env), folder: io.cwd })}\n`,
    )
}

/** The inventory, in which `localhost` is this machine unless it says otherwise. It is in no group: `all` does not mean it. */
export function withThisMachine(inventory: Inventory): Inventory {
  if (inventory.hosts.has('localhost')) return inventory
  const here = localInventory().hosts.get('localhost')!
  return {
    ...inventory,
    hosts: inPlaceOf(inventory.hosts, new Map([...inventory.hosts, ['localhost', here]])),
    select: (pattern) => (pattern.trim() === 'localhost' ? [here] : inventory.select(pattern)),
  }
}

/** The names of all vars that some host has. */
function varNames(inventory: Inventory): ReadonlySet<string> {
  const names = new Set<string>()
  for (const host of inventory.hosts.values()) for (const name in host.vars) names.add(name)
  return names
}

/** What plays and their tasks say of hosts that the inventory does not have. */
export function checkHosts(playbook: Playbook, inventory: Inventory): readonly Diagnostic[] {
  return [...unknownDelegates(playbook, inventory), ...checkPlays(playbook, inventory)]
}

function checkPlays(playbook: Playbook, inventory: Inventory): readonly Diagnostic[] {
  return playbook.plays.flatMap((play) => {
    try {
      inventory.select(play.hosts)
      return []
    } catch (error) {
      if (error instanceof DiagnosticError)
        return error.diagnostics.map((each) => ({ at: play.hostsAt ?? play.at, ...each }))
      throw error
    }
  })
}

function isLocal(playbook: Playbook): boolean {
  return playbook.plays.every((play) => play.hosts === 'localhost')
}

function noInventory(playbook: Playbook): Diagnostic {
  const play = playbook.plays.find((each) => each.hosts !== 'localhost')!
  return {
    code: 'cli/no-inventory',
    message: `no inventory was given, and the play is for '${play.hosts}'`,
    at: play.hostsAt ?? play.at,
    hint: 'name one with -i PATH, or put it in ./inventory/; a play with `hosts: localhost` needs none',
  }
}
