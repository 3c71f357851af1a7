import { badPath, homeOf, isWord, pathWord, producer, word } from './quote.ts'
import { isKernels } from './walk.ts'
import type { ExecProbe, Probe, StatProbe, TextProbe } from '../../contract/probe.ts'

/** A part of a script that answers with one frame. */
export interface Unit {
  /** Names of the functions that its text calls. */
  readonly calls: readonly string[]
  /** Its text, given the number of its frame. */
  text(frame: number): string
  /** Seconds after which the host itself ends it; later than that it is left behind. */
  readonly limit: number
  /** Bytes of output past which it is left behind. */
  readonly cap: number
  /** Only the end of its words matters: they are never too many. */
  readonly tail?: true
  /** Its standard error says how far it is, in lines of their own. */
  readonly progress?: true
}
/** A unit that reads: the probes that it answers, in order. */
export interface ReadUnit extends Unit {
  readonly probes: readonly Probe[]
  /** It is one of many stats, though there may be one: each line ends with its path. */
  readonly lines?: true
  /** Its frame may say `p`: well if the frame of the unit so many places after it says 0. */
  readonly provisoOf?: number
}

/** The time limit of a probe that names none. */
const readSeconds = 30
/** The byte cap of a reading that names none. */
export const readCap = 1024 * 1024
const manyPaths = 200
/** The descriptors that no part of a script uses, one for each mark of a group of texts. */
const spare = [3, 4, 5, 6, 9]
const manyTexts = spare.length + 1

/** Why a probe cannot be sent at all, or null. */
export function unsendable(probe: Probe): string | null {
  if (probe.read === 'http') return 'an HTTP request cannot be read by a shell'
  if (probe.read !== 'exec') return badPath(probe.path)
  if (probe.argv.length === 0 || probe.argv[0] === '') return 'a command needs a name'
  if (!probe.argv.every(isWord) || !isWord(probe.chdir ?? ''))
    return 'a NUL cannot stand in a command line'
  return badEnvironment(probe.environment)
}

/** Why an environment cannot be set, or null. */
export function badEnvironment(
  environment: Readonly<Record<string, string>> | undefined,
): string | null {
  const bad = Object.entries(environment ?? {}).find(
    ([name, value]) => !/^[A-Za-z_][A-Za-z0-9_]*$/.test(name) || !isWord(value),
  )
  return bad ? `not fit for the environment: ${bad[0]}` : null
}

/** The units that answer these probes; stats and texts are grouped, one process for many, unless `apart`. */
export function readUnits(probes: readonly Probe[], apart: boolean): readonly ReadUnit[] {
  if (apart) return probes.map(readUnit)
  const units: ReadUnit[] = []
  const stats: StatProbe[] = []
  const texts = new Map<number, TextProbe[]>()
  for (const probe of probes) {
    // A line feed in a path would break the lines of a group, and a limit of its own ends one process, not a group's.
    const groupable =
      (probe.read === 'stat' || probe.read === 'text') &&
      probe.timeout === undefined &&
      /^\/[^\n]*$/.test(probe.path)
    if (!groupable) units.push(readUnit(probe))
    else if (probe.read === 'stat') stats.push(probe)
    else if (probe.read === 'text')
      texts.set(capOf(probe), [...(texts.get(capOf(probe)) ?? []), probe])
  }
  // Those that are not followed stand first.
  const ordered = [
    ...stats.filter(({ follow }) => follow !== true),
    ...stats.filter(({ follow }) => follow === true),
  ]
  const textParts = [...texts.values()].flatMap((group) => parts(group, manyTexts))
  const statParts = parts(ordered, manyPaths)
  // One process proves the folders of the texts and reads the stats.
  const together = textParts.length > 0 && statParts.length > 0
  if (together) units.push(...fileGroup(textParts[0]!, statParts[0]!))
  for (const part of textParts.slice(together ? 1 : 0))
    units.push(...(part.length === 1 ? [readUnit(part[0]!)] : textGroup(part)))
  for (const part of statParts.slice(together ? 1 : 0))
    units.push(part.length === 1 ? readUnit(part[0]!) : statGroup(part))
  return units
}

function parts<T>(items: readonly T[], most: number): readonly (readonly T[])[] {
  return Array.from({ length: Math.ceil(items.length / most) }, (_, part) =>
    items.slice(part * most, (part + 1) * most),
  )
}

/** The unit that answers one probe. */
export function readUnit(probe: Probe): ReadUnit {
  const limit = secondsOf(probe)
  const common = { probes: [probe], limit }
  if (probe.read === 'http') throw new TypeError('a shell reads no HTTP')
  const runner = probe.timeout === undefined ? 'N' : 'L'
  if (probe.read === 'exec') {
    return {
      ...common,
      ...(probe.progress ? { progress: true } : {}),
      cap: probe.cap ?? readCap,
      calls: [runner, 'R'],
      text: (frame) => `${execText(probe, runner, limit, frame)}|R;D ${frame}\n`,
    }
  }
  const at = homeOf(probe.path)
  const path = pathWord(probe.path)
  const calls = at ? ['A', 'U'] : ['A']
  if (probe.read === 'stat') {
    return {
      ...common,
      cap: 64 * 1024,
      calls: [...calls, runner, 'S'],
      text: (frame) => `${at}S ${frame} ${path} ${probe.follow ? '-L' : "''"} ${limit} ${runner}\n`,
    }
  }
  if (probe.read === 'sha256')
    return {
      ...common,
      cap: 64 * 1024,
      calls: [...calls, runner, 'H'],
      text: (frame) => `${at}H ${frame} ${path} ${limit} ${runner}\n`,
    }
  const cap = capOf(probe)
  return {
    ...common,
    cap: cap + 1,
    calls: [...calls, 'X'],
    text: (frame) => `${at}X ${frame} ${path} ${cap + 1}\n`,
  }
}

