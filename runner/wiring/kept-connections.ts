import { realpathSync, statSync } from 'node:fs'
import type { KeeperFinder } from '../connect/keeper/kept-host.ts'
import { keeperFolder } from '../connect/keeper/keeper-card.ts'
import { keepsByItself, usualKeep } from '../connect/keeper/keeping.ts'
import { isOneFile } from '../files/shipped-folder.ts'
import { keepOf } from '../text/keep-time.ts'
import { versionText } from './build-version.ts'
import type { Io } from './io.ts'

/** The value of `--keep` as it was typed, or as the configuration has it. */
export type KeepFlag = { readonly typed: number } | string | number

/** The hidden command that becomes the keeper. */
export const keeperCommand = 'keep-connections'

/** What finds the keeper of connections of a run; undefined where each run logs in by itself. */
export function keeperOf(
  io: Io,
  flag: KeepFlag | undefined,
  why: (reason: string) => void,
): KeeperFinder | undefined {
  const keep = keepFor(io, flag)
  if (keep === 0 || io.program === undefined) return undefined
  const place = {
    folder: keeperFolder(io.env),
    program: [...io.program, keeperCommand],
    env: io.env,
  }
  return async (warn) =>
    (await import('../connect/keeper/find-keeper.ts')).findKeeper(
      place,
      { build: buildOf(io.program!), keep, warn },
      why,
    )
}

/** Milliseconds: what was typed holds everywhere, what is configured at a terminal alone. */
function keepFor(io: Io, flag: KeepFlag | undefined): number {
  if (typeof flag === 'object') return flag.typed
  const isTerminal = io.stdout.isTTY === true && io.stdin.isTTY === true
  if (!keepsByItself({ env: io.env, isTerminal })) return 0
  return keepOf(flag ?? usualKeep) ?? 0
}

/** This program, as a keeper of another build has another name. */
export function buildOf(program: readonly string[]): string {
  const file = program.at(-1)!
  try {
    const { mtimeMs, size, ino } = statSync(file)
    return `${versionText()} ${realpathSync(file)} ${ino} ${size} ${mtimeMs}`
  } catch {
    return `${versionText()} ${file}`
  }
}

/** How this program is started again. */
export function programOf(
  execPath: string,
  execArgv: readonly string[],
  main: string | undefined,
): readonly string[] | undefined {
  if (isOneFile()) return [execPath]
  return main === undefined ? undefined : [execPath, ...execArgv, main]
}
