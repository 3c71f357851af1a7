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
  /** Devices come up with their old firmware after an update. */
  | { readonly kind: 'fas-operation'; readonly times?: number }
  /** Another client locks or unlocks a node just before the next one that does. */
  | { readonly kind: 'lock-race'; readonly times?: number }
  /** The requests that are answered before all tokens expire. */
  | { readonly kind: 'expire-tokens-after'; readonly times: number }
