import type { Host } from '../../model/host.ts'
import type { Leaving } from '../../model/note.ts'
import type { RunOptions, Subject } from '../model.ts'
import { isEnding } from '../decide/drain.ts'
import { createSlots } from './forks.ts'
import { createPass, tellPlay, type Pass, type PassOptions } from './pass.ts'
import { leaveConnection, takeHost, tellEnd } from './run-pass.ts'
import type { Stage } from './stages.ts'

/** A play of a flow: its pass, the subject of each host, and the hosts that may still come. */
interface Leg {
  readonly pass: Pass
  readonly subjects: ReadonlyMap<string, Subject>
  readonly expected: Set<string>
  begun: boolean
}

/**
 * The stages in groups: a host goes through the plays of a group without waiting for the others. With `--step` a person answers for
 * all hosts, so that each play is a group of its own.
 */
export function flowsOf(
  stages: readonly Stage[],
  { step }: Pick<RunOptions, 'step'>,
): readonly (readonly Stage[])[] {
  const flows: Stage[][] = []
  let open = false
  for (const stage of stages) {
    if (open) flows.at(-1)!.push(stage)
    else flows.push([stage])
    open = stage.play.goesOn !== undefined && !stage.paying && step === undefined
  }
  return flows
}

/** Takes each host through several plays, one after the other, at its own pace. `left` hears how it leaves each of them. */
export async function runFlow(
  given: readonly PassOptions[],
  left: (host: string, how: Leaving, leg: number) => void,
): Promise<void> {
  const { options, hub, store } = given[0]!
  const slots = createSlots(options.forks, options)
  const legs = given.map((each): Leg => legOf({ ...each, slots }))
  const hosts = new Map(given.flatMap((each) => each.hosts.map((host) => [host.name, host])))
  const takeLegs = async (host: Host): Promise<void> => {
    let last: {
      readonly pass: Pass
      readonly subject: Subject
      readonly how: Leaving
    } | null = null
    let isOut = false
    for (const [at, leg] of legs.entries()) {
      const subject = leg.subjects.get(host.name)
      if (!subject) continue
      if (!isOut && !isEnding(options)) {
        if (!leg.begun) tellPlay(leg.pass)
        leg.begun = true
        hub.play(leg.pass.index, host.name)
        const how = await takeHost(leg.pass, subject)
        left(host.name, how, at)
        isOut = how !== 'done'
        last = { pass: leg.pass, subject, how }
      }
      dropOut(leg, host)
    }
    if (last) await leaveConnection(last.pass, last.subject, last.how)
  }
  await Promise.all([...hosts.values()].map(takeLegs))
  // The end of the last play is a barrier.
  store.voidAll()
}

function legOf(given: PassOptions): Leg {
  const pass = createPass(given)
  const subjects = new Map(pass.subjects.map((subject) => [subject.host.name, subject]))
  return { pass, subjects, expected: new Set(subjects.keys()), begun: false }
}

/** A host does not come to a play any more: the play ends with the last of them. */
function dropOut(leg: Leg, host: Host): void {
  leg.pass.meeting.leave(leg.subjects.get(host.name)!)
  leg.expected.delete(host.name)
  if (leg.begun && leg.expected.size === 0) tellEnd(leg.pass)
}
