import { get, text } from '../../runner/contract/probe.ts'
import { defineResource } from '../../runner/contract/resource.ts'
import type { Play, Step, Task } from '../../runner/model/playbook.ts'
import { command, entry, guarded, job, pointed, setting, unit } from '../harness/toys.ts'
import { computed, play, task, tree } from '../harness/fake-world.ts'
import type { Site } from './simulated-site.ts'

/** A file on the host and an entry of a service: a repair of two exchanges. */
const enrolled = defineResource({
  name: 'enrolled',
  summary: 'A host has a ticket, and the service lists it.',
  params: {
    type: 'object',
    required: ['file', 'name'],
    properties: {
      file: { type: 'string', identity: true, description: 'The ticket.' },
      name: { type: 'string', description: 'The entry.' },
    },
  },
  state: {
    ticket: { type: 'string', description: 'What the ticket says.' },
    listed: { type: 'boolean', description: 'Whether it is listed.' },
  },
  probe: ({ file }) => ({ ticket: text(file), list: get('registry', '/list') }),
  observe: ({ ticket, list }, { name }) => ({
    ticket: ticket.exists ? ticket.text : null,
    listed: (list.json as readonly string[]).includes(name),
  }),
  desire: ({ name }) => ({ ticket: name, listed: true }),
  change: (diff, { file, name }) => [
    ...(diff.ticket
      ? [
          {
            title: `write ${file}`,
            repairs: ['ticket' as const],
            actions: [{ do: 'write' as const, path: file, content: name }],
          },
        ]
      : []),
    ...(diff.listed
      ? [
          {
            title: `add ${name}`,
            repairs: ['listed' as const],
            actions: [
              {
                do: 'http' as const,
                service: 'registry',
                method: 'POST' as const,
                path: `/add/${name}`,
                body: name,
                statuses: [201],
              },
            ],
          },
        ]
      : []),
  ],
})

/** What a task wants on a host, and what it owes there. */
export interface Wish {
  readonly task: string
  readonly host: string
  /** Deeds that make it true, as `machine what`. */
  readonly deeds: readonly string[]
  /** Deeds that pay its handlers, as `machine what`; of several that are joined by ` | ` one is enough. */
  readonly owes: readonly string[]
  /** Null: a call, of which nothing can be read. */
  readonly holds: ((site: Site) => boolean) | null
  /** Its failure does not fail the host: it is ignored, or rescued. */
  readonly mayFail: boolean
}

/** A playbook of a seed, and what it wants. */
export interface Scenario {
  readonly plays: readonly Play[]
  readonly hosts: readonly string[]
  readonly files: Readonly<Record<string, Readonly<Record<string, string>>>>
  readonly wishes: readonly Wish[]
}

type Next = (below: number) => number
type Draft = Pick<Wish, 'deeds' | 'holds'>
/** Files by the machine that they are on. */
type Files = Record<string, Record<string, string>>

/** One task of a playbook, and what it wants of each host. */
interface Made {
  readonly task: Task
  readonly wish: (host: string) => Draft
  readonly mayFail: boolean
}

const fileOf = (site: Site, place: string, path: string): string | undefined =>
  site.places.get(place)!.files.get(path)

/** A random playbook in which every thing is wanted once, over random hosts of which some are true already. */
export function scenarioOf(next: Next): Scenario {
  const hosts = Array.from({ length: 1 + next(3) }, (_, i) => `n${i + 1}`)
  const files: Files = { ncn: {}, 'service registry': { '/list': '[]' } }
  for (const host of hosts) files[host] = {}
  const made = Array.from({ length: 1 + next(2) }, (_, p) => playOf(p, hosts, files, next))
  const wishes = made.flatMap((each) => each.wishes)
  for (const host of hosts)
    for (const wish of wishes) if (wish.host === host && next(5) === 0) preset(files, wish)
  return { plays: made.map((each) => each.play), hosts, files, wishes }
}