/**
 * Many texts in one process: `head` prints each file, and after it a mark that it reads from a descriptor. The marks say `p`;
 * the last one is the shell's own and says how `head` ended. Where it did not end well, or a path is not a file that can be
 * read, what was printed is dropped (`z`) and each is read by itself. `$v` is empty in a shell without processes.
 */
function textGroup(probes: readonly TextProbe[]): readonly ReadUnit[] {
  const { set, readable, walked, reading } = headOf(probes)
  const sure = walked.length === 0 ? '' : `&&Sure ${walked.join(' ')}`
  return textUnits(probes, (frame, index) =>
    index === 0 ? `${set}if [ -n "$v" ]&&${readable}${sure}&&${reading(frame)}` : '',
  )
}

/** Texts and stats together: one process proves the folders of the texts and reads the stats, where none of these is a link or absent. */
function fileGroup(texts: readonly TextProbe[], stats: readonly StatProbe[]): readonly ReadUnit[] {
  const { set, readable, walked, reading } = headOf(texts)
  const group = statGroup(stats)
  const others = stats.map(({ path }) => word(path)).join(' ')
  const sure = walked.length === 0 ? ':' : `Sure ${walked.join(' ')}`
  const text = (frame: number): string => `${set}y=
if [ -n "$v" ]&&${readable}; then
if Prove ${frame} ${group.limit} ${walked.length} ${[...walked, others].join(' ')}; then y=y
else ${group.text(frame).trimEnd()}; if ${sure}; then y=y; fi; fi
else ${group.text(frame).trimEnd()}; fi
if [ -n "$y" ]&&${reading(frame + 1)}`
  return [
    { ...group, calls: [...group.calls, 'A', 'Sure', 'X'], text },
    ...textUnits(texts, () => ''),
  ]
}

/** The parts of a script that reads these texts by one `head`. */
function headOf(probes: readonly TextProbe[]): {
  /** Names the paths by their numbers. */
  readonly set: string
  readonly readable: string
  /** The paths that are walked to. */
  readonly walked: readonly string[]
  /** Reads them; the first frame is that of the first text. */
  reading(first: number): string
} {
  const last = probes.length - 1
  const cap = capOf(probes[0]!) + 1
  const path = probes.map((_, index) => `"$${index + 1}"`)
  const walked = path.filter((_, index) => !isKernels(probes[index]!.path))
  const files = path
    .map((each) => (walked.includes(each) ? `"$z${walked.indexOf(each) + 1}"` : each))
    .map((each, index) => (index < last ? `${each} /dev/fd/${spare[index]}` : each))
    .join(' ')
  return {
    set: `set -- ${probes.map((probe) => pathWord(probe.path)).join(' ')}\n`,
    readable: path.map((each) => `[ -f ${each} ]&&[ -r ${each} ]`).join('&&'),
    walked,
    reading(first) {
      const marks = path.slice(0, last).map((_, index) => `\n$M ${first + index} p\nX${index}\n`)
      const inputs = marks.map((_, index) => ` ${spare[index]}<<X${index}`).join('')
      const each = path.map((at, index) => `X ${first + index} ${at} ${cap}\n`).join('')
      return `head -q -c ${cap} ${files} 2>/dev/null${inputs}\n${marks.join('')}then E ${first + last} 0\nelse E z 0\n${each}fi\n`
    },
  }
}

/** The units of texts that one `head` reads. */
function textUnits(
  probes: readonly TextProbe[],
  text: (frame: number, index: number) => string,
): readonly ReadUnit[] {
  const last = probes.length - 1
  return probes.map((probe, index) => ({
    probes: [probe],
    limit: secondsOf(probe),
    cap: capOf(probe) + 1,
    calls: ['A', 'N', 'Sure', 'X'],
    ...(index < last ? { provisoOf: last - index } : {}),
    text: (frame: number) => text(frame, index),
  }))
}

function statGroup(probes: readonly StatProbe[]): ReadUnit {
  const limit = secondsOf(probes[0]!)
  const unfollowed = probes.filter(({ follow }) => follow !== true).length
  return {
    probes,
    lines: true,
    limit,
    cap: 1024 * probes.length + 64 * 1024,
    calls: ['N', 'G'],
    text: (frame) =>
      `G ${frame} ${unfollowed} ${limit} ${probes.map((probe) => word(probe.path)).join(' ')}\n`,
  }
}

function execText(probe: ExecProbe, runner: string, limit: number, frame: number): string {
  const { before, prefix } = surroundings(probe, frame)
  const input = probe.stdin === undefined ? '' : `${producer(probe.stdin)}|`
  return `( ${before}${input}${runner} ${limit} ${prefix}${probe.argv.map(word).join(' ')};F ${frame} )`
}

/** What stands before a command for its folder and its environment; `env` sets the latter, since the script's own variables must stay. */
export function surroundings(
  command: { readonly chdir?: string; readonly environment?: Readonly<Record<string, string>> },
  frame: number,
): { readonly before: string; readonly prefix: string } {
  const variables = Object.entries(command.environment ?? {}).map(
    ([name, value]) => `${name}=${word(value)} `,
  )
  return {
    before:
      command.chdir === undefined ? '' : `cd ${word(command.chdir)} || { F ${frame} c;exit; };`,
    prefix: variables.length === 0 ? '' : `env ${variables.join('')}`,
  }
}

function capOf(probe: TextProbe): number {
  return probe.cap ?? readCap
}

// Whole seconds: not every `timeout` knows fractions, and 0 would mean none.
function secondsOf(probe: Probe): number {
  return Math.max(1, Math.ceil(probe.timeout ?? readSeconds))
}
