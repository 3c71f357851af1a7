import type { Asked } from '../service-route.ts'
import type { Mount } from './vault-records.ts'

/** A request to an engine: its mount, and the path below. */
export interface EngineAsked extends Asked {
  readonly mount: Mount
  readonly below: string
}
