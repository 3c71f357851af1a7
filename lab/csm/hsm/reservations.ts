import { randomUUID } from 'node:crypto'
import type { System } from '../system.ts'
import type { Reservation } from './hsm-records.ts'

/** The reservation of a component, if it has one and its time is not over. */
export function reservationOf(system: System, xname: string): Reservation | null {
  const held = system.reservations.get(xname)
  if (!held) return null
  if (held.expires === null || held.expires > system.now()) return held
  system.reservations.delete(xname)
  return null
}

/** Reserves a component; whether it may be is known before. */
export function reserve(
  system: System,
  xname: string,
  at: number,
  minutes: number | null,
): Reservation {
  const reservation: Reservation = {
    deputyKey: `${xname}:dk:${randomUUID()}`,
    reservationKey: `${xname}:rk:${randomUUID()}`,
    created: at,
    expires: minutes === null ? null : at + minutes * 60_000,
  }
  system.reservations.set(xname, reservation)
  return reservation
}