function playOf(
  p: number,
  hosts: readonly string[],
  files: Files,
  next: Next,
): { readonly play: Play; readonly wishes: readonly Wish[] } {
  const names = Array.from({ length: 1 + next(3) }, (_each, h) => `p${p}h${h}`)
  const handlers = names.map((name, h) => handlerOf(name, names.slice(h + 1), next))
  const made = Array.from({ length: 2 + next(5) }, (_each, t) => {
    const notify = names.filter(() => next(3) === 0)
    return taskOf(`${p}.${t}`, notify, next, files)
  })
  const { steps, rescues } = grouped(made, next)
  const all = [...made, ...rescues, ...handlers.map(chained)]
  const wishes = all.flatMap(({ task: each, wish, mayFail }) =>
    hosts.map((host): Wish => {
      // A task that runs once owes its handlers on the host that ran it, which may be any.
      const payers = each.runOnce ? hosts : [host]
      const owes = each.notify.map((name) =>
        payers.map((payer) => `${payer} ${paymentOf(handlers, name)}`).join(' | '),
      )
      return { task: each.id, host, ...wish(host), owes, mayFail }
    }),
  )
  return { wishes, play: play(steps, { name: `play ${p}`, handlers, ...shapeOf(hosts, next) }) }
}

/** How hosts go through a play. */
function shapeOf(hosts: readonly string[], next: Next): Partial<Play> {
  const serials: readonly Play['serial'][] = [[], [], [], [1], ['50%'], [1, 2]]
  return {
    hosts: hosts.join(','),
    strategy: next(4) === 0 ? 'linear' : 'free',
    serial: serials[next(serials.length)]!,
    ...(next(8) === 0 ? { maxFailPercentage: 30 } : {}),
    ...(next(8) === 0 ? { maxUnreachable: 1 } : {}),
  }
}

/** Some things are true already: files that hold what is wanted are made by hand. */
function preset(files: Files, { deeds }: Wish): void {
  for (const deed of deeds) {
    const [place, word, path] = deed.split(' ')
    if (word === 'write' && path!.startsWith('/v')) files[place!]![path!] = 'wanted'
  }
}

/** A handler; now and then it notifies those behind it. */
function handlerOf(name: string, behindIt: readonly string[], next: Next): Task {
  const notify = next(4) === 0 ? behindIt.slice(0, 1) : []
  return next(3) === 0
    ? task('ensure', name, unit, { notify, params: { name, state: 'restarted' } })
    : task('run', name, command, { notify, params: { argv: ['pay', name] } })
}

/** A handler that has run owes the ones that it notifies. */
function chained(handler: Task): Made {
  const deeds = (host: string): readonly string[] => [
    `${host} ${paymentOf([handler], handler.sentence)}`,
  ]
  return { task: handler, mayFail: false, wish: (host) => ({ deeds: deeds(host), holds: null }) }
}

function paymentOf(handlers: readonly Task[], name: string): string {
  const handler = handlers.find((each) => each.sentence === name)!
  return handler.verb === 'run' ? `pay ${name}` : `restart ${name}`
}

function taskOf(name: string, notify: readonly string[], next: Next, files: Files): Made {
  const mayFail = next(12) === 0
  const common = {
    notify,
    ...(next(6) === 0 ? { retries: 1 + next(2), delay: 3 } : {}),
    ...(next(8) === 0 ? { barrier: true } : {}),
    ...(next(8) === 0 ? { flushHandlers: true as const } : {}),
    ...(mayFail ? { ignoreErrors: true } : {}),
  }
  const kind = kinds[next(kinds.length)]!
  const { made, wish } = kind(name, common, next, files)
  return { task: made, wish, mayFail }
}

type Kind = (
  name: string,
  common: Parameters<typeof task>[3],
  next: Next,
  files: Files,
) => { readonly made: Task; readonly wish: (host: string) => Draft }

