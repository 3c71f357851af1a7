import { refuse } from '../../contract/change.ts'
import { get, type HttpProbe, type HttpReading } from '../../contract/probe.ts'
import { defineResource } from '../../contract/resource.ts'
import { isMap, type Value } from '../../contract/value.ts'
import { jobChanges, stages } from '../service-job.ts'
import { listFrom, objectFrom, textAt, valueAt } from '../service-answers.ts'
import { imageIn, nodeOf } from './session-node.ts'
import { lastOf, nameAfter, sessionOf } from './session-record.ts'
import { verdictOf } from './verdict.ts'

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
  state: {
    booted: {
      type: 'boolean',
      description:
        'Whether all of the nodes run the image, by their own word, and BOS is done with them.',
    },
    image: {
      type: 'string',
      information: true,
      description: 'Id of the image of the template; null without a template.',
    },
    waiting: {
      type: 'array',
      items: { type: 'string', description: 'Component name.' },
      information: true,
      description: 'The nodes that do not: a session boots these and no other.',
    },
    images: {
      type: 'object',
      additionalProperties: { type: 'any', description: 'Id, or null.' },
      information: true,
      description:
        'The image that each node runs, by its own word; null where it has said nothing.',
    },
    power: {
      type: 'string',
      information: true,
      description:
        '`on` or `off` for all that are to be booted; `mixed`; `undefined` where PCS cannot tell of one.',
    },
    session: {
      type: 'string',
      information: true,
      description: 'The last session of this name; null without one.',
    },
    outcome: {
      type: 'string',
      enum: stages,
      information: true,
      description:
        '`succeeded`: complete, with every node done. `none` also where other sessions have had the nodes since.',
    },
    phase: { type: 'string', information: true, description: 'What BOS does just now.' },
    trouble: {
      type: 'string',
      information: true,
      description: 'Why it failed, or why none is begun.',
    },
    remedy: { type: 'string', information: true, description: 'What to do about that.' },
    next: {
      type: 'string',
      information: true,
      description: 'What the next session would be called.',
    },
  },
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
    const powers = new Set(waiting.map((node) => node.power ?? 'undefined'))
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
      power:
        power === undefined
          ? null
          : powers.has('undefined')
            ? 'undefined'
            : powers.size > 1
              ? 'mixed'
              : [...powers][0]!,
      session: session?.name ?? null,
      outcome: verdict.stage,
      phase:
        [
          session?.phase,
          ...nodes.flatMap((node) =>
            node.runs || node.status === null ? [] : [`${node.xname} ${node.status}`],
          ),
        ]
          .filter(Boolean)
          .join(', ') || null,
      trouble: verdict.refusal?.because ?? null,
      remedy: verdict.refusal?.instead ?? null,
      next: nameAfter(called, last?.number ?? 0),
    }
  },
  desire: () => ({ booted: true }),
  change: (_, { template_name, operation, include_disabled }, current) => {
    const limit = current.waiting!
    const chosen = isAuto(operation) ? (current.power === 'off' ? 'boot' : 'reboot') : operation!
    const stage = current.outcome!
    const isRefused = current.trouble !== null
    const body = {
      name: current.next!,
      operation: chosen,
      template_name,
      limit: limit.join(','),
      ...(include_disabled ? { include_disabled } : {}),
    }
    return jobChanges({
      called: `the session ${stage === 'none' ? current.next : current.session}`,
      title: `${chosen} ${limit.join(', ')} into the image ${current.image} by the session ${current.next}`,
      repairs: ['booted'],
      stage,
      // 409: the same request was sent before and its answer was lost.
      create: {
        do: 'http',
        service: 'bos',
        method: 'POST',
        path: '/v2/sessions',
        body,
        statuses: [201, 409],
        name: 'created',
      },
      marks: {
        kind: 'boot',
        effect: 'destroys',
        boots: limit,
        guard: [`node ${limit[0]!}`, ...limit.slice(1).map((xname) => `node ${xname}`)],
      },
      objection: isRefused ? refuse(current.trouble, current.remedy ?? '') : null,
      trouble: `the session ${current.session} has failed`,
      remedy: `look at it with \`cray bos sessions status list ${current.session}\``,
    })
  },
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

/** Whether PCS decides; under `read` nothing is decided. */
function isAuto(operation: string | undefined): boolean {
  return operation === undefined || operation === 'auto'
}

function firstImage(template: Value | undefined): string | null {
  const sets = valueAt(template, 'boot_sets')
  return isMap(sets)
    ? (Object.values(sets)
        .map((set) => imageIn(textAt(set, 'path')))
        .find((id) => id !== null) ?? null)
    : null
}
