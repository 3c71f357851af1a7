import type { Component } from '../system-model.ts'
import { installedHardware } from './hardware.ts'
import { defaultNetworks } from './networks.ts'
import type { Layout } from './sls-records.ts'

/** SLS after the installation of a system with these nodes. */
export function installedLayout(components: readonly Component[], at: number): Layout {
  const [hardware, networks] = [installedHardware(components, at), defaultNetworks(components, at)]
  return { hardware, networks, changes: 1, changedAt: at }
}

/** SLS before anything was loaded into it. */
export function emptyLayout(at: number): Layout {
  return { hardware: [], networks: [], changes: 0, changedAt: at }
}
