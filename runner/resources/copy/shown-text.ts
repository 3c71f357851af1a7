import {
  text,
  type LenientReading,
  type Seen,
  type Sha256Reading,
  type StatReading,
} from '../../contract/probe.ts'
import { contentOf } from '../content.ts'
import type { LocalFile } from '../../contract/param-schema.ts'

/** Whether a mode lets every user read: what such a file holds may be shown in a diff and kept in a log. */
function isPublic(mode: string): boolean {
  return (Number.parseInt(mode, 8) & 0o004) !== 0
}

/** Asks for the text of a file that differs from a local one, for the diff: a file that some users may not read stays a hash. */
export function shownText(dest: string, src: LocalFile, mode: string | undefined, seen: Seen) {
  const isThere = typeof seen['at']?.mode === 'string' && isPublic(seen['at'].mode)
  const differs = seen['hash']?.sha256 !== undefined && seen['hash'].sha256 !== src.sha256
  return src.text !== undefined && isThere && differs && isPublic(mode ?? '0644')
    ? text(dest, { lenient: true })
    : undefined
}

/** The text of a file that a local one is sent to: as it was read, or that of the local file where the hashes are equal. */
export function textSeen(
  src: LocalFile,
  {
    at,
    hash,
    text: read,
  }: {
    readonly at: StatReading
    readonly hash: Sha256Reading | undefined
    readonly text: LenientReading | undefined
  },
): string | null {
  if (read !== undefined) return contentOf(read, hash)
  const isSame = hash?.exists === true && hash.sha256 === src.sha256
  return isSame && at.exists && isPublic(at.mode) ? (src.text ?? null) : null
}

/** The text of a local file where the diff can show both sides: that of the host was read, or nothing is there. */
export function wishedText(
  src: LocalFile,
  mode: string | undefined,
  current: { readonly exists: boolean | null; readonly content: unknown },
): string | undefined {
  const isShown = current.exists ? typeof current.content === 'string' : isPublic(mode ?? '0644')
  return isShown ? src.text : undefined
}
