import { actionUnit } from './action-units.ts'
import { guardUnit } from './guards.ts'
import { functions, needs } from './functions.ts'
import { lockFunctions, lockUnit, unlock, type HostLocks } from './lock.ts'
import type { ActionUnit } from './action-unit.ts'
import type { Apply } from '../../model/session.ts'
import type { Parts, Upload } from '../batch/compose-script.ts'
import type { Unit } from '../batch/units.ts'

/** The write half of an exchange as parts of a script: guards, then actions. */
export interface ApplyParts {
  readonly parts: Parts
  /** Where the guards begin among its units: behind the lock, where there is one. */
  readonly first: number
  readonly guards: number
  readonly actions: readonly ActionUnit[]
}

/** Compiles guards and actions; small local files are read here, so that a changed one is refused before anything is sent. */
export async function applyParts(apply: Apply, locks: HostLocks | null): Promise<ApplyParts> {
  const payload: string[] = []
  const uploads: Upload[] = []
  const room = {
    // Base64 holds no byte that a shell variable could lose; the number in `p` is the piece's.
    secret(text: Buffer): number {
      payload.push(text.toString('base64'))
      return payload.length - 1
    },
    upload(upload: Upload): number {
      uploads.push(upload)
      return uploads.length - 1
    },
  }
  const guards = apply.guards.map((guard) => guardUnit(guard))
  const actions: ActionUnit[] = []
  for (const action of apply.actions) actions.push(await actionUnit(action, room))
  const pieces = payload.map((piece, index) =>
    piece === ''
      ? `p${index}=\n`
      : `p${index}=$(dd bs=${piece.length} count=1 iflag=fullblock 2>/dev/null <&7)\n[ \${#p${index}} -eq ${piece.length} ] || exit 1\n`,
  )
  const between = new Map<number, string>()
  const lock = locks === null ? [] : [lockUnit(locks, apply)]
  const first = lock.length
  if (guards.length > 0) {
    const limit = guards.reduce((sum, guard) => sum + guard.limit, 0) + 3
    // A guard that hung past its limit was given up by the controller: what follows it must not happen any more.
    between.set(first, 't=$(date +%s)\n')
    between.set(first + guards.length, `[ $(($(date +%s)-t)) -le ${limit} ] || a=1\n`)
  }
  return {
    first,
    guards: guards.length,
    actions,
    parts: {
      units: locks === null ? [...guards, ...actions] : unlocking([...lock, ...guards, ...actions]),
      before: `a=0\n${pieces.join('')}`,
      between,
      functions: locks === null ? functions : { ...functions, ...lockFunctions },
      needs,
      payload: payload.join(''),
      uploads,
      acts: true,
    },
  }
}

/** The units, of which the last one lets go of the lock: the next script of this run must not find it taken. */
function unlocking(units: readonly Unit[]): readonly Unit[] {
  return units.map((unit, index) =>
    index < units.length - 1 ? unit : { ...unit, text: (frame) => `${unit.text(frame)}${unlock}` },
  )
}
