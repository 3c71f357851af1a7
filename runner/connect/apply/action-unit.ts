import type { ActionResult } from '../../model/session.ts'
import type { Frame } from '../batch/frame-readings.ts'
import type { Unit } from '../batch/units.ts'

/** A part of a script that acts. */
export interface ActionUnit extends Unit {
  /** What its frame means; null: it was not begun, because one before it failed. */
  result(frame: Frame): ActionResult | null
  /** What is said when it did not end in time and was left behind, or ended with its shell. */
  lost(why: 'stuck' | 'flood' | 'died'): ActionResult
}
