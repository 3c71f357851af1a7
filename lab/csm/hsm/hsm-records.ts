import type { Power } from '../system-model.ts'

/** A group of HSM, or a partition, whose name stands in the place of a label. */
export interface Group {
  readonly label: string
  readonly description: string
  /** A component is in one group of those that name the same. */
  readonly exclusiveGroup: string
  readonly tags: readonly string[]
  readonly ids: readonly string[]
}

/** A component that a service, or an administrator, has for itself. */
export interface Reservation {
  readonly deputyKey: string
  readonly reservationKey: string
  readonly created: number
  /** Null: until it is released. */
  readonly expires: number | null
}

/** HSM's lock of a component; both false where HSM has no entry. */
export interface Lock {
  readonly locked: boolean
  readonly reservationDisabled: boolean
}

/** A component that is not a node: a controller, a slot, a chassis. */
export interface Part {
  readonly xname: string
  readonly type: string
  readonly class: 'River' | 'Mountain' | 'Hill'
  readonly power: Power
}

/** What a node is for. */
export interface Role {
  readonly role: string
  readonly subRole?: string
}
