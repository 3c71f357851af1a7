import { withoutEnd } from '../../text/trim-end.ts'
import { createHash } from 'node:crypto'
import { constants } from 'node:fs'
import { open } from 'node:fs/promises'
import { dirname } from 'node:path/posix'
import { reveal } from '../../contract/secret-text.ts'
import { Secret } from '../../contract/secret.ts'
import { homeOf, pathWord, producer, word } from '../batch/quote.ts'
import { surroundings } from '../batch/units.ts'
import { sentence } from '../batch/host-words.ts'
import type {
  AttributesAction,
  LinkAction,
  ProduceAction,
  RemoveAction,
  UnpackAction,
  UploadAction,
  WriteAction,
} from '../../contract/change.ts'
import type { LocalFile } from '../../contract/param-schema.ts'
import type { ActionResult, WorldAction } from '../../model/session.ts'
import { type ActionUnit, refusal } from './action-unit.ts'
import { fetchUnit } from './fetch.ts'
import { unfit } from './unfit-action.ts'
import { execUnit, scriptCap, execSeconds, inputOf, lostWords } from './exec-unit.ts'
import { type Room } from './action-unit.ts'

/** Compiles one action. What cannot be done at all becomes a unit that fails at its turn. */
export async function actionUnit(action: WorldAction, room: Room): Promise<ActionUnit> {
  const never = unfit(action)
  if (never !== null) return refusal(never)
  if (action.do === 'exec') return execUnit(action, room)
  if (action.do === 'write') return writeUnit(action, room)
  if (action.do === 'upload') return uploadUnit(action, room)
  if (action.do === 'produce') return produceUnit(action, room)
  if (action.do === 'unpack') return unpackUnit(action)
  if (action.do === 'attributes') return attributesUnit(action)
  if (action.do === 'link') return linkUnit(action)
  if (action.do === 'fetch') return fetchUnit(action)
  if (action.do === 'remove') return removeUnit(action)
  return refusal('an HTTP request cannot be made by a shell')
}

function writeUnit(action: WriteAction, room: Room): ActionUnit {
  const secret = action.content instanceof Secret
  const bytes = Buffer.from(
    action.content instanceof Secret ? reveal(action.content) : action.content,
  )
  if (bytes.length > scriptCap && !secret)
    return refusal(`${action.path}: more than 64 KiB of text; copy it from a file instead`)
  // Through `cat`, whose words about a full disk are plain.
  const content = secret
    ? `printf %s "$p${room.secret(bytes)}"|base64 -d >f`
    : `${producer(action.content as string)}|cat >f`
  // What comes out of the script itself is not counted: `cat` says when it could not write all of it.
  return replacing(
    action,
    content,
    { size: secret ? bytes.length : null, sha256: '' },
    secret ? '0600' : '0644',
  )
}

async function uploadUnit(action: UploadAction, room: Room): Promise<ActionUnit> {
  const { source } = action
  const found = await small(source)
  if (typeof found === 'string') return refusal(found)
  if (found !== null)
    return replacing(action, `printf %s "$p${room.secret(found)}"|base64 -d >f`, source, '0644')
  const whole = Math.floor(source.size / 65_536)
  const part = source.size % 65_536
  // It is asked for on standard error, by a command: what the shell itself prints there may wait in a buffer of a stand-in.
  const ask = `printf '\\n%s w ${room.upload({ path: source.path, size: source.size })}\\n' $M|dd >&2 2>/dev/null`
  const unit = replacing(action, `${ask}\nReceive ${whole} ${part}`, source, '0644')
  return { ...unit, calls: [...unit.calls, 'Receive'] }
}

/** The bytes of a small file, null for a larger one, or why it cannot be sent. */
async function small(source: LocalFile): Promise<Buffer | string | null> {
  const changed = `${source.path} changed since it was read at load`
  try {
    const file = await open(source.path, constants.O_RDONLY | constants.O_NONBLOCK)
    try {
      if ((await file.stat()).size !== source.size) return changed
      if (source.size > scriptCap) return null
      const bytes = await file.readFile()
      return createHash('sha256').update(bytes).digest('hex') === source.sha256 ? bytes : changed
    } finally {
      await file.close()
    }
  } catch (error) {
    return `cannot read ${source.path}: ${(error as Error).message}`
  }
}

