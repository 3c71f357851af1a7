import { DiagnosticError, type Diagnostic } from '../model/diagnostic.ts'
import type { InventoryFile } from '../model/inventory-text.ts'
import { buildInventory } from './load-inventory.ts'
import { holdsSecret } from './sources/cache.ts'

/** The inventory's files as a saved plan keeps them, with the answers of its sources. Throws DiagnosticError when a file holds a secret in plain text. */
export function filesToSave(files: readonly InventoryFile[]): readonly InventoryFile[] {
  if (files.length === 0) return []
  const written = buildInventory(files).diagnostics.filter(
    (each) => each.code === 'inventory/plain-secret',
  )
  const answered = files
    .filter((file) => file.about.kind === 'answer' && holdsSecret(file.text))
    .map(({ path }): Diagnostic => ({
      code: 'inventory/plain-secret',
      message: `the answer of the source ${path} seems to hold a secret`,
      hint: 'replace the secret in the source by the place that it comes from: { "file": PATH } or { "env": NAME }',
    }))
  const open = [...written, ...answered]
  if (open.length === 0) return files
  throw new DiagnosticError(
    open.map((each) => ({
      ...each,
      severity: 'error' as const,
      message: `${each.message}, and a saved plan would hold it`,
    })),
  )
}
