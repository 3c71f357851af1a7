import { createHash } from 'node:crypto'
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { DiagnosticError } from '../model/diagnostic.ts'
import { fileGuesses } from './guesses.ts'
import { distrust } from '../files/trust.ts'
import { trustOf } from '../cli/trust.ts'
import type { GuessStore } from '../engine/options.ts'
import type { RunFlags } from '../cli/flags.ts'
import type { Io } from '../cli/io.ts'

/** The guesses of runs with these inventories: hosts of one name in two systems are not one host. */
export function openGuesses(io: Io, flags: Pick<RunFlags, 'stateDir' | 'inventory'>): GuessStore {
  const systems = (flags.inventory ?? []).map((path) => resolve(io.cwd, path)).join('\n')
  const file = `${createHash('sha256').update(systems).digest('hex').slice(0, 16)}.txt`
  return fileGuesses(ours(io, 'the file of guesses', join(stateFolder(io, flags), 'guesses', file)))
}

/** Where run logs are kept. */
export function runsFolder(io: Io, flags: Pick<RunFlags, 'stateDir'>): string {
  return ours(io, 'the folder of run logs', join(stateFolder(io, flags), 'runs'))
}

/** Where the locks of hosts without `flock` are kept. */
export function locksFolder(io: Io, flags: Pick<RunFlags, 'stateDir'>): string {
  return ours(io, 'the folder of locks', join(stateFolder(io, flags), 'locks'))
}

/** Where a run keeps what it remembers: as told, else where XDG says. Throws DiagnosticError where others may write to it. */
export function stateFolder(io: Io, flags: Pick<RunFlags, 'stateDir'>): string {
  const folder = namedFolder(io, flags)
  const others = distrust(trustOf(io), 'the state folder', folder)
  if (!others) return folder
  throw new DiagnosticError({
    ...others,
    hint: `${others.hint ?? ''}; or name a folder of your own with --state-dir`,
  })
}

function namedFolder(io: Io, { stateDir }: Pick<RunFlags, 'stateDir'>): string {
  if (stateDir !== undefined) return fit(resolve(io.cwd, stateDir))
  if (io.stateFolder !== undefined) return io.stateFolder
  const told = io.env['XDG_STATE_HOME']
  return fit(
    join(
      told?.startsWith('/') ? told : join(io.env['HOME'] || homedir(), '.local', 'state'),
      'trueup',
    ),
  )
}

/** A path of the state folder that only root and the acting user could have written. */
function ours(io: Io, what: string, path: string): string {
  const others = distrust(trustOf(io), what, path)
  if (others) throw new DiagnosticError(others)
  return path
}

// Node never returns from making folders below /proc, which says that they are missing, not that they cannot be made.
function fit(folder: string): string {
  if (!/^\/proc(?:\/|$)/.test(folder)) return folder
  throw new DiagnosticError({
    code: 'cli/not-written',
    message: `nothing can be kept in ${folder}: it lies below /proc`,
    hint: 'name another folder with --state-dir',
  })
}
