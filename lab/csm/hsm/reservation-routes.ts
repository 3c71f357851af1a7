import { parseXname } from '../../../runner/text/xname.ts'
import { goInt, goString, goStruct, type GoType } from '../go/go-json.ts'
import { normalized } from '../go/normalized-xname.ts'
import { json, type Asked, type Reply, type Route } from '../service-route.ts'
import type { System } from '../system.ts'
import { lockBody, selected, sentences, wayIn, type Reason, type Way } from './lock-filter.ts'
import { counted, inSeconds, lockOf } from './locks.ts'
import { bodyOf, hsmProblem } from './hsm-replies.ts'
import { reservationOf, reserve } from './reservations.ts'
import { type Reservation } from './hsm-records.ts'

const source = 'hms-smd:internal/hmsds/hmsds-postgres.go'

/** HSM's routes for reservations: those of services end, those of administrators are for locked components. */
export const reservationRoutes: readonly Route[] = [
  {
    method: 'POST',
    path: '/locks/reservations',
    source,
    answer: (asked, system) => create(asked, system, false),
  },
  {
    method: 'POST',
    path: '/locks/service/reservations',
    source,
    answer: (asked, system) => create(asked, system, true),
  },
  { method: 'POST', path: '/locks/reservations/remove', source, answer: remove },
  { method: 'POST', path: '/locks/reservations/release', source, answer: release },
  { method: 'POST', path: '/locks/service/reservations/release', source, answer: release },
  { method: 'POST', path: '/locks/service/reservations/renew', source, answer: renew },
  { method: 'POST', path: '/locks/service/reservations/check', source, answer: check },
]

function create(asked: Asked, system: System, isOfService: boolean): Reply {
  const body = lockBody(asked)
  if ('status' in body) return body
  const { isRigid, duration } = body.way
  if (isOfService && duration <= 0)
    return hsmProblem(400, 'ReservationDuration must be greater than 0')
  // HSM asks its database for groups in a way that it does not understand.
  if (body.given['Group']?.length > 0 || body.given['Partition']?.length > 0)
    return hsmProblem(500, "operation 'POST' failed during store.")
  const found = selected(body.given, system)
  if ('status' in found) return found
  const failures: { readonly ID: string; readonly Reason: Reason }[] = []
  for (const { xname } of found) {
    const lock = lockOf(system, xname)
    const Reason: Reason | null = lock.reservationDisabled
      ? 'Disabled'
      : lock.locked === isOfService
        ? isOfService
          ? 'Locked'
          : 'Unlocked'
        : null
    if (Reason && isRigid) return hsmProblem(400, sentences[Reason])
    if (Reason) failures.push({ ID: xname, Reason })
  }
  const left = found
    .map((each) => each.xname)
    .filter((xname) => failures.every((each) => each.ID !== xname))
  const taken = left.filter((xname) => reservationOf(system, xname))
  if (taken.length > 0 && isRigid) return hsmProblem(400, sentences.Reserved)
  const made = left
    .filter((xname) => !taken.includes(xname))
    .map((xname) => ({
      xname,
      held: reserve(system, xname, system.now(), isOfService ? duration : null),
    }))
  return json(200, {
    Success: made.map(({ xname, held }) => ({
      ID: xname,
      DeputyKey: held.deputyKey,
      ReservationKey: held.reservationKey,
      ...(held.expires === null ? {} : { ExpirationTime: inSeconds(held.expires) }),
    })),
    Failure: [...failures, ...taken.map((ID) => ({ ID, Reason: 'Reserved' }))],
  })
}

interface Key {
  readonly id: string
  readonly key: string
}

const keys: GoType = {
  kind: 'list',
  of: goStruct('sm.CompLockV2Key', { ID: goString, Key: goString }),
}
const withKeys = goStruct('sm.CompLockV2ReservationFilter', {
  ReservationKeys: keys,
  ProcessingModel: goString,
  ReservationDuration: goInt,
})

function keysIn(
  list: readonly { readonly ID?: string; readonly Key?: string }[] = [],
): readonly Key[] | Reply {
  const found = list.map(({ ID = '', Key = '' }) => ({
    id: normalized(ID),
    key: Key.toLowerCase(),
  }))
  return found.some(({ id }) => !parseXname(id))
    ? hsmProblem(400, 'got HMSTypeInvalid instead of valid type')
    : found
}

