import type { System } from './system.ts'
import type { ServiceFault } from './service-fault-kinds.ts'

/** The fault of a kind that strikes now, and counts as having struck. */
export function struck<K extends ServiceFault['kind']>(
  system: System,
  kind: K,
): Extract<ServiceFault, { kind: K }> | null {
  const at = system.faults.findIndex((fault) => fault.kind === kind)
  const fault = system.faults[at]
  if (!fault) return null
  if (fault.times !== undefined) {
    if (fault.times <= 1) system.faults.splice(at, 1)
    else system.faults[at] = { ...fault, times: fault.times - 1 }
  }
  return fault as Extract<ServiceFault, { kind: K }>
}
