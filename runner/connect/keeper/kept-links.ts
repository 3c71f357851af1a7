import type { Caller } from './caller.ts'
import { destinationOf, lazyFolder } from './destination.ts'
import { keptLink, type KeptLink } from './kept-link.ts'

/** The connections that are kept, by their ways. */
export interface KeptLinks {
  /** A connection for this way. What was kept is used only where a new login would rest on the same files and keys. */
  take(way: string, caller: Caller): Promise<KeptLink>
  giveBack(link: KeptLink): void
  all(): readonly KeptLink[]
  /** Closes what has not been used for as long as it is kept. */
  sweep(now: number): void
  close(): Promise<void>
}

/** More connections than these are not kept: the one that was not used for the longest time goes. */
const most = 1000

class Links implements KeptLinks {
  readonly #held = new Map<string, Promise<KeptLink>>()
  readonly #open = new Set<KeptLink>()
  /** Links on which nothing new begins: they close with their last user. */
  readonly #retired = new Set<KeptLink>()
  readonly #folder = lazyFolder()

  async take(way: string, caller: Caller): Promise<KeptLink> {
    const known = this.#held.get(way)
    const before = await known?.catch(() => null)
    if (before) {
      const now = await destinationOf(way, caller, this.#folder.get).state()
      if (!before.lost && before.state === now) return used(before, caller)
      // Another client may have begun the new login meanwhile.
      if (this.#held.get(way) === known) {
        this.#held.delete(way)
        this.#retire(before)
      }
    }
    return used(await (this.#held.get(way) ?? this.#make(way, caller)), caller)
  }

  giveBack(link: KeptLink): void {
    link.users--
    link.lastUse = Date.now()
    if (link.users === 0 && this.#retired.delete(link)) void link.close()
  }

  all(): readonly KeptLink[] {
    return [...this.#open]
  }

  sweep(now: number): void {
    const idle = [...this.#open].filter((link) => link.users === 0)
    const oldest = idle
      .sort((a, b) => a.lastUse - b.lastUse)
      .slice(0, Math.max(0, this.#open.size - most))
    for (const link of idle)
      if (now - link.lastUse >= link.keep || oldest.includes(link)) {
        this.#open.delete(link)
        void link.close()
      }
  }

  async close(): Promise<void> {
    await Promise.all([...this.#open, ...this.#retired].map((link) => link.close()))
    this.#folder.remove()
  }

  #make(way: string, caller: Caller): Promise<KeptLink> {
    const making = this.#login(way, caller)
    this.#held.set(way, making)
    const forget = (): void => void (this.#held.get(way) === making && this.#held.delete(way))
    making.then((link) => link.onClose(forget), forget)
    return making
  }

  async #login(way: string, caller: Caller): Promise<KeptLink> {
    const destination = destinationOf(way, caller, this.#folder.get)
    const transport = await destination.dial()
    // After the login: it may have written the key down.
    const state = await destination.state()
    const link = keptLink({ state, keep: caller.keep }, transport, destination)
    this.#open.add(link)
    return link
  }

  #retire(link: KeptLink): void {
    this.#open.delete(link)
    if (link.users === 0) void link.close()
    else this.#retired.add(link)
  }
}

function used(link: KeptLink, { keep }: Caller): KeptLink {
  link.users++
  link.keep = keep
  return link
}

/** An empty store of kept connections. */
export function keptLinks(): KeptLinks {
  return new Links()
}