const written =
  (paths: (host: string) => readonly (readonly [place: string, path: string, value: string])[]) =>
  (host: string): Draft => ({
    deeds: paths(host).map(([place, path]) => `${place} write ${path}`),
    holds: (site) =>
      paths(host).every(([place, path, value]) => fileOf(site, place, path) === value),
  })

const plain: Kind = (name, common) => {
  const path = `/v${name}`
  return {
    made: task('ensure', name, setting, { ...common, params: { name: path, value: 'wanted' } }),
    wish: written((host) => [[host, path, 'wanted']]),
  }
}

const looped: Kind = (name, common, next) => {
  const paths = Array.from({ length: 2 + next(2) }, (_, i) => `/v${name}.${i}`)
  return {
    made: task('ensure', name, setting, {
      ...common,
      loop: paths,
      params: { name: computed('item', (scope) => scope.item), value: 'wanted' },
    }),
    wish: written((host) => paths.map((path) => [host, path, 'wanted'] as const)),
  }
}

const delegated: Kind = (name, common) => ({
  made: task('ensure', name, setting, {
    ...common,
    delegateTo: 'ncn',
    params: {
      name: computed('host.name', ({ host }) => `/v${name}-${host.name}`),
      value: 'wanted',
    },
  }),
  wish: written((host) => [['ncn', `/v${name}-${host}`, 'wanted']]),
})

const once: Kind = (name, common) => ({
  made: task('ensure', name, setting, {
    ...common,
    runOnce: true,
    delegateTo: 'ncn',
    params: { name: `/v${name}`, value: 'wanted' },
  }),
  wish: written(() => [['ncn', `/v${name}`, 'wanted']]),
})

const listed: Kind = (name, common) => ({
  made: task('ensure', name, entry, {
    ...common,
    params: { name: computed('host.name', ({ host }) => `${host.name}-${name}`) },
  }),
  wish: (host) => ({
    deeds: [`service registry add ${host}-${name}`],
    holds: (site) => fileOf(site, 'service registry', '/list')!.includes(`"${host}-${name}"`),
  }),
})

const twofold: Kind = (name, common) => ({
  made: task('ensure', name, enrolled, {
    ...common,
    params: {
      file: `/e${name}`,
      name: computed('host.name', ({ host }) => `${host.name}-${name}`),
    },
  }),
  wish: (host) => ({
    deeds: [`${host} write /e${name}`, `service registry add ${host}-${name}`],
    holds: (site) =>
      fileOf(site, host, `/e${name}`) === `${host}-${name}` &&
      fileOf(site, 'service registry', '/list')!.includes(`"${host}-${name}"`),
  }),
})

const formatted: Kind = (name, common) => ({
  made: task('ensure', name, guarded, { ...common, params: { dev: `/dev/${name}` } }),
  wish: (host) => ({
    deeds: [`${host} mkfs /dev/${name}`],
    holds: (site) => fileOf(site, host, `/dev/${name}`) === 'ext4',
  }),
})

const created: Kind = (name, common) => ({
  made: task('run', name, command, {
    ...common,
    params: { argv: ['make', `/m${name}`] },
    creates: `/m${name}`,
  }),
  wish: (host) => ({
    deeds: [`${host} make /m${name}`],
    holds: (site) => fileOf(site, host, `/m${name}`) === 'made',
  }),
})

const removed: Kind = (name, common, _next, files) => {
  for (const [host, held] of Object.entries(files))
    if (/^n[0-9]/.test(host)) held[`/x${name}`] = 'unwanted'
  return {
    made: task('run', name, command, {
      ...common,
      params: { argv: ['take', `/x${name}`] },
      removes: tree(`/x${name}`),
    }),
    wish: (host) => ({
      deeds: [`${host} take /x${name}`],
      holds: (site) => fileOf(site, host, `/x${name}`) === undefined,
    }),
  }
}

const unneeded: Kind = (name, common) => ({
  made: task('run', name, command, {
    ...common,
    params: { argv: ['make', `/u${name}`] },
    unless: tree(['has', `/u${name}`]),
  }),
  wish: (host) => ({
    deeds: [`${host} make /u${name}`],
    holds: (site) => fileOf(site, host, `/u${name}`) === 'made',
  }),
})

