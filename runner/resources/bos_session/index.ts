import { get, type HttpProbe, type HttpReading } from '../../contract/probe.ts'
import { defineResource } from '../../contract/resource.ts'
import { bootState } from './boot-state.ts'
import { bootChanges, isAuto } from './boot-changes.ts'
import { listFrom, objectFrom, textAt } from '../service-answers.ts'
import { firstImage, nodeOf, phaseOf, powerOfAll } from './session-node.ts'
import { lastOf, nameAfter, sessionOf } from './session-record.ts'
import { verdictOf } from './session-verdict.ts'

const name = '^[a-zA-Z0-9](?:[-._a-zA-Z0-9]{0,120}[a-zA-Z0-9])?$'

/** Nodes run the image of a session template; where one does not, a session of BOS boots them, once. */
export const bosSession = defineResource({
  name: 'bos_session',
  summary:
    'Nodes run the image of a session template; where one does not, a session of BOS boots them, once.',
  source:
    'Configure a Remote Build Node, "Create and boot a remote build node image" (cray bos sessions create); BOS v2 sessions',
  destroys: true,
  params: {
    type: 'object',
    required: ['name', 'template_name', 'limit'],
    properties: {
      name: {
        type: 'string',
        identity: true,
        pattern: name,
        description:
          'Name of the session. Where one of this name has ended, the next is NAME-2, NAME-3 …',
        examples: ['builder-x3000c0s19b4n0'],
      },
      template_name: {
        type: 'string',
        identity: true,
        pattern: name,
        description: 'Session template that has the image.',
      },
      limit: {
        type: 'array',
        identity: true,
        orOne: true,
        minItems: 1,
        items: { type: 'string', format: 'xname', description: 'Component name of a node.' },
        description: 'The nodes, by xname; no other node is touched.',
      },
      operation: {
        type: 'string',
        enum: ['auto', 'boot', 'reboot'],
        default: 'auto',
        description:
          '`auto`: `boot` where PCS says that the power is off, `reboot` where it is on.',
      },
      include_disabled: {
        type: 'boolean',
        default: false,
        description: 'Boot also nodes that are disabled in HSM.',
      },
    },
  },
  state: bootState,
  probe: ({ name: called, template_name, limit, operation }, seen) => {
    const template = seen['template']
    const nodes = limit.map((xname) =>
      nodeOf(xname, {
        component: seen[`component ${xname}`] as HttpReading | undefined,
        hsm: undefined,
        power: undefined,
        template: template?.json,
      }),
    )
    const isRead =
      template !== undefined && limit.every((xname) => seen[`component ${xname}`] !== undefined)
    const drifts = isRead && nodes.some((node) => !node.runs)
    const last = lastOf(seen['sessions']?.json, called)
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
        drifts && isAuto(operation)
          ? get('pcs', `/power-status?${limit.map((xname) => `xname=${xname}`).join('&')}`, [200], {
              ahead: false,
            })
          : undefined,
      status: last
        ? get('bos', `/v2/sessions/${textAt(last.record, 'name')}/status`, [200], { ahead: false })
        : undefined,
      ...Object.fromEntries(perNode),
    }
  },
  observe: (readings, { name: called, template_name, limit, operation, include_disabled }) => {
    const { template, sessions, power, status } = readings
    const said = readings as unknown as Readonly<Record<string, HttpReading | undefined>>
    const nodes = limit.map((xname) =>
      nodeOf(xname, {
        component: said[`component ${xname}`],
        hsm: said[`node ${xname}`],
        power: power && listFrom(power, 'pcs', 'status'),
        template: template.status === 200 ? objectFrom(template, 'bos') : undefined,
      }),
    )
    const last = sessions ? lastOf(listFrom(sessions, 'bos'), called) : null
    const session = last && sessionOf(last.record, status)
    const booted = template.status === 200 && nodes.every((node) => node.runs)
    const waiting = nodes.filter((node) => !node.runs)
    const all = {
      template: template_name,
      isAuto: isAuto(operation),
      includeDisabled: include_disabled,
      isOurs: textAt(said['created']?.json, 'name') === session?.name,
      hasTemplate: template.status === 200,
      sessions: sessions?.json,
    }
    const verdict = booted
      ? { stage: 'succeeded' as const, refusal: null }
      : verdictOf(nodes, waiting, session, all)
    return {
      booted,
      image: template.status === 200 ? firstImage(template.json) : null,
      waiting: waiting.map((node) => node.xname),
      images: Object.fromEntries(nodes.map((node) => [node.xname, node.image])),
      power: power === undefined ? null : powerOfAll(waiting),
      session: session?.name ?? null,
      outcome: verdict.stage,
      phase: phaseOf(nodes, session?.phase ?? null),
      trouble: verdict.refusal?.because ?? null,
      remedy: verdict.refusal?.instead ?? null,
      next: nameAfter(called, last?.number ?? 0),
    }
  },
  desire: () => ({ booted: true }),
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
