import type { Upload } from '../batch/compose-script.ts'
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

/** A part of a script that fails at its turn. */
export function refusal(message: string): ActionUnit {
  return {
    calls: [],
    limit: 1,
    cap: 1024,
    tail: true,
    text: (frame) => `if [ $a = 0 ]; then a=1;E ${frame} r;else E ${frame} s;fi;D ${frame}\n`,
    result: (frame) =>
      frame.status === 's' ? null : { ok: false, stdout: '', stderr: '', message },
    lost: () => ({ ok: false, stdout: '', stderr: '', message }),
  }
}

/** Where bytes are put that travel behind the script. */
export interface Room {
  /** The number of the variable that will hold these bytes in base64. */
  secret(bytes: Buffer): number
  /** The number under which the script asks for this file. */
  upload(upload: Upload): number
}
