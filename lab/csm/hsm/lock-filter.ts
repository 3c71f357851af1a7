import { goInt, goString, goStrings, goStruct } from '../go/go-json.ts'
import type { Asked, Reply } from '../service-route.ts'
import type { System } from '../system.ts'
import { matching, type FilterRefusals } from './hsm-components.ts'
import type { Wanted } from './filter.ts'
import type { Listed } from './listed.ts'
import { bodyOf, hsmProblem } from './hsm-replies.ts'

/** Why something cannot be done to a lock. */
export type Reason = 'NotFound' | 'Locked' | 'Unlocked' | 'Disabled' | 'Reserved' | 'ServerError'

/** The same as a sentence, where one failure fails everything. */
export const sentences: Readonly<Record<Reason, string>> = {
  NotFound: 'Component not found',
  Locked: 'Component is Locked',
  Unlocked: 'Component is Unlocked',
  Disabled: 'Component reservations are disabled',
  Reserved: 'Component is Reserved',
  ServerError: 'Unknown locking error',
}

/** The filter in the body of a request about locks. */
const lockFilter = goStruct('sm.CompLockV2Filter', {
  ...Object.fromEntries(
    `ComponentIDs NID Type State Flag Enabled SoftwareStatus Role Subrole Subtype Arch Class Group Partition Locked Reserved
      ReservationDisabled`
      .split(/\s+/)
      .map((name) => [name, goStrings]),
  ),
  ProcessingModel: goString,
  ReservationDuration: goInt,
})

/** What a request about locks says beside its components. */
export interface Way {
  /** One failure fails everything. */
  readonly isRigid: boolean
  /** Minutes. */
  readonly duration: number
}

/** How a request is to be done, or the refusal. */
export function wayIn(given: Readonly<Record<string, any>>): Way | Reply {
  const model = String(given['ProcessingModel'] ?? '').toLowerCase()
  if (!['', 'rigid', 'flexible'].includes(model)) return hsmProblem(400, 'Invalid Processing Model')
  const duration: number = given['ReservationDuration'] ?? 0
  return duration > 15
    ? hsmProblem(400, 'Invalid Reservation Duration')
    : { isRigid: model !== 'flexible', duration }
}

/** The body of a request about locks. */
export function lockBody(
  asked: Asked,
): { readonly way: Way; readonly given: Readonly<Record<string, any>> } | Reply {
  const body = bodyOf(asked, lockFilter)
  if (body.refused) return body.refused
  const way = wayIn(body.value)
  return 'status' in way ? way : { way, given: body.value }
}

/** The names of the filters of components for those of a body about locks. */
function wantedOf(given: Readonly<Record<string, any>>): Wanted {
  const { ComponentIDs, ReservationDisabled, ...rest } = given
  return {
    id: ComponentIDs,
    reservation_disabled: ReservationDisabled,
    ...Object.fromEntries(Object.entries(rest).map(([name, held]) => [name.toLowerCase(), held])),
  }
}

const refusals: FilterRefusals = {
  wrong: (detail) => detail,
  broken: "operation 'POST' failed during store.",
}

/** The components that the body of a request about locks selects: at least one, or the refusal. */
export function selected(
  given: Readonly<Record<string, any>>,
  system: System,
): readonly Listed[] | Reply {
  const found = matching(wantedOf(given), system, refusals)
  if ('status' in found) return found
  return found.length === 0 ? hsmProblem(400, sentences.NotFound) : found
}
