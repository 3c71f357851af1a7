import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Unreachable } from '../../model/session.ts'
import { launch } from '../child-process.ts'
import type { RemoteProcess } from '../transport.ts'

/** A connection that ssh holds, at its control socket. */
export interface Master {
  readonly socket: string
  readonly lost: boolean
  onLost(listener: () => void): void
  close(): Promise<void>
}

/** The folder of control sockets: only this user can enter it. */
export interface ControlFolder {
  /** A path in it that was not given before. */
  path(kind: string): string
  remove(): void
}

// ssh binds a name of 17 letters more first, and no socket has a name of more than 104.
const longestFolder = 60

/** Makes the folder of control sockets for a run. */
export function controlFolder(): ControlFolder {
  const base = tmpdir().length > longestFolder ? '/tmp' : tmpdir()
  // mkdtemp makes it 0700.
  const folder = mkdtempSync(join(base, 'trueup-ssh-'))
  let count = 0
  return {
    path: (kind) => join(folder, `${kind}${++count}`),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  }
}

/**
 * The shell between: it ends ssh when its own input ends. So a controller that is killed takes its connections along, and its ssh
 * never lives on.
 */
const leash = `exec 3<&0
"$@" </dev/null 3<&- & p=$!
{ read x <&3; kill $p; } 2>/dev/null & r=$!
exec 3<&-
wait $p; s=$?; kill $r 2>/dev/null; exit $s`

const look = 20
const goodbye = 1000

/** How the login of a master failed: what ssh printed, and whether it was only late. */
export class MasterFailed extends Error {
  readonly said: string
  readonly late: boolean

  constructor(said: string, late: boolean) {
    super('ssh did not log in')
    this.said = said
    this.late = late
  }
}

/** Starts a master and waits until its socket is there, which is after the login. Rejects with MasterFailed. */
export async function startMaster(
  host: string,
  argv: readonly string[],
  socket: string,
  patience: number,
  env: Readonly<Record<string, string | undefined>>,
  stop: AbortSignal | undefined,
): Promise<Master> {
  const process = await launch(host, ['/bin/sh', '-c', leash, 'trueup-ssh', 'ssh', ...argv], env)
  const state = { said: '', over: false }
  process.listen({
    stdout: () => undefined,
    stderr: (bytes) => {
      state.said = (state.said + Buffer.from(bytes).toString('utf8')).slice(-16_384)
    },
  })
  const listeners: (() => void)[] = []
  void process.ended.then(() => {
    state.over = true
    process.kill()
    for (const listener of listeners.splice(0)) listener()
  })
  const deadline = Date.now() + patience * 1000
  while (!existsSync(socket)) {
    if (state.over) throw new MasterFailed(state.said, false)
    if (stop?.aborted || Date.now() > deadline) {
      process.kill()
      if (stop?.aborted) throw new Unreachable(host, `${host}: interrupted while connecting`)
      throw new MasterFailed(state.said, true)
    }
    await sleep(look)
  }
  return {
    socket,
    get lost() {
      return state.over
    },
    onLost(listener) {
      if (state.over) listener()
      else listeners.push(listener)
    },
    close: () => endOf(process),
  }
}

async function endOf(process: RemoteProcess): Promise<void> {
  process.end()
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<void>((resolve) => (timer = setTimeout(resolve, goodbye)))
  await Promise.race([process.ended, late])
  clearTimeout(timer)
  process.kill()
}
