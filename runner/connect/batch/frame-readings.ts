import { isUtf8 } from 'node:buffer'
import { isFailed, type ReadFault } from '../../contract/probe.ts'
import { Secret } from '../../contract/secret.ts'
import { modeText } from '../../text/mode.ts'
import { sentence, words } from './host-words.ts'
import type {
  Answered,
  ExecProbe,
  FailedReading,
  FileKind,
  Probe,
  StatReading,
} from '../../contract/probe.ts'
import type { ReadUnit } from './units.ts'
import { readCap } from './units.ts'

/** One frame as it came: its output, what its mark said, its standard error, and the frames inside it (links' targets). */
export interface Frame {
  readonly content: Buffer
  readonly status: string
  readonly stderr: Buffer
  /** Seconds between the frame before and this one. */
  readonly seconds: number
  readonly inner: ReadonlyMap<number, Buffer>
}

/** A failed read. */
export function failed(code: ReadFault, message: string, hint?: string): FailedReading {
  return { failed: { code, message, ...(hint === undefined ? {} : { hint }) } }
}

/** What a frame means for the probes of its unit, in order; null when they must be asked one by one. */
export function readingsOf(unit: ReadUnit, frame: Frame): readonly Answered[] | null {
  if (unit.lines) return manyStats(unit, frame)
  const probe = unit.probes[0]!
  const answer = readingOf(probe, frame)
  return [probe.secret === undefined ? answer : conceal(answer, probe.secret)]
}

function readingOf(probe: Probe, frame: Frame): Answered {
  if (probe.read === 'exec') return execReading(probe, frame)
  if (probe.read === 'http') return failed('io', 'an HTTP request cannot be read by a shell')
  if (frame.status === 'a') return { exists: false }
  if (frame.status === 'h')
    return failed(
      'io',
      `no home folder is known for ${probe.path.split('/', 1)[0]}`,
      'does that user exist on the host?',
    )
  if (frame.status === 'k')
    return failed(
      'io',
      'it is not a regular file, but a folder, a pipe, a socket or a device',
      'name a file, or remove what is there in a task before this one',
    )
  if (timedOut(frame.status, frame.seconds, probe))
    return failed('timeout', `reading ${probe.path} took longer than ${limitOf(probe)}s`)
  if (frame.status !== '0') return fileFailure(probe.path, frame)
  if (probe.read === 'stat')
    return (
      oneStat(probe.path, frame.content) ??
      failed('io', `stat said what cannot be read: ${sentence(frame.content)}`)
    )
  if (probe.read === 'sha256') {
    const hash = /^\\?([0-9a-f]{64}) /.exec(frame.content.toString('latin1'))
    return hash
      ? { exists: true, sha256: hash[1]! }
      : failed('io', `sha256sum said what cannot be read: ${sentence(frame.content)}`)
  }
  const isLarge = frame.content.length > (probe.cap ?? readCap)
  const text = isLarge ? null : strictText(frame.content)
  if (text !== null) return { exists: true, text }
  if (probe.lenient) return { exists: true, text, why: isLarge ? 'too-large' : 'not-text' }
  return isLarge ? tooLarge(probe) : failed('not-text', `${probe.path} is not UTF-8 text`, toUtf8)
}

function execReading(probe: ExecProbe, frame: Frame): Answered {
  if (frame.status === 'c')
    return failed('io', `cannot go to ${probe.chdir}: ${sentence(frame.stderr)}`)
  const exit = Number.parseInt(frame.status, 10)
  const accepted = probe.exits === 'any' || probe.exits.includes(exit)
  if (timedOut(frame.status, frame.seconds, probe) && !(accepted && isEarly(frame.seconds, probe)))
    return timeout(probe)
  if (frame.content.length > (probe.cap ?? readCap)) return tooLarge(probe)
  if (accepted) {
    const isText = isUtf8(frame.content)
    if (!isText && probe.utf8)
      return failed('not-text', `what ${nameOf(probe)} says is not UTF-8 text`, toUtf8)
    return {
      exit,
      stdout: frame.content.toString('utf8'),
      stderr: frame.stderr.toString('utf8'),
      ...(isText ? {} : { raw: frame.content.toString('base64') }),
    }
  }
  const name = probe.shown ?? probe.argv[0]!
  if (exit === 127)
    return failed(
      'missing-tool',
      `${name}: no such command`,
      `is ${name} installed, and is it on root's PATH?`,
    )
  const said = probe.secret === undefined ? words(frame.stderr, frame.content) : ''
  return failed('exit', `${name}: ${exitText(exit)}${said && `: ${said}`}`)
}

const toUtf8 =
  'convert it with `iconv -f latin1 -t utf-8`, or replace all of it with `copy` and `src:`'

/** An exit in words. */
export function exitText(exit: number): string {
  if (exit === 126) return 'exit 126 (it cannot be executed)'
  if (exit === 137) return 'exit 137 (killed, perhaps because memory ran out)'
  return exit > 128 && exit < 160 ? `exit ${exit} (killed by signal ${exit - 128})` : `exit ${exit}`
}

/** What a file tool's own words about a failed read mean: absence, or a failure. */
function fileFailure(path: string, frame: Frame): Answered {
  return fromWords(path, frame.stderr.toString('utf8'), frame.status)
}

function fromWords(path: string, said: string, status: string): Answered {
  if (/No such file|Not a directory/.test(said)) return { exists: false }
  if (/permission denied|operation not permitted/i.test(said))
    return failed('denied', `no permission to read ${path}`, 'read it with become')
  if (status === '127') return failed('missing-tool', sentence(said))
  return failed('io', `cannot read ${path}: ${sentence(said) || exitText(Number(status))}`)
}

