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

/** An empty store of kept connections. */
export function keptLinks(): KeptLinks {
  const held = new Map<string, Promise<KeptLink>>()
  const open = new Set<KeptLink>()
  const folder = lazyFolder()

  function forget(link: KeptLink): void {
    open.delete(link)
    // Those who use it now go on; nothing new begins on it.
    if (link.users === 0) void link.close()
    else retired.add(link)
  }
  const retired = new Set<KeptLink>()

  async function login(way: string, caller: Caller): Promise<KeptLink> {
    const destination = destinationOf(way, caller, folder.get)
    const transport = await destination.dial()
    // After the login: it may have written the key down.
    const state = await destination.state()
    const link = keptLink({ state, keep: caller.keep }, transport, destination)
    open.add(link)
    return link
  }

  async function take(way: string, caller: Caller): Promise<KeptLink> {
    const known = held.get(way)
    const before = await known?.catch(() => null)
    if (before) {
      const now = await destinationOf(way, caller, folder.get).state()
      if (!before.lost && before.state === now) return used(before, caller)
      // Another client may have begun the new login meanwhile.
      if (held.get(way) === known) {
        held.delete(way)
        forget(before)
      }
    }
    let making = held.get(way)
    if (!making) {
      making = login(way, caller)
      held.set(way, making)
      const forgetWay = (): void => void (held.get(way) === making && held.delete(way))
      making.then((link) => link.onClose(forgetWay), forgetWay)
    }
    return used(await making, caller)
  }

  function used(link: KeptLink, { keep }: Caller): KeptLink {
    link.users++
    link.keep = keep
    return link
  }

  return {
    take,
    giveBack(link) {
      link.users--
      link.lastUse = Date.now()
      if (link.users === 0 && retired.delete(link)) void link.close()
    },
    all: () => [...open],
    sweep(now) {
      const idle = [...open].filter((link) => link.users === 0)
      const oldest = idle
        .sort((a, b) => a.lastUse - b.lastUse)
        .slice(0, Math.max(0, open.size - most))
      for (const link of idle)
        if (now - link.lastUse >= link.keep || oldest.includes(link)) {
          open.delete(link)
          void link.close()
        }
    },
    async close() {
      await Promise.all([...open, ...retired].map((link) => link.close()))
      folder.remove()
    },
  }
}
