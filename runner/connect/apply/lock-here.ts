import { randomBytes } from 'node:crypto'
import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { DiagnosticError } from '../../model/diagnostic.ts'
import { Interrupted, type Interrupt } from '../../model/session.ts'
import { recent, type LockHeld } from './lock.ts'

interface Holder {
  readonly pid: number
  readonly controller: string
  readonly who: string
}

/** The last change that a run has made on a host, as the file beside its lock holds it. */
interface LastChange {
  readonly who: string
  readonly mark: string
  /** Milliseconds since the epoch. */
  readonly at: number
}

/** What the locks on this controller need. */
export interface LocksHere {
  readonly folder: string
  readonly who: string
  /** Seconds. */
  readonly patience: number
  /** Marks of changes that are known to the one that decided. */
  readonly after: readonly string[]
  /** Ends the wait by Interrupted. */
  readonly drain?: Interrupt | undefined
  waiting(host: string, holder: string): void
  /** The folder cannot be used: then the run takes no lock, and reports that. */
  unusable(why: string): void
}

const pause = 200

/** Takes a host's lock on this controller: a file that names its holder. One whose holder is dead counts for nothing. */
export async function lockHere(host: string, options: LocksHere): Promise<LockHeld> {
  const file = join(options.folder, `${encodeURIComponent(host)}.lock`)
  const mine = join(options.folder, `.${process.pid}.${randomBytes(6).toString('hex')}`)
  try {
    mkdirSync(options.folder, { recursive: true, mode: 0o700 })
    const holder: Holder = { pid: process.pid, controller: hostname(), who: options.who }
    writeFileSync(mine, JSON.stringify(holder), { mode: 0o600, flag: 'wx' })
  } catch (error) {
    options.unusable((error as Error).message)
    return { overtaken: null, release: () => undefined }
  }
  try {
    const how = await waitFor(host, mine, file, options)
    return { overtaken: overtakenBy(file, how, options), release: releaseOf(file, options) }
  } finally {
    rmSync(mine, { force: true })
  }
}

/** How a lock was had: at once, after another run had let go of it, or from a run that had died with it. */
type How = 'at once' | 'waited' | 'died'

async function waitFor(
  host: string,
  mine: string,
  file: string,
  { patience, drain, waiting }: LocksHere,
): Promise<How> {
  let how: How = 'at once'
  for (let waited = 0; ; waited += pause) {
    if (taken(mine, file)) return how
    const held = readHolder(file)
    if (held === 'gone') continue
    if (held && isDead(held.holder)) {
      discard(file, held.text)
      how = 'died'
      continue
    }
    const holder = held?.holder.who ?? 'a run that does not say which'
    if (waited === 0) waiting(host, holder)
    if (how === 'at once') how = 'waited'
    if (drain?.aborted) throw new Interrupted('the run ended before this began', { begun: false })
    if (waited >= patience * 1000) {
      throw new DiagnosticError({
        code: 'connect/lock-busy',
        host,
        message: `another run is at work on this host: ${holder}`,
        hint: `run it again when that run has ended, or wait longer with --lock-timeout 10m; the lock is ${file}`,
      })
    }
    await new Promise((resolve) => setTimeout(resolve, pause))
  }
}

/** The mark of a change by another run that the one that decided may not know of. */
function overtakenBy(file: string, how: How, { who, after }: LocksHere): string | null {
  // A run that died may have changed something, and left no mark: it is seen once, for its lock is gone now.
  if (how === 'died') return 'a run that died'
  const last = readLast(file)
  if (last === null || last.who === who || after.includes(last.mark)) return null
  return how === 'waited' || Date.now() - last.at < recent * 1000 ? last.mark : null
}

function releaseOf(file: string, { who, unusable }: LocksHere): LockHeld['release'] {
  return (acted) => {
    const last: LastChange = { who, mark: randomBytes(12).toString('hex'), at: Date.now() }
    try {
      if (acted) writeFileSync(lastOf(file), JSON.stringify(last), { mode: 0o600 })
    } catch (error) {
      // A disk that is full now must not take away what the change has said.
      unusable((error as Error).message)
    }
    rmSync(file, { force: true })
  }
}

function lastOf(file: string): string {
  return file.replace(/\.lock$/, '.last')
}

function readLast(file: string): LastChange | null {
  try {
    return JSON.parse(readFileSync(lastOf(file), 'utf8')) as LastChange
  } catch {
    // The file does not exist, or a full disk cut it: the last change is unknown.
    return null
  }
}

/** A link is made whole or not at all, so that no process reads a lock that does not name its holder yet. */
function taken(mine: string, file: string): boolean {
  try {
    linkSync(mine, file)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
}

function readHolder(
  file: string,
): { readonly text: string; readonly holder: Holder } | 'gone' | null {
  try {
    const text = readFileSync(file, 'utf8')
    return { text, holder: JSON.parse(text) as Holder }
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'gone' : null
  }
}

function isDead({ pid, controller }: Holder): boolean {
  // The processes of another controller (a shared home) are not visible here.
  if (controller !== hostname()) return false
  try {
    process.kill(pid, 0)
    return false
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH'
  }
}

/** Takes a dead run's lock away; what another has put in its place meanwhile is put back. */
function discard(file: string, text: string): void {
  const aside = `${file}.${randomBytes(6).toString('hex')}`
  try {
    renameSync(file, aside)
    if (readFileSync(aside, 'utf8') !== text) linkSync(aside, file)
  } catch (error) {
    if (!['ENOENT', 'EEXIST'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error
  } finally {
    rmSync(aside, { force: true })
  }
}
