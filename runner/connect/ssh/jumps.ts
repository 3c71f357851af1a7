import { dial } from './dial.ts'
import type { DialWorld } from './dial-world.ts'
import { hopText, type Hop } from './hop.ts'
import { linkOver, type Link } from './link.ts'

/** Connections to jump hosts, shared by all hosts behind them. */
export interface Jumps {
  /** The link to the last of these hops; it stays open until the last host behind it has let go. */
  hold(way: readonly Hop[]): Promise<HeldLink>
}
/** A share in a link. */
export interface HeldLink {
  readonly link: Link
  letGo(): Promise<void>
}

interface Shared {
  readonly link: Promise<Link>
  holders: number
}

/** Jump connections for the length of a run. */
export function jumpLinks(world: DialWorld): Jumps {
  return new SharedLinks(world)
}

class SharedLinks implements Jumps {
  readonly #world: DialWorld
  readonly #shared = new Map<string, Shared>()

  constructor(world: DialWorld) {
    this.#world = world
  }

  async hold(way: readonly Hop[]): Promise<HeldLink> {
    const key = way
      .map((hop) => `${hopText(hop)} ${hop.policy} ${hop.keyFiles.join(' ')}`)
      .join(' → ')
    const entry = this.#shared.get(key) ?? this.#begin(key, way)
    entry.holders++
    let gone = false
    const letGo = async (): Promise<void> => {
      if (gone) return
      gone = true
      if (--entry.holders > 0) return
      this.#forget(key, entry)
      await (await entry.link).close()
    }
    try {
      return { link: await entry.link, letGo }
    } catch (error) {
      gone = true
      entry.holders--
      throw error
    }
  }

  #begin(key: string, way: readonly Hop[]): Shared {
    const entry: Shared = {
      link: this.#open(way, () => this.#forget(key, entry)),
      holders: 0,
    }
    this.#shared.set(key, entry)
    entry.link.catch(() => this.#forget(key, entry))
    return entry
  }

  #forget(key: string, entry: Shared): void {
    if (this.#shared.get(key) === entry) this.#shared.delete(key)
  }

  async #open(way: readonly Hop[], lost: () => void): Promise<Link> {
    const hop = way.at(-1)!
    const before = way.length === 1 ? null : await this.hold(way.slice(0, -1))
    try {
      const signedIn = await dial(
        hop,
        this.#world,
        before && {
          jump: before.link.hop,
          open: () => before.link.forward(hop.address, hop.port),
        },
      )
      const link = linkOver(signedIn, hop)
      link.onLost(() => {
        lost()
        void before?.letGo()
      })
      return link
    } catch (error) {
      await before?.letGo()
      throw error
    }
  }
}
