/** What is done when its time has come; it gets the time for which it was put down. */
export type Deed = (at: number) => void | Promise<void>

/**
 * What the services do later, by the lab's clock. Nothing here runs by itself: a request to a service lets happen first
 * what is due by then, in the order of the times, so that a clock that jumps gives the same story as one that walks.
 */
export interface Agenda {
  at(due: number, deed: Deed): void
  /** Does all that is due, and what that puts down in turn, as far as it is due. */
  advance(): Promise<void>
  /** When the next is due; null where nothing is. */
  next(): number | null
  /** Forgets all that is to come. */
  clear(): void
  /** Called whenever something was put down. */
  watch(changed: () => void): void
}

/** An empty agenda. */
export function makeAgenda(now: () => number): Agenda {
  let items: { readonly due: number; readonly deed: Deed }[] = []
  let watcher: () => void = () => {}
  let under: Promise<void> = Promise.resolve()

  async function work(): Promise<void> {
    for (;;) {
      const first = items.reduce<(typeof items)[number] | null>(
        (best, each) => (best === null || each.due < best.due ? each : best),
        null,
      )
      if (first === null || first.due > now()) return
      items = items.filter((each) => each !== first)
      await first.deed(first.due)
    }
  }
  return {
    at(due, deed) {
      items.push({ due, deed })
      watcher()
    },
    advance() {
      if (items.length === 0) return under.catch(() => {})
      // One after another: two who ask at once see the same things happen once. What went wrong is thrown to the caller that had it done.
      under = under.catch(() => {}).then(work)
      return under
    },
    next: () => (items.length === 0 ? null : Math.min(...items.map((each) => each.due))),
    clear() {
      items = []
    },
    watch(changed) {
      watcher = changed
    },
  }
}

/** Has an agenda advance by itself, for those who look at nodes and ask no service; gives back how to end that. */
export function keepAdvancing(agenda: Agenda, now: () => number): () => Promise<void> {
  let timer: NodeJS.Timeout | null = null
  let isEnded = false
  function arm(): void {
    const next = agenda.next()
    if (isEnded || timer !== null || next === null) return
    timer = setTimeout(
      () =>
        void agenda
          .advance()
          .catch(() => {})
          .then(again),
      Math.min(Math.max(next - now(), 20), 500),
    )
    timer.unref()
  }
  function again(): void {
    timer = null
    arm()
  }
  agenda.watch(arm)
  return async () => {
    isEnded = true
    if (timer !== null) clearTimeout(timer)
    agenda.clear()
    await agenda.advance().catch(() => {})
  }
}
