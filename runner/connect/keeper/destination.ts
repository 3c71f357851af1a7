import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { controlFolder, type ControlFolder } from '../openssh/master.ts'
import { openOpensshTransport, type OpensshWorld } from '../openssh/openssh-transport.ts'
import { readResolvedOptions } from '../openssh/resolved-options.ts'
import { hopText } from '../ssh/hop.ts'
import { jumpLinks } from '../ssh/jumps.ts'
import { openSshTransport, type SshTransport } from '../ssh/ssh2-transport.ts'
import { wayOf } from './may-keep.ts'
import type { OpensshWay } from './openssh-way.ts'
import { NeedsPerson, type Caller } from './caller.ts'
import { stampOf } from './file-stamps.ts'
import { wayState } from './way-state.ts'

/** Where a way leads: how to log in there, and what a login there rests on. */
export interface Destination {
  readonly name: string
  readonly to: string
  dial(): Promise<SshTransport>
  state(): Promise<string>
  /** Whether an idle connection still reaches the host; absent where its next command shows that by itself. */
  readonly answers?: (transport: SshTransport) => Promise<boolean>
}

/** The destination of a way's text, for the login of this caller. */
export function destinationOf(
  text: string,
  caller: Caller,
  folder: () => ControlFolder,
): Destination {
  const way = JSON.parse(text) as { readonly resolved?: string }
  return way.resolved === undefined
    ? bySsh2(text, caller)
    : byOpenssh(way as OpensshWay, caller, folder)
}

function bySsh2(text: string, caller: Caller): Destination {
  const { name, hops } = wayOf(text)
  return {
    name,
    to: hopText(hops.at(-1)!),
    async dial() {
      try {
        return await openSshTransport(name, hops, caller.world, jumpLinks(caller.world))
      } catch (error) {
        throw caller.hasAsked() ? new NeedsPerson() : error
      }
    },
    state: () => wayState(hops, caller.world.knownHosts, caller.agent),
  }
}

function byOpenssh(way: OpensshWay, caller: Caller, folder: () => ControlFolder): Destination {
  const { name, connection, configFile, knownHostsFile, env } = way
  const resolved = readResolvedOptions(way.resolved)
  const world: OpensshWorld = { ...caller.world, folder, env, configFile, knownHostsFile }
  const host = { name, groups: [], vars: {}, connection }
  return {
    name,
    to: `${resolved.one('user') ?? ''}@${resolved.one('hostname') ?? name}:${resolved.one('port') ?? '22'}`,
    dial: () => openOpensshTransport(host, world),
    async state() {
      const digest = createHash('sha256')
      const { home } = caller
      for (const file of filesOf(way, home)) digest.update(`${file} ${stampOf(file)}\n`)
      // A jump has settings, keys and known keys of its own: everything of ssh's own folders counts.
      for (const tree of [join(home, '.ssh'), '/etc/ssh']) digest.update(caller.stampsBelow(tree))
      const agent = env['SSH_AUTH_SOCK']
      if (agent !== undefined) digest.update(await caller.agent(agent))
      return digest.digest('base64')
    },
    answers: aliveWithin,
  }
}

/** The files that are named outside ssh's own folders. */
function filesOf(
  { resolved, configFile, connection }: OpensshWay,
  home: string,
): readonly string[] {
  const options = readResolvedOptions(resolved)
  const named = ['identityfile', 'certificatefile', 'userknownhostsfile', 'globalknownhostsfile']
    .flatMap((keyword) => options.all(keyword))
    .flatMap((value) => value.split(/\s+/))
  const configs = [configFile, connection.sshConfig].flatMap((each) => each ?? [])
  return [...named, ...configs].map((file) => file.replace(/^~(?=\/)/, () => home))
}

const revival = 3000

/** Asks for a command that does nothing: a master that is there says nothing of the network behind it. */
async function aliveWithin(transport: SshTransport): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined
  try {
    const process = await transport.start('exec true')
    const late = new Promise<null>((resolve) => (timer = setTimeout(() => resolve(null), revival)))
    const ending = await Promise.race([process.ended, late])
    if (ending === null) process.kill()
    return ending?.code === 0
  } catch {
    return false
  } finally {
    clearTimeout(timer)
  }
}

/** The folder of the control sockets of a keeper, made when it is first wanted. */
export function lazyFolder(): { readonly get: () => ControlFolder; remove(): void } {
  let made: ControlFolder | null = null
  return { get: () => (made ??= controlFolder()), remove: () => made?.remove() }
}