function replacing(
  action: WriteAction | UploadAction | ProduceAction,
  content: string,
  expected: { size: number | null; sha256: string },
  usual: string,
  seconds = 120 + (expected.size ?? 0) / 50_000,
): ActionUnit {
  const { owner, group, mode } = action
  const backup = 'backup' in action ? action.backup : undefined
  return fileUnit(
    action.path,
    ['Replace'],
    seconds,
    `C() { ${content}\n}\n`,
    `Replace ${pathWord(action.path)} ${options([expected.size, expected.sha256, owner, group, mode, usual, backup])}`,
  )
}

function produceUnit(action: ProduceAction, room: Room): ActionUnit {
  const seconds = Math.max(1, Math.ceil(action.timeout ?? execSeconds))
  const { prefix } = surroundings(action, 0)
  // What it prints is for people; a mark is the shell's own, and a command must not be able to write one.
  const command = `${inputOf(action.stdin, room)}K ${seconds} ${prefix}${action.argv.map(word).join(' ')} >&2`
  if (action.makes === 'file')
    return replacing(action, command, { size: null, sha256: '' }, '0644', seconds + 30)
  const { owner, group, mode } = action
  return fileUnit(
    action.path,
    ['Install'],
    seconds + 30,
    `C() { ${command}\n}\n`,
    `Install ${pathWord(action.path)} ${options([owner, group, mode])}`,
  )
}

function unpackUnit({ path, sha256, format, folder, mark, timeout }: UnpackAction): ActionUnit {
  const inside = `${withoutEnd(folder, '/')}/`
  const last = mark.startsWith(inside) ? mark.slice(inside.length) : ''
  return fileUnit(
    folder,
    ['Unpack'],
    // Listed twice, extracted, looked at.
    4 * timeout + 60,
    '',
    `Unpack ${options([path, sha256, folder, last, format, Math.max(1, Math.ceil(timeout))])}`,
  )
}

function attributesUnit(action: AttributesAction): ActionUnit {
  const { path, inode, owner, group, mode, make } = action
  return fileUnit(
    path,
    ['Attributes'],
    execSeconds,
    '',
    `Attributes ${pathWord(path)} ${options([inode, owner, group, mode, make && 'make'])}`,
  )
}

function linkUnit({ path, target }: LinkAction): ActionUnit {
  return fileUnit(path, ['Symlink'], 120, '', `Symlink ${pathWord(path)} ${word(target)}`)
}

function removeUnit({ path, recursive, inode }: RemoveAction): ActionUnit {
  return fileUnit(
    path,
    ['Remove'],
    execSeconds,
    '',
    `Remove ${pathWord(path)} ${options([recursive && 'all', inode])}`,
  )
}

/** Words of a command, of which those left out are empty. */
function options(words: readonly (string | number | null | undefined)[]): string {
  return words.map((option) => word(String(option ?? ''))).join(' ')
}

function fileUnit(
  path: string,
  calls: readonly string[],
  limit: number,
  before: string,
  command: string,
): ActionUnit {
  const failure = (message: string, stderr = ''): ActionResult => ({
    ok: false,
    stdout: '',
    stderr,
    message,
  })
  return {
    calls: ['U', 'K', 'Walk', ...calls],
    limit,
    cap: scriptCap,
    tail: true,
    text: (frame) => `if [ $a = 0 ]; then
${before}${homeOf(path)}( ${command} );s=$?;E ${frame} $s
[ $s = 0 ] || a=1
else E ${frame} s;fi;D ${frame}
`,
    result(frame) {
      if (frame.status === 's') return null
      // The counts that `dd` prints are not an error.
      const stderr = frame.stderr
        .toString('utf8')
        .replace(/^.*(?:records (?:in|out)|copied, .*)\n/gm, '')
      return frame.status === '0'
        ? { ok: true, code: 0, stdout: '', stderr }
        : failure(fileMessage(path, stderr), stderr)
    },
    lost: (why) => failure(lostWords(`the change of ${path}`, why)),
  }
}

/** Why a file could not be changed: the usual causes by their names, else the host's own words. */
function fileMessage(path: string, said: string): string {
  const folder = dirname(path)
  if (/No space left on device/.test(said)) return `no space left on ${folder}`
  if (/Disk quota exceeded/.test(said)) return `the disk quota of ${folder} is used up`
  if (/Read-only file system/.test(said)) return `${folder} lies on a read-only file system`
  if (/permission denied/i.test(said)) return `no permission to change ${path}: ${sentence(said)}`
  if (/^no folder$/m.test(said)) return `the folder ${folder} does not exist`
  return `${path}: ${sentence(said) || 'could not be changed'}`
}
