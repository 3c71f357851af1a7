import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { chmodSync, lstatSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readFile } from '../../files/read-file.ts'

/** What a keeper leaves for its clients: where it listens, and what only its user can read. */
export interface Card {
  readonly socket: string
  readonly nonce: string
  readonly pid: number
  /** The program that made it: another build speaks another language. */
  readonly build: string
}

// A socket's path has 104 bytes on some systems, and its name here takes some of them.
const longestFolder = 70
const privateMode = 0o700

/** Where the keeper of a user has its folder. */
export function keeperFolder(env: Readonly<Record<string, string | undefined>>): string {
  const runtime = env['XDG_RUNTIME_DIR']
  if (runtime?.startsWith('/') && runtime.length < longestFolder)
    return join(runtime, 'trueup-keeper')
  const base = tmpdir().length > longestFolder - 30 ? '/tmp' : tmpdir()
  return join(base, `trueup-keeper-${process.geteuid?.() ?? 0}`)
}

/**
 * Why this folder is not one that only its user can enter; null where it is. It is made when it is missing. `mkdir` follows no link in
 * the last place, and what stands there already is looked at, not followed.
 */
export function folderFault(folder: string): string | null {
  try {
    mkdirSync(folder, { mode: privateMode })
    chmodSync(folder, privateMode)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') return (error as Error).message
  }
  return strangerIn(folder)
}

/** The same without making it. */
function strangerIn(folder: string): string | null {
  try {
    const found = lstatSync(folder)
    if (!found.isDirectory()) return `${folder} is not a folder`
    if (found.uid !== process.geteuid?.()) return `${folder} belongs to user ${found.uid}`
    if ((found.mode & 0o077) !== 0)
      return `others may enter ${folder} (its mode is 0${(found.mode & 0o777).toString(8)})`
    return null
  } catch (error) {
    return (error as Error).message
  }
}

/** A new card, for a keeper that will listen there. */
export function newCard(folder: string, build: string): Card {
  const name = randomBytes(6).toString('hex')
  return {
    socket: join(folder, `s-${name}`),
    nonce: randomBytes(32).toString('hex'),
    pid: process.pid,
    build,
  }
}

const cardFile = (folder: string): string => join(folder, 'card')

/** Leaves the card, in the place of an older one. */
export function leaveCard(folder: string, card: Card): void {
  const draft = join(folder, `card-${process.pid}`)
  writeFileSync(draft, JSON.stringify(card), { mode: 0o600 })
  renameSync(draft, cardFile(folder))
}

/** Takes the card away, if it is still this one. */
export function removeCard(folder: string, card: Card): void {
  if (readCard(folder)?.nonce === card.nonce) rmSync(cardFile(folder), { force: true })
}

/** The card of the keeper of this folder; null where it is missing, or where others could have left it. */
export function readCard(folder: string): Card | null {
  if (strangerIn(folder) !== null) return null
  const read = readFile(cardFile(folder), 4096)
  if (!('bytes' in read)) return null
  if (read.stats.uid !== process.geteuid?.() || (read.stats.mode & 0o077) !== 0) return null
  try {
    const card = JSON.parse(read.bytes.toString('utf8')) as Partial<Card>
    const { socket, nonce, pid, build } = card
    return typeof socket === 'string' &&
      socket.startsWith(`${folder}/s-`) &&
      typeof nonce === 'string' &&
      typeof pid === 'number' &&
      typeof build === 'string'
      ? { socket, nonce, pid, build }
      : null
  } catch {
    return null
  }
}

/** What shows that one of the two ends can read the card: each asks for it in its own words. */
export function proofOf(nonce: string, side: 'client' | 'keeper', challenge: string): string {
  return createHmac('sha256', nonce).update(`${side} ${challenge}`).digest('hex')
}

/** Whether a proof is the right one. */
export function isProof(given: unknown, right: string): boolean {
  if (typeof given !== 'string' || given.length !== right.length) return false
  return timingSafeEqual(Buffer.from(given), Buffer.from(right))
}
