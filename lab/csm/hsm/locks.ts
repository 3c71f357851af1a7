import { goTruth } from '../go/go-json.ts'
import { normalized } from '../go/normalized-xname.ts'
import { json, type Asked, type Reply, type Route } from '../service-route.ts'
import { struck } from '../service-faults.ts'
import type { System } from '../system.ts'
import type { Lock } from './hsm-records.ts'
import { matching } from './hsm-components.ts'
import { written, type Listed } from './listed.ts'
import { wantedIn } from './filter.ts'
import { lockBody, selected, sentences, type Reason } from './lock-filter.ts'
import { hsmProblem } from './hsm-replies.ts'
import { reservationOf } from './reservations.ts'

const source = 'hms-smd:pkg/sm/complocks.go'

/** HSM's routes for locks: to lock a locked component, or to unlock an unlocked one, is an error, as in the real one. */
export const lockRoutes: readonly Route[] = [
  {
    method: 'POST',
    path: '/locks/lock',
    source,
    answer: (asked, system) => locked(asked, system, true),
  },
  {
    method: 'POST',
    path: '/locks/unlock',
    source,
    answer: (asked, system) => locked(asked, system, false),
  },
  {
    method: 'POST',
    path: '/locks/disable',
    source,
    answer: (asked, system) => disabled(asked, system, true),
  },
  {
    method: 'POST',
    path: '/locks/repair',
    source,
    answer: (asked, system) => disabled(asked, system, false),
  },
  { method: 'POST', path: '/locks/status', source, answer: statusOfSome },
  { method: 'GET', path: '/locks/status', source, answer: statusByFilter },
]

interface Failure {
  readonly ID: string
  readonly Reason: Reason
}

/** What was done to which components, and what was not. */
export function counted(done: readonly string[], failures: readonly Failure[]): Reply {
  return json(200, {
    Counts: {
      Total: done.length + failures.length,
      Success: done.length,
      Failure: failures.length,
    },
    Success: { ComponentIDs: done },
    Failure: failures,
  })
}

/** The lock of a component. */
export function lockOf(system: System, xname: string): Lock {
  return system.locks.get(xname) ?? { locked: false, reservationDisabled: false }
}

function change(system: System, xnames: readonly string[], to: Partial<Lock>): void {
  for (const xname of xnames) system.locks.set(xname, { ...lockOf(system, xname), ...to })
  written(system, xnames)
}

function locked(asked: Asked, system: System, isWanted: boolean): Reply {
  const body = lockBody(asked)
  if ('status' in body) return body
  const found = selected(body.given, system)
  if ('status' in found) return found
  // Another user is quicker.
  if (struck(system, 'lock-race'))
    change(
      system,
      found.map((each) => each.xname),
      { locked: isWanted },
    )
  const failures: Failure[] = []
  for (const { xname } of found) {
    const Reason = refusal(lockOf(system, xname), isWanted)
    if (Reason && body.way.isRigid) return hsmProblem(400, sentences[Reason])
    if (Reason) failures.push({ ID: xname, Reason })
  }
  const left = found
    .map((each) => each.xname)
    .filter((xname) => failures.every((each) => each.ID !== xname))
  const reserved = left.filter((xname) => reservationOf(system, xname))
  const done = left.filter((xname) => !reserved.includes(xname))
  // The real one says so too where nothing is left because everything is locked.
  if (done.length === 0 || (reserved.length > 0 && body.way.isRigid))
    return hsmProblem(400, sentences.Reserved)
  change(system, done, { locked: isWanted })
  return counted(done, [
    ...failures,
    ...reserved.map((ID) => ({ ID, Reason: 'Reserved' as const })),
  ])
}

function refusal(lock: Lock, isWanted: boolean): Reason | null {
  if (lock.locked === isWanted) return isWanted ? 'Locked' : 'Unlocked'
  return lock.reservationDisabled ? 'Disabled' : null
}

// Both succeed where it is so already.
function disabled(asked: Asked, system: System, isWanted: boolean): Reply {
  const body = lockBody(asked)
  if ('status' in body) return body
  const found = selected(body.given, system)
  if ('status' in found) return found
  const xnames = found.map((each) => each.xname)
  if (isWanted) for (const xname of xnames) system.reservations.delete(xname)
  change(system, xnames, { reservationDisabled: isWanted })
  return counted(xnames, [])
}

function statusOfSome(asked: Asked, system: System): Reply {
  const body = lockBody(asked)
  if ('status' in body) return body
  const found = selected(body.given, system)
  if ('status' in found) return found
  const shown = withReserved(found, body.given['Reserved'], system)
  if (shown === null) return hsmProblem(400, 'Argument was not valid')
  if (shown.length === 0) return hsmProblem(400, sentences.NotFound)
  const ids = ((body.given['ComponentIDs'] ?? []) as readonly string[]).map(normalized)
  const missing = ids.filter((id) => shown.every((each) => each.xname !== id))
  return json(200, {
    Components: shown.map(({ xname }) => record(xname, system)),
    ...(missing.length > 0 ? { NotFound: missing } : {}),
  })
}

function statusByFilter(asked: Asked, system: System): Reply {
  const { type, state, role, subrole, locked, reserved, reservationdisabled } = wantedIn(
    asked.query,
  )
  if (reserved && goTruth(reserved[0] ?? '') === null)
    return hsmProblem(400, `bad 'Reserved' query parameter: ${reserved[0]}`)
  const found = matching(
    { type, state, role, subrole, locked, reservation_disabled: reservationdisabled },
    system,
    { wrong: (detail) => detail, broken: "operation 'GET' failed during query." },
  )
  if ('status' in found) return found
  const shown = withReserved(found, reserved, system) ?? []
  return json(200, { Components: shown.map(({ xname }) => record(xname, system)) })
}

// Only those that are reserved, or are not; null: the wish cannot be read.
function withReserved(
  components: readonly Listed[],
  wanted: readonly string[] | undefined,
  system: System,
): readonly Listed[] | null {
  if (wanted === undefined || components.length === 0) return components
  const isWanted = goTruth(wanted[0] ?? '')
  return isWanted === null
    ? null
    : components.filter(({ xname }) => (reservationOf(system, xname) !== null) === isWanted)
}

function record(xname: string, system: System): Readonly<Record<string, unknown>> {
  const lock = lockOf(system, xname)
  const reservation = reservationOf(system, xname)
  return {
    ID: xname,
    Locked: lock.locked,
    Reserved: reservation !== null,
    ...(reservation
      ? {
          CreationTime: inSeconds(reservation.created),
          ...(reservation.expires === null
            ? {}
            : { ExpirationTime: inSeconds(reservation.expires) }),
        }
      : {}),
    ReservationDisabled: lock.reservationDisabled,
  }
}

/** A time as HSM writes it for reservations. */
export function inSeconds(at: number): string {
  return new Date(at).toISOString().replace(/\.\d+Z$/, 'Z')
}
