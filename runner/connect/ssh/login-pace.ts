import { adaptiveWidth, type Bounds, type Width } from './concurrency.ts'

/** How a login ended. `refused`: turned away for being too many; `other` says nothing of the pace. */
export type LoginEnd = 'in' | 'refused' | 'other'

/** Paces logins: so many at once in all, through each jump host, and at each address. */
export interface Pace {
  /** Waits for a place on this way; an abort ends the waiting. What it gives is called once, when the login has ended. */
  enter(
    way: { readonly through: string | null; readonly to: string },
    stop?: AbortSignal,
  ): Promise<(end: LoginEnd) => void>
}

interface Gate {
  readonly width: Width
  inside: number
}

/** sshd refuses some of more than ten logins that are not done (MaxStartups 10:30:100). */
const oneAddress: Bounds = { least: 1, first: 8, most: 10 }
/** All that goes through a jump host is work for it. */
const oneJump: Bounds = { least: 2, first: 10, most: 20 }

/** A pace for a run with so many `forks`. */
export function createPace(forks: number, now: () => number = Date.now): Pace {
  const gates = new Map<string, Gate>()
  const waiting: { readonly mine: readonly Gate[]; readonly go: () => void }[] = []

  function gate(name: string, bounds: Bounds): Gate {
    let found = gates.get(name)
    if (!found) gates.set(name, (found = { width: adaptiveWidth(bounds), inside: 0 }))
    return found
  }

  function isOpen(mine: readonly Gate[]): boolean {
    return mine.every(({ inside, width }) => inside < width.now)
  }

  // In order of arrival, but a connection does not wait for a slot on another route.
  function admit(): void {
    for (let i = 0; i < waiting.length;) {
      const next = waiting[i]!
      if (!isOpen(next.mine)) i++
      else {
        waiting.splice(i, 1)
        for (const each of next.mine) each.inside++
        next.go()
      }
    }
  }

  async function place(mine: readonly Gate[], stop: AbortSignal | undefined): Promise<void> {
    if (stop?.aborted || (waiting.length === 0 && isOpen(mine))) {
      for (const each of mine) each.inside++
      return
    }
    await new Promise<void>((go) => {
      const entry = { mine, go: () => (stop?.removeEventListener('abort', leave), go()) }
      // An aborted waiter is let in, and finds the abort there.
      const leave = (): void => {
        waiting.splice(waiting.indexOf(entry), 1)
        for (const each of mine) each.inside++
        go()
      }
      stop?.addEventListener('abort', leave, { once: true })
      waiting.push(entry)
      admit()
    })
  }

  return {
    async enter({ through, to }, stop) {
      const all = gate('', { least: Math.min(8, forks), first: Math.min(32, forks), most: forks })
      const jump = through === null ? [] : [gate(`through ${through}`, oneJump)]
      const address = gate(`to ${to}`, oneAddress)
      const mine = [all, ...jump, address]
      await place(mine, stop)
      const began = now()
      return (end) => {
        for (const each of mine) each.inside--
        if (end === 'in') for (const each of mine) each.width.done(now() - began)
        // The address refuses for itself; a jump host that is full breaks the way to it in the same words.
        if (end === 'refused')
          for (const each of [...jump, address]) each.width.refused(began, now())
        admit()
      }
    },
  }
}
