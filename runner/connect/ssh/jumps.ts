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
  const shared = new Map<string, Shared>()

  async function hold(way: readonly Hop[]): Promise<HeldLink> {
    const key = way
      .map((hop) => `${hopText(hop)} ${hop.policy} ${hop.keyFiles.join(' ')}`)
      .join(' → ')
    let entry = shared.get(key)
    if (entry === undefined) {
      const opened: Shared = { link: open(way, () => forget(key, opened)), holders: 0 }
      shared.set(key, opened)
      opened.link.catch(() => forget(key, opened))
      entry = opened
    }
    const mine = entry
    mine.holders++
    let gone = false
    const letGo = async (): Promise<void> => {
      if (gone) return
      gone = true
      if (--mine.holders > 0) return
      forget(key, mine)
      await (await mine.link).close()
    }
    try {
      return { link: await mine.link, letGo }
    } catch (error) {
      gone = true
      mine.holders--
      throw error
    }
  }

  function forget(key: string, entry: Shared): void {
    if (shared.get(key) === entry) shared.delete(key)
  }

  async function open(way: readonly Hop[], lost: () => void): Promise<Link> {
    const hop = way.at(-1)!
    const before = way.length === 1 ? null : await hold(way.slice(0, -1))
    try {
      const link = linkOver(
        await dial(
          hop,
          world,
          before && {
            jump: before.link.hop,
            open: () => before.link.forward(hop.address, hop.port),
          },
        ),
        hop,
      )
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

  return { hold }
}
