import type { Call, Parsed } from '../command.ts'
import type { Trust } from './solve.ts'

/** A call of one command of zypper. */
export interface Asked {
  readonly call: Call
  readonly options: Parsed
  readonly trust: Trust
  readonly xml: boolean
  /** The folder of the definitions. */
  readonly within: string
}
