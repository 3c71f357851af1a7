import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Release } from '../../lab/csm/system-model.ts'

/** One request to a real service, and what it answered. */
export interface Fact {
  readonly id: string
  readonly method: string
  readonly path: string
  readonly body?: unknown
  /** Sent as it stands, in the place of a body. */
  readonly raw?: string
  readonly headers?: Readonly<Record<string, string>>
  /** Seconds to wait before it is sent. */
  readonly wait_s?: number
  readonly status?: number
  readonly answer_headers?: Readonly<Record<string, string>>
  readonly json?: unknown
  readonly text?: string
  /** Where ids that the service makes stand in the answer. */
  readonly learn?: Readonly<Record<string, string>>
  readonly compare?: false
  /** It filled the real service, or looked at what was filled. */
  readonly only?: 'real'
  readonly prepare?: true
}

/** The requests that one version of one service was asked, in their order. */
export interface Transcript {
  readonly name: string
  readonly service: 'ims' | 'cfs' | 'bos' | 'smd' | 'sls' | 'pcs'
  readonly version: string
  readonly lab_release: Release
  /** What stands before each path at the gateway. */
  readonly prefix: string
  readonly facts: readonly Fact[]
}

const folder = join(import.meta.dirname, '../transcripts/services')

/** All transcripts of services. */
export const serviceTranscripts: readonly Transcript[] = readdirSync(folder)
  .sort()
  .map((file) => ({
    ...(JSON.parse(readFileSync(join(folder, file), 'utf8')) as Omit<Transcript, 'name'>),
    name: file.replace('.json', ''),
  }))

/** Whether an answer was recorded that the lab's is to equal. */
export function isCompared(fact: Fact): boolean {
  return fact.compare !== false && fact.prepare !== true
}
