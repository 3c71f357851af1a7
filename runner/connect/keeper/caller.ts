import { createHash } from 'node:crypto'
import ssh2 from 'ssh2'
import type { ParsedKey } from 'ssh2'
import type { Diagnostic } from '../../model/diagnostic.ts'
import { accountOf } from '../account.ts'
import { bootKeys } from '../ssh/boot-keys.ts'
import type { DialWorld } from '../ssh/dial-world.ts'
import { keyring } from '../ssh/keyring.ts'
import { knownHostsReader } from '../ssh/openssh-files/known-hosts-file.ts'
import { createPace } from '../ssh/login-pace.ts'
import { stampsBelow } from './file-stamps.ts'
import type { AgentState } from './way-state.ts'

/** A login stopped because only a person could have gone on. */
export class NeedsPerson extends Error {}

/** A client that wants connections: what its logins may use, and what hears their warnings. */
export interface Caller {
  readonly keep: number
  readonly world: DialWorld
  readonly home: string
  readonly agent: AgentState
  /** Whether a login has asked for what only a person has. */
  hasAsked(): boolean
  /** The stamps of the files below a folder, as they are when this client first asks. */
  stampsBelow(folder: string): string
}

/** Logins that are under way at once, for all clients. */
const width = 50
const pace = createPace(width)
const knownHosts = knownHostsReader()

/** What a client brings: its own keyring, so that a key that left the agent is not used again. */
export function callerOf(keep: number, warn: (diagnostic: Diagnostic) => void): Caller {
  let asked = false
  const ask = (): Promise<null> => {
    asked = true
    return Promise.resolve(null)
  }
  return {
    keep,
    home: accountOf({ env: process.env }).home,
    hasAsked: () => asked,
    agent: once(keysOfAgent),
    stampsBelow: once(stampsBelow),
    world: { keys: keyring(ask), pace, knownHosts, bootKeys: bootKeys(), warn },
  }
}

function once<T>(ask: (name: string) => T): (name: string) => T {
  const answers = new Map<string, T>()
  return (name) => {
    const held = answers.get(name) ?? ask(name)
    answers.set(name, held)
    return held
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