/** Several items, each of which is made by a call. */
const loopedCall: Kind = (name, common) => {
  const paths = [`/m${name}.0`, `/m${name}.1`]
  return {
    made: {
      ...task('run', name, command, {
        ...common,
        loop: paths,
        params: { argv: computed('item', (scope) => ['make', scope.item]) },
      }),
      creates: tree(computed('item', (scope) => scope.item)),
    } as Task,
    wish: (host) => ({
      deeds: paths.map((path) => `${host} make ${path}`),
      holds: (site) => paths.every((path) => fileOf(site, host, path) === 'made'),
    }),
  }
}

/** All hosts make one thing on one host. */
const shared: Kind = (name, common) => ({
  made: task('run', name, command, {
    ...common,
    notify: [],
    delegateTo: 'ncn',
    params: { argv: ['make', `/s${name}`] },
    creates: `/s${name}`,
  }),
  wish: () => ({
    deeds: [`ncn make /s${name}`],
    holds: (site) => fileOf(site, 'ncn', `/s${name}`) === 'made',
  }),
})

const called: Kind = (name, common) => ({
  made: task('run', name, command, { ...common, params: { argv: ['call', `/c${name}`] } }),
  wish: (host) => ({ deeds: [`${host} call /c${name}`], holds: null }),
})

const started: Kind = (name, common) => ({
  made: task('ensure', name, job, { ...common, params: { name } }),
  wish: (host) => ({
    deeds: [`${host} start ${name}`],
    holds: (site) => fileOf(site, host, `job ${name}`) !== undefined,
  }),
})

const behind: Kind = (name, common, _next, files) => {
  for (const [host, held] of Object.entries(files))
    if (/^n[0-9]/.test(host)) held[`/l${name}`] = `/t${name}`
  return {
    made: task('ensure', name, pointed, {
      ...common,
      params: { pointer: `/l${name}`, value: 'wanted' },
    }),
    wish: (host) => ({
      deeds: [`${host} put /l${name}`],
      holds: (site) => fileOf(site, host, `/t${name}`) === 'wanted',
    }),
  }
}

const kinds: readonly Kind[] = [
  ...[plain, plain, looped, delegated, once, listed, twofold, formatted, created],
  ...[called, started, behind, removed, unneeded, loopedCall, shared],
]

interface Grouped {
  readonly steps: readonly Step[]
  /** Tasks that run where one before them has failed. */
  readonly rescues: readonly Made[]
}

/** Now and then two tasks stand in a block, or one stands in its `always`, or one has a rescue. */
function grouped(made: Made[], next: Next): Grouped {
  const steps: Step[] = []
  const rescues: Made[] = []
  for (let i = 0; i < made.length; i++) {
    const one = made[i]!.task
    const two = made[i + 1]?.task
    const way = next(8)
    if (two === undefined || way > 2) {
      steps.push(one)
      continue
    }
    const block = { kind: 'block' as const, at: one.at, when: [], rescue: [] }
    if (way === 0) steps.push({ ...block, block: [one], always: [two] })
    if (way === 1) steps.push({ ...block, block: [one, two], always: [] })
    if (way === 2) {
      const rescue = rescueOf(one)
      rescues.push(rescue)
      made[i] = { ...made[i]!, mayFail: true }
      steps.push({ ...block, block: [one], rescue: [rescue.task], always: [two] })
    }
    i++
  }
  return { steps, rescues }
}

/** What is done on a host where a task has failed; it owes what that task owes. */
function rescueOf({ sentence, notify }: Task): Made {
  const path = `/rescue-${sentence}`
  return {
    task: task('ensure', `rescue of ${sentence}`, setting, {
      notify,
      params: { name: path, value: 'rescued' },
    }),
    mayFail: true,
    wish: (host) => ({ deeds: [`${host} write ${path}`], holds: null }),
  }
}