function keyedBody(asked: Asked): { readonly way: Way; readonly wanted: readonly Key[] } | Reply {
  const body = bodyOf(asked, withKeys)
  if (body.refused) return body.refused
  const way = wayIn(body.value)
  if ('status' in way) return way
  const wanted = keysIn(body.value['ReservationKeys'])
  return 'status' in wanted ? wanted : { way, wanted }
}

// What was done to the reservations that are wanted, of which these were found.
function outcome({ isRigid }: Way, wanted: readonly Key[], found: readonly string[]): Reply {
  if (found.length === wanted.length) return counted(found, [])
  if (isRigid) return hsmProblem(400, sentences.NotFound)
  const isFound = ({ id }: Key): boolean => found.includes(id)
  return counted(
    wanted.filter(isFound).map(({ id }) => id),
    wanted.filter((each) => !isFound(each)).map(({ id }) => ({ ID: id, Reason: 'NotFound' })),
  )
}

function holding(
  keyName: 'reservationKey' | 'deputyKey',
  wanted: readonly Key[],
  system: System,
): readonly string[] {
  return [...system.reservations.keys()].filter((xname) =>
    wanted.some(({ key }) => reservationOf(system, xname)?.[keyName] === key),
  )
}

function remove(asked: Asked, system: System): Reply {
  const body = lockBody(asked)
  if ('status' in body) return body
  const found = selected(body.given, system)
  if ('status' in found) return found
  const reserved = found.map((each) => each.xname).filter((xname) => reservationOf(system, xname))
  const reply = outcome(
    body.way,
    found.map(({ xname }) => ({ id: xname, key: '' })),
    reserved,
  )
  if (reply.status === 200) for (const xname of reserved) system.reservations.delete(xname)
  return reply
}

function release(asked: Asked, system: System): Reply {
  const body = keyedBody(asked)
  if ('status' in body) return body
  // The real one names the other key where the key is empty.
  const wrong = body.wanted.some(({ key }) => key === '')
    ? 'Deputy Key required for operation'
    : body.wanted.length === 0
      ? 'Reservation Key required for operation'
      : null
  if (wrong !== null) return refusedKeys(body.way, body.wanted, wrong)
  const found = holding('reservationKey', body.wanted, system)
  const reply = outcome(body.way, body.wanted, found)
  if (reply.status === 200) for (const xname of found) system.reservations.delete(xname)
  return reply
}

function refusedKeys({ isRigid }: Way, wanted: readonly Key[], detail: string): Reply {
  return isRigid
    ? hsmProblem(400, detail)
    : counted(
        [],
        wanted.map(({ id }) => ({ ID: id, Reason: 'ServerError' })),
      )
}

function renew(asked: Asked, system: System): Reply {
  const body = keyedBody(asked)
  if ('status' in body) return body
  const { duration } = body.way
  if (duration <= 0) return hsmProblem(400, 'ReservationDuration must be greater than 0')
  if (body.wanted.length === 0 || body.wanted.some(({ key }) => key === ''))
    return refusedKeys(body.way, body.wanted, 'Reservation Key required for operation')
  const found = holding('reservationKey', body.wanted, system).filter(
    (xname) => reservationOf(system, xname)!.expires !== null,
  )
  const reply = outcome(body.way, body.wanted, found)
  if (reply.status === 200)
    for (const xname of found)
      system.reservations.set(xname, {
        ...(reservationOf(system, xname) as Reservation),
        expires: system.now() + duration * 60_000,
      })
  return reply
}

const deputyKeys = goStruct('sm.CompLockV2DeputyKeyArray', { DeputyKeys: keys })

function check(asked: Asked, system: System): Reply {
  const body = bodyOf(asked, deputyKeys)
  if (body.refused) return body.refused
  const wanted = keysIn(body.value['DeputyKeys'])
  if ('status' in wanted) return wanted
  if (wanted.length === 0 || wanted.some(({ key }) => key === ''))
    return hsmProblem(400, 'Deputy Key required for operation')
  const found = holding('deputyKey', wanted, system)
  return json(200, {
    Success: found.map((xname) => {
      const { deputyKey, created, expires } = reservationOf(system, xname)!
      return {
        ID: xname,
        DeputyKey: deputyKey,
        CreationTime: inSeconds(created),
        ...(expires === null ? {} : { ExpirationTime: inSeconds(expires) }),
      }
    }),
    Failure: wanted
      .filter(({ id }) => !found.includes(id))
      .map(({ id }) => ({ ID: id, Reason: 'NotFound' })),
  })
}
