import { badPath, homeOf, isWord, pathWord, producer, word } from './quote.ts'
import type { ExecProbe, Probe, StatProbe } from '../../core/probe.ts'

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
}
/** A unit that reads: the probes that it answers, in order. */
export interface ReadUnit extends Unit {
  readonly probes: readonly Probe[]
}

/** The time limit of a probe that names none. */
export const readSeconds = 30
/** The byte cap of a reading that names none. */
export const readCap = 1024 * 1024
const manyPaths = 200

/** Why a probe cannot be sent at all, or null. */
export function unsendable(probe: Probe): string | null {
  if (probe.read === 'http') return 'an HTTP request cannot be read by a shell'
  if (probe.read !== 'exec') return badPath(probe.path)
  if (probe.argv.length === 0 || probe.argv[0] === '') return 'a command needs a name'
  if (!probe.argv.every(isWord) || !isWord(probe.chdir ?? '')) return 'a NUL cannot stand in a command line'
  return badEnvironment(probe.environment)
}

/** Why an environment cannot be set, or null. */
export function badEnvironment(environment: Readonly<Record<string, string>> | undefined): string | null {
  const bad = Object.entries(environment ?? {}).find(([name, value]) => !/^[A-Za-z_][A-Za-z0-9_]*$/.test(name) || !isWord(value))
  return bad ? `not fit for the environment: ${bad[0]}` : null
}

/** The units that answer these probes; stats are grouped, one process for many, unless `apart`. */
export function readUnits(probes: readonly Probe[], apart: boolean): readonly ReadUnit[] {
  const units: ReadUnit[] = []
  const groups = new Map<string, StatProbe[]>()
  for (const probe of probes) {
    // A line feed in a path would break the lines of a group.
    if (apart || probe.read !== 'stat' || !/^\/[^\n]*$/.test(probe.path)) units.push(readUnit(probe))
    else {
      const key = `${probe.follow === true} ${secondsOf(probe)}`
      const group = groups.get(key)
      if (group) group.push(probe)
      else groups.set(key, [probe])
    }
  }
  for (const group of groups.values()) {
    for (let at = 0; at < group.length; at += manyPaths) {
      const part = group.slice(at, at + manyPaths)
      units.push(part.length === 1 ? readUnit(part[0]!) : statGroup(part))
    }
  }
  return units
}

/** The unit that answers one probe. */
export function readUnit(probe: Probe): ReadUnit {
  const limit = secondsOf(probe)
  const common = { probes: [probe], limit }
  if (probe.read === 'http') throw new TypeError('a shell reads no HTTP')
  if (probe.read === 'exec') {
    return { ...common, cap: probe.cap ?? readCap, calls: ['L', 'R'], text: (frame) => `${execText(probe, limit, frame)}|R;D ${frame}\n` }
  }
  const at = homeOf(probe.path)
  const path = pathWord(probe.path)
  const calls = at ? ['A', 'U'] : ['A']
  if (probe.read === 'stat') {
    return { ...common, cap: 64 * 1024, calls: [...calls, 'L', 'S'], text: (frame) => `${at}S ${frame} ${path} ${probe.follow ? '-L' : "''"} ${limit}\n` }
  }
  if (probe.read === 'sha256') return { ...common, cap: 64 * 1024, calls: [...calls, 'L', 'H'], text: (frame) => `${at}H ${frame} ${path} ${limit}\n` }
  const cap = probe.cap ?? readCap
  return { ...common, cap: cap + 1, calls: [...calls, 'X'], text: (frame) => `${at}X ${frame} ${path} ${cap + 1}\n` }
}

function statGroup(probes: readonly StatProbe[]): ReadUnit {
  const limit = secondsOf(probes[0]!)
  return {
    probes,
    limit,
    cap: 1024 * probes.length + 64 * 1024,
    calls: ['L', 'G'],
    text: (frame) => `G ${frame} ${probes[0]!.follow ? '-L' : "''"} ${limit} ${probes.map((probe) => word(probe.path)).join(' ')}\n`,
  }
}

function execText(probe: ExecProbe, limit: number, frame: number): string {
  const { before, prefix } = surroundings(probe, frame)
  const input = probe.stdin === undefined ? '' : `${producer(probe.stdin)}|`
  return `( ${before}${input}L ${limit} ${prefix}${probe.argv.map(word).join(' ')};F ${frame} )`
}

/** What stands before a command for its folder and its environment; `env` sets the latter, since the script's own variables must stay. */
export function surroundings(
  command: { readonly chdir?: string; readonly environment?: Readonly<Record<string, string>> },
  frame: number,
): { readonly before: string; readonly prefix: string } {
  const variables = Object.entries(command.environment ?? {}).map(([name, value]) => `${name}=${word(value)} `)
  return {
    before: command.chdir === undefined ? '' : `cd ${word(command.chdir)} || { F ${frame} c;exit; };`,
    prefix: variables.length === 0 ? '' : `env ${variables.join('')}`,
  }
}

// Whole seconds: not every `timeout` knows fractions, and 0 would mean none.
function secondsOf(probe: Probe): number {
  return Math.max(1, Math.ceil(probe.timeout ?? readSeconds))
}
