import type { ExecAction } from '../../contract/change.ts'
import type { ActionUnit, Room } from './action-unit.ts'
import { type Frame, exitText } from '../batch/frame-readings.ts'
import type { ActionResult } from '../../model/session.ts'
import { Secret } from '../../contract/secret.ts'
import { surroundings } from '../batch/units.ts'
import { pathWord, word, producer } from '../batch/quote.ts'
import { sentence, words } from '../batch/host-words.ts'
import { reveal } from '../../contract/secret-text.ts'

/** Seconds that a command may take when its action says nothing else. */
export const execSeconds = 600

/** Bytes of a file or an input that stand in the script itself; more travel behind it. */
export const scriptCap = 64 * 1024

const outputCap = 1024 * 1024
const cutNote = '[only the end of the output was kept]\n'

/** The part of a script that runs a command. */
export function execUnit(action: ExecAction, room: Room): ActionUnit {
  const seconds = Math.max(1, Math.ceil(action.timeout ?? execSeconds))
  const exits = action.exits ?? [0]
  const input = inputOf(action.stdin, room)
  const name = action.argv[0]!
  return {
    calls: [
      'K',
      'R',
      ...(action.inside === undefined ? [] : ['Inside']),
      ...(action.byName === undefined ? [] : ['Sure']),
    ],
    limit: seconds + 10,
    cap: outputCap,
    tail: true,
    text(frame) {
      const { before: there, prefix } = surroundings(action, frame)
      const folder =
        action.inside === undefined
          ? there
          : `Inside ${pathWord(action.inside)} || { F ${frame} c;exit; };`
      const names = (action.byName ?? []).map(
        (path) =>
          `dv=y;Sure ${word(path)} || { printf '%s\\n' ${word(path)} >&2;F ${frame} n;exit; };`,
      )
      const before = `${names.join('')}${folder}`
      const command = `${input}K ${seconds} ${prefix}${action.argv.map(word).join(' ')}`
      return `if [ $a = 0 ]; then
o=$( ( ${before}${command};F ${frame} ) | R | tail -c ${outputCap} )
case $o in *"$M ${frame} "*) printf '%s\\n' "$o";; *) E ${frame} x;o='no x';; esac
case \${o##* } in ${exits.length === 0 ? 'never' : exits.join('|')}) ;; *) a=1;; esac
else E ${frame} s;fi;D ${frame}
`
    },
    result: (frame) =>
      frame.status === 's' ? null : execResult(action, frame, { seconds, exits }),
    lost: (why) => ({ ...execOutput(action, null), ok: false, message: lostWords(name, why) }),
  }
}

/** What the frame of a command that was begun means. */
function execResult(
  action: ExecAction,
  frame: Frame,
  { seconds, exits }: { readonly seconds: number; readonly exits: readonly number[] },
): ActionResult {
  const name = action.argv[0]!
  const output = execOutput(action, frame)
  const failed = (message: string): ActionResult => ({ ...output, ok: false, message })
  if (frame.status === 'c')
    return failed(`cannot go to ${action.inside ?? action.chdir}: ${sentence(frame.stderr)}`)
  if (frame.status === 'n')
    return failed(
      `nothing was done: ${sentence(frame.stderr)} does not exist, or lies where another user could exchange it; name a path whose folders only root can write to`,
    )
  if (frame.status === 'x') return failed(`${name}: its output could not be read to the end`)
  const code = Number.parseInt(frame.status, 10)
  if (exits.includes(code)) return { ...output, ok: true, code }
  const killed = code === 124 || ((code === 137 || code === 143) && frame.seconds >= seconds)
  if (killed) return { ...failed(`${name} took longer than ${seconds}s and was killed`), code }
  if (code === 127) return { ...failed(`${name}: no such command`), code }
  const said = action.secret === undefined ? words(frame.stderr, frame.content) : ''
  return { ...failed(`${exitText(code)}${said && `: ${said}`}`), code }
}

/** What a command printed: a secret where its action says so. */
function execOutput(
  action: ExecAction,
  frame: Frame | null,
): Pick<ActionResult, 'stdout' | 'stderr'> {
  const cut = frame !== null && frame.content.length > outputCap - 64
  const text = `${cut ? cutNote : ''}${frame?.content.toString('utf8') ?? ''}`
  return {
    stdout: action.secret === undefined ? text : new Secret(action.secret, text),
    stderr: frame?.stderr.toString('utf8') ?? '',
  }
}

/** Why it is not known how an action ended that was left behind. */
export function lostWords(name: string, why: 'stuck' | 'flood' | 'died'): string {
  return why === 'died'
    ? `the shell ended while ${name} ran: whether it was done is not known`
    : `${name} did not end in time and could not be killed`
}

/** What feeds a command: a secret comes from the variable that holds it, so that no process list and no file shows it. */
export function inputOf(stdin: string | Secret | undefined, room: Room): string {
  if (stdin === undefined) return ''
  if (typeof stdin === 'string' && Buffer.byteLength(stdin) <= scriptCap)
    return `${producer(stdin)}|`
  const bytes = Buffer.from(typeof stdin === 'string' ? stdin : reveal(stdin))
  return `printf %s "$p${room.secret(bytes)}"|base64 -d|`
}
