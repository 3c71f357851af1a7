import ssh2 from 'ssh2'
import type { ParsedKey } from 'ssh2'
import { createHash } from 'node:crypto'
import type { Diagnostic } from '../../model/diagnostic.ts'
import { bootKeys } from '../ssh/boot-keys.ts'
import type { DialWorld } from '../ssh/dial-world.ts'
import { hopText, type Hop } from '../ssh/hop.ts'
import { jumpLinks } from '../ssh/jumps.ts'
import { keyring } from '../ssh/keyring.ts'
import { knownHostsReader } from '../ssh/openssh-files/known-hosts-file.ts'
import { createPace } from '../ssh/pace.ts'
import { openSshTransport } from '../ssh/ssh2-transport.ts'
import { keptLink, type KeptLink } from './kept-link.ts'
import { wayOf } from './may-keep.ts'
import { wayState, type AgentState } from './way-state.ts'

/** A login stopped because only a person could have gone on. */
export class NeedsPerson extends Error {}

/** Who wants a connection: what its logins may use, and who hears their warnings. */
export interface Caller {
  readonly keep: number
  readonly world: DialWorld
  readonly agent: AgentState
  /** Whether a login has asked for what only a person has. */
  hasAsked(): boolean
}

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

/** Logins that are under way at once, for all clients. */
const width = 50
/** More connections than these are not kept: the one that was not used for the longest time goes. */
const most = 1000

/** What a caller brings: its own keyring, so that a key that left the agent is not used again. */
export function callerOf(keep: number, warn: (diagnostic: Diagnostic) => void): Caller {
  let asked = false
  const agents = new Map<string, Promise<string>>()
  return {
    keep,
    hasAsked: () => asked,
    agent(socket) {
      const held = agents.get(socket) ?? keysOfAgent(socket)
      agents.set(socket, held)
      return held
    },
    world: {
      keys: keyring(() => {
        asked = true
        return Promise.resolve(null)
      }),
      pace,
      knownHosts,
      bootKeys: bootKeys(),
      warn,
    },
  }
}

const pace = createPace(width)
const knownHosts = knownHostsReader()

/** An empty store of kept connections. */
export function keptLinks(): KeptLinks {
  const held = new Map<string, Promise<KeptLink>>()
  const open = new Set<KeptLink>()

  function forget(way: string, link: KeptLink): void {
    open.delete(link)
    void held.get(way)?.then((found) => {
      if (found === link) held.delete(way)
    })
    // Those who use it now go on; nothing new begins on it.
    if (link.users === 0) void link.close()
    else retired.add(link)
  }
  const retired = new Set<KeptLink>()

  async function login(way: string, caller: Caller): Promise<KeptLink> {
    const { name, hops } = wayOf(way)
    const dial = dialer(name, hops, caller)
    const transport = await dial()
    // After the login: it may have written the key down.
    const state = await wayState(hops, knownHosts, caller.agent)
    const link = keptLink(
      { name, to: hopText(hops.at(-1)!), state, keep: caller.keep },
      transport,
      dial,
    )
    open.add(link)
    return link
  }

  async function take(way: string, caller: Caller): Promise<KeptLink> {
    const before = await held.get(way)?.catch(() => null)
    if (before) {
      const { hops } = wayOf(way)
      if (!before.lost && before.state === (await wayState(hops, knownHosts, caller.agent)))
        return used(before, caller)
      forget(way, before)
      if ((await held.get(way)) === before) held.delete(way)
    }
    let making = held.get(way)
    if (!making) {
      making = login(way, caller)
      held.set(way, making)
      making.catch(() => held.delete(way))
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
      for (const [way, making] of held)
        void making.then((link) => open.has(link) || retired.has(link) || held.delete(way))
    },
    async close() {
      await Promise.all([...open, ...retired].map((link) => link.close()))
    },
  }
}

function dialer(
  name: string,
  hops: readonly Hop[],
  caller: Caller,
): () => ReturnType<typeof openSshTransport> {
  return async () => {
    try {
      const jumps = jumpLinks(caller.world)
      return await openSshTransport(name, hops, caller.world, jumps)
    } catch (error) {
      throw caller.hasAsked() ? new NeedsPerson() : error
    }
  }
}

const agentPatience = 5000

function keysOfAgent(socket: string): Promise<string> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve('no answer'), agentPatience)
    ssh2.createAgent(socket).getIdentities((error, keys) => {
      clearTimeout(timer)
      if (error) return resolve(error.message)
      const digest = createHash('sha256')
      for (const key of (keys ?? []) as readonly ParsedKey[]) digest.update(key.getPublicSSH())
      resolve(digest.digest('base64'))
    })
  })
}
