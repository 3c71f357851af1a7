import { homeOf } from '../files/user-home.ts'
import { join } from 'node:path'
import { createConnections } from '../connect/connections.ts'
import { distrust, type Trust } from '../files/trust.ts'
import { DiagnosticError } from '../model/diagnostic.ts'
import { fileCache } from '../inventory/sources/cache.ts'
import type { Asking } from '../inventory/sources/gather.ts'
import { clock } from './clock.ts'
import { askPassphrase, hasPerson } from './ask.ts'
import type { Io } from './io.ts'
import { trustOf } from './trust-of-user.ts'

/** The options that say how the sources of an inventory are read. */
export interface SourceFlags {
  /** Sources are asked, whatever the cache has. */
  readonly refreshInventory?: boolean
  /** What the cache has is used, however old. */
  readonly cachedInventory?: boolean
}

/** How the sources of a command's inventory are asked. */
export function askingFor(io: Io, flags: SourceFlags, isNamed: boolean): Asking {
  const trust = trustOf(io)
  return {
    now: clock.now,
    cache: fileCache(cacheFolder(io, trust)),
    trust,
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
        ...(hasPerson(io) ? { askPassphrase: (file: string) => askPassphrase(io, file) } : {}),
      }),
  }
}

/** Where answers are kept. Throws DiagnosticError where others may write to it: they would say which hosts there are. */
function cacheFolder(io: Io, trust: Trust): string {
  const folder = namedFolder(io)
  const others = distrust(trust, 'the cache', folder)
  if (!others) return folder
  throw new DiagnosticError({
    ...others,
    hint: `${others.hint ?? ''}; or name a folder of your own with XDG_CACHE_HOME`,
  })
}

/** Where XDG says, or beside the state of a command that has its own. */
function namedFolder(io: Io): string {
  const given = io.env['XDG_CACHE_HOME']
  if (given?.startsWith('/')) return join(given, 'trueup', 'inventory')
  if (io.stateFolder !== undefined) return join(io.stateFolder, 'cache', 'inventory')
  return join(homeOf(io.env), '.cache', 'trueup', 'inventory')
}
