import { existsSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { AnyResourceType } from '../contract/resource.ts'
import type { Playbook } from '../model/playbook.ts'
import { DiagnosticError, type Diagnostic } from '../model/diagnostic.ts'
import type { Host, Inventory } from '../model/host.ts'
import type { Value } from '../contract/value.ts'
import { checkRoutes } from '../connect/check-routes.ts'
import { createSubject, viewOf } from '../engine/decide/scope.ts'
import type { Reader } from '../engine/model.ts'
import { distrust } from '../files/trust.ts'
import { withThisMachine } from '../inventory/adapt-inventory.ts'
import { buildInventory, localInventory } from '../inventory/load-inventory.ts'
import { varNames } from '../inventory/look-up.ts'
import { loadAsking, type AskedInventory, type SourceRead } from '../inventory/sources/gather.ts'
import type { PlanFile } from '../journal/saved-plan.ts'
import { gatherTypes, withOwnTypes } from '../manifest/own/load-types.ts'
import {
  chooseTypes,
  noTypes,
  typeFilesBeside,
  typeFilesIn,
  type ChosenTypes,
} from '../manifest/own/type-files.ts'
import { contradictionsIn } from '../playbook/advice.ts'
import { checkHosts, needsNoInventory, noInventory } from '../playbook/check-hosts.ts'
import { checkLateHosts } from '../playbook/check-meetings.ts'
import { readInputs } from '../playbook/given-inputs.ts'
import { loadPlaybook, type LoadedPlaybook, type LoadOptions } from '../playbook/load-playbook.ts'
import { namesUsed } from '../playbook/names-used.ts'
import { askInputs } from './ask.ts'
import { takenNames } from './known-types.ts'
import type { RunFlags } from './flags.ts'
import { askingFor, type SourceFlags } from './inventory-sources.ts'
import type { Io } from './io.ts'
import { settle } from './throw-on-errors.ts'
import { version } from './build-version.ts'
import { sshConfigOf } from './ssh-config-of.ts'
import { trustOf } from './trust-of-user.ts'

/** A playbook and an inventory in which the checks found no mistake. */
export interface Loaded {
  readonly playbook: Playbook
  readonly inventory: Inventory
  /** What the inventory was made of, with the answers of its sources. */
  readonly files: AskedInventory['files']
  readonly reads: readonly SourceRead[]
}

/** Loads and checks everything that a run is made of; every mistake is collected before any is shown. */
export async function loadForRun(
  io: Io,
  playbookPath: string,
  flags: Pick<RunFlags, 'inventory' | 'extraVars' | 'types' | 'limit' | 'sshConfig'> & SourceFlags,
): Promise<Loaded> {
  const given = await givenInventory(io, flags.inventory, flags)
  const inputs = readInputs(flags.extraVars ?? [], io.env)
  const inventory = given.inventory && withThisMachine(given.inventory)
  const checked = await checkPlaybook(io, playbookPath, inputs.values, inventory, flags.types)
  const answers = await askInputs(io, checked, inputs.values)
  const loaded = answers
    ? await checkPlaybook(
        io,
        playbookPath,
        { ...inputs.values, ...answers },
        inventory,
        flags.types,
      )
    : checked
  const { playbook } = loaded
  const missing =
    !given.isGiven && playbook && !needsNoInventory(playbook) ? [noInventory(playbook)] : []
  settle(io, [
    ...given.diagnostics,
    ...inputs.diagnostics,
    ...secretsTyped(flags.extraVars ?? [], checked),
    ...loaded.diagnostics,
    ...missing,
    ...(playbook && inventory && missing.length === 0 ? hostFaults(playbook, inventory) : []),
    ...(playbook ? contradictionsIn(playbook) : []),
    ...(playbook && inventory && missing.length === 0
      ? await wayFaults(io, playbook, inventory, flags)
      : []),
  ])
  if (!playbook || !inventory) throw new Error('a load that failed says why')
  return { playbook, inventory, files: given.files, reads: given.reads }
}

/** Warns of each secret input whose value stands in the arguments of this process, which every user of this machine can read. */
function secretsTyped(
  given: readonly string[],
  { inputs }: Pick<LoadedPlaybook, 'inputs'>,
): readonly Diagnostic[] {
  const typed = readInputs(given.filter((option) => !option.startsWith('@'))).values
  return inputs
    .filter(({ name, secret }) => secret && Object.hasOwn(typed, name))
    .map(({ name }) => ({
      code: 'cli/secret-typed',
      severity: 'warning',
      message: `the secret input '${name}' stands on the command line, where every user of this machine can read it`,
      hint: `write it to a file for you alone, and give -e @FILE; or: … | trueup … -e @/dev/stdin`,
    }))
}

/** Loads what a saved plan was made from, from its own text; only secrets are fetched again from their source. */
export async function loadForApply(
  io: Io,
  plan: PlanFile,
  extraVars: readonly string[],
): Promise<Loaded> {
  const given =
    plan.inventory.length > 0
      ? buildInventory(plan.inventory)
      : { inventory: localInventory(), diagnostics: [] }
  const inputs = readInputs(extraVars, io.env)
  const strangers = Object.keys(inputs.values)
    .filter((name) => !plan.secretInputs.includes(name))
    .map((name): Diagnostic => ({
      code: 'plan/input',
      message: `the plan has its inputs; '${name}' cannot be given now`,
      hint:
        plan.secretInputs.length > 0
          ? `only its secret ones are given again: ${plan.secretInputs.join(', ')}`
          : 'make a new plan with it',
    }))
  const inventory = given.inventory && withThisMachine(given.inventory)
  const texts = new Map(plan.playbook.sources.map((source) => [source.file, source.text]))
  // The plan itself was trusted as a whole.
  const gathered = await gatherTypes({ ...noTypes, files: plan.playbook.sources }, takenNames)
  const playbook = await loadPlaybook({
    file: plan.playbook.file,
    types: gathered.types,
    version: version(),
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

/** What plays and their tasks say of hosts that the inventory does not have. */
export function hostFaults(playbook: Playbook, inventory: Inventory): readonly Diagnostic[] {
  // Before a run nothing is read: what depends on a reading is checked at its turn.
  const unread: Reader = { read: () => undefined, fact: () => undefined }
  const wrong = checkHosts(playbook, inventory, (host, play, task) => {
    const subject = createSubject(host, play, playbook, inventory, {
      names: [],
      setBy: new Map(),
      unsaid: new Set(),
    })
    return viewOf(subject, task, unread).scope
  })
  return [...wrong, ...checkLateHosts(playbook.plays, inventory)]
}

/** What the ssh_config says wrongly of the hosts of a playbook's plays, as far as they are within the limit. */
export async function wayFaults(
  io: Io,
  playbook: Playbook,
  inventory: Inventory,
  flags: Pick<RunFlags, 'limit' | 'sshConfig'>,
): Promise<readonly Diagnostic[]> {
  const select = (pattern: string): readonly Host[] => {
    try {
      return inventory.select(pattern)
    } catch {
      // A wrong pattern is reported where it is used.
      return []
    }
  }
  const limited = flags.limit === undefined ? null : new Set(select(flags.limit))
  const hosts = new Set(playbook.plays.flatMap(({ hosts }) => select(hosts)))
  return checkRoutes(
    [...hosts].filter((host) => limited === null || limited.size === 0 || limited.has(host)),
    { inventory, env: io.env, ...sshConfigOf(io, flags.sshConfig) },
  )
}

/**
 * Checks one playbook and the types beside it, with the names of an inventory's vars where there is an inventory. Where it is only
 * checked, an input may lack its value.
 */
export async function checkPlaybook(
  io: Io,
  path: string,
  inputs: Readonly<Record<string, Value>> | null,
  inventory: Inventory | null,
  typeFolders: readonly string[] = [],
  { isOnlyChecked = false, ...watch }: CheckOptions = {},
): Promise<LoadedPlaybook & { readonly types: ReadonlyMap<string, AnyResourceType> }> {
  const file = resolve(io.cwd, path)
  const gathered = await gatherTypes(chosenFor(io, file, typeFolders), takenNames)
  const loaded = withOwnTypes(
    await loadPlaybook({
      file,
      types: gathered.types,
      version: version(),
      inputs,
      isOnlyChecked,
      knownVars: inventory ? varNames(inventory) : null,
      ...(isOnlyChecked && !inventory
        ? { varsHere: varNames(withThisMachine(localInventory())) }
        : {}),
      ...watch,
    }),
    gathered,
  )
  return { ...loaded, types: gathered.types }
}

/** How a playbook is checked: whether inputs may lack values, where texts come from, and what learns of computed texts. */
type CheckOptions = Pick<LoadOptions, 'isOnlyChecked' | 'readText' | 'sees'>

/** The types that a playbook names, beside it and in a site's folders: no other file is loaded. */
function chosenFor(io: Io, path: string, folders: readonly string[]): ChosenTypes {
  const files = [...typeFilesBeside(path), ...typeFilesOf(io, folders)]
  return files.length === 0 ? noTypes : chooseTypes(files, namesUsed(path), trustOf(io))
}

/** The files of types in folders that the user named. Throws DiagnosticError for a folder that cannot be listed. */
export function typeFilesOf(io: Io, folders: readonly string[]): readonly string[] {
  const paths = folders.map((folder) => resolve(io.cwd, folder))
  const missing = paths.filter(
    (folder) => !statSync(folder, { throwIfNoEntry: false })?.isDirectory(),
  )
  if (missing.length > 0)
    throw new DiagnosticError(
      missing.map((folder) => ({
        code: 'cli/no-types',
        message: `${folder} is not a folder with types`,
        hint: 'correct --types, or `types` in the configuration: trueup config shows where it comes from',
      })),
    )
  return paths.flatMap(typeFilesIn)
}

/** The inventory that a command uses, by path: as given, else `inventory/` where there is one. */
export function inventoryPaths(io: Io, given: readonly string[] | undefined): readonly string[] {
  if (given && given.length > 0) return given.map((path) => resolve(io.cwd, path))
  const usual = join(io.cwd, 'inventory')
  return existsSync(usual) ? [usual] : []
}

/** The inventory of a command: as given, else `inventory/`, else this machine alone. Its sources are asked, unless the cache has what they allow. */
export async function givenInventory(
  io: Io,
  paths: readonly string[] | undefined,
  flags: SourceFlags = {},
): Promise<AskedInventory & { readonly isGiven: boolean }> {
  const isNamed = paths !== undefined && paths.length > 0
  const used = isNamed ? paths : inventoryPaths(io, paths)
  if (used.length === 0)
    return { inventory: localInventory(), diagnostics: [], files: [], reads: [], isGiven: false }
  // A named inventory is the user's own choice; a folder that only lies here may be anybody's.
  const others = isNamed ? null : distrust(trustOf(io), 'the inventory', used[0]!)
  if (others) {
    const diagnostics = [{ ...others, hint: `${others.hint ?? ''}; or name it: -i ./inventory` }]
    return { inventory: null, diagnostics, files: [], reads: [], isGiven: true }
  }
  // A program of an inventory is a child that must not be left behind.
  const release = io.listen?.()
  try {
    return { ...(await loadAsking(used, askingFor(io, flags, isNamed))), isGiven: true }
  } finally {
    release?.()
  }
}
