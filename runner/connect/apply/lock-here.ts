import { randomBytes } from 'node:crypto'
import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { DiagnosticError } from '../../model/diagnostic.ts'

interface Holder {
  readonly pid: number
  readonly controller: string
  readonly who: string
}

/** What the locks on this controller need. */
export interface LocksHere {
  readonly folder: string
  readonly who: string
  /** Seconds. */
  readonly patience: number
  waiting(host: string, holder: string): void
  /** The folder cannot be used: then there is no lock, and that is said. */
  unusable(why: string): void
}

const pause = 200

/** Takes a host's lock on this controller: a file that names its holder. One whose holder is dead counts for nothing. */
export async function lockHere(host: string, options: LocksHere): Promise<() => void> {
  const { folder, who, patience } = options
  const file = join(folder, `${encodeURIComponent(host)}.lock`)
  const mine = join(folder, `.${process.pid}.${randomBytes(6).toString('hex')}`)
  const nothing = (): void => undefined
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    writeFileSync(
      mine,
      JSON.stringify({ pid: process.pid, controller: hostname(), who } satisfies Holder),
      { mode: 0o600, flag: 'wx' },
    )
  } catch (error) {
    options.unusable((error as Error).message)
    return nothing
  }
  try {
    for (let waited = 0; ; waited += pause) {
      if (taken(mine, file)) return () => rmSync(file, { force: true })
      const held = readHolder(file)
      if (held === 'gone') continue
      if (held && isDead(held.holder)) {
        discard(file, held.text)
        continue
      }
      const holder = held?.holder.who ?? 'a run that does not say which'
      if (waited === 0) options.waiting(host, holder)
      if (waited >= patience * 1000) {
        throw new DiagnosticError({
          code: 'connect/lock-busy',
          host,
          message: `another run is at work on this host: ${holder}`,
          hint: `wait for it, or longer: --lock-timeout 10m; the lock is ${file}`,
        })
      }
      await new Promise((resolve) => setTimeout(resolve, pause))
    }
  } finally {
    rmSync(mine, { force: true })
  }
}

/** A link is made whole or not at all, so that nobody reads a lock that does not name its holder yet. */
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
  // Of another controller (a shared home) nothing can be told.
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
