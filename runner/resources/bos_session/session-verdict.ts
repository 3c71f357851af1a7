import { refuse, type RefuseAction } from '../../contract/change.ts'
import { isMap, type Value } from '../../contract/value.ts'
import { textAt } from '../service-answers.ts'
import type { Stage } from '../service-job.ts'
import { exclusionOf, type Node } from './session-node.ts'
import { goalOf, type Goal } from './session-goal.ts'
import type { Session } from './session-record.ts'

/** What a session is judged by beside its nodes. */
interface All {
  readonly template: string
  readonly goal: Goal
  /** Whether PCS decides between boot and reboot. */
  readonly isAuto: boolean
  readonly includeDisabled: boolean
  /** Whether this run has made the session. */
  readonly isOurs: boolean
  readonly hasTemplate: boolean
  readonly sessions: Value | undefined
}

/** How far the boot of some nodes is, and why it is not begun or has failed. */
interface Verdict {
  readonly stage: Stage
  readonly refusal: RefuseAction | null
}

/** How far the boot of the nodes is, and why it is not begun or has failed. */
export function verdictOf(
  nodes: readonly Node[],
  waiting: readonly Node[],
  session: Session | null,
  all: All,
): Verdict {
  if (!all.hasTemplate)
    return {
      stage: 'none',
      refusal: refuse(
        `BOS has no session template ${all.template}`,
        'make it with `bos_session_template`',
      ),
    }
  const ofSession = session && verdictOfSession(nodes, waiting, session, all)
  if (ofSession) return ofSession
  const refusal =
    excluded(waiting, all) ??
    busy(waiting, all.sessions) ??
    (all.isAuto ? powerRefusal(waiting) : null)
  return { stage: 'none', refusal }
}

/** What a session that is there says; null where it succeeded and explains all that is seen. */
function verdictOfSession(
  nodes: readonly Node[],
  waiting: readonly Node[],
  session: Session,
  all: All,
): Verdict | null {
  const isAlike = goalOf(session.operation, session.isStaged) === all.goal
  if (session.stage === 'pending' || session.stage === 'running')
    return { stage: session.stage, refusal: otherSession(nodes, waiting, session, all) }
  // One that has ended and was for something else says nothing of this one.
  if (!isAlike) return null
  if (session.stage === 'failed') return failedSession(waiting, session, all)
  return otherImage(waiting, session, all)
}

/** Why a session under way is not the one that the task means, or null. */
function otherSession(
  nodes: readonly Node[],
  waiting: readonly Node[],
  { name, template, limit, operation, isStaged }: Session,
  all: All,
): RefuseAction | null {
  const isOther =
    goalOf(operation, isStaged) !== all.goal ||
    template !== all.template ||
    limit.some((xname) => nodes.every((node) => node.xname !== xname)) ||
    waiting.some((node) => !limit.includes(node.xname))
  return isOther
    ? refuse(
        `there is a session ${name} already, to ${isStaged ? 'stage ' : ''}${operation} the template ${template} for ${limit.join(', ') || 'all its nodes'}`,
        'wait until it has ended, or take another name',
      )
    : null
}

function failedSession(waiting: readonly Node[], session: Session, all: All): Verdict {
  const why = excluded(waiting, all)
  const remove = `\`cray bos sessions delete ${session.name}\``
  return {
    stage: 'failed',
    refusal: refuse(
      `the session ${session.name} has failed: ${session.trouble}${why ? `; ${why.because}` : ''}`,
      why
        ? `${why.instead}; then ${remove}, and run again`
        : `fix the cause, then ${remove}, and run again`,
    ),
  }
}

/** The session succeeded, but a node does not run the image. A later session or a power-off explains it; else it is a failure. */
function otherImage(waiting: readonly Node[], session: Session, all: All): Verdict | null {
  if (all.goal !== 'booted') return unreached(waiting, session, all)
  const node = waiting.find(
    (each) => all.isOurs || (each.session === session.name && each.power !== 'off' && all.isAuto),
  )
  if (!node) return null
  const runs =
    node.image === null ? 'has not said which image it runs' : `runs the image ${node.image}`
  return {
    stage: 'failed',
    refusal: refuse(
      `the session ${session.name} has succeeded, and ${node.xname} ${runs}`,
      `look at /proc/cmdline of ${node.xname}; \`operation: reboot\` boots it once more`,
    ),
  }
}

/** A session of this run that succeeded, and a node is not where it should be; one of before says nothing of today. */
function unreached(waiting: readonly Node[], session: Session, all: All): Verdict | null {
  const node = all.isOurs ? waiting[0] : undefined
  if (!node) return null
  const found =
    all.goal === 'off'
      ? `the power of ${node.xname} is ${node.power ?? 'undefined'}`
      : `${node.xname} holds ${node.staged === null ? 'no staged session' : `the staged session ${node.staged}`}`
  return {
    stage: 'failed',
    refusal: refuse(
      `the session ${session.name} has succeeded, and ${found}`,
      `look at it with \`cray bos components describe ${node.xname}\``,
    ),
  }
}

/** Why BOS leaves out one of the nodes, or null. */
function excluded(
  waiting: readonly Node[],
  { includeDisabled, template }: All,
): RefuseAction | null {
  const found = waiting.map((node) => exclusionOf(node, includeDisabled, template))
  return found.find((each) => each !== null) ?? null
}

/** Nodes that another session has in its hands. */
function busy(waiting: readonly Node[], sessions: Value | undefined): RefuseAction | null {
  const under = new Set(
    (Array.isArray(sessions) ? sessions.filter(isMap) : [])
      .filter((each) => textAt(each, 'status', 'status') !== 'complete')
      .map((each) => textAt(each, 'name')),
  )
  const node = waiting.find((each) => each.session !== null && under.has(each.session))
  return node
    ? refuse(
        `BOS is at work on ${node.xname} for the session ${node.session}`,
        'wait until that session has ended, then run again',
      )
    : null
}

function powerRefusal(waiting: readonly Node[]): RefuseAction | null {
  const unknown = waiting.find((node) => node.power !== 'on' && node.power !== 'off')
  if (unknown)
    return refuse(
      `PCS cannot tell whether ${unknown.xname} has power, and that decides between boot and reboot`,
      `look at it with \`cray power status describe ${unknown.xname}\`, and at its BMC; or say which \`operation:\``,
    )
  if (new Set(waiting.map((node) => node.power)).size > 1)
    return refuse(
      'some of the nodes have power and some have none, and that decides between boot and reboot',
      'boot them by a task each, or say which `operation:`',
    )
  const silent = waiting.find((node) => node.isMeant && node.image === null && node.power === 'on')
  if (silent)
    return refuse(
      `BOS wants ${silent.xname} to run the image, and the node, which is on, has not said which one it runs`,
      `look at /proc/cmdline of ${silent.xname} and at bos-reporter there; \`operation: reboot\` boots it in any case`,
    )
  return null
}
