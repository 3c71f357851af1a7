import type { System } from './system.ts'

/** Something that a service does wrong. `times` counts down; absent: until cleared. */
export type ServiceFault =
  /** Sessions of CFS end so, or never. */
  | {
      readonly kind: 'cfs-session'
      readonly ends: 'false' | 'unknown' | 'never'
      readonly times?: number
    }
  /** Sessions of CFS end well and list no images. */
  | { readonly kind: 'cfs-no-artifacts'; readonly times?: number }
  /** The configuration of a live node fails. */
  | { readonly kind: 'cfs-component'; readonly times?: number }
  /** Sessions of BOS find no node. */
  | { readonly kind: 'bos-no-nodes'; readonly times?: number }
  /** Jobs of IMS end in an error. */
  | { readonly kind: 'ims-job'; readonly times?: number }
  /** Somebody else locks or unlocks a node just before the next one who does. */
  | { readonly kind: 'lock-race'; readonly times?: number }
  /** The requests that are answered before all tokens expire. */
  | { readonly kind: 'expire-tokens-after'; readonly times: number }

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
