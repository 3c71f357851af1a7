import { homeOf } from '../files/user-home.ts'
import { withoutLine, type Diagnostic } from '../model/diagnostic.ts'
import type { Host } from '../model/host.ts'
import type { ValueMap } from '../contract/value.ts'
import { emptyDraft, type Draft } from './parse-state.ts'
import type { InventoryFile } from '../model/inventory-text.ts'
import { readFiles } from './read.ts'
import { finish, inventoryOf, type GroupedInventory } from './build.ts'

export { inPlaceOf, type GroupedInventory } from './build.ts'

/** What of the controller an inventory may name; the process's own when absent. */
export interface LoadOptions {
  readonly home?: string
  readonly environment?: Readonly<Record<string, string | undefined>>
}
/** An inventory, or null where something is wrong; warnings may stand beside an inventory. */
export interface LoadedInventory {
  readonly inventory: GroupedInventory | null
  readonly diagnostics: readonly Diagnostic[]
}

/** The inventory without a file: this machine as `localhost`, without SSH. */
export function localInventory(): GroupedInventory {
  const host: Host = {
    name: 'localhost',
    groups: [],
    vars: Object.create(null) as ValueMap,
    connection: { kind: 'local' },
  }
  return inventoryOf(
    new Map([[host.name, host]]),
    new Map([['all', [host.name]]]),
    new Map(),
    new Map(),
    new Map(),
  )
}

/** Builds an inventory of texts that were read, the answers of its sources among them. */
export function buildInventory(
  files: readonly InventoryFile[],
  options: LoadOptions = {},
  before: readonly Diagnostic[] = [],
): LoadedInventory {
  const draft = draftOf(options, false)
  draft.diagnostics.push(...before)
  readFiles(draft, files)
  const inventory = finish(draft)
  const diagnostics = draft.diagnostics.map(withoutSecrets)
  return {
    inventory: diagnostics.some((each) => each.severity !== 'warning') ? null : inventory,
    diagnostics,
  }
}

/** What the files say before any source is asked: it names the services, and their hosts, that the sources need. A name that a source may still supply is not a mistake yet. */
export function buildBeforeSources(
  files: readonly InventoryFile[],
  options: LoadOptions = {},
): LoadedInventory {
  const draft = draftOf(options, true)
  readFiles(
    draft,
    files.filter((file) => file.about.kind !== 'answer'),
  )
  return { inventory: finish(draft), diagnostics: draft.diagnostics.map(withoutSecrets) }
}

function draftOf(options: LoadOptions, partial: boolean): Draft {
  return emptyDraft(
    {
      home: options.home ?? homeOf(process.env),
      environment: options.environment ?? process.env,
      secretFiles: new Map(),
      warned: new Set(),
      printed: new Set(),
    },
    partial,
  )
}

/** A user's line that writes a secret out is not shown. */
function withoutSecrets(diagnostic: Diagnostic): Diagnostic {
  const { at } = diagnostic
  if (
    !at?.source ||
    !/pass(?:word|phrase)?["']?\s*:\s*[^\s{]|token["']?\s*:\s*[^\s{]|:\/\/[^\s/]*@/i.test(at.source)
  )
    return diagnostic
  return { ...diagnostic, at: withoutLine(at) }
}