/** The failed reading of a probe that was left behind. */
export function timeout(probe: Probe): FailedReading {
  return failed(
    'timeout',
    `${nameOf(probe)} took longer than ${limitOf(probe)}s`,
    'is a file system hanging? Give the task a longer timeout if it may take so long',
  )
}

/** The failed reading of a probe that gave more than its cap. */
export function tooLarge(probe: Probe): FailedReading {
  return failed(
    'too-large',
    `${nameOf(probe)} gave more than ${('cap' in probe ? probe.cap : undefined) ?? readCap} bytes`,
  )
}

/** A probe in words. */
export function nameOf(probe: Probe): string {
  if (probe.read === 'exec') return probe.shown ?? probe.argv.join(' ')
  return probe.read === 'http'
    ? `${probe.method ?? 'GET'} ${probe.path}`
    : `${probe.read} of ${probe.path}`
}

// 124 is what `timeout` says. Where it had to kill, or a shell watched instead, only the time tells it from another killer.
function timedOut(status: string, seconds: number, probe: Probe): boolean {
  return status === '124' || ((status === '137' || status === '143') && !isEarly(seconds, probe))
}

// Counted here, between two arrivals: the network may have held the first one up, so the count may fall short by a little.
function isEarly(seconds: number, probe: Probe): boolean {
  const limit = limitOf(probe)
  return seconds < Math.max(limit / 2, limit - 1)
}

function limitOf(probe: Probe): number {
  return Math.max(1, Math.ceil(probe.timeout ?? 30))
}

function conceal(answer: Answered, name: string): Answered {
  if (isFailed(answer)) return answer
  const concealed = Object.entries(answer as object).map(([key, value]) => [
    key,
    (key === 'text' || key === 'stdout' || key === 'raw') && typeof value === 'string'
      ? new Secret(name, value)
      : value,
  ])
  return Object.fromEntries(concealed) as Answered
}

function strictText(content: Buffer): string | null {
  return isUtf8(content) ? content.toString('utf8') : null
}

function manyStats(unit: ReadUnit, frame: Frame): readonly Answered[] | null {
  const lines = frame.content.toString('utf8').split('\n').slice(0, -1)
  const complaints = frame.stderr
    .toString('utf8')
    .split('\n')
    .filter((line) => line !== '')
  const answers: (Answered | null)[] = []
  let next = 0
  for (const [index, probe] of unit.probes.entries()) {
    const path = probe.read === 'stat' ? probe.path : ''
    const line = lines[next]
    if (line === undefined || !line.endsWith(`:${path}`)) {
      answers.push(null)
      continue
    }
    const reading = statLine(line.slice(0, -path.length - 1), frame.inner.get(index))
    if (reading === null) return null
    answers.push(reading)
    next += 1
  }
  const missing = answers.filter((answer) => answer === null).length
  // One complaint for each path that gave no line, in the same order; anything else is asked again, path by path.
  if (next !== lines.length || missing !== complaints.length) return null
  let complaint = 0
  return answers.map(
    (answer, index) =>
      answer ??
      fromWords(
        (unit.probes[index] as { path: string }).path,
        complaints[complaint++]!,
        frame.status,
      ),
  )
}

function oneStat(path: string, content: Buffer): StatReading | null {
  const text = content.toString('utf8')
  const end = text.indexOf('\n')
  return path === '' || end < 0
    ? null
    : statLine(text.slice(0, end), content.subarray(Buffer.byteLength(text.slice(0, end + 1))))
}

const kinds: Readonly<Record<number, FileKind>> = {
  0o10: 'file',
  0o4: 'directory',
  0o12: 'link',
  0o6: 'block',
  0o2: 'character',
  0o1: 'fifo',
  0o14: 'socket',
}

function statLine(line: string, target: Buffer | undefined): StatReading | null {
  const [raw, uid, gid, size, device, inode, major, minor, owner, group, more] = line.split(':')
  const bits = Number.parseInt(raw ?? '', 16)
  const kind = kinds[bits >> 12]
  if (
    kind === undefined ||
    group === undefined ||
    more !== undefined ||
    !/^\d+$/.test(`${uid}${gid}${size}${device}${inode}`)
  )
    return null
  const special = kind === 'block' || kind === 'character'
  const link = kind === 'link' && target !== undefined && target.length > 0
  return {
    exists: true,
    kind,
    mode: modeText(bits),
    owner: owner === 'UNKNOWN' ? uid! : owner!,
    group: group === 'UNKNOWN' ? gid! : group,
    uid: Number(uid),
    gid: Number(gid),
    size: Number(size),
    device: Number(device),
    inode: Number(inode),
    ...(special ? { rdev: `${Number.parseInt(major!, 16)}:${Number.parseInt(minor!, 16)}` } : {}),
    ...(link ? { target: target.toString('utf8').replace(/\n$/, '') } : {}),
  }
}

/** The line that `S` prints for a path that is as this reading says, with a link's target; what a guard compares. */
export function statText(reading: Extract<StatReading, { readonly exists: true }>): string {
  const type = Number(Object.keys(kinds).find((bits) => kinds[Number(bits)] === reading.kind))
  const [major, minor] = (reading.rdev ?? '0:0').split(':').map((part) => Number(part).toString(16))
  const owner = reading.owner === String(reading.uid) ? 'UNKNOWN' : reading.owner
  const group = reading.group === String(reading.gid) ? 'UNKNOWN' : reading.group
  const mode = (type * 4096 + Number.parseInt(reading.mode, 8)).toString(16)
  const line = [
    mode,
    reading.uid,
    reading.gid,
    reading.size,
    reading.device,
    reading.inode,
    major,
    minor,
    owner,
    group,
  ].join(':')
  return `${line}\n${reading.target === undefined ? '' : `${reading.target}\n`}`
}
