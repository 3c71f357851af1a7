import type { Diagnostic, Place } from '../model/diagnostic.ts'
import type { Inventory } from '../model/host.ts'
import { tasksOf, type Play } from '../model/playbook.ts'
import { foldNames } from '../text/host-ranges.ts'
import { hostsOf } from './check-hosts.ts'

/** A place where hosts of a play wait for each other, and the words for it. */
interface Meeting {
  readonly at: Place
  readonly what: string
  readonly remedy: string
}

/**
 * Finds plays with `meet_at_end: false` whose hosts meet all the same, in the play or in the next one. A register belongs to a host
 * and its play, and only `run_once` hands it to other hosts: without meetings no host sees what another one has registered.
 */
export function checkMeetings(plays: readonly Play[]): readonly Diagnostic[] {
  return plays.flatMap((play, index) => {
    if (!play.goesOn) return []
    const next = plays[index + 1]
    if (!next) return [nothingBehind(play.goesOn)]
    const meeting = meetingOf(play) ?? meetingOf(next)
    return meeting === null ? [] : [stillMeet(play.goesOn, meeting)]
  })
}

/** Finds plays with `meet_at_end: false` before a play with other hosts: nothing would make those wait. */
export function checkLateHosts(
  plays: readonly Play[],
  inventory: Inventory,
): readonly Diagnostic[] {
  return plays.flatMap((play, index) => {
    const next = plays[index + 1]
    if (!play.goesOn || !next) return []
    const here = new Set(hostsOf(play, inventory).map((host) => host.name))
    const others = hostsOf(next, inventory).filter((host) => !here.has(host.name))
    if (others.length === 0) return []
    return [
      {
        code: 'play/meet-at-end' as const,
        message: `the next play, '${next.name}', has hosts that this play does not have, and they would begin it at once: ${foldNames(
          others.map((host) => host.name),
          60,
        )}`,
        at: play.goesOn,
        hint: 'remove `meet_at_end: false`, or give both plays the same hosts',
      },
    ]
  })
}

function nothingBehind(at: Place): Diagnostic {
  return {
    code: 'play/meet-at-end',
    message: '`meet_at_end: false` lets hosts go on to the next play, and this is the last one',
    at,
    hint: 'remove it',
  }
}

function stillMeet(at: Place, { what, at: where, remedy }: Meeting): Diagnostic {
  return {
    code: 'play/meet-at-end',
    message: `hosts cannot go on to the next play one by one: ${what} (line ${where.line}) makes them wait for each other`,
    at,
    hint: `remove \`meet_at_end: false\`, or ${remedy}`,
  }
}

function meetingOf(play: Play): Meeting | null {
  const key =
    play.strategy === 'linear'
      ? 'strategy: linear'
      : play.serial.length > 0
        ? 'serial'
        : play.maxFailPercentage !== undefined
          ? 'max_fail_percentage'
          : play.maxUnreachable !== undefined
            ? 'max_unreachable'
            : null
  if (key !== null)
    return { at: play.at, what: `\`${key}\` of the play '${play.name}'`, remedy: 'remove that' }
  for (const task of [...tasksOf(play.tasks), ...play.handlers]) {
    const word =
      task.verb === 'confirm'
        ? 'confirm'
        : task.barrier
          ? 'barrier'
          : task.runOnce
            ? 'run_once'
            : null
    if (word !== null)
      return {
        at: task.at,
        what: `\`${word}\` of the task '${task.sentence}'`,
        remedy: 'move that task to a play that is not one of the two',
      }
  }
  return null
}
