import { homedir } from 'node:os'
import { join } from 'node:path'
import { Secret } from '../contract/secret.ts'
import { createConnections } from '../connect/connections.ts'
import { fileCache } from '../inventory/sources/cache.ts'
import type { Asking } from '../inventory/sources/gather.ts'
import { clock } from './clock.ts'
import { askLine, type Io } from './io.ts'

/** The options that say how the sources of an inventory are read. */
export interface SourceFlags {
  /** Sources are asked, whatever the cache has. */
  readonly refreshInventory?: boolean
  /** What the cache has is used, however old. */
  readonly cachedInventory?: boolean
}

/** How the sources of a command's inventory are asked. */
export function askingFor(io: Io, flags: SourceFlags, isNamed: boolean): Asking {
  return {
    now: clock.now,
    cache: fileCache(cacheFolder(io)),
    ...(flags.refreshInventory
      ? { use: 'asked' as const }
      : flags.cachedInventory
        ? { use: 'cached' as const }
        : {}),
    isNamed,
    world: { env: io.env, cwd: io.cwd, signal: io.drain },
    connect: (inventory, warn) =>
      createConnections({
        inventory,
        env: io.env,
        warn,
        ...(io.stdin.isTTY && io.stderr.isTTY
          ? { askPassphrase: (file: string) => askPassphrase(io, file) }
          : {}),
      }),
  }
}

async function askPassphrase(io: Io, file: string): Promise<Secret | null> {
  const typed = await askLine(io, `passphrase of ${file}: `, { hidden: true })
  return typed === null ? null : new Secret('passphrase', typed)
}

/** Where answers are kept: where XDG says, or beside the state of a command that has its own. */
function cacheFolder(io: Io): string {
  const told = io.env['XDG_CACHE_HOME']
  if (told?.startsWith('/')) return join(told, 'trueup', 'inventory')
  if (io.stateFolder !== undefined) return join(io.stateFolder, 'cache', 'inventory')
  return join(io.env['HOME'] || homedir(), '.cache', 'trueup', 'inventory')
}
