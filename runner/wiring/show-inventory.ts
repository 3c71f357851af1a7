import { DiagnosticError } from '../model/diagnostic.ts'
import { hostNamed } from '../inventory/look-up.ts'
import {
  graphText,
  hostText,
  inventoryData,
  listText,
  sourcesData,
  sourcesText,
} from '../inventory/print.ts'
import { jsonText } from '../text/json-text.ts'
import { cleanLine, cleanText } from '../report/screen-text.ts'
import { fromFolder } from '../text/from-folder.ts'
import { clock } from './clock.ts'
import type { SourceFlags } from './inventory-sources.ts'
import type { Io } from './io.ts'
import { givenInventory } from './load-all.ts'
import { settle } from './throw-on-errors.ts'

/** The options of `trueup inventory`. */
export interface InventoryFlags extends SourceFlags {
  readonly inventory?: readonly string[]
  readonly list?: boolean
  readonly graph?: boolean
  readonly host?: string
  readonly limit?: string
}

/** `trueup inventory`: what a run would see. Secrets are masked. */
export async function inventoryCommand(io: Io, flags: InventoryFlags): Promise<number> {
  const { inventory, diagnostics, isGiven, reads } = await givenInventory(
    io,
    flags.inventory,
    flags,
  )
  settle(io, diagnostics)
  if (!inventory) throw new Error('an inventory that failed says why')
  if (!isGiven)
    throw new DiagnosticError({
      code: 'cli/no-inventory',
      message: 'no inventory was given, and ./inventory/ does not exist',
      hint: 'name one with -i PATH',
    })
  const say = (text: string): number => {
    io.stdout.write(text.endsWith('\n') ? text : `${text}\n`)
    return 0
  }
  if (flags.host !== undefined) return say(cleanText(hostText(hostNamed(inventory, flags.host))))
  if (flags.limit !== undefined)
    return say(
      inventory
        .select(flags.limit)
        .map((host) => cleanLine(host.name))
        .join('\n'),
    )
  if (flags.list)
    return say(jsonText({ ...inventoryData(inventory), ...sourcesData(reads, clock.now()) }))
  return say(
    cleanText(
      flags.graph
        ? graphText(inventory)
        : `${listText(inventory)}${sourcesText(
            reads.map((each) => ({ ...each, path: fromFolder(each.path, io.cwd) })),
            clock.now(),
          )}`,
    ),
  )
}
