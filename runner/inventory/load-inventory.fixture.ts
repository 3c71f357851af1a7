import { readInventoryFiles } from './inventory-files.ts'
import { buildInventory, type LoadedInventory, type LoadOptions } from './load-inventory.ts'

/** The inventory that files and folders make together, for tests. No source is asked. */
export function loadInventory(
  paths: readonly string[],
  options: LoadOptions = {},
): LoadedInventory {
  const { files, diagnostics } = readInventoryFiles(paths)
  return buildInventory(files, options, diagnostics)
}
