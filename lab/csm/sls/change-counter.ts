import type { System } from '../system.ts'

/** Counts a change. */
export function changed(system: System): void {
  system.layout.changes += 1
  system.layout.changedAt = system.now()
}
