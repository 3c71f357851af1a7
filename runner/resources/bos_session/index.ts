import { get, type HttpProbe, type HttpReading } from '../../contract/probe.ts'
import { defineResource } from '../../contract/resource.ts'
import { bootState } from './boot-state.ts'
import { bootChanges, isAuto } from './boot-changes.ts'
import { listFrom, mapsAt, objectFrom, textAt } from '../service-answers.ts'
import { goalOf, isThere } from './session-goal.ts'
import { sessionParams } from './session-params.ts'
import { firstImage, nodeOf, phaseOf, powerOfAll } from './session-node.ts'
import { lastOf, nameAfter, sessionOf } from './session-record.ts'
import { verdictOf } from './session-verdict.ts'

/** Nodes run the image of a session template, or are off; where one is not, a session of BOS brings them there, once. */
export const bosSession = defineResource({
  name: 'bos_session',
  summary:
    'Nodes run the image of a session template, or are off; where one is not, a session of BOS brings them there, once.',
  source:
    'Configure a Remote Build Node, "Create and boot a remote build node image" (cray bos sessions create); Replace a Compute Blade (shut the nodes down); BOS v2 sessions',
  destroys: true,
  params: sessionParams,
  state: bootState,
  probe: ({ name: called, template_name, limit, operation, stage }, seen) => {
    const goal = goalOf(operation, stage)
    const template = seen['template']
    const states = seen['power'] as HttpReading | undefined
    const nodes = limit.map((xname) =>
      nodeOf(xname, {
        component: seen[`component ${xname}`] as HttpReading | undefined,
        after: undefined,
        hsm: undefined,
        power: mapsAt(states?.json, 'status'),
        template: template?.json,
      }),
    )
    const isRead =
      template !== undefined &&
      (goal !== 'off' || states !== undefined) &&
      limit.every((xname) => seen[`component ${xname}`] !== undefined)
    const drifts = isRead && nodes.some((node) => !isThere(node, goal, called))
    const last = lastOf(seen['sessions']?.json, called)
    const isComplete = textAt(last?.record, 'status', 'status') === 'complete'
    const perNode = limit.flatMap((xname): (readonly [string, HttpProbe])[] => [
      [`component ${xname}`, get('bos', `/v2/components/${xname}`, [200, 404])],
      // HSM's record of a node changes only when a user or service acts on the node: it is the guard of the boot.
      ...(drifts
        ? [
            [
              `node ${xname}`,
              get('hsm', `/State/Components/${xname}`, [200, 404], { ahead: false }),
            ] as const,
          ]
        : []),
    ])
    return {
      template: get('bos', `/v2/sessiontemplates/${template_name}`, [200, 404]),
      sessions: drifts ? get('bos', '/v2/sessions', [200], { ahead: false }) : undefined,
      power:
        goal === 'off' || (drifts && isAuto(operation))
          ? get('pcs', `/power-status?${limit.map((xname) => `xname=${xname}`).join('&')}`, [200], {
              ahead: false,
            })
          : undefined,
      status: last
        ? get('bos', `/v2/sessions/${textAt(last.record, 'name')}/status`, [200], { ahead: false })
        : undefined,
      // The nodes were read before the session: one that is complete may have brought them there in between.
      after: isComplete
        ? get('bos', `/v2/components?ids=${limit.join(',')}`, [200], { ahead: false })
        : undefined,
      ...Object.fromEntries(perNode),
    }
  },
  observe: (
    readings,
    { name: called, template_name, limit, operation, stage, include_disabled },
  ) => {
    const goal = goalOf(operation, stage)
    const { template, sessions, power, status, after } = readings
    const said = readings as unknown as Readonly<Record<string, HttpReading | undefined>>
    const nodes = limit.map((xname) =>
      nodeOf(xname, {
        component: said[`component ${xname}`],
        after: after && listFrom(after, 'bos').find((each) => each['id'] === xname),
        hsm: said[`node ${xname}`],
        power: power && listFrom(power, 'pcs', 'status'),
        template: template.status === 200 ? objectFrom(template, 'bos') : undefined,
      }),
    )
    const last = sessions ? lastOf(listFrom(sessions, 'bos'), called) : null
    const session = last && sessionOf(last.record, status)
    const waiting = nodes.filter((node) => !isThere(node, goal, called))
    const reached = template.status === 200 && waiting.length === 0
    const all = {
      template: template_name,
      goal,
      isAuto: isAuto(operation),
      includeDisabled: include_disabled,
      isOurs: textAt(said['created']?.json, 'name') === session?.name,
      hasTemplate: template.status === 200,
      sessions: sessions?.json,
    }
    const verdict = reached
      ? { stage: 'succeeded' as const, refusal: null }
      : verdictOf(nodes, waiting, session, all)
    return {
      booted: template.status === 200 && nodes.every((node) => node.runs),
      off: goal === 'off' ? nodes.every((node) => node.power === 'off') : null,
      staged: goal === 'staged' ? reached : null,
      image: template.status === 200 ? firstImage(template.json) : null,
      waiting: waiting.map((node) => node.xname),
      images: Object.fromEntries(nodes.map((node) => [node.xname, node.image])),
      power: power === undefined || waiting.length === 0 ? null : powerOfAll(waiting),
      session: session?.name ?? null,
      outcome: verdict.stage,
      phase: phaseOf(waiting, session?.phase ?? null),
      trouble: verdict.refusal?.because ?? null,
      remedy: verdict.refusal?.instead ?? null,
      next: nameAfter(called, last?.number ?? 0),
    }
  },
  desire: ({ operation, stage }) => ({ [goalOf(operation, stage)]: true }),
  change: bootChanges,
  boots: true,
  // Three tries of a boot take BOS 81 minutes by its own limits, and CFS configures after that.
  settle: {
    for: 7200,
    every: 15,
    progress: ({ outcome, phase, session }) =>
      session === null
        ? 'BOS has no session yet'
        : `the session ${session} is ${outcome}${phase === null ? '' : `: ${phase}`}`,
  },
})
