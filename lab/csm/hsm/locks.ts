import { hsmProblem, normalized } from './components.ts'
import { json, parsed, type Asked, type Reply, type Route } from '../route.ts'
import { struck } from '../service-faults.ts'
import type { Lock, System } from '../system.ts'

const source = 'hms-smd:pkg/sm/complocks.go'

type Reason = 'NotFound' | 'Locked' | 'Unlocked' | 'Disabled' | 'Reserved'
interface Operation {
  /** Why it cannot be done to this lock, or null. */
  refuses(lock: Lock): Reason | null
  result(lock: Lock): Lock
}

const unlocked: Lock = { locked: false, reservationDisabled: false, reserved: false }
const operations: Readonly<Record<string, Operation>> = {
  lock: {
    refuses: (lock) =>
      lock.locked
        ? 'Locked'
        : lock.reservationDisabled
          ? 'Disabled'
          : lock.reserved
            ? 'Reserved'
            : null,
    result: (lock) => ({ ...lock, locked: true }),
  },
  unlock: {
    refuses: (lock) => (lock.locked ? null : 'Unlocked'),
    result: (lock) => ({ ...lock, locked: false }),
  },
  disable: {
    refuses: (lock) => (lock.reservationDisabled ? 'Disabled' : null),
    result: (lock) => ({ ...lock, reservationDisabled: true, reserved: false }),
  },
  repair: { refuses: () => null, result: (lock) => ({ ...lock, reservationDisabled: false }) },
}

/** HSM's lock routes: nothing here is idempotent, as in the real one. */
export const lockRoutes: readonly Route[] = [
  ...Object.keys(operations).map((name) => ({
    method: 'POST',
    path: `/locks/${name}`,
    source,
    answer: (asked: Asked, system: System) => operate(name, asked, system),
  })),
  { method: 'POST', path: '/locks/status', source, answer: statusOfSome },
  { method: 'GET', path: '/locks/status', source, answer: statusByFilter },
]

function operate(name: string, asked: Asked, system: System): Reply {
  const body = parsed(asked.body)
  if (typeof body !== 'object' || body === null)
    return hsmProblem(500, 'Internal Server Error', 'error decoding JSON')
  const model = (body as { ProcessingModel?: unknown }).ProcessingModel ?? 'rigid'
  if (model !== 'rigid' && model !== 'flexible')
    return hsmProblem(400, 'Bad Request', 'Invalid Processing Model')
  const wanted = chosen(body as Record<string, unknown>, system)
  const operation = operations[name]!
  // Somebody else is quicker.
  if ((name === 'lock' || name === 'unlock') && struck(system, 'lock-race')) {
    for (const id of wanted)
      if (system.components.has(id))
        system.locks.set(id, { ...(system.locks.get(id) ?? unlocked), locked: name === 'lock' })
  }
  const failures: { ID: string; Reason: Reason }[] = []
  const done: string[] = []
  for (const id of wanted) {
    const reason = system.components.has(id)
      ? operation.refuses(system.locks.get(id) ?? unlocked)
      : 'NotFound'
    if (reason) failures.push({ ID: id, Reason: reason })
    else done.push(id)
  }
  const first = failures[0]
  if (first && model === 'rigid') return hsmProblem(400, 'Bad Request', sentences[first.Reason])
  // The real one answers a flexible lock of nothing but locked components with this misleading text.
  if (
    name === 'lock' &&
    done.length === 0 &&
    failures.length > 0 &&
    failures.every((failure) => failure.Reason === 'Locked')
  ) {
    return hsmProblem(400, 'Bad Request', sentences.Reserved)
  }
  for (const id of done) system.locks.set(id, operation.result(system.locks.get(id) ?? unlocked))
  return json(200, {
    Counts: { Total: wanted.length, Success: done.length, Failure: failures.length },
    Success: { ComponentIDs: done },
    Failure: failures,
  })
}

const sentences: Readonly<Record<Reason, string>> = {
  NotFound: 'Component not found',
  Locked: 'Component is Locked',
  Unlocked: 'Component is Unlocked',
  Disabled: 'Component reservations are disabled',
  Reserved: 'Component is Reserved',
}

function chosen(body: Record<string, unknown>, system: System): string[] {
  const ids = body['ComponentIDs']
  if (Array.isArray(ids) && ids.length > 0) return ids.map((id) => normalized(String(id)))
  const wants = (name: string, is: string | undefined): boolean => {
    const wanted = body[name]
    if (wanted === undefined) return true
    return (Array.isArray(wanted) ? wanted : [wanted]).some(
      (each) => String(each).toLowerCase() === (is ?? '').toLowerCase(),
    )
  }
  return [...system.components.values()]
    .filter(
      (component) =>
        wants('Type', 'Node') &&
        wants('Role', component.role) &&
        wants('SubRole', component.subRole) &&
        wants('NID', String(component.nid)),
    )
    .map((component) => component.xname)
}

function statusOfSome(asked: Asked, system: System): Reply {
  const body = parsed(asked.body)
  if (typeof body !== 'object' || body === null)
    return hsmProblem(500, 'Internal Server Error', 'error decoding JSON')
  const wanted = chosen(body as Record<string, unknown>, system)
  const missing = wanted.filter((id) => !system.components.has(id))
  const found = wanted.filter((id) => system.components.has(id))
  if (found.length === 0) return hsmProblem(400, 'Bad Request', sentences.NotFound)
  return json(200, {
    Components: found.map((id) => record(id, system)),
    ...(missing.length > 0 ? { NotFound: missing } : {}),
  })
}

function statusByFilter(asked: Asked, system: System): Reply {
  const wants = (name: string, is: unknown): boolean => {
    const wanted = asked.query.getAll(name)
    return (
      wanted.length === 0 || wanted.some((each) => each.toLowerCase() === String(is).toLowerCase())
    )
  }
  const records = [...system.components.values()]
    .filter(
      (component) =>
        wants('type', 'Node') &&
        wants('role', component.role) &&
        wants('subrole', component.subRole ?? ''),
    )
    .map((component) => record(component.xname, system))
  return json(200, {
    Components: records.filter(
      (each) =>
        wants('locked', each.Locked) &&
        wants('reserved', each.Reserved) &&
        wants('reservationDisabled', each.ReservationDisabled),
    ),
  })
}

function record(
  id: string,
  system: System,
): { ID: string; Locked: boolean; Reserved: boolean; ReservationDisabled: boolean } {
  const lock = system.locks.get(id) ?? unlocked
  return {
    ID: id,
    Locked: lock.locked,
    Reserved: lock.reserved,
    ReservationDisabled: lock.reservationDisabled,
  }
}
