import { withoutEnd } from '../../text/trim-end.ts'
import { createHash } from 'node:crypto'
import { constants } from 'node:fs'
import { open } from 'node:fs/promises'
import { dirname } from 'node:path/posix'
import { reveal } from '../../contract/secret-text.ts'
import { Secret } from '../../contract/secret.ts'
import { badPath, homeOf, isUser, isWord, pathWord, producer, word } from '../batch/quote.ts'
import { badEnvironment, surroundings } from '../batch/units.ts'
import { sentence, words } from '../batch/host-words.ts'
import { exitText } from '../batch/frame-readings.ts'
import type {
  AttributesAction,
  ExecAction,
  LinkAction,
  ProduceAction,
  RemoveAction,
  UnpackAction,
  UploadAction,
  WriteAction,
} from '../../contract/change.ts'
import type { LocalFile } from '../../contract/param-schema.ts'
import type { ActionResult, WorldAction } from '../../model/session.ts'
import type { Frame } from '../batch/frame-readings.ts'
import type { ActionUnit } from './action-unit.ts'
import { fetchUnit, unfitLanding } from './fetch.ts'
import type { Upload } from '../batch/compose-script.ts'

/** Where bytes are put that travel behind the script. */
export interface Room {
  /** The number of the variable that will hold these bytes in base64. */
  secret(bytes: Buffer): number
  /** The number under which the script asks for this file. */
  upload(upload: Upload): number
}

const execSeconds = 600
const outputCap = 1024 * 1024
const scriptCap = 64 * 1024
const cutNote = '[only the end of the output was kept]\n'

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

function unfit(action: WorldAction): string | null {
  if (action.do === 'http') return null
  if (action.do === 'exec' || action.do === 'produce') {
    const wrong = unfitCommand(action)
    if (wrong !== null || action.do === 'exec') return wrong
  }
  const path = badPath(action.path)
  if (path !== null) return path
  if (/\/\.{0,2}(?:$|\/)/.test(action.path)) return `not a plain path: ${action.path}`
  if (action.do === 'remove') return null
  if (action.do === 'link')
    return isWord(action.target) && action.target !== '' ? null : 'a link points to a path'
  if (action.do === 'fetch') return unfitLanding(action)
  if (action.do === 'unpack') return badPath(action.folder)
  const name = [action.owner, action.group].find(
    (given) => given !== undefined && !isUser(given) && !/^\d+$/.test(given),
  )
  if (name !== undefined) return `not a user or group: ${name}`
  if (action.mode !== undefined && !/^[0-7]{4}$/.test(action.mode))
    return `not a mode of four octal digits: ${action.mode}`
  const backup = 'backup' in action ? action.backup : undefined
  if (backup !== undefined && (!/^[^/\0]+$/.test(backup) || /^\.{1,2}$/.test(backup)))
    return `a backup is a name beside the file, not a path: ${backup}`
  return null
}

function unfitCommand(action: ExecAction | ProduceAction): string | null {
  if (action.argv.length === 0 || action.argv[0] === '') return 'a command needs a name'
  const { chdir = '', inside = '' } = action as ExecAction
  if (![...action.argv, chdir, inside].every(isWord)) return 'a NUL cannot stand in a command line'
  const wrong = inside === '' ? null : badPath(inside)
  return wrong ?? badEnvironment(action.environment)
}

function refusal(message: string): ActionUnit {
  return {
    calls: [],
    limit: 1,
    cap: 1024,
    tail: true,
    text: (frame) => `if [ $a = 0 ]; then a=1;E ${frame} r;else E ${frame} s;fi;D ${frame}\n`,
    result: (frame) =>
      frame.status === 's' ? null : { ok: false, stdout: '', stderr: '', message },
    lost: () => ({ ok: false, stdout: '', stderr: '', message }),
  }
}

function execUnit(action: ExecAction, room: Room): ActionUnit {
  const seconds = Math.max(1, Math.ceil(action.timeout ?? execSeconds))
  const exits = action.exits ?? [0]
  const input = inputOf(action.stdin, room)
  const name = action.argv[0]!
  const answer = (
    ok: boolean,
    frame: Frame | null,
    message?: string,
    code?: number,
  ): ActionResult => {
    const cut = frame !== null && frame.content.length > outputCap - 64
    const text = `${cut ? cutNote : ''}${frame?.content.toString('utf8') ?? ''}`
    return {
      ok,
      ...(code === undefined ? {} : { code }),
      stdout: action.secret === undefined ? text : new Secret(action.secret, text),
      stderr: frame?.stderr.toString('utf8') ?? '',
      ...(message === undefined ? {} : { message }),
    }
  }
  return {
    calls: action.inside === undefined ? ['K', 'R'] : ['K', 'R', 'Inside'],
    limit: seconds + 10,
    cap: outputCap,
    tail: true,
    text(frame) {
      const { before: there, prefix } = surroundings(action, frame)
      const before =
        action.inside === undefined
          ? there
          : `Inside ${pathWord(action.inside)} || { F ${frame} c;exit; };`
      const command = `${input}K ${seconds} ${prefix}${action.argv.map(word).join(' ')}`
      return `if [ $a = 0 ]; then
o=$( ( ${before}${command};F ${frame} ) | R | tail -c ${outputCap} )
case $o in *"$M ${frame} "*) printf '%s\\n' "$o";; *) E ${frame} x;o='no x';; esac
case \${o##* } in ${exits.length === 0 ? 'never' : exits.join('|')}) ;; *) a=1;; esac
else E ${frame} s;fi;D ${frame}
`
    },
    result(frame) {
      if (frame.status === 's') return null
      if (frame.status === 'c')
        return answer(
          false,
          frame,
          `cannot go to ${action.inside ?? action.chdir}: ${sentence(frame.stderr)}`,
        )
      if (frame.status === 'x')
        return answer(false, frame, `${name}: its output could not be read to the end`)
      const code = Number.parseInt(frame.status, 10)
      if (exits.includes(code)) return answer(true, frame, undefined, code)
      if (code === 124 || ((code === 137 || code === 143) && frame.seconds >= seconds)) {
        return answer(false, frame, `${name} took longer than ${seconds}s and was killed`, code)
      }
      const said = action.secret === undefined ? words(frame.stderr, frame.content) : ''
      return answer(
        false,
        frame,
        code === 127 ? `${name}: no such command` : `${exitText(code)}${said && `: ${said}`}`,
        code,
      )
    },
    lost: (why) => answer(false, null, lostWords(name, why)),
  }
}

function lostWords(name: string, why: 'stuck' | 'flood' | 'died'): string {
  return why === 'died'
    ? `the shell ended while ${name} ran: whether it was done is not known`
    : `${name} did not end in time and could not be killed`
}

/** What feeds a command: a secret comes from the variable that holds it, so that no process list and no file shows it. */
function inputOf(stdin: string | Secret | undefined, room: Room): string {
  if (stdin === undefined) return ''
  if (typeof stdin === 'string' && Buffer.byteLength(stdin) <= scriptCap)
    return `${producer(stdin)}|`
  const bytes = Buffer.from(typeof stdin === 'string' ? stdin : reveal(stdin))
  return `printf %s "$p${room.secret(bytes)}"|base64 -d|`
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
