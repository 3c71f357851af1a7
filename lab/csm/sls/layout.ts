import type { Component } from '../system.ts'
import { installedHardware, type Hardware } from './hardware.ts'
import { defaultNetworks, type Network } from './networks.ts'

/** What SLS remembers. */
export interface Layout {
  readonly hardware: Hardware[]
  readonly networks: Network[]
  /** How often something was written. */
  changes: number
  changedAt: number
}

/** SLS after the installation of a system with these nodes. */
export function installedLayout(components: readonly Component[], at: number): Layout {
  const [hardware, networks] = [installedHardware(components, at), defaultNetworks(components, at)]
  return { hardware, networks, changes: 1, changedAt: at }
}

/** SLS before anything was loaded into it. */
export function emptyLayout(at: number): Layout {
  return { hardware: [], networks: [], changes: 0, changedAt: at }
}
