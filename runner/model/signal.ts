/**
 * Thrown where a value is asked for that is not there: it stops the pure function that asked and nothing else. Only the
 * engine catches it; expressions and templates let it pass (CEL absorbs it where the other side of `&&` or `||` decides).
 */
export class Signal extends Error {}

/** The value waits for a reading that has not come yet. */
export class NotYet extends Signal {
  constructor() {
    super('not read yet')
    this.name = 'NotYet'
  }
}

// One for all: it says nothing but its name, and a stack for each of thousands would cost more than what they stop.
const waiting = new NotYet()

/** Stops the evaluation that asked for a value which has not been read yet. */
export function notYet(): never {
  throw waiting
}

/** The value cannot be known before a pending change is made (plans only). */
export class Unknown extends Signal {
  /** The sentence of the task it waits for. */
  readonly until: string

  constructor(until: string) {
    super(`unknown until "${until}"`)
    this.name = 'Unknown'
    this.until = until
  }
}
