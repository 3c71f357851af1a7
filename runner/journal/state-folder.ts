import { createHash } from 'node:crypto'
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { DiagnosticError } from '../model/diagnostic.ts'
import { fileGuesses } from './guesses.ts'
import type { GuessStore } from '../engine/options.ts'
import type { RunFlags } from '../cli/flags.ts'
import type { Io } from '../cli/io.ts'

/** The guesses of runs with these inventories: hosts of one name in two systems are not one host. */
export function openGuesses(io: Io, flags: Pick<RunFlags, 'stateDir' | 'inventory'>): GuessStore {
  const systems = (flags.inventory ?? []).map((path) => resolve(io.cwd, path)).join('\n')
  return fileGuesses(
    join(
      stateFolder(io, flags),
      'guesses',
      `${createHash('sha256').update(systems).digest('hex').slice(0, 16)}.txt`,
    ),
  )
}

/** Where run logs are kept. */
export function runsFolder(io: Io, flags: Pick<RunFlags, 'stateDir'>): string {
  return join(stateFolder(io, flags), 'runs')
}

/** Where a run keeps what it remembers: as told, else where XDG says. */
export function stateFolder(io: Io, { stateDir }: Pick<RunFlags, 'stateDir'>): string {
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

// Node never returns from making folders below /proc, which says that they are missing, not that they cannot be made.
function fit(folder: string): string {
  if (!/^\/proc(?:\/|$)/.test(folder)) return folder
  throw new DiagnosticError({
    code: 'cli/not-written',
    message: `nothing can be kept in ${folder}: it lies below /proc`,
    hint: 'name another folder with --state-dir',
  })
}
