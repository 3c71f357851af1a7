import { get, text } from '../../runner/contract/probe.ts'
import { defineResource } from '../../runner/contract/resource.ts'
import type { Play, Step, Task } from '../../runner/model/playbook.ts'
import { command, entry, guarded, job, pointed, setting, unit } from '../harness/toys.ts'
import { computed, play, task } from '../harness/fake-world.ts'
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
  /** Deeds that pay its handlers, as `machine what`. */
  readonly owes: readonly string[]
  /** Null: a call, of which nothing can be read. */
  readonly holds: ((site: Site) => boolean) | null
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

/** One task of a playbook, and what it wants of each host. */
interface Made {
  readonly step: Step
  readonly task: Task
  readonly wish: (host: string) => Draft
}

const fileOf = (site: Site, place: string, path: string): string | undefined =>
  site.places.get(place)!.files.get(path)

/** A random playbook in which every thing is wanted once, over random hosts of which some are true already. */
export function scenarioOf(next: Next): Scenario {
  const hosts = Array.from({ length: 1 + next(3) }, (_, i) => `n${i + 1}`)
  const wishes: Wish[] = []
  const files: Record<string, Record<string, string>> = {
    ncn: {},
    'service registry': { '/list': '[]' },
  }
  for (const host of hosts) files[host] = {}
  const plays = Array.from({ length: 1 + next(2) }, (_, p) => {
    const names = Array.from({ length: 1 + next(3) }, (_each, h) => `p${p}h${h}`)
    const handlers = names.map((name) => handlerOf(name, next))
    const made = Array.from({ length: 2 + next(5) }, (_each, t) => {
      const notify = names.filter(() => next(3) === 0)
      const each = taskOf(`${p}.${t}`, notify, next, files)
      for (const host of hosts)
        wishes.push({
          task: each.task.id,
          host,
          ...each.wish(host),
          owes: each.task.notify.map((name) => `${host} ${paymentOf(handlers, name)}`),
        })
      return each
    })
    return play(grouped(made, next), {
      name: `play ${p}`,
      hosts: hosts.join(','),
      handlers,
      strategy: next(4) === 0 ? 'linear' : 'free',
      serial: next(4) === 0 ? [1] : [],
    })
  })
  for (const host of hosts)
    for (const wish of wishes) if (wish.host === host && next(5) === 0) preset(files, wish)
  return { plays, hosts, files, wishes }
}

/** Some things are true already: files that hold what is wanted are made by hand. */
function preset(files: Record<string, Record<string, string>>, { deeds }: Wish): void {
  for (const deed of deeds) {
    const [place, word, path] = deed.split(' ')
    if (word === 'write' && path!.startsWith('/v')) files[place!]![path!] = 'wanted'
  }
}

function handlerOf(name: string, next: Next): Task {
  return next(3) === 0
    ? task('ensure', name, unit, { params: { name, state: 'restarted' } })
    : task('run', name, command, { params: { argv: ['pay', name] } })
}

function paymentOf(handlers: readonly Task[], name: string): string {
  const handler = handlers.find((each) => each.sentence === name)!
  return handler.verb === 'run' ? `pay ${name}` : `restart ${name}`
}

function taskOf(
  name: string,
  notify: readonly string[],
  next: Next,
  files: Record<string, Record<string, string>>,
): Made {
  const common = {
    notify,
    ...(next(6) === 0 ? { retries: 1 + next(2), delay: 3 } : {}),
    ...(next(8) === 0 ? { barrier: true } : {}),
    ...(next(8) === 0 ? { flushHandlers: true as const } : {}),
  }
  const kind = kinds[next(kinds.length)]!
  const { made, wish } = kind(name, common, next, files)
  return { step: made, task: made, wish }
}

type Kind = (
  name: string,
  common: Parameters<typeof task>[3],
  next: Next,
  files: Record<string, Record<string, string>>,
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
  // Whoever runs it owes its handlers: that is not foretold here.
  made: task('ensure', name, setting, {
    ...common,
    notify: [],
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
  plain,
  plain,
  looped,
  delegated,
  once,
  listed,
  twofold,
  formatted,
  created,
  called,
  started,
  behind,
]

/** Now and then two tasks stand in a block, or one stands in its `always`. */
function grouped(made: readonly Made[], next: Next): readonly Step[] {
  const steps: Step[] = []
  for (let i = 0; i < made.length; i++) {
    const one = made[i]!.step
    const two = made[i + 1]?.step
    if (two === undefined || next(5) > 0) {
      steps.push(one)
      continue
    }
    i++
    const isLast = next(2) === 0
    steps.push({
      kind: 'block',
      at: one.at,
      when: [],
      block: isLast ? [one] : [one, two],
      rescue: [],
      always: isLast ? [two] : [],
    })
  }
  return steps
}
