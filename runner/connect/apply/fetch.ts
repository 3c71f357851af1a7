import { createHash, randomBytes } from 'node:crypto'
import {
  chmodSync,
  closeSync,
  fsyncSync,
  linkSync,
  lstatSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { homeOf, pathWord } from '../batch/quote.ts'
import { sentence } from '../batch/host-words.ts'
import type { FetchAction } from '../../contract/change.ts'
import type { ActionResult } from '../../model/session.ts'
import type { ActionUnit } from './action-unit.ts'

/** Bytes that one fetch carries at most: they are held in memory until their hash was checked. */
const most = 256 * 1024 * 1024

/** Why a fetch cannot be done at all, or null. */
export function unfitLanding({ folder, to, size, mode, backup }: FetchAction): string | null {
  if (
    !folder.startsWith('/') ||
    to
      .split('/')
      .some((part) => part === '' || part === '.' || part === '..' || part.includes('\0'))
  )
    return `not a path below a folder: ${to}`
  if (size > most) return `${size} bytes are more than the ${most} that are fetched at most`
  if (mode !== undefined && !/^[0-7]{4}$/.test(mode))
    return `not a mode of four octal digits: ${mode}`
  if (backup !== undefined && (!/^[^/\0]+$/.test(backup) || /^\.{1,2}$/.test(backup)))
    return `a backup is a name beside the file, not a path: ${backup}`
  // The old backup is removed first: that would be the file itself.
  if (backup === basename(to)) return `a backup needs another name than the file: ${backup}`
  return null
}

/** A part of a script that prints a file's first bytes; they are written here when all of them came. */
export function fetchUnit(action: FetchAction): ActionUnit {
  const { path, size } = action
  const failure = (message: string, stderr = ''): ActionResult => ({
    ok: false,
    stdout: '',
    stderr,
    message,
  })
  return {
    calls: ['U', 'Take'],
    limit: 120 + size / 50_000,
    cap: size + 64 * 1024,
    text: (frame) => `if [ $a = 0 ]; then
${homeOf(path)}( Walk ${pathWord(path)} && Take ${size} );s=$?;if [ $s = 97 ];then echo "it is not a plain file" >&2;fi
E ${frame} $s;[ $s = 0 ] || a=1
else E ${frame} s;fi;D ${frame}
`,
    result({ status, content, stderr }) {
      if (status === 's') return null
      const said = stderr.toString('utf8')
      if (status !== '0')
        return failure(`${path}: ${sentence(said) || 'it could not be read'}`, said)
      const isSame =
        content.length === size &&
        createHash('sha256').update(content).digest('hex') === action.sha256
      const why = isSame ? land(content, action) : `${path} changed while it was fetched`
      return why === null ? { ok: true, code: 0, stdout: '', stderr: '' } : failure(why)
    },
    lost: (why) =>
      failure(
        why === 'died'
          ? `the shell ended while ${path} was fetched`
          : `${path} was not read in time`,
      ),
  }
}

/** Writes a file below its folder, or says why it cannot be written. Below the folder no link is followed: another may have put it there. */
function land(bytes: Buffer, { folder, to, mode = '0600', backup }: FetchAction): string | null {
  const target = join(folder, to)
  const parts = to.split('/').slice(0, -1)
  let beside: string | null = null
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    parts.forEach((_, i) => {
      const inner = join(folder, ...parts.slice(0, i + 1))
      if (!kindOf(inner)) mkdirSync(inner, { mode: 0o700 })
      if (kindOf(inner) !== 'directory') throw new Error(`${inner} is not a folder`)
    })
    const there = kindOf(target)
    if (there !== null && there !== 'file') throw new Error(`${target} is not a plain file`)
    beside = join(
      dirname(target),
      `.${basename(target).slice(0, 200)}.${randomBytes(6).toString('hex')}`,
    )
    const file = openSync(beside, 'wx', 0o600)
    try {
      for (let at = 0; at < bytes.length;) at += writeSync(file, bytes, at)
      fsyncSync(file)
    } finally {
      closeSync(file)
    }
    chmodSync(beside, Number.parseInt(mode, 8))
    if (there !== null && backup !== undefined) {
      rmSync(join(dirname(target), backup), { force: true })
      linkSync(target, join(dirname(target), backup))
    }
    renameSync(beside, target)
    return null
  } catch (error) {
    if (beside !== null) rmSync(beside, { force: true })
    return `on this machine: ${(error as Error).message}`
  }
}

function kindOf(path: string): 'file' | 'directory' | 'other' | null {
  const found = lstatSync(path, { throwIfNoEntry: false })
  if (!found) return null
  return found.isFile() ? 'file' : found.isDirectory() ? 'directory' : 'other'
}
