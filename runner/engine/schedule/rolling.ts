import type { Play } from '../../model/playbook.ts'
import type { Diagnostic } from '../../model/diagnostic.ts'
import type { PassLabel } from '../../model/event.ts'
import type { Host } from '../../model/host.ts'
import { lineageOf } from '../../text/xname.ts'
import type { Leaving } from '../../model/note.ts'

/** The words of `serial` that go by where hosts lie, and what a component of that kind is called. */
const kinds: Readonly<Record<string, string>> = {
  cabinet: 'Cabinet',
  chassis: 'Chassis',
  slot: 'ComputeModule',
}
/** Failures in one place are reported together from this many hosts on, at this share of the hosts tried there and of all failures. */
const gathering = { hosts: 3, ofPlace: 0.5, ofAll: 2 / 3 }

/** The hosts in passes: each as large as `serial` says, the last entry repeated. A place is one pass with all its hosts. */
export function passesOf(
  serial: readonly (number | string)[],
  hosts: readonly Host[],
): readonly (readonly Host[])[] {
  if (serial.length === 0 || hosts.length === 0) return hosts.length > 0 ? [hosts] : []
  const passes: (readonly Host[])[] = []
  for (let left = hosts; left.length > 0;) {
    const size = serial[Math.min(passes.length, serial.length - 1)]!
    const pass =
      typeof size === 'string' && size in kinds
        ? ofOnePlace(left, size)
        : left.slice(0, sizeOf(size, hosts.length))
    passes.push(pass)
    const taken = new Set(pass)
    left = left.filter((host) => !taken.has(host))
  }
  return passes
}

/** What the passes of a rolling play are called; nothing where there is one pass. */
export function passLabels(
  serial: readonly (number | string)[],
  passes: readonly (readonly Host[])[],
): readonly (PassLabel | undefined)[] {
  if (serial.length === 0 || passes.length < 2) return passes.map(() => undefined)
  const hosts = passes.reduce((sum, each) => sum + each.length, 0)
  let done = 0
  return passes.map((pass, at) => {
    const word = serial[Math.min(at, serial.length - 1)]!
    const place = typeof word === 'string' && word in kinds ? placeOf(pass[0]!, word) : null
    const label = {
      number: at + 1,
      of: passes.length,
      ...(place === null ? {} : { place: `${word} ${place}` }),
      done,
      hosts,
    }
    done += pass.length
    return label
  })
}

/** The first host with all hosts in the same place; the host alone when its place is unknown. */
function ofOnePlace(hosts: readonly Host[], word: string): readonly Host[] {
  const place = placeOf(hosts[0]!, word)
  return place === null ? hosts.slice(0, 1) : hosts.filter((host) => placeOf(host, word) === place)
}

function sizeOf(size: number | string, hosts: number): number {
  return Math.max(
    1,
    typeof size === 'number' ? size : Math.ceil((hosts * Number.parseFloat(size)) / 100),
  )
}

/** The cabinet, chassis or slot of a host, by its name or by its var `xname`. */
function placeOf(host: Host, word: string): string | null {
  const xname = host.vars['xname']
  const lineage =
    [host.name, ...(typeof xname === 'string' ? [xname] : [])]
      .map(lineageOf)
      .find((each) => each.length > 0) ?? []
  return lineage.find((each) => each.type === kinds[word])?.xname ?? null
}

/** Why a pass must end: more hosts failed, or could not be reached, than the play allows. Null while it is within its budget. */
export function overBudget(play: Play, ends: Iterable<Leaving>, hosts: number): Diagnostic | null {
  if (play.maxFailPercentage === undefined && play.maxUnreachable === undefined) return null
  const left = [...ends]
  const unreachable = left.filter((each) => each === 'unreachable').length
  const failed = left.filter((each) => each === 'failed').length
  const { maxFailPercentage, maxUnreachable } = play
  if (maxUnreachable !== undefined) {
    const most =
      typeof maxUnreachable === 'number'
        ? maxUnreachable
        : (Number.parseFloat(maxUnreachable) / 100) * hosts
    if (unreachable > most)
      return stopped(
        play,
        `${unreachable} of ${hosts} hosts could not be reached, and max_unreachable allows ${maxUnreachable}`,
      )
  }
  // Who cannot be reached has failed, too, unless the play counts that apart.
  const bad = maxUnreachable === undefined ? failed + unreachable : failed
  if (maxFailPercentage === undefined || (bad / hosts) * 100 <= maxFailPercentage) return null
  return stopped(
    play,
    `${bad} of ${hosts} hosts failed, and max_fail_percentage allows ${maxFailPercentage} percent`,
  )
}

function stopped(play: Play, why: string): Diagnostic {
  return {
    code: 'run/budget',
    severity: 'warning',
    message: `the run ends here: ${why}`,
    at: play.at,
    hint: 'fix what failed, then continue with `trueup resume last`: it does not change what is right already',
  }
}

/** Why a rolling play must not go on after a pass. `tried` are its hosts so far, `all` how many it has. */
export function notToGoOn(
  play: Play,
  pass: ReadonlyMap<string, Leaving>,
  tried: ReadonlyMap<Host, Leaving>,
  all: number,
): Diagnostic | null {
  // A pass that failed altogether would do to the next hosts what it did to these.
  const none = [...pass.values()].every((left) => left === 'failed' || left === 'unreachable')
  if (none && pass.size > 0)
    return stopped(
      play,
      pass.size === 1
        ? `${[...pass.keys()][0]} was all of a pass, and failed`
        : `all ${pass.size} hosts of a pass failed`,
    )
  return tried.size < all ? failuresGather(play, tried) : null
}

/** Failures that gather in one chassis or cabinet: what failed there is more than the hosts. */
function failuresGather(play: Play, ends: ReadonlyMap<Host, Leaving>): Diagnostic | null {
  const isBad = (host: Host): boolean =>
    ends.get(host) === 'failed' || ends.get(host) === 'unreachable'
  const hosts = [...ends.keys()]
  const bad = hosts.filter(isBad)
  for (const word of ['chassis', 'cabinet']) {
    for (const place of new Set(bad.map((host) => placeOf(host, word)))) {
      if (place === null) continue
      const there = hosts.filter((host) => placeOf(host, word) === place)
      const count = there.filter(isBad).length
      if (
        count < gathering.hosts ||
        count < there.length * gathering.ofPlace ||
        count < bad.length * gathering.ofAll
      )
        continue
      return {
        code: 'run/failures-gather',
        severity: 'warning',
        at: play.at,
        message: `no further hosts are begun: ${count} of the ${there.length} hosts tried in ${word} ${place} failed or could not be reached, and ${bad.length - count} elsewhere`,
        hint: `look at the ${word} itself (power, cooling, switch), or leave its hosts out with --limit`,
      }
    }
  }
  return null
}
