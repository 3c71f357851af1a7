import { createHash } from 'node:crypto'
import { homeOf } from '../files/user-home.ts'
import { join, resolve } from 'node:path'
import { distrust, type Trust } from '../files/trust.ts'
import { DiagnosticError } from '../model/diagnostic.ts'
import type { GuessStore } from '../model/guess-store.ts'
import { fileGuesses } from './guess-file.ts'

/** What decides where a run keeps its state, beside `--state-dir`. */
export interface StateHome {
  readonly env: Readonly<Record<string, string | undefined>>
  /** Relative paths begin here. */
  readonly cwd: string
  /** The folder when no option names one; it goes before the environment. */
  readonly stateFolder?: string
  /** Who may have written what is kept there. */
  readonly trust: Trust
}

/** The folder in which a run keeps its state: the one that is named, else the one of XDG. Throws DiagnosticError where others may write to it. */
function stateFolder(home: StateHome, stateDir: string | undefined): string {
  const folder = namedFolder(home, stateDir)
  const others = distrust(home.trust, 'the state folder', folder)
  if (!others) return folder
  throw new DiagnosticError({
    ...others,
    hint: `${others.hint ?? ''}; or name a folder of your own with --state-dir`,
  })
}

function namedFolder(home: StateHome, stateDir: string | undefined): string {
  if (stateDir !== undefined) return usable(resolve(home.cwd, stateDir))
  if (home.stateFolder !== undefined) return home.stateFolder
  const named = home.env['XDG_STATE_HOME']
  return usable(
    join(named?.startsWith('/') ? named : join(homeOf(home.env), '.local', 'state'), 'trueup'),
  )
}

/** The folder of the run logs. */
export function runsFolder(home: StateHome, stateDir: string | undefined): string {
  return ours(home, 'the folder of run logs', join(stateFolder(home, stateDir), 'runs'))
}

/** The folder of the locks of hosts without `flock`. */
export function locksFolder(home: StateHome, stateDir: string | undefined): string {
  return ours(home, 'the folder of locks', join(stateFolder(home, stateDir), 'locks'))
}

/** The guesses of runs with these inventories: hosts of one name in two systems are two hosts. */
export function openGuesses(
  home: StateHome,
  stateDir: string | undefined,
  inventories: readonly string[],
): GuessStore {
  const name = createHash('sha256').update(inventories.join('\n')).digest('hex').slice(0, 16)
  const file = join(stateFolder(home, stateDir), 'guesses', `${name}.txt`)
  return fileGuesses(ours(home, 'the file of guesses', file))
}

/** A path of the state folder that only root and the acting user could have written. */
function ours(home: StateHome, what: string, path: string): string {
  const others = distrust(home.trust, what, path)
  if (others) throw new DiagnosticError(others)
  return path
}

// Below /proc, Node says that a folder is missing where it cannot be made, and tries forever.
function usable(folder: string): string {
  if (!/^\/proc(?:\/|$)/.test(folder)) return folder
  throw new DiagnosticError({
    code: 'cli/not-written',
    message: `nothing can be kept in ${folder}: it lies below /proc`,
    hint: 'name another folder with --state-dir',
  })
}
